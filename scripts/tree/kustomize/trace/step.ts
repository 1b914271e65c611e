// What all steps of a build share: the objects so far, the place of a step's words, and what each entry did.
import type { Kustomization } from '../graph/kustomization.ts'
import type { FieldPath } from '../../model/place.ts'
import type { Value } from '../../model/resource.ts'
import { type Origin, toValue, type Traced } from './value.ts'

/** A step that kustomize would refuse, or that cannot be followed here: the build has no trace. */
export class StepError extends Error {}

/** What a step did with what it found. */
export interface Count {
  /** How many objects (or fields) it was meant for and found. */
  readonly matched: number
  /** How many of them became others. */
  readonly changed: number
  /** True where something was taken away, which no value that is left can show. */
  readonly shrinks?: boolean
  /** True where it holds the objects to something, and is meant to do so whether it changes them or not. */
  readonly asserts?: boolean
}

/** What an entry of a kustomization did in one build. */
export interface Effect extends Count {
  readonly kustomization: Kustomization
  readonly fieldPath: FieldPath
  /** The rank of what the entry wrote. */
  readonly rank: number
}

/** One item of a list that a merge replaced by another one, since both have the same merge keys. */
export interface Collapse {
  readonly kustomization: Kustomization
  readonly fieldPath: FieldPath
  readonly kept: Traced
  readonly lost: Traced
  /** The merge keys. */
  readonly keys: readonly string[]
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

/** What a value says, to be held against what it says after a step. */
export interface Snapshot {
  readonly text: string
  readonly leaves: number
}

/** Of the value alone: what is closed stays so. */
export function snapshot(node: Traced): Snapshot {
  const value = toValue(node)
  return { text: JSON.stringify(value), leaves: countLeaves(value) }
}

function countLeaves(value: Value): number {
  if (typeof value !== 'object' || value === null) return 1
  let count = 0
  for (const one of Object.values(value)) count += countLeaves(one as Value)
  return count
}
