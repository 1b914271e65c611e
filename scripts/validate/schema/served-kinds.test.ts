// served-kinds.json is derived from the pinned packages here, and compared: `npx vitest run -u` on this file writes it.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const modules = join(import.meta.dirname, '../../../node_modules')
const client = join(modules, '@kubernetes/client-node/dist/gen')
/** Custom resources that belong to no namespace; the packages do not say which. */
const clusterScoped = new Set(['GatewayClass', 'XMesh'])

function readModelClasses(name: string): Map<string, string> {
  const classes = new Map<string, string>()
  for (const entry of readdirSync(join(modules, name), { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith('.js') || entry.parentPath.endsWith('_schemas')) continue
    const text = readFileSync(join(entry.parentPath, entry.name), 'utf8')
    const names = text.match(/static\{this\.apiVersion="([^"]+)"\}static\{this\.kind="([^"]+)"\}/)
    const definition = text.match(/_schemas\/(\w+)\.js"/)?.[1]
    if (names && definition) classes.set(`${names[1]} ${names[2]}`, definition)
  }
  return classes
}

/** What can be created at a path of its own; old API classes stay in the package, so only exported ones count. */
function readServedPaths(): { apiVersion: string; kind: string; scope: string; model: string }[] {
  const exported = readFileSync(join(client, 'types/PromiseAPI.js'), 'utf8')
  const creation =
    /localVarPath = '\/(?:api|apis)\/([^']+)'[^;]*;[^;]*HttpMethod\.POST\)(?:(?!localVarPath)[\s\S])*?serialize\(body, "(\w+)"/g
  const served = []
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

function deriveTable(): Record<string, Record<string, string>> {
  const rows: [string, string, string][] = []
  const core = readModelClasses('kubernetes-models')
  for (const { apiVersion, kind, scope, model } of readServedPaths()) {
    const definition = core.get(`${apiVersion} ${kind}`)
    const words = definition ? `kubernetes-models ${definition}` : `@kubernetes/client-node ${model}`
    rows.push([apiVersion, kind, `${scope} ${words}`])
  }
  for (const name of ['argo-cd', 'gateway-api', 'prometheus-operator'].map(name => `@kubernetes-models/${name}`)) {
    for (const [key, definition] of readModelClasses(name)) {
      const [apiVersion, kind] = key.split(' ') as [string, string]
      if (kind.endsWith('List')) continue
      rows.push([apiVersion, kind, `${clusterScoped.has(kind) ? 'Cluster' : 'Namespaced'} ${name} ${definition}`])
    }
  }
  const table: Record<string, Record<string, string>> = {}
  for (const [apiVersion, kind, words] of rows.sort((a, b) => (a.slice(0, 2).join() < b.slice(0, 2).join() ? -1 : 1))) {
    table[apiVersion] = { ...table[apiVersion], [kind]: words }
  }
  return table
}

test('the table of served kinds is what the pinned packages say', async () => {
  const text = `${JSON.stringify(deriveTable(), null, 2)}\n`
  await expect(text).toMatchFileSnapshot('served-kinds.json')
})
