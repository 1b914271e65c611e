// Works out what reaches which cluster and namespace, and what may be there without being seen.
import type { Application } from './argocd/application.ts'
import {
  type ApplicationLookup,
  decideOwnRepository,
  isApplication,
  type Repository,
  readSources,
  resolveApplication,
} from './argocd/applications.ts'
import type { Renderings } from './engine.ts'
import { type Build, groupOf, type Origin, type Resource, stringAt } from './model/build.ts'
import type { NotExamined, Stage } from './model/place.ts'
import { ResourceIndex } from './model/resource-index.ts'
import type { KubernetesObject } from './model/resource.ts'
import { type Unseen, unseenIn } from './model/unseen.ts'
import { listSourceDocuments } from './read-tree.ts'
import type { LooseDocument } from './source/manifests.ts'

export type ScopeOf = (kind: { apiVersion: string; kind: string }) => 'Namespaced' | 'Cluster' | undefined

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
export function deploy(
  renderings: Renderings,
  repository: Repository | undefined,
  scopeOf: ScopeOf,
): Stage<Deployment> {
  const first = assemble(renderings, scopeOf, () => undefined)
  const rough = readApplications(first, renderings, repository)
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
  const builds = rough.length
    ? assemble(renderings, scopeOf, id => {
        const [namespace, second] = namespaces.get(id) ?? []
        return second === undefined && namespace !== '' ? namespace : undefined
      })
    : first
  const applications = rough.length ? readApplications(builds, renderings, repository) : []
  const unseen = [...listUnseenBuilds(renderings), ...listUnseenSources(applications)]
  const indexes = createNeighbourhoods(builds, destinations, clusters, unseen)
  return { value: { builds, applications, unseen, ...indexes }, faults: [], notExamined: listUnjudged(builds) }
}

function add(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key)
  if (set) set.add(value)
  else sets.set(key, new Set([value]))
}

function assemble(
  { built, folders }: Renderings,
  scopeOf: ScopeOf,
  namespaceOf: (build: string) => string | undefined,
): readonly Build[] {
  const rendered = [...built].map(([id, resources]): Build => {
    const make = resourceMaker(id, scopeOf, namespaceOf(id))
    return { id, kind: 'kustomize', resources: resources.map((one, index) => make(one, { kind: 'rendered', index })) }
  })
  const loose = [...folders].map(([id, documents]): Build => {
    const make = resourceMaker(id, scopeOf, namespaceOf(id))
    return { id, kind: 'directory', resources: documents.map(one => make(one.object, originOf(one))) }
  })
  return [...rendered, ...loose]
}

const originOf = ({ file, document, item }: LooseDocument): Origin => ({
  kind: 'document',
  file: file.path,
  document,
  ...(item === undefined ? {} : { item }),
})

function resourceMaker(build: string, scopeOf: ScopeOf, destination: string | undefined) {
  return (object: KubernetesObject, origin: Origin): Resource => {
    const scope = scopeOf(object)
    const own = stringAt(object, ['metadata', 'namespace']) || undefined
    return {
      object,
      build,
      origin,
      group: groupOf(object.apiVersion ?? ''),
      kind: object.kind,
      name: stringAt(object, ['metadata', 'name']) ?? '',
      namespace: scope === 'Cluster' ? undefined : (own ?? destination),
      isNamespaced: scope === 'Namespaced' || (scope === undefined && own !== undefined),
      isClusterScoped: scope === 'Cluster',
    }
  }
}

/** The Applications among the resources of the builds, with what their sources mean. */
function readApplications(
  builds: readonly Build[],
  { tree }: Renderings,
  repository: Repository | undefined,
): readonly Application[] {
  const found = builds.flatMap(({ resources }) => resources.filter(isApplication))
  if (found.length === 0) return []
  const own = decideOwnRepository(
    found.flatMap(({ object }) => readSources(object)),
    repository,
    tree.stateOf,
  )
  const rendered = new Map(builds.filter(({ kind }) => kind === 'kustomize').map(build => [build.id, build]))
  const folders = builds.filter(({ kind }) => kind === 'directory')
  const byFolder = new Map(folders.map(build => [build.id, build]))
  const lookup: ApplicationLookup = {
    own,
    stateOf: tree.stateOf,
    buildsOf(path, recurse) {
      const { path: folder } = tree.sources.resolve(path)
      const isKustomization = tree.graph.kustomizations.has(folder)
      if (isKustomization) return [rendered.get(folder) ?? []].flat()
      if (!recurse) return [byFolder.get(folder) ?? []].flat()
      return folders.filter(({ id }) => folder === '.' || id === folder || id.startsWith(`${folder}/`))
    },
  }
  return found.map(resource => resolveApplication(resource, lookup))
}

