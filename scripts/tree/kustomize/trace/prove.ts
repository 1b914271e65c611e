// Proves the trace on a tree: holds it against kustomize leaf by leaf, then changes scalars where it says that they were
// written and looks whether kustomize changes exactly what it says.
import type { FieldPath } from '../../model/place.ts'
import type { KubernetesObject } from '../../model/resource.ts'
import { readTree } from '../../read-tree.ts'
import { layOver } from '../../source/edit.ts'
import type { Sources } from '../../source/sources.ts'
import type { Kustomize } from '../build/binary.ts'
import { type BuildResult, type RenderOptions, renderRoots } from '../build/builds.ts'
import {
  compareOutcomes,
  isSameError,
  matchRenames,
  nameLeaf,
  type Outcome,
  outcomeOf,
  type Renames,
} from './build-outcome.ts'
import { changeScalar } from './change-scalar.ts'
import { indexObjects, keyOfRendered, listDifferences, listLeaves } from './compare.ts'
import { Evaluator } from './evaluate.ts'
import { madeOf } from './locate.ts'
import { StepError } from './step.ts'
import { type Scalar, toValue, type Traced, type Written } from './value.ts'

export interface Proof {
  readonly builds: number
  readonly leaves: number
  /** Leaves of which trace and kustomize do not agree, in words. */
  readonly unsure: readonly string[]
  /** How many leaves these are: an object or a build that cannot be followed has many. */
  readonly unsureLeaves: number
  readonly changes: number
  /** How many of the changes were to names, kinds, merge keys and the like. */
  readonly structural: number
  /** Changes that had another effect than was said, in words. */
  readonly wrong: readonly string[]
}

export interface ProofOptions {
  readonly kustomize: Kustomize
  /** How many scalars are changed in each build. */
  readonly changes: number
  readonly seed: number
}

/** A scalar of a rendered object, of which the trace and kustomize agree. */
interface Leaf {
  readonly name: string
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
  'id',
  'serviceName',
  'secretName',
])

const isStructural = ({ path }: Leaf): boolean =>
  path.some(segment => segment === 'metadata') || STRUCTURE.has(String(path.at(-1)))

export async function proveTree(sources: Sources, options: ProofOptions): Promise<Proof> {
  const random = createRandom(options.seed)
  const { graph, roots } = readTree(sources, []).value
  const sound = roots.filter(root => graph.reach(root).every(({ faults }) => faults.length === 0))
  const settings = { graph, parallelism: 2, kustomize: options.kustomize, cacheFolder: undefined }
  const built = await renderRoots(sound, { ...settings, sources })
  const evaluator = new Evaluator(sources, graph)
  const unsure = new Map<string, number>()
  const wrong: string[] = []
  let [builds, total, changes, structural] = [0, 0, 0, 0]
  for (const [root, result] of built) {
    if ('fault' in result) continue
    builds++
    const leaves = collectLeaves(root, result.resources, evaluator, unsure)
    const before = outcomeOf(result.resources)
    const traced = evaluate(evaluator, root)
    total += countLeaves(result.resources)
    for (const leaf of choose(leaves, options.changes, random)) {
      const edit = changeScalar(sources, leaf.node.origin.at, leaf.node)
      if (!edit) continue
      const changed = layOver(sources, new Map([[edit.path, Buffer.from(edit.text)]]))
      const after = readTree(changed, []).value.graph
      const said = evaluate(new Evaluator(changed, after), root)
      const renames = 'error' in said || 'error' in traced ? undefined : matchRenames(traced.objects, said.objects)
      const real = await rebuild(root, { ...settings, graph: after, sources: changed }, renames)
      const fault = judge(leaf, leaves, before, 'error' in said ? said : outcomeOf(said.objects, renames), real)
      changes++
      if (isStructural(leaf)) structural++
      if (fault !== undefined) wrong.push(`${root} ${edit.path} ${leaf.name}: ${fault}`)
    }
  }
  const unsureLeaves = [...unsure.values()].reduce((sum, count) => sum + count, 0)
  return { builds, leaves: total, unsure: [...unsure.keys()], unsureLeaves, changes, structural, wrong }
}

/** What kustomize makes of the changed tree; the graph refuses some of it before. */
async function rebuild(root: string, settings: RenderOptions, renames: Renames | undefined): Promise<Outcome> {
  const fault = settings.graph.reach(root).flatMap(({ faults }) => faults)[0]
  if (fault) return { error: fault.message }
  const result: BuildResult | undefined = (await renderRoots([root], settings)).get(root)
  if (!result) return { error: `${root} is gone` }
  return 'fault' in result ? { error: result.text } : outcomeOf(result.resources, renames)
}

/** What the trace makes of a build. */
function evaluate(evaluator: Evaluator, root: string): { objects: readonly KubernetesObject[] } | { error: string } {
  try {
    return { objects: evaluator.evaluate(root).objects.map(({ root: node }) => toValue(node) as KubernetesObject) }
  } catch (error) {
    if (error instanceof StepError) return { error: error.message }
    throw error
  }
}

