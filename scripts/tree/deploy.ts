// Works out what reaches which cluster and namespace, and what may be there without being seen.
import type { Application } from './argocd/application.ts'
import { isApplication, resolveApplication } from './argocd/applications.ts'
import type { RenderedSource } from './argocd/source/rendered.ts'
import type { Renderings } from './engine.ts'
import { type Build, groupOf, type Origin, type Resource, stringAt, valueAt } from './model/build.ts'
import { type Fault, fileOf, type NotExamined, type Stage } from './model/place.ts'
import { Elsewhere } from './model/references/elsewhere.ts'
import { ResourceIndex } from './model/resource-index.ts'
import type { KubernetesObject } from './model/resource.ts'
import { type Unseen, unseenIn } from './model/unseen.ts'
import { listFiles, listSourceDocuments } from './read-tree.ts'
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
  const builds = rough.length
    ? assemble(renderings, scopeOf, id => {
        const [namespace, second] = namespaces.get(id) ?? []
        return second === undefined && namespace !== '' ? namespace : undefined
      })
    : first
  const applications = rough.length ? readApplications(builds, renderings) : []
  const unseen = [
    ...listUnseenBuilds(renderings, namespaces),
    ...listUnseenSources(applications),
    ...listUnseenSets(builds, renderings),
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

function add(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key)
  if (set) set.add(value)
  else sets.set(key, new Set([value]))
}

function assemble(
  renderings: Renderings,
  scopeOf: ScopeOf,
  namespaceOf: (build: string) => string | undefined,
): readonly Build[] {
  const { built, folders } = renderings
  const builds = [...built].map(([id, resources]): Build => {
    const make = resourceMaker(id, scopeOf, namespaceOf(id))
    return { id, kind: 'kustomize', resources: resources.map((one, index) => make(one, { kind: 'rendered', index })) }
  })
  const taken = listTaken(renderings)
  for (const [id, documents] of folders) {
    const make = resourceMaker(id, scopeOf, namespaceOf(id))
    const loose = documents.filter(({ object }) => !taken.has(object))
    if (loose.length > 0 || documents.length === 0) {
      builds.push({ id, kind: 'directory', resources: loose.map(one => make(one.object, originOf(one))) })
    }
  }
  return [...builds, ...assembleApplications(builds, renderings, scopeOf, namespaceOf)]
}

/** Loose manifests that an Application syncs together with others are no longer loose. */
function listTaken({ sources }: Renderings): ReadonlySet<KubernetesObject> {
  const taken = new Set<KubernetesObject>()
  for (const { state } of [...sources.values()].flat()) {
    if (state.kind !== 'objects' || state.tool !== 'directory') continue
    for (const { object } of state.objects) taken.add(object)
  }
  return taken
}

/** The build of what one source renders for one Application. */
const nameSourceBuild = (application: KubernetesObject, { path, fieldPath }: RenderedSource): string => {
  const index = fieldPath.find(segment => typeof segment === 'number')
  return `${path} for ${application.metadata?.name ?? ''}${index === undefined ? '' : ` (source ${index})`}`
}

