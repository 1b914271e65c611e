// Works out what reaches which cluster and namespace, and what may be there without being seen.
import type { Application } from './argocd/application.ts'
import { isApplication, resolveApplication } from './argocd/applications.ts'
import type { RenderedSource } from './argocd/source/rendered.ts'
import { assemble, type ScopeOf } from './deployment/assemble.ts'
import { createNeighbourhoods } from './deployment/neighbourhoods.ts'
import { listSourceFaults, listUnjudged, listUnrendered } from './deployment/not-examined.ts'
import {
  listLostApplications,
  listLostProjects,
  listUnseenBuilds,
  listUnseenReleases,
  listUnseenSets,
  listUnseenSources,
  listUnseenUnlisted,
} from './deployment/unseen.ts'
import type { Renderings } from './engine.ts'
import type { Build, Resource } from './model/build.ts'
import type { Stage } from './model/place.ts'
import { Elsewhere } from './model/references/elsewhere.ts'
import type { ResourceIndex } from './model/resource-index.ts'
import type { Unseen } from './model/unseen.ts'
import { listReleases } from './recipes.ts'

export interface Deployment {
  readonly builds: readonly Build[]
  readonly applications: readonly Application[]
  readonly unseen: readonly Unseen[]
  /** The resources of a build. */
  ownOf(build: Build): ResourceIndex
  /** What lives beside them once all is synced, themselves included. */
  besideOf(build: Build): ResourceIndex
}

/** Makes builds of the renderings, each resource in the namespace that Argo CD will use. */
export function deploy(renderings: Renderings, scopeOf: ScopeOf): Stage<Deployment> {
  const first = assemble(renderings, scopeOf, () => undefined)
  const rough = readApplications(first, renderings)
  const destinations = new Map<string, Set<string>>()
  const clusters = new Map<string, Set<string>>()
  const namespaces = new Map<string, Set<string>>()
  for (const { destination, sources } of rough) {
    for (const source of sources) {
      for (const { id } of source.state.kind === 'builds' ? source.state.builds : []) {
        const namespace = source.namespace ?? destination.namespace ?? ''
        add(destinations, id, `${destination.cluster ?? ''} ${namespace}`)
        add(namespaces, id, namespace)
        if (destination.cluster !== undefined) add(clusters, id, destination.cluster)
      }
    }
  }
  const namespaceOf = (id: string): string | undefined => {
    const [namespace, second] = namespaces.get(id) ?? []
    return second === undefined && namespace !== '' ? namespace : undefined
  }
  // Most manifests of large trees say where they go.
  const isSettled = first.every(({ id, resources }) => namespaceOf(id) === undefined || resources.every(hasPlace))
  const builds = isSettled ? first : assemble(renderings, scopeOf, namespaceOf)
  const applications = isSettled ? rough : readApplications(builds, renderings)
  const unseen = [
    ...listUnseenBuilds(renderings, namespaces),
    ...listUnseenSources(applications),
    ...listUnseenSets(builds, renderings),
    ...listUnseenUnlisted(renderings.tree.unlisted),
    ...listUnseenReleases(listReleases(renderings.tree.sources, renderings.tree.paths)),
    ...listLostApplications(renderings),
    ...listLostProjects(renderings),
  ]
  const elsewhere = new Elsewhere(
    builds,
    renderings.tree.unlisted.map(({ object }) => object),
    new Set(destinations.keys()),
  )
  const indexes = createNeighbourhoods(builds, destinations, clusters, unseen, renderings, elsewhere)
  return {
    value: { builds, applications, unseen, ...indexes },
    faults: [...listSourceFaults(builds, renderings)],
    notExamined: [...listUnrendered(renderings), ...listUnjudged(builds, renderings)],
  }
}

/** Whether no destination makes another resource of it. */
const hasPlace = ({ namespace, isClusterScoped }: Resource): boolean => namespace !== undefined || isClusterScoped

function add(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key)
  if (set) set.add(value)
  else sets.set(key, new Set([value]))
}

/** The Applications among the resources of the builds, with what their sources mean. */
function readApplications(builds: readonly Build[], { sources, partial }: Renderings): readonly Application[] {
  const found = builds.flatMap(({ resources }) => resources.filter(isApplication))
  const byId = new Map<string, Build[]>()
  for (const build of builds) byId.set(build.id, [...(byId.get(build.id) ?? []), build])
  const bySource = new Map(builds.flatMap(build => (build.from ?? []).map(source => [source, build] as const)))
  const buildsOf = (source: RenderedSource): readonly Build[] => {
    const { state } = source
    const made = bySource.get(source)
    if (state.kind === 'objects') return made ? [made] : []
    if (state.kind !== 'folder') return []
    const here = byId.get(state.folder) ?? []
    const kustomize = here.filter(({ kind }) => kind === 'kustomize')
    return kustomize.length ? kustomize : here
  }
  return found.map(resource =>
    resolveApplication(
      resource,
      sources.get(resource.object) ?? [],
      buildsOf,
      ({ state, isPartial }) => isPartial === true || (state.kind === 'folder' && partial.has(state.folder)),
    ),
  )
}
