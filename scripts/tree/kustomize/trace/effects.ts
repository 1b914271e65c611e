// What each entry of a kustomization did in the builds that read it.
import type { FieldPath } from '../../model/place.ts'
import type { Tree } from '../../read-tree.ts'
import type { Kustomization } from '../graph/kustomization.ts'
import { Evaluator } from './evaluate.ts'
import { type Effect, StepError } from './step.ts'

interface Known {
  readonly evaluator: Evaluator
  /** Undefined for a build that cannot be followed. */
  readonly byRoot: Map<string, readonly Effect[] | undefined>
}

const known = new WeakMap<Tree, Known>()

/**
 * How many objects or fields an entry was meant for and found, over all the roots; undefined where one of them cannot
 * be followed, or never came to the entry.
 */
export function countMatches(
  tree: Tree,
  roots: readonly string[],
  { folder }: Kustomization,
  path: FieldPath,
): number | undefined {
  const text = JSON.stringify(path)
  let sum = 0
  for (const root of roots) {
    const effects = effectsOf(tree, root)?.filter(
      one => one.kustomization.folder === folder && JSON.stringify(one.fieldPath) === text,
    )
    if (!effects?.length) return undefined
    sum += effects.reduce((matched, one) => matched + one.matched, 0)
  }
  return roots.length ? sum : undefined
}

function effectsOf(tree: Tree, root: string): readonly Effect[] | undefined {
  let found = known.get(tree)
  if (!found) {
    found = { evaluator: new Evaluator(tree.sources, tree.graph), byRoot: new Map() }
    known.set(tree, found)
  }
  if (!found.byRoot.has(root)) {
    let effects: readonly Effect[] | undefined
    try {
      ;({ effects } = found.evaluator.evaluate(root))
    } catch (error) {
      if (!(error instanceof StepError)) throw error
    }
    found.byRoot.set(root, effects)
  }
  return found.byRoot.get(root)
}
