// What each entry of a kustomization did in the builds that read it. Kept beside the renderings, so that a tree that did
// not change is not evaluated again.
import { join } from 'node:path'
import { keep, readKept } from '../../kept.ts'
import type { FieldPath, SourceRange } from '../../model/place.ts'
import type { KubernetesObject } from '../../model/resource.ts'
import { hashOwnCode } from '../../own-code.ts'
import type { Tree } from '../../read-tree.ts'
import type { Kustomize } from '../build/binary.ts'
import { hashBuild } from '../build/render-cache.ts'
import type { Kustomization } from '../graph/kustomization.ts'
import { indexObjects, keyOfRendered, listDifferences } from './compare.ts'
import { type Evaluation, Evaluator } from './evaluate.ts'
import { currentId, type TracedObject } from './object.ts'
import { type Count, type Effect, StepError } from './step.ts'
import { rangeOfSpan } from './text.ts'
import { ClosedMapping, type Origin, type Traced, textAt, toValue } from './value.ts'

export interface EntryEffect extends Count {
  /** True where the build is the same without the entry, and the trace of the build is proved. */
  readonly isVain?: boolean
}

/** Two items of a list that a patch merged into one. */
export interface MergedItems {
  /** The folder of the kustomization that has the patch. */
  readonly folder: string
  readonly fieldPath: FieldPath
  readonly keys: readonly string[]
  readonly kept: MergedItem
  readonly lost: MergedItem
}

interface MergedItem {
  readonly range: SourceRange
  readonly name: string
  readonly text: string
}

/** An object that had another name before its prefix, suffix or hash. */
export interface Renamed {
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly before: readonly string[]
}

export interface BuildEffects {
  readonly entries: Readonly<Record<string, EntryEffect>>
  readonly merged: readonly MergedItems[]
  readonly renamed: readonly Renamed[]
}

export interface Effects {
  /** Undefined for a build that cannot be followed. */
  of(root: string): BuildEffects | undefined
  /** What an entry did over all the roots; undefined where one of them cannot be followed, or never came to the entry. */
  sum(roots: readonly string[], kustomization: Kustomization, path: FieldPath): EntryEffect | undefined
}

interface Rendered {
  readonly tree: Pick<Tree, 'sources' | 'graph'>
  readonly built: ReadonlyMap<string, readonly KubernetesObject[]>
  readonly kustomize: Kustomize | undefined
}

/** `folder` is where the effects are kept; undefined: nowhere. */
export function openEffects(rendered: Rendered, folder: string | undefined): Effects {
  const known = new Map<string, BuildEffects | undefined>()
  let judge: Judge | undefined
  const evaluate = (root: string): BuildEffects | undefined => {
    judge ??= new Judge(rendered)
    return judge.judge(root)
  }
  const read = (root: string): BuildEffects | undefined => {
    if (folder === undefined || !rendered.kustomize) return evaluate(root)
    const { sources, graph } = rendered.tree
    const path = join(folder, `${hashBuild(root, sources, graph, rendered.kustomize)}.${hashOwnCode()}.json`)
    const kept = readKept<{ readonly effects?: BuildEffects }>(path)
    if (kept) return kept.effects
    const made = evaluate(root)
    keep(path, { effects: made })
    return made
  }
  const of = (root: string): BuildEffects | undefined => {
    if (!known.has(root)) known.set(root, read(root))
    return known.get(root)
  }
  return {
    of,
    sum(roots, { folder: at }, path) {
      const name = nameEntry(at, path)
      let sum: EntryEffect | undefined
      for (const root of roots) {
        const one = of(root)?.entries[name]
        if (!one) return undefined
        sum = sum ? addVain(sum, one) : one
      }
      return sum
    },
  }
}

const addVain = (a: EntryEffect, b: EntryEffect): EntryEffect => ({
  matched: a.matched + b.matched,
  changed: a.changed + b.changed,
  isVain: a.isVain === true && b.isVain === true,
})

const nameEntry = (folder: string, path: FieldPath): string => `${folder}\n${JSON.stringify(path)}`

/** Fields whose entries are asked whether the build would be the same without them. */
const MAY_BE_VAIN = new Set(['patches', 'patchesStrategicMerge', 'patchesJson6902', 'images', 'replicas'])

/** So that a build of a thousand deletions does not cost a thousand builds. */
const MOST_TRIALS = 20

class Judge {
  readonly #rendered: Rendered
  readonly #evaluator: Evaluator
  readonly #without = new Map<string, Evaluator>()

