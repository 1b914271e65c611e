// What stages and rules say of places: plain data that every stage can return and one door turns into findings.
import type { Resource } from './build.ts'

/** Segments from the root of a resource or file. Never a dotted string: label keys contain dots and slashes. */
export type FieldPath = readonly (string | number)[]

export const isSamePath = (a: FieldPath, b: FieldPath): boolean => a.length === b.length && isWithin(a, b)

/** Whether a path is that of a holder, or leads through it. */
export const isWithin = (path: FieldPath, holder: FieldPath): boolean =>
  path.length >= holder.length && holder.every((segment, index) => segment === path[index])

/** One-based positions; `file` is relative to the validated root, with forward slashes. The end is exclusive. */
export interface SourceRange {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

/** One place that wrote the value, from the base to the last writer. */
export interface ChainLink {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
  readonly role: 'resource' | 'generator' | 'component' | 'patch' | 'transformer'
}

/** A field of a resource; which line wrote it is found out when it is reported. */
export interface ResourcePlace {
  readonly resource: Resource
  readonly fieldPath: FieldPath
}

/** A field of a source document, or (with an empty path) the document or file itself. */
export interface SourcePlace {
  readonly range: SourceRange
  readonly fieldPath: FieldPath
}

export type Place = ResourcePlace | SourcePlace

export const isResourcePlace = (place: Place): place is ResourcePlace => 'resource' in place

export interface ResourceRef {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
}

/** A kind of fault in a word, as `unknown-hook`. No sentence fits the type. */
export type FaultKind = Lowercase<`${string}-${string}`>

/** What a fault speaks of, where several kinds of fault may stand at one place: which kind, and words of the tree. */
export type About = readonly [kind: FaultKind, ...words: string[]]

/** What a stage or a rule says of places. */
export interface Fault {
  /** An entry of the catalogue in validate/rules. */
  readonly ruleId: string
  readonly message: string
  /**
   * What the fault speaks of: with rule and place it is what makes two faults the same. The message is not, and what
   * differs only from build to build (a namespace) has no place in here.
   */
  readonly values: readonly (string | number | boolean)[]
  /** The likeliest culprit first. A fault is shown at the field that was written last. */
  readonly places: readonly [Place, ...Place[]]
  /** Instead of the rule's own. */
  readonly remediation?: string
  /** Instead of the rule's own. */
  readonly severity?: 'error' | 'warning'
  /** A rule that says it better: this fault goes where that rule finds one of the same resource. */
  readonly toldBy?: string
  /** What it says is not there, where somebody else may bring it: a field, the volume of a mount, what a patch is for, a file or folder. */
  readonly lacks?: 'field' | 'volume' | 'target' | 'path'
  /** What the field is called, where that is not its place: the API server names `labels` and means one of them. */
  readonly fieldPath?: FieldPath
  /** For places in sources: the builds that read them. */
  readonly builds?: readonly string[]
  readonly resource?: ResourceRef
}

/** Something that was seen and could not be judged. */
export interface NotExamined {
  readonly place: Place
  /** The same words for all of one kind, which are told as one: what this one is stands in `detail`. */
  readonly reason: string
  readonly detail?: string
}

/** What every stage returns. */
export interface Stage<Value> {
  readonly value: Value
  readonly faults: readonly Fault[]
  readonly notExamined: readonly NotExamined[]
}

/** The start of a file. */
export const fileOf = (file: string): SourcePlace => ({
  range: { file, line: 1, column: 1, endLine: 1, endColumn: 1 },
  fieldPath: [],
})

/** A fault of what is written. */
export function faultAt(
  ruleId: string,
  message: string,
  range: SourceRange,
  fieldPath: FieldPath = [],
  values: Fault['values'] = [],
): Fault {
  return { ruleId, message, values, places: [{ range, fieldPath }] }
}
