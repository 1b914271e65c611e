// Renders what there is and works out where it goes: builds, the Applications that sync them, the namespaces in use.
import { posix } from 'node:path'
import type { Config } from '../validate/config.ts'
import { type BuildResult, type FailedBuild, renderRoots } from './kustomize/build/builds.ts'
import type { Kustomize } from './kustomize/build/binary.ts'
import {
  type ApplicationLookup,
  decideOwnRepository,
  isApplication,
  pathInTree,
  type Repository,
  readApplication,
  readSources,
} from './argocd/applications.ts'
import { type Build, groupOf, type Origin, type Resource, stringAt } from './model/build.ts'
import type { KubernetesObject } from './model/resource.ts'
import type { Application } from '../validate/rules/rule.ts'
import type { LooseDocument } from './source/manifests.ts'
import { listSourceDocuments, type Tree } from './read-tree.ts'

export type ScopeOf = (kind: { apiVersion: string; kind: string }) => 'Namespaced' | 'Cluster' | undefined

/** What was rendered, before anything is known of schemas and namespaces. */
export interface Renderings {
  readonly built: ReadonlyMap<string, readonly KubernetesObject[]>
  readonly failed: ReadonlyMap<string, FailedBuild>
  /** Loose manifests by folder. */
  readonly folders: ReadonlyMap<string, readonly LooseDocument[]>
}