/** What is wrong with the claim that the leaf was written at its place; undefined where nothing is. */
function judge(leaf: Leaf, leaves: readonly Leaf[], before: Outcome, said: Outcome, real: Outcome): string | undefined {
  if ('error' in real) {
    if (!('error' in said)) return `kustomize refuses the change, and the trace does not: ${short(real.error)}`
    return isSameError(said.error, real.error) ? undefined : `said "${said.error}", is "${short(real.error)}"`
  }
  if ('error' in said) return `the trace refuses the change, and kustomize does not: ${said.error}`
  if ('error' in before) return 'the build failed before'
  const seen = compareOutcomes(before.leaves, real.leaves)
  const [more, less] = compareSets(compareOutcomes(before.leaves, said.leaves), seen)
  if (more.length + less.length > 0) return `said ${list(more)} and not ${list(less)}`
  for (const name of seen)
    if (said.leaves.get(name) !== real.leaves.get(name))
      return `${name}: said ${said.leaves.get(name)}, is ${real.leaves.get(name)}`
  const { at } = leaf.node.origin
  const claimed = new Set(
    leaves.filter(({ node }) => [...madeOf(node.origin)].some(one => holds(one, at))).map(({ name }) => name),
  )
  // What names things or tells them apart moves items and breaks references: the changed trace has told of that above.
  if (isStructural(leaf)) return seen.size === 0 ? 'nothing changed' : undefined
  const [unseen, unclaimed] = compareSets(claimed, seen)
  if (unseen.length > 0) return `${list(unseen)} did not change`
  return unclaimed.length > 0 ? `${list(unclaimed)} changed as well` : undefined
}

const compareSets = (a: ReadonlySet<string>, b: ReadonlySet<string>): readonly [string[], string[]] => [
  [...a].filter(one => !b.has(one)),
  [...b].filter(one => !a.has(one)),
]

const countLeaves = (objects: readonly KubernetesObject[]): number =>
  objects.reduce((sum, object) => sum + [...listLeaves(object)].length, 0)

const list = (names: readonly string[]): string => names.slice(0, 3).join(', ') || 'nothing'
const short = (text: string): string => text.trim().slice(-300)

function collectLeaves(
  root: string,
  resources: readonly KubernetesObject[],
  evaluator: Evaluator,
  unsure: Map<string, number>,
): readonly Leaf[] {
  const leaves: Leaf[] = []
  try {
    const index = indexObjects(evaluator.evaluate(root).objects)
    for (const object of resources) {
      const traced = index.get(keyOfRendered(object))
      if (!traced) {
        unsure.set(`${root} ${object.kind} ${object.metadata?.name}: the trace does not have it`, countLeaves([object]))
        continue
      }
      const differing = new Set<string>()
      for (const { fieldPath, reason } of listDifferences(traced.root, object)) {
        unsure.set(`${root} ${object.kind} ${fieldPath.join('/')}: ${reason}`, 1)
        differing.add(nameLeaf(object, fieldPath))
      }
      for (const { path, node } of listScalars(traced.root, [])) {
        const name = nameLeaf(object, path)
        if (![...differing].some(one => name === one || name.startsWith(`${one}/`))) leaves.push({ name, path, node })
      }
    }
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    unsure.set(`${root}: ${error.message}`, countLeaves(resources))
  }
  return leaves
}

function* listScalars(node: Traced, path: FieldPath): Generator<Omit<Leaf, 'name'>> {
  if (node.kind === 'scalar') yield { path, node }
  else if (node.kind === 'sequence')
    for (const [index, item] of node.items.entries()) yield* listScalars(item, [...path, index])
  else for (const [key, { value }] of node.entries) yield* listScalars(value, [...path, key])
}

/** Leaves of different places, at random; half of them structure, as far as there are so many. */
function choose(leaves: readonly Leaf[], count: number, random: () => number): readonly Leaf[] {
  const places = new Map(leaves.map(leaf => [placeOf(leaf.node.origin.at), leaf]))
  const shuffled = [...places.values()]
    .map(leaf => ({ leaf, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ leaf }) => leaf)
  const [structure, values] = [shuffled.filter(isStructural), shuffled.filter(leaf => !isStructural(leaf))]
  const wanted = Math.max(Math.floor(count / 2), count - values.length)
  return [...structure.slice(0, wanted), ...values].slice(0, count)
}

const placeOf = ({ text, start }: Written): string => `${text.path}:${text.at(start)}`
/** Whether a text has another one as its part. */
const holds = (whole: Written, part: Written): boolean =>
  whole.text.path === part.text.path &&
  whole.text.at(whole.start) <= part.text.at(part.start) &&
  whole.text.at(whole.end) >= part.text.at(part.end)

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
