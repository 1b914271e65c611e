// Proves the trace on a tree: holds it against kustomize leaf by leaf, then changes scalars where it says that they were
// written and looks whether kustomize changes exactly what it says.
import type { KubernetesObject } from '../../model/resource.ts'
import { valueAt } from '../../model/build.ts'
import type { FieldPath } from '../../model/place.ts'
import { readTree } from '../../read-tree.ts'
import { layOver } from '../../source/edit.ts'
import type { Sources } from '../../source/sources.ts'
import type { Kustomize } from '../build/binary.ts'
import { renderRoots } from '../build/builds.ts'
import { indexObjects, keyOfRendered, listDifferences, listLeaves } from './compare.ts'
import { Evaluator } from './evaluate.ts'
import { madeOf } from './locate.ts'
import { StepError } from './step.ts'
import type { Scalar, Traced, Written } from './value.ts'

export interface Proof {
  readonly builds: number
  readonly leaves: number
  /** Leaves of which trace and kustomize do not agree, in words. */
  readonly unsure: readonly string[]
  readonly changes: number
  /** Changes that had another effect than was said, in words. */
  readonly wrong: readonly string[]
}

export interface ProofOptions {
  readonly kustomize: Kustomize
  /** How many scalars are changed in each build. */
  readonly changes: number
  readonly seed: number
}

interface Leaf {
  readonly object: number
  readonly path: FieldPath
  readonly node: Scalar
}

/** What decides which objects and list items belong together: a change of it changes more than values. */
const STRUCTURE = new Set([
  'apiVersion',
  'apiGroup',
  'kind',
  'name',
  'namespace',
  'containerPort',
  'port',
  'protocol',
  'mountPath',
  'devicePath',
  'ip',
  'topologyKey',
  'whenUnsatisfiable',
  'type',
  'uid',
  'key',
  'serviceName',
  'secretName',
])

export async function proveTree(sources: Sources, options: ProofOptions): Promise<Proof> {
  const random = createRandom(options.seed)
  const { graph, roots } = readTree(sources, []).value
  const sound = roots.filter(root => graph.reach(root).every(({ faults }) => faults.length === 0))
  const settings = { graph, parallelism: 2, kustomize: options.kustomize, cacheFolder: undefined }
  const built = await renderRoots(sound, { ...settings, sources })
  const evaluator = new Evaluator(sources, graph)
  const unsure: string[] = []
  const wrong: string[] = []
  let [builds, total, changes] = [0, 0, 0]
  for (const [root, result] of built) {
    if ('fault' in result) continue
    builds++
    const leaves = collectLeaves(root, result.resources, evaluator, unsure)
    total += result.resources.reduce((sum, object) => sum + [...listLeaves(object)].length, 0)
    const fit = leaves.filter(
      ({ path }) => !path.some(segment => segment === 'metadata') && !STRUCTURE.has(String(path.at(-1))),
    )
    for (let count = 0; count < options.changes && fit.length > 0; count++) {
      const leaf = fit[Math.floor(random() * fit.length)]
      const edit = leaf && changeScalar(sources, leaf.node.origin.at, leaf.node)
      if (!leaf || !edit) continue
      const predicted = leaves
        .filter(({ node }) => [...madeOf(node.origin)].some(one => isSamePlace(one, leaf.node.origin.at)))
        .map(nameLeaf)
      const changed = layOver(sources, new Map([[edit.path, Buffer.from(edit.text)]]))
      const rebuilt = (
        await renderRoots([root], { ...settings, graph: readTree(changed, []).value.graph, sources: changed })
      ).get(root)
      if (!rebuilt || 'fault' in rebuilt) continue
      changes++
      const seen = compareRenderings(result.resources, rebuilt.resources)
      const [said, real] = [[...new Set(predicted)].sort().join(', '), seen.sort().join(', ')]
      if (said !== real) wrong.push(`${root} ${edit.path}: said ${said}, is ${real}`)
    }
  }
  return { builds, leaves: total, unsure, changes, wrong }
}

function collectLeaves(
  root: string,
  resources: readonly KubernetesObject[],
  evaluator: Evaluator,
  unsure: string[],
): readonly Leaf[] {
  const leaves: Leaf[] = []
  try {
    const index = indexObjects(evaluator.evaluate(root).objects)
    for (const [position, object] of resources.entries()) {
      const traced = index.get(keyOfRendered(object))
      if (!traced) {
        unsure.push(`${root} ${object.kind} ${object.metadata?.name}: the trace does not have it`)
        continue
      }
      for (const { fieldPath, reason } of listDifferences(traced.root, object))
        unsure.push(`${root} ${object.kind} ${fieldPath.join('/')}: ${reason}`)
      leaves.push(...listScalars(traced.root, position, []))
    }
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    unsure.push(`${root}: ${error.message}`)
  }
  return leaves
}

function* listScalars(node: Traced, object: number, path: FieldPath): Generator<Leaf> {
  if (node.kind === 'scalar') yield { object, path, node }
  else if (node.kind === 'sequence')
    for (const [index, item] of node.items.entries()) yield* listScalars(item, object, [...path, index])
  else for (const [key, { value }] of node.entries) yield* listScalars(value, object, [...path, key])
}

const nameLeaf = ({ object, path }: Pick<Leaf, 'object' | 'path'>): string => `${object}:/${path.join('/')}`

const isSamePlace = (a: Written, b: Written): boolean =>
  a.text.path === b.text.path && a.text.at(a.start) === b.text.at(b.start)

/** The text of the file with another scalar at the place; undefined where none can be put there simply. */
function changeScalar(sources: Sources, at: Written, node: Scalar): { path: string; text: string } | undefined {
  if (!at.text.isExact || sources.read(at.text.path) === undefined) return undefined
  const { file, path } = at.text
  const [start, end] = [at.text.at(at.start), at.text.at(at.end)]
  const written = file.slice(start, end)
  if (written.includes('\n') || written === '' || /[{}[\]&*!|>]/.test(written)) return undefined
  const isNumber = node.tag === 'int' && /^\d+$/.test(written)
  if (!isNumber && (node.tag !== 'str' || !/^["']?[A-Za-z][\w .:/-]*["']?$/.test(written))) return undefined
  const made = isNumber ? String(Number(written) + 1) : written.replace(/(["']?)$/, 'x$1')
  return { path, text: file.slice(0, start) + made + file.slice(end) }
}

function compareRenderings(before: readonly KubernetesObject[], after: readonly KubernetesObject[]): string[] {
  const changed: string[] = []
  for (const [object, old] of before.entries()) {
    const paths = new Map([...listLeaves(old), ...listLeaves(after[object])].map(path => [path.join('\0'), path]))
    for (const path of paths.values()) {
      if (JSON.stringify(valueAt(old, path)) !== JSON.stringify(valueAt(after[object], path)))
        changed.push(nameLeaf({ object, path }))
    }
  }
  return changed
}

/** The same numbers for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