export interface RenderPlan {
  readonly tree: Tree
  readonly config: Config
  readonly repository: Repository | undefined
  readonly kustomize: Kustomize | undefined
  readonly parallelism: number
  readonly cacheFolder: string | undefined
  /** Roots to render; folders that Applications name join them. */
  readonly roots: readonly string[]
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/** Renders the roots, then the folders that the Applications found so far name, until there are no new ones. */
export async function renderTree(plan: RenderPlan): Promise<Renderings> {
  const { tree, kustomize } = plan
  const built = new Map<string, readonly KubernetesObject[]>()
  const failed = new Map<string, FailedBuild>()
  const folders = Map.groupBy(tree.loose, ({ file }) => posix.dirname(file.path))
  let wanted = plan.roots
  for (const known = new Set<string>(); wanted.length > 0; ) {
    for (const root of wanted) known.add(root)
    const sound = wanted.filter(root => tree.graph.reach(root).every(({ faults }) => faults.length === 0))
    if (kustomize) {
      const results = await renderRoots(sound, { ...plan, sources: tree.sources, graph: tree.graph, kustomize })
      for (const [root, result] of results) record(root, result, built, failed)
    }
    const objects = [...built.values()].flat()
    const sources = [...objects, ...tree.loose.map(({ object }) => object)]
      .filter(isApplicationObject)
      .flatMap(readSources)
    const own = decideOwnRepository(sources, plan.repository, tree.stateOf)
    const named = sources.flatMap(source => {
      const path = source.isHelm ? undefined : pathInTree(source, own)
      const entry = path === undefined ? undefined : tree.sources.resolve(path)
      return entry?.kind === 'folder' && tree.graph.kustomizations.has(entry.path) ? [entry.path] : []
    })
    wanted = [...new Set(named)].filter(path => !known.has(path))
  }
  return { built, failed, folders }
}

function record(
  root: string,
  result: BuildResult,
  built: Map<string, readonly KubernetesObject[]>,
  failed: Map<string, FailedBuild>,
): void {
  if ('fault' in result) failed.set(root, result)
  else built.set(root, result.resources)
}

const isApplicationObject = (object: KubernetesObject): boolean =>
  isApplication({ group: groupOf(object.apiVersion ?? ''), kind: object.kind })

/** Roots that may render Applications, which the rest needs to know its namespaces. */
export function findApplicationRoots(tree: Tree): readonly string[] {
  return tree.roots.filter(root =>
    [...listSourceDocuments(tree.graph, tree.sources, root)].some(({ object }) => isApplicationObject(object)),
  )
}

export interface Deployment {
  readonly builds: readonly Build[]
  readonly applications: readonly Application[]
  /** Clusters and namespaces that Applications sync a build to, as `cluster namespace`. */
  readonly destinations: ReadonlyMap<string, ReadonlySet<string>>
}

/** Makes builds of the renderings, each resource in the namespace that Argo CD will use. */
export function deploy(plan: RenderPlan, renderings: Renderings, scopeOf: ScopeOf): Deployment {
  const { tree } = plan
  const assemble = (namespaceOf: (build: string) => string | undefined): readonly Build[] => [
    ...[...renderings.built].map(([id, resources]): Build => {
      const make = resourceMaker(id, scopeOf, namespaceOf(id))
      return {
        id,
        kind: 'kustomize',
        resources: resources.map((object, index) => make(object, { kind: 'rendered', index })),
      }
    }),
    ...[...renderings.folders].map(([id, documents]): Build => {
      const make = resourceMaker(id, scopeOf, namespaceOf(id))
      const originOfLoose = ({ file, document, item }: LooseDocument): Origin => ({
        kind: 'document',
        file: file.path,
        document,
        ...(item === undefined ? {} : { item }),
      })
      return { id, kind: 'directory', resources: documents.map(one => make(one.object, originOfLoose(one))) }
    }),
  ]
  const first = assemble(() => undefined)
  const found = first.flatMap(({ resources }) => resources).filter(isApplication)
  if (found.length === 0) return { builds: first, applications: [], destinations: new Map() }
  const lookup = (builds: readonly Build[]): ApplicationLookup => ({
    own: decideOwnRepository(
      found.flatMap(({ object }) => readSources(object)),
      plan.repository,
      tree.stateOf,
    ),
    stateOf: tree.stateOf,
    buildsOf(path, recurse) {
      const entry = tree.sources.resolve(path)
      const isKustomization = tree.graph.kustomizations.has(entry.path)
      return builds.filter(({ id, kind }) => {
        if (isKustomization) return kind === 'kustomize' && id === entry.path
        const isBelow = recurse && (entry.path === '.' || id.startsWith(`${entry.path}/`))
        return kind === 'directory' && (id === entry.path || isBelow)
      })
    },
  })
  const rough = found.map(resource => readApplication(resource, lookup(first)))
  const destinations = new Map<string, Set<string>>()
  const namespaces = new Map<string, Set<string>>()
  for (const { destination, sources } of rough) {
    for (const source of sources) {
      for (const { id } of source.state.kind === 'builds' ? source.state.builds : []) {
        const namespace = source.namespace ?? destination.namespace ?? ''
        destinations.set(id, (destinations.get(id) ?? new Set()).add(`${destination.cluster ?? ''} ${namespace}`))
        namespaces.set(id, (namespaces.get(id) ?? new Set()).add(namespace))
      }
    }
  }
  const builds = assemble(id => {
    const [namespace, second] = namespaces.get(id) ?? []
    return second === undefined && namespace !== '' ? namespace : undefined
  })
  const applications = builds
    .flatMap(({ resources }) => resources)
    .filter(isApplication)
    .map(resource => readApplication(resource, lookup(builds)))
  return { builds, applications, destinations }
}

/** What Argo CD would render and this program does not: nothing of it is silent. */
export function* listUnjudged({ builds }: Deployment): Generator<{ object: KubernetesObject; reason: string }> {
  for (const { group, kind, object } of builds.flatMap(({ resources }) => resources)) {
    if (group !== 'argoproj.io') continue
    if (kind === 'ApplicationSet')
      yield { object, reason: 'an ApplicationSet: the Applications it makes are not known' }
    if (kind !== 'Application') continue
    for (const source of readSources(object)) {
      if (source.isHelm) yield { object, reason: `a Helm source of Application ${object.metadata?.name}: not rendered` }
    }
  }
}

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
    }
  }
}
