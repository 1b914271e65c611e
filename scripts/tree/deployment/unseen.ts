// What may be there without being seen, and in which cluster and namespace.
import { posix } from 'node:path'
import type { Application } from '../argocd/application.ts'
import type { Renderings } from '../engine.ts'
import { type Build, mappingAt, renderedResource, stringAt, valueAt } from '../model/build.ts'
import type { Unseen } from '../model/unseen.ts'
import { listReach } from '../model/pod-makers.ts'
import type { Release } from '../recipes.ts'
import type { LooseDocument } from '../source/manifests.ts'
import { listFiles, listSourceDocuments } from '../read-tree.ts'
import { SourceFile } from '../source/source-file.ts'

/** Builds that fail could hold anything, where they say they go. */
export function* listUnseenBuilds(
  { tree, failed, refused, partial }: Renderings,
  destinations: ReadonlyMap<string, ReadonlySet<string>>,
): Generator<Unseen> {
  for (const id of [...failed.keys(), ...refused, ...partial.keys()]) {
    const namespaces = new Set<string | undefined>()
    // What says no namespace goes where the Applications that sync the build say.
    const elsewhere = [...(destinations.get(id) ?? [''])].map(namespace => namespace || undefined)
    const own = stringAt(tree.graph.kustomizations.get(id)?.value, ['namespace'])
    if (own) namespaces.add(own)
    else {
      for (const { object } of listSourceDocuments(tree.graph, tree.sources, id)) {
        namespaces.add(stringAt(object, ['metadata', 'namespace']) || undefined)
      }
      namespaces.delete(undefined)
      for (const namespace of elsewhere) namespaces.add(namespace)
    }
    const reason = partial.has(id) ? `${id} is rendered in part` : `${id} is not rendered`
    for (const namespace of namespaces) yield { cluster: undefined, namespace, reason }
  }
}

/** What an Application brings from elsewhere goes to its destination. */
export function* listUnseenSources(applications: readonly Application[]): Generator<Unseen> {
  for (const { resource, destination, sources } of applications) {
    const isSeen = ({ state }: Application['sources'][number]): boolean =>
      // A folder that is gone held something, or is misspelt: either way it is told where it is named.
      state.kind !== 'unknown' && state.kind !== 'missing' && !(state.kind === 'builds' && state.isPartial)
    if (mappingAt(resource.object, ['spec', 'destination']) === undefined)
      yield {
        cluster: undefined,
        namespace: undefined,
        reason: `Application ${resource.name} does not say where it goes`,
      }
    if (sources.length > 0 && sources.every(isSeen)) continue
    yield { ...destination, reason: `Application ${resource.name} brings what is not rendered here` }
  }
}

/** Applications that are not known may go anywhere. */
export function* listUnseenSets(builds: readonly Build[], { expansions }: Renderings): Generator<Unseen> {
  for (const { object, name } of builds.flatMap(build => build.resources)) {
    const expansion = expansions.get(object)
    const isRefused = expansion?.faults.some(({ severity }) => severity === 'error') === true
    if (!isRefused && !expansion?.unknown.length) continue
    const destination = valueAt(object, ['spec', 'template', 'spec', 'destination'])
    const namespace = stringAt(destination, ['namespace'])
    const isKnown = namespace !== undefined && namespace !== '' && !namespace.includes('{{')
    const reason = `ApplicationSet ${name} makes Applications that are not known here`
    yield { cluster: undefined, namespace: isKnown ? namespace : undefined, reason }
  }
}

const PROJECT = /(?:^|[{,])\s*(?:-\s+)?["']?kind["']?:\s*["']?AppProject\b/m
const NAMESPACE = /\bnamespace["']?:\s*["']?([a-z0-9-]+)/

/** A project whose file cannot be read is not missing. */
export function* listLostProjects({ tree }: Pick<Renderings, 'tree'>): Generator<Unseen> {
  for (const path of tree.unread) {
    const file = tree.sources.read(path)
    if (!(file instanceof SourceFile) || !PROJECT.test(file.text)) continue
    yield { cluster: undefined, namespace: NAMESPACE.exec(file.text)?.[1], reason: `${path} is not read` }
  }
}

const APPLICATION = /^\s*(?:-\s+)?["']?kind["']?:\s*["']?Application(?:Set)?\b/m

/**
 * Applications that are lost with a file, or with the chart that makes them, go anywhere. A URL is left out: beside
 * Applications it is mostly the installation of Argo CD.
 */
export function* listLostApplications({ tree, failed, refused, partial, sources }: Renderings): Generator<Unseen> {
  const isHolding = (path: string): boolean => {
    const file = tree.sources.read(path)
    return file instanceof SourceFile && file.holds('argoproj.io/') && APPLICATION.test(file.text)
  }
  const isLocal = (id: string): boolean =>
    tree.graph.reach(id).some(({ faults }) => faults.some(({ ruleId }) => ruleId !== 'remote-reference'))
  const lost = [...failed.keys(), ...refused, ...[...partial.keys()].filter(isLocal)]
  const folders = [...sources.values()].flat().filter(({ state }) => state.kind === 'failed')
  const files = [
    ...lost.flatMap(id => [...listFiles(tree.graph, id)]),
    ...folders.flatMap(({ path }) => tree.paths.filter(one => one.startsWith(`${posix.join(path, '.')}/`))),
    ...tree.unread,
  ]
  const found = files.find(isHolding)
  if (found === undefined) return
  yield { cluster: undefined, namespace: undefined, reason: `${found} has Applications, and not all of them are known` }
}

/** What brings others and is not listed is applied by hand, or is not: nobody knows. */
export function* listUnseenUnlisted(unlisted: readonly LooseDocument[]): Generator<Unseen> {
  for (const { object } of unlisted) {
    const resource = renderedResource('', object, 0)
    const name = `${resource.kind} ${resource.name}`
    const reason = `${name} is not listed, and may be applied by hand`
    if (resource.group === 'argoproj.io' && /^Application(?:Set)?$/.test(resource.kind)) {
      const path = resource.kind === 'Application' ? ['spec'] : ['spec', 'template', 'spec']
      const namespace = stringAt(object, [...path, 'destination', 'namespace']) ?? ''
      if (namespace !== '' && !namespace.includes('{{')) yield { cluster: undefined, namespace, reason }
    } else if (resource.group === 'helm.toolkit.fluxcd.io' || resource.group === 'helm.cattle.io') {
      for (const namespace of listReach(resource)) yield { cluster: undefined, namespace, reason }
    }
  }
}

/** What a recipe installs as a chart. */
export function* listUnseenReleases(releases: readonly Release[]): Generator<Unseen> {
  for (const { name, namespace, path } of releases)
    yield { cluster: undefined, namespace, reason: `${path} installs ${name} by helm` }
}
