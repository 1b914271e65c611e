// What may be there without being seen, and in which cluster and namespace.
import type { Application } from '../argocd/application.ts'
import type { Renderings } from '../engine.ts'
import { type Build, stringAt, valueAt } from '../model/build.ts'
import type { Unseen } from '../model/unseen.ts'
import { listSourceDocuments } from '../read-tree.ts'

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
    if (sources.length > 0 && sources.every(isSeen)) continue
    yield { ...destination, reason: `Application ${resource.name} brings what is not rendered here` }
  }
}

/** Applications that are not known may go anywhere. */
export function* listUnseenSets(builds: readonly Build[], { expansions }: Renderings): Generator<Unseen> {
  for (const { object, name } of builds.flatMap(build => build.resources)) {
    if (!expansions.get(object)?.unknown.length) continue
    const destination = valueAt(object, ['spec', 'template', 'spec', 'destination'])
    const namespace = stringAt(destination, ['namespace'])
    const isKnown = namespace !== undefined && namespace !== '' && !namespace.includes('{{')
    const reason = `ApplicationSet ${name} makes Applications that are not known here`
    yield { cluster: undefined, namespace: isKnown ? namespace : undefined, reason }
  }
}
