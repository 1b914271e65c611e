// Renders of a root what can be rendered: without the entries that are refused, or the healthy folders below it.
import { listAt } from '../../model/build.ts'
import type { KubernetesObject } from '../../model/resource.ts'
import type { Graph } from '../graph/kustomization.ts'
import { prune, pruneFailure } from '../graph/prune.ts'
import { type FailedBuild, renderRoots, type RenderOptions } from './builds.ts'

/** What is left of a root, with the graph that it was rendered by. */
export interface PartialBuild {
  readonly resources: readonly KubernetesObject[]
  readonly graph: Graph
}

/** How often a build may fail for the sake of what was left out, until it is given up. */
const MOST_ATTEMPTS = 20

/** What could be rendered, and what fails whatever was left out: the first failure of each folder. */
export interface PartialBuilds {
  readonly builds: ReadonlyMap<string, PartialBuild>
  readonly broken: ReadonlyMap<string, FailedBuild>
}

/** The root without its faulty entries, and without patches that then have no target; undefined where that is nothing. */
async function renderPartly(
  root: string,
  options: RenderOptions,
  broken: Map<string, FailedBuild>,
): Promise<PartialBuild | undefined> {
  let graph = prune(options.graph, root)
  const changed = new Set<string>()
  for (let attempt = 0; graph && attempt < MOST_ATTEMPTS; attempt++) {
    // All that it brings comes from elsewhere: what the tree itself says of it was read.
    if (bringsNothing(graph, root)) return { resources: [], graph }
    const result = (await renderRoots([root], { ...options, graph, onProgress: undefined })).get(root)
    if (!result) return undefined
    if ('resources' in result) return result.resources.length ? { resources: result.resources, graph } : undefined
    const pruned = pruneFailure(graph, root, { ...result, sources: options.sources })
    if (!pruned) return undefined
    const { folder } = pruned
    const isOwn = isWhole(options.graph, folder) && options.graph.reach(folder).every(one => !changed.has(one.folder))
    if (isOwn && !broken.has(folder)) broken.set(folder, result)
    changed.add(folder)
    graph = pruned.graph
  }
  return undefined
}

/** Whether a folder is built from nothing but the tree: then who reads it cannot make it succeed. */
export function isWhole(graph: Graph, folder: string): boolean {
  const reach = graph.reach(folder)
  return reach[0]?.kind === 'Kustomization' && reach.every(one => one.faults.length + one.blemishes.length === 0)
}

/** Whether no kustomization of a root has a resource or a generator. */
const bringsNothing = (graph: Graph, root: string): boolean =>
  graph
    .reach(root)
    .every(
      ({ files, value }) =>
        files.every(({ reference }) => reference.content !== 'resource') &&
        ['configMapGenerator', 'secretGenerator', 'generators'].every(field => listAt(value, [field]).length === 0),
    )

/** What is left of each root of which something is. */
export async function renderAllPartly(roots: readonly string[], options: RenderOptions): Promise<PartialBuilds> {
  const found = new Map<string, PartialBuild>()
  const broken = new Map<string, FailedBuild>()
  const queue = [...roots]
  const work = async (): Promise<void> => {
    for (let root = queue.shift(); root !== undefined; root = queue.shift()) {
      const build = await renderPartly(root, options, broken)
      if (build) found.set(root, build)
    }
  }
  await Promise.all(Array.from({ length: Math.min(options.parallelism, roots.length) }, work))
  const ordered = roots.flatMap(root => (found.has(root) ? [[root, found.get(root) as PartialBuild] as const] : []))
  return { builds: new Map(ordered), broken }
}

/** The topmost sound kustomizations below roots that are not rendered, which no other build reads. */
export function listSoundBelow(graph: Graph, lost: readonly string[], rendered: Iterable<string>): readonly string[] {
  const seen = new Set([...rendered].flatMap(root => graph.reach(root).map(({ folder }) => folder)))
  const found: string[] = []
  for (const root of lost) {
    // What explodes does so from below as well.
    const isExplosion = graph.kustomizations
      .get(root)
      ?.faults.some(({ ruleId, places: [place] }) => ruleId === 'refused-input' && place.fieldPath.length === 0)
    if (isExplosion) continue
    for (const { folder, kind } of graph.reach(root)) {
      if (folder === root || kind !== 'Kustomization' || seen.has(folder)) continue
      const reach = graph.reach(folder)
      if (reach.some(({ faults }) => faults.length > 0)) continue
      found.push(folder)
      for (const one of reach) seen.add(one.folder)
    }
  }
  return found
}
