// Which kinds get a schema: those that Kubernetes serves, by the paths of its official client, and those of the packages.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { groupOf } from '../kind.ts'
import type { Scope, ServedKind } from '../served.ts'
import { KUBERNETES, PACKAGES } from './packages.ts'

/** As served, with the definition's name in its package. Sorted. */
export function listPackageKinds(modulesFolder: string): ServedKind[] {
  const kinds = listKubernetesKinds(modulesFolder)
  const groups = new Set(kinds.map(({ apiVersion }) => groupOf(apiVersion)))
  for (const { name, folder, clusterScoped = '' } of PACKAGES.filter(one => one.folder !== 'kubernetes')) {
    const classes = readModelClasses(join(modulesFolder, name))
    const cluster = new Set(clusterScoped.split(' '))
    for (const [key, definition] of classes) {
      const [apiVersion, kind] = key.split(' ') as [string, string]
      if (classes.has(`${apiVersion} ${kind.replace(/List$/, '')}`) && kind.endsWith('List')) continue
      // Some packages carry a part of another API along.
      if (groups.has(groupOf(apiVersion)) || kind.endsWith('List')) continue
      kinds.push({ apiVersion, kind, scope: cluster.has(kind) ? 'Cluster' : 'Namespaced', source: folder, definition })
    }
  }
  return kinds.sort((a, b) => compare(a.apiVersion, b.apiVersion) || compare(a.kind, b.kind))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function listKubernetesKinds(modulesFolder: string): ServedKind[] {
  const models = readModelClasses(join(modulesFolder, KUBERNETES.models))
  return readServedPaths(join(modulesFolder, KUBERNETES.client, 'dist/gen')).map(
    ({ apiVersion, kind, scope, model }) => ({
      apiVersion,
      kind,
      scope,
      source: 'kubernetes',
      definition: models.get(`${apiVersion} ${kind}`) ?? model,
    }),
  )
}

/** By `apiVersion kind`, the definition that the class checks with. */
export function readModelClasses(packageFolder: string): Map<string, string> {
  const classes = new Map<string, string>()
  for (const entry of readdirSync(packageFolder, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith('.js') || entry.parentPath.endsWith('_schemas')) continue
    const text = readFileSync(join(entry.parentPath, entry.name), 'utf8')
    const names = text.match(/static\{this\.apiVersion="([^"]+)"\}static\{this\.kind="([^"]+)"\}/)
    const definition = text.match(/_schemas\/(\w+)\.js"/)?.[1]
    if (names && definition) classes.set(`${names[1]} ${names[2]}`, definition)
  }
  return classes
}

interface ServedPath {
  readonly apiVersion: string
  readonly kind: string
  readonly scope: Scope
  readonly model: string
}

/** What can be created at a path of its own; old API classes stay in the package, so only exported ones count. */
function readServedPaths(client: string): ServedPath[] {
  const exported = readFileSync(join(client, 'types/PromiseAPI.js'), 'utf8')
  const creation =
    /localVarPath = '\/(?:api|apis)\/([^']+)'[^;]*;[^;]*HttpMethod\.POST\)(?:(?!localVarPath)[\s\S])*?serialize\(body, "(\w+)"/g
  const served: ServedPath[] = []
  for (const file of readdirSync(join(client, 'apis')).filter(name => /V\d\w*Api\.js$/.test(name))) {
    if (!exported.includes(`class Promise${file.replace('.js', '')} `)) continue
    for (const [, path, model] of readFileSync(join(client, 'apis', file), 'utf8').matchAll(creation)) {
      const [apiVersion, rest] = (path as string).split(/(?<=v\d\w*)\/(.*)/) as [string, string]
      if (rest.includes('{name}')) continue
      const kind = (model as string).replace(/^.*?V\d+(?:(?:alpha|beta)\d+)?(?=[A-Z])/, '')
      const scope = rest.startsWith('namespaces/{namespace}/') ? 'Namespaced' : 'Cluster'
      served.push({ apiVersion, kind, scope, model: model as string })
    }
  }
  return served
}