/** What Applications and ApplicationSets make, and what those make that are among it. */
function assembleApplications(
  roots: readonly Build[],
  { sources, expansions }: Renderings,
  scopeOf: ScopeOf,
  namespaceOf: (build: string) => string | undefined,
): readonly Build[] {
  const made: Build[] = []
  const ids = new Set<string>()
  const queue = roots.flatMap(({ resources }) => resources).filter(({ group }) => group === 'argoproj.io')
  for (let resource = queue.pop(); resource; resource = queue.pop()) {
    const found: Build[] = []
    for (const source of sources.get(resource.object) ?? []) {
      const id = nameSourceBuild(resource.object, source)
      if (source.state.kind !== 'objects' || ids.has(id)) continue
      const make = resourceMaker(id, scopeOf, namespaceOf(id))
      const by = resource
      const resources = source.state.objects.map(({ object, origin }) => {
        if (origin.kind !== 'settings') return make(object, origin)
        return make(object, { ...origin, by, fieldPath: [...source.fieldPath, 'kustomize'] })
      })
      found.push({ id, kind: 'source', resources })
    }
    const expansion = expansions.get(resource.object)
    const id = `ApplicationSet ${resource.name}`
    if (expansion && !ids.has(id)) {
      const make = resourceMaker(id, scopeOf, resource.namespace)
      const by = resource
      found.push({
        id,
        kind: 'generated',
        resources: expansion.applications.map(one => make(one, { kind: 'generated', by })),
      })
    }
    for (const build of found) {
      ids.add(build.id)
      made.push(build)
      queue.push(...build.resources.filter(({ group }) => group === 'argoproj.io'))
    }
  }
  return made
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
function readApplications(builds: readonly Build[], { sources, partial }: Renderings): readonly Application[] {
  const found = builds.flatMap(({ resources }) => resources.filter(isApplication))
  const byId = new Map<string, Build[]>()
  for (const build of builds) byId.set(build.id, [...(byId.get(build.id) ?? []), build])
  const buildsOf = (resource: Resource, source: RenderedSource): readonly Build[] => {
    const { state } = source
    if (state.kind === 'objects') return byId.get(nameSourceBuild(resource.object, source)) ?? []
    if (state.kind !== 'folder') return []
    const here = byId.get(state.folder) ?? []
    const kustomize = here.filter(({ kind }) => kind === 'kustomize')
    return kustomize.length ? kustomize : here
  }
  return found.map(resource =>
    resolveApplication(
      resource,
      sources.get(resource.object) ?? [],
      source => buildsOf(resource, source),
      ({ state, isPartial }) => isPartial === true || (state.kind === 'folder' && partial.has(state.folder)),
    ),
  )
}

/** What stood in the way of the sources, and what ApplicationSets do wrong. */
function* listSourceFaults(builds: readonly Build[], { sources, expansions }: Renderings): Generator<Fault> {
  for (const resource of builds.flatMap(build => build.resources)) {
    for (const { faults } of sources.get(resource.object) ?? []) {
      for (const { ruleId, message, severity, fieldPath, range } of faults) {
        const place = range ? { range, fieldPath } : { resource, fieldPath }
        yield { ruleId, message, severity, values: [message], places: [place] }
      }
    }
    for (const { message, severity, fieldPath } of expansions.get(resource.object)?.faults ?? []) {
      yield {
        ruleId: 'invalid-applicationset',
        message,
        severity,
        values: [message],
        places: [{ resource, fieldPath }],
      }
    }
  }
}

/** Builds that fail could hold anything, where they say they go. */
function* listUnseenBuilds(
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
function* listUnseenSources(applications: readonly Application[]): Generator<Unseen> {
  for (const { resource, destination, sources } of applications) {
    const isSeen = ({ state }: Application['sources'][number]): boolean =>
      state.kind !== 'unknown' && !(state.kind === 'builds' && state.isPartial)
    if (sources.length > 0 && sources.every(isSeen)) continue
    yield { ...destination, reason: `Application ${resource.name} brings what is not rendered here` }
  }
}

/** Applications that are not known may go anywhere. */
function* listUnseenSets(builds: readonly Build[], { expansions }: Renderings): Generator<Unseen> {
  for (const { object, name } of builds.flatMap(build => build.resources)) {
    if (!expansions.get(object)?.unknown.length) continue
    const destination = valueAt(object, ['spec', 'template', 'spec', 'destination'])
    const namespace = stringAt(destination, ['namespace'])
    const isKnown = namespace !== undefined && namespace !== '' && !namespace.includes('{{')
    const reason = `ApplicationSet ${name} makes Applications that are not known here`
    yield { cluster: undefined, namespace: isKnown ? namespace : undefined, reason }
  }
}

/** Builds that are not rendered, or only in part, with what nobody looks at for their sake. */
function* listUnrendered({ tree, built, failed, refused, partial }: Renderings): Generator<NotExamined> {
  const { graph } = tree
  const seen = new Set([...built.keys()].flatMap(root => [...listFiles(graph, root)]))
  for (const root of [...failed.keys(), ...refused]) {
    const kustomization = graph.kustomizations.get(root)
    if (!kustomization) continue
    const files = [...listFiles(graph, root)].filter(file => !seen.has(file)).length
    const detail = `${root}: ${files} ${files === 1 ? 'file' : 'files'} that no other build reads`
    yield { place: fileOf(kustomization.file.path), reason: 'a build that is not rendered', detail }
  }
  for (const root of partial.keys()) {
    const kustomization = graph.kustomizations.get(root)
    if (!kustomization) continue
    const faults = graph.reach(root).flatMap(one => one.faults).length
    const detail = `${root}: without ${faults} ${faults === 1 ? 'entry' : 'entries'}`
    yield { place: fileOf(kustomization.file.path), reason: 'a build that is rendered in part', detail }
  }
}

/** What Argo CD would render and this program does not: nothing of it is silent. */
function listUnjudged(builds: readonly Build[], { sources, expansions }: Renderings): readonly NotExamined[] {
  const unjudged: NotExamined[] = []
  for (const resource of builds.flatMap(build => build.resources)) {
    for (const { state, fieldPath, isPartial, path } of sources.get(resource.object) ?? []) {
      const place = { resource, fieldPath }
      if (state.kind === 'unknown' && state.reason) {
        unjudged.push({
          place,
          reason: `${state.reason} that an Application brings`,
          detail: `Application ${resource.name}`,
        })
      }
      if (isPartial) {
        const detail = `Application ${resource.name}: ${path}`
        unjudged.push({ place, reason: 'files of an Application that are not read (jsonnet)', detail })
      }
    }
    for (const reason of expansions.get(resource.object)?.unknown ?? []) {
      unjudged.push({
        place: { resource, fieldPath: ['spec', 'generators'] },
        reason: `an ApplicationSet with ${reason}: its Applications are not known`,
        detail: `ApplicationSet ${resource.name}`,
      })
    }
  }
  return unjudged
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
  { salvaged, tree }: Renderings,
  elsewhere: Elsewhere,
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
  const unread = tree.unread.map(path => ({ cluster: undefined, namespace: undefined, reason: `${path} is not read` }))
  const open = (
    key: string,
    members: () => readonly Build[],
    reach: ReadonlySet<string>,
    more: readonly Unseen[] = [],
  ): ResourceIndex => {
    let index = indexes.get(key)
    if (!index) {
      index = new ResourceIndex(
        members().flatMap(({ resources }) => resources),
        [...unseenIn(unseen, reach), ...more],
        elsewhere,
      )
      indexes.set(key, index)
    }
    return index
  }
  const none = new Set<string>()
  const ownOf = once((build: Build): ResourceIndex => {
    // What a base stands for without the root that completes it is not known.
    const isPart = build.kind === 'kustomize' && salvaged.has(build.id)
    const more = isPart
      ? [{ cluster: undefined, namespace: undefined, reason: `${build.id} is a part of a build` }]
      : []
    return open(`own ${build.kind} ${build.id}`, () => [build], clusters.get(build.id) ?? none, more)
  })
  return {
    ownOf,
    besideOf: once(build => {
      if (build.kind === 'directory') return open('loose', () => loose, none, unread)
      const places = [...(destinations.get(build.id) ?? [])].sort()
      const neighbours = new Set(places.flatMap(place => byDestination.get(place) ?? []))
      if (neighbours.size <= 1) return ownOf(build)
      return open(`beside ${places.join('\n')}`, () => [...neighbours], clusters.get(build.id) ?? none)
    }),
  }
}

/** Each rule asks the same of each build. */
function once<T>(make: (build: Build) => T): (build: Build) => T {
  const known = new Map<Build, T>()
  return build => {
    let value = known.get(build)
    if (value === undefined) {
      value = make(build)
      known.set(build, value)
    }
    return value
  }
}