/** Builds that fail could hold anything, where they say they go. */
function* listUnseenBuilds({ tree, failed, refused }: Renderings): Generator<Unseen> {
  for (const id of [...failed.keys(), ...refused]) {
    const namespaces = new Set<string | undefined>()
    const own = stringAt(tree.graph.kustomizations.get(id)?.value, ['namespace'])
    if (own) namespaces.add(own)
    else {
      for (const { object } of listSourceDocuments(tree.graph, tree.sources, id)) {
        namespaces.add(stringAt(object, ['metadata', 'namespace']) || undefined)
      }
      if (namespaces.size === 0) namespaces.add(undefined)
    }
    for (const namespace of namespaces) yield { cluster: undefined, namespace, reason: `${id} is not rendered` }
  }
}

/** What an Application brings from elsewhere goes to its destination. */
function* listUnseenSources(applications: readonly Application[]): Generator<Unseen> {
  for (const { resource, destination, sources } of applications) {
    const declared = readSources(resource.object)
    const isSeen = sources.length === declared.length && sources.every(({ state }) => state.kind !== 'unknown')
    if (isSeen) continue
    yield { ...destination, reason: `Application ${resource.name} brings what is not rendered here` }
  }
}

/** What Argo CD would render and this program does not: nothing of it is silent. */
function listUnjudged(builds: readonly Build[]): readonly NotExamined[] {
  return builds
    .flatMap(({ resources }) => resources)
    .flatMap(resource => {
      const { group, kind, object, name } = resource
      if (group !== 'argoproj.io') return []
      const place = { resource, fieldPath: [] }
      if (kind === 'ApplicationSet') {
        return [{ place, reason: 'an ApplicationSet: the Applications it makes are not known' }]
      }
      if (kind !== 'Application' || !readSources(object).some(({ isHelm }) => isHelm)) return []
      return [{ place, reason: `a Helm source of Application ${name}: not rendered` }]
    })
}

/**
 * What lives beside the resources of a build: builds that Applications sync to the same cluster and namespace, and for
 * loose manifests all others, since nothing says which of them are applied together.
 */
function createNeighbourhoods(
  builds: readonly Build[],
  destinations: ReadonlyMap<string, ReadonlySet<string>>,
  clusters: ReadonlyMap<string, ReadonlySet<string>>,
  unseen: readonly Unseen[],
): Pick<Deployment, 'ownOf' | 'besideOf'> {
  const byDestination = new Map<string, Build[]>()
  for (const build of builds) {
    for (const destination of destinations.get(build.id) ?? []) {
      const list = byDestination.get(destination)
      if (list) list.push(build)
      else byDestination.set(destination, [build])
    }
  }
  const indexes = new Map<string, ResourceIndex>()
  const loose = builds.filter(({ kind }) => kind === 'directory')
  const open = (key: string, members: () => readonly Build[], reach: ReadonlySet<string>): ResourceIndex => {
    let index = indexes.get(key)
    if (!index) {
      index = new ResourceIndex(
        members().flatMap(({ resources }) => resources),
        unseenIn(unseen, reach),
      )
      indexes.set(key, index)
    }
    return index
  }
  const none = new Set<string>()
  const ownOf = (build: Build): ResourceIndex =>
    open(`own ${build.kind} ${build.id}`, () => [build], clusters.get(build.id) ?? none)
  return {
    ownOf,
    besideOf(build) {
      if (build.kind === 'directory') return open('loose', () => loose, none)
      const places = [...(destinations.get(build.id) ?? [])].sort()
      const neighbours = new Set(places.flatMap(place => byDestination.get(place) ?? []))
      if (neighbours.size <= 1) return ownOf(build)
      return open(`beside ${places.join('\n')}`, () => [...neighbours], clusters.get(build.id) ?? none)
    },
  }
}
