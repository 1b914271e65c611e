// What a rule of risk is: data about it, and a pure function from a compared object, or the whole comparison, to what it finds.
import { isDeepStrictEqual } from 'node:util'
import { groupOf, listAt, mappingAt, type Resource, stringAt, valueAt } from '../../tree/model/build.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import { asStored, normalize } from '../../tree/stored/normalize.ts'
import type { ComparedObject, Comparison, Risk, SideName } from '../model.ts'

export type Level = Risk['level']

/** What a rule says of one object. */
export interface Found {
  /** Goes on from kind and name: `is deleted with what it holds`. */
  readonly says: string
  /** Instead of the rule's own. */
  readonly level?: Level
  readonly fieldPath?: FieldPath
  /** Where the line is looked for; by default in the head, and in the base for what is gone. */
  readonly side?: SideName
  /** Whether it speaks of the object as it was, though the line is one of the head. */
  readonly isOld?: true
}

interface About {
  readonly id: string
  readonly level: Level
  /** What it finds, as the end of "finds ...". */
  readonly summary: string
  readonly why: string
}

export interface ObjectRule extends About {
  check(object: ComparedObject, comparison: Comparison): Iterable<Found>
}

/** What a rule says of several objects at once. */
export interface TreeFound extends Found {
  /** The object whose line is shown. */
  readonly of: ComparedObject
  /** Instead of the object's kind and name. */
  readonly subject?: string
}

export interface TreeRule extends About {
  checkAll(comparison: Comparison): Promise<Iterable<TreeFound>> | Iterable<TreeFound>
}

export type RiskRule = ObjectRule | TreeRule

/** `apps/Deployment`; the core group is empty. */
export const typeOf = ({ group, kind }: Resource): string => `${group}/${kind}`

const STORED = new WeakMap<object, Readonly<Record<string, unknown>>>()

/** The object as the API server keeps it, with its defaults. */
export function storedOf({ object }: Resource): Readonly<Record<string, unknown>> {
  const known = STORED.get(object)
  if (known) return known
  const made = normalize(asStored(object))
  STORED.set(object, made)
  return made
}

/** Both versions of an object that stays the same one in the cluster. */
export function staysOf({
  change,
  before,
  after,
}: ComparedObject): { readonly before: Resource; readonly after: Resource } | undefined {
  if (!before || !after || isAnother(change)) return undefined
  return { before, after }
}

/** The version that is deleted in the cluster: what is removed, and what gets another name or namespace. */
export function deletedOf({ change, before }: ComparedObject): Resource | undefined {
  if (change.type === 'removed') return before
  return change.type === 'renamed' && isAnother(change) ? before : undefined
}

/** The version that the cluster does not have yet. */
export const createdOf = ({ change, after }: ComparedObject): Resource | undefined =>
  change.type === 'added' || (change.type === 'renamed' && isAnother(change)) ? after : undefined

const isAnother = ({ object, before }: ComparedObject['change']): boolean =>
  before !== undefined &&
  (before.name !== object.name ||
    before.namespace !== object.namespace ||
    before.kind !== object.kind ||
    groupOf(before.apiVersion) !== groupOf(object.apiVersion))

/** Whether a field is another one for the API server. */
export const differs = (before: Resource, after: Resource, path: FieldPath): boolean =>
  !isDeepStrictEqual(valueAt(storedOf(before), path), valueAt(storedOf(after), path))

const SYNC_OPTIONS = 'argocd.argoproj.io/sync-options'

/** Whether the object, or the Application that brings it, asks Argo CD for something as `Replace=true`. */
export function hasSyncOption(
  { object }: Resource,
  option: string,
  comparison?: Comparison,
  application?: string,
): boolean {
  const own = stringAt(object, ['metadata', 'annotations', SYNC_OPTIONS]) ?? ''
  if (own.split(',').some(one => one.trim() === option)) return true
  const by = comparison?.head.deployment.applications.find(({ resource }) => resource.name === application)
  return by !== undefined && listAt(by.resource.object, ['spec', 'syncPolicy', 'syncOptions']).includes(option)
}

/** Names of a list's items, each with its index. */
export function indexByName(root: unknown, path: FieldPath): ReadonlyMap<string, { index: number; value: unknown }> {
  return new Map(
    listAt(root, path).flatMap((value, index) => {
      const name = stringAt(value, ['name'])
      return name === undefined || !mappingAt(value, []) ? [] : [[name, { index, value }] as const]
    }),
  )
}

/** A value as a person reads it in a sentence. */
export const show = (value: unknown): string =>
  value === undefined ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value)
