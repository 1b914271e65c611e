// What every output format is: a pure function from a comparison to text.
import type { Tab } from '../../command/page.ts'
import type { Diff } from '../diff.ts'

export interface DiffContext {
  /** What the two sides are called. */
  readonly names: { readonly base: string; readonly head: string }
  readonly colour: boolean
  /** Whether objects that are added or removed are printed with all their fields. */
  readonly whole: boolean
  /** What stands beside the diff on a page. */
  readonly tabs?: readonly Tab[]
}

export type Format = (diff: Diff, context: DiffContext) => string
