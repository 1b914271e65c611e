// Puts roots together that share a process of kustomize, and takes apart what it rendered of them.
import type { Graph } from '../graph/kustomization.ts'
import type { KubernetesObject } from '../../model/resource.ts'
import type { Sources } from '../../source/sources.ts'
import { judgeRoot, type Member } from './sharing.ts'

/**
 * Roots of one process, by a namespace that each has there alone: it keeps their resources apart, also where two roots
 * render the same ones, and is taken back from what was rendered.
 */
export type Batch = ReadonlyMap<string, Member>

/** Beyond this kustomize's search for names, which grows with the square of the resources, costs more than a start. */
export const MOST_RESOURCES = 400

/** Plans batches for as many processes as there are cores; what cannot share is left out. */
export function planBatches(
  roots: readonly string[],
  { graph, sources, parallelism }: { graph: Graph; sources: Sources; parallelism: number },
): readonly Batch[] {
  const sharing = roots.flatMap(root => {
    const member = judgeRoot(root, graph, sources)
    return member ? [{ member, size: countResources(root, graph) }] : []
  })
  const total = sharing.reduce((sum, { size }) => sum + size, 0)
  const limit = Math.min(MOST_RESOURCES, Math.ceil(total / parallelism))
  const batches: Map<string, Member>[] = []
  let left = 0
  for (const { member, size } of sharing) {
    if (left <= 0) {
      batches.push(new Map())
      left = limit
    }
    const batch = batches.at(-1)
    batch?.set(findPlace(member, batch), member)
    left -= size
  }
  return batches.filter(({ size }) => size > 1)
}

/** A namespace that no other root of the batch has: that of the root where it can be, which costs kustomize nothing. */
function findPlace({ namespace, name = namespace }: Member, batch: Batch): string {
  if (namespace !== undefined && name === namespace && !batch.has(namespace)) return namespace
  let place = `alone-in-batch-${batch.size}`
  while (batch.has(place)) place += '-'
  return place
}

const countResources = (root: string, graph: Graph): number =>
  graph.reach(root).reduce((sum, { documents }) => sum + documents, 1)

/** Gives each resource to its root. Undefined where one of them belongs to none: then the batch proves nothing. */
export function splitBatch(
  resources: readonly KubernetesObject[],
  batch: Batch,
): ReadonlyMap<string, readonly KubernetesObject[]> | undefined {
  const split = new Map<string, KubernetesObject[]>([...batch.values()].map(({ root }) => [root, []]))
  for (const resource of resources) {
    const { kind, metadata } = resource
    const place = String((kind === 'Namespace' ? metadata?.name : metadata?.namespace) ?? '')
    const member = batch.get(place)
    const own = member && takeBack(resource, place, member)
    if (!own) return undefined
    split.get(member.root)?.push(own)
  }
  return split
}

/** The resource as its root alone renders it; undefined where that is not known. */
function takeBack(resource: KubernetesObject, place: string, member: Member): KubernetesObject | undefined {
  if (place === member.namespace) return resource
  const metadata: Record<string, unknown> = { ...resource.metadata }
  if (resource.kind === 'Namespace') {
    if (member.name === undefined) return undefined
    metadata.name = member.name
  }
  if (metadata.namespace === place) {
    if (member.namespace === undefined) delete metadata.namespace
    else metadata.namespace = member.namespace
  }
  return { ...resource, metadata }
}