  constructor(rendered: Rendered) {
    this.#rendered = rendered
    this.#evaluator = new Evaluator(rendered.tree.sources, rendered.tree.graph)
  }

  judge(root: string): BuildEffects | undefined {
    const evaluation = follow(this.#evaluator, root)
    if (!evaluation) return undefined
    return {
      entries: this.#judgeEntries(root, evaluation),
      merged: evaluation.collapses.map(({ kustomization, fieldPath, keys, kept, lost }) => ({
        folder: kustomization.folder,
        fieldPath,
        keys,
        kept: describeItem(kept),
        lost: describeItem(lost),
      })),
      renamed: evaluation.objects.flatMap(describeRenamed),
    }
  }

  #judgeEntries(root: string, evaluation: Evaluation): Readonly<Record<string, EntryEffect>> {
    const entries: Record<string, EntryEffect> = Object.create(null)
    const suspects = new Map<string, Effect>()
    const surviving = collectRanks(evaluation.objects)
    for (const [name, effects] of Map.groupBy(evaluation.effects, one =>
      nameEntry(one.kustomization.folder, one.fieldPath),
    )) {
      const sum = (read: (one: Effect) => number): number => effects.reduce((total, one) => total + read(one), 0)
      const entry = { matched: sum(one => one.matched), changed: sum(one => one.changed) }
      entries[name] = entry
      const [first] = effects
      const isSuspect = effects.every(
        one => !one.asserts && (one.changed === 0 || (!one.shrinks && !surviving.has(one.rank))),
      )
      if (!first || !isSuspect || entry.matched === 0 || !MAY_BE_VAIN.has(String(first.fieldPath[0]))) continue
      suspects.set(name, first)
    }
    if (suspects.size === 0 || suspects.size > MOST_TRIALS || !this.#isProved(root, evaluation)) return entries
    const whole = textOfAll(evaluation)
    for (const [name, { kustomization, fieldPath }] of suspects) {
      const { sources, graph } = this.#rendered.tree
      let evaluator = this.#without.get(name)
      if (!evaluator) {
        evaluator = new Evaluator(sources, graph, {
          without: { folder: kustomization.folder, fieldPath },
          whole: this.#evaluator,
        })
        this.#without.set(name, evaluator)
      }
      const without = follow(evaluator, root)
      const entry = entries[name]
      if (without && entry && textOfAll(without) === whole) entries[name] = { ...entry, isVain: true }
    }
    return entries
  }

  #isProved(root: string, { objects }: Evaluation): boolean {
    const rendered = this.#rendered.built.get(root)
    if (rendered?.length !== objects.length) return false
    const index = indexObjects(objects)
    return rendered.every(object => {
      const traced = index.get(keyOfRendered(object))
      return traced !== undefined && listDifferences(traced.root, object).next().done === true
    })
  }
}

function follow(evaluator: Evaluator, root: string): Evaluation | undefined {
  try {
    return evaluator.evaluate(root)
  } catch (error) {
    if (error instanceof StepError) return undefined
    throw error
  }
}

/** The fields in the order in which kustomize prints them. */
const textOfAll = ({ objects }: Evaluation): string =>
  JSON.stringify(
    objects.map(({ root }) => toValue(root)),
    (_, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
  )

/** The steps of which a value is left in the objects. */
function collectRanks(objects: readonly TracedObject[]): ReadonlySet<number> {
  const ranks = new Set<number>()
  const add = (origin: Origin): void => {
    ranks.add(origin.at.rank)
    if (origin.keeps && origin.before) add(origin.before)
    for (const other of origin.from ?? []) add(other)
  }
  // What holds other values is there with them, whoever wrote the first of them.
  const visit = (node: Traced): void => {
    const children =
      // All that is in a closed one is of the step that read it.
      node.kind === 'scalar' || (node instanceof ClosedMapping && !node.isOpen)
        ? []
        : node.kind === 'sequence'
          ? node.items
          : [...node.entries.values()].map(({ value }) => value)
    if (children.length === 0) add(node.origin)
    for (const child of children) visit(child)
  }
  for (const { root } of objects) visit(root)
  return ranks
}

function describeItem(node: Traced): MergedItem {
  const { at } = node.origin
  const text = JSON.stringify(toValue(node))
  return { range: rangeOfSpan(at.text, at, false), name: textAt(node, 'name'), text: text.slice(0, 200) }
}

function describeRenamed(object: TracedObject): readonly Renamed[] {
  const { group, kind, name, namespace } = currentId(object)
  const before = [...new Set(object.previous.map(one => one.name))].filter(one => one !== name && one !== '')
  return before.length ? [{ group, kind, namespace, name, before }] : []
}
