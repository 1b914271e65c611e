// Judges one tree: read and render, then examine what came of it. Returns data, prints nothing.
import { findApplicationRoots, readAndRender, type Settings } from '../tree/engine.ts'
import type { Pack } from '../tree/pack.ts'
import type { Sources } from '../tree/source/sources.ts'
import { growSlowly } from './heap.ts'
import type { Outcome } from './outcome.ts'
import type { Policy } from './policy.ts'
import type { ValidateOptions } from './run.ts'
import { narrow } from './scope.ts'

export interface Judged extends Outcome {
  /** False where another run may know more of the same. */
  readonly isLasting: boolean
}

/** What is found in one tree, as the policy sees it. Undefined where there is nothing to judge. */
export async function judge(
  sources: Sources,
  policy: Policy,
  options: ValidateOptions & { readonly today: string },
  settings: Settings,
  pack: Pack,
): Promise<Judged | undefined> {
  const scope = narrow(sources, options.paths)
  options.onStep?.('reading and rendering')
  const rendering = readAndRender(sources, {
    ...settings,
    salvage: true,
    choose: tree =>
      scope.isWhole ? tree.roots : [...new Set([...scope.rootsOf(tree), ...findApplicationRoots(tree)])],
  })
  // Two thirds of the program are loaded while kustomize runs.
  const [rendered, { examine }] = await Promise.all([rendering, import('./examine.ts')])
  growSlowly()
  return scope.hasMatter(rendered) ? examine(sources, rendered, { policy, options, settings, pack, scope }) : undefined
}
