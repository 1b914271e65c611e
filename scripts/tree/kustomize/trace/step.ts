// What all steps of a build share: the objects so far, the place of a step's words, and what each entry did.
import type { Kustomization } from '../graph/kustomization.ts'
import type { FieldPath } from '../../model/place.ts'
import type { Origin, Traced } from './value.ts'

/** A step that kustomize would refuse, or that cannot be followed here: the build has no trace. */
export class StepError extends Error {}

/** What an entry of a kustomization did in one build. */
export interface Effect {
  readonly kustomization: Kustomization
  readonly fieldPath: FieldPath
  /** How many objects (or fields) it was meant for and found. */
  matched: number
  /** How many values became others. */
  changed: number
}

/** The origin of a value that a step makes anew, with what stood there before. */
export function overwrite(
  by: Origin,
  before: Traced | Origin | undefined,
  keeps = false,
  from: readonly Origin[] = [],
): Origin {
  const past = before === undefined ? undefined : 'kind' in before ? before.origin : before
  return { at: by.at, ...(past ? { before: past } : {}), ...(keeps ? { keeps } : {}), ...(from.length ? { from } : {}) }
}
