// Turns two sets of deployed objects into changes: which object became which, and what differs in it.
import { isDeepStrictEqual } from 'node:util'
import { listLeaves } from '../../tree/kustomize/trace/compare.ts'
import { type Resource, valueAt } from '../../tree/model/build.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import type { ComparedObject, FieldChange, Location, ObjectBefore, ObjectRef, SideName } from '../model.ts'
import { compareObjects, type FieldDifference } from './fields.ts'
import { type Deployed, type Pair, pairObjects } from './pair.ts'

/** The line that wrote a field; of several fields, the line that was written last. */
export type LocateOn = (side: SideName, resource: Resource, ...fields: readonly FieldPath[]) => Location | undefined

export interface Locators {
  readonly on: LocateOn
  /** The line that takes a field of the base away, or the object as a whole; else the line of the base that wrote it. */
  removed(before: Resource, path: FieldPath, after?: Resource): Location | undefined
  /** The line of the values of a chart that a change comes from; `at` is where its template says so. */
  value(
    before: Resource | undefined,
    after: Resource | undefined,
    change: { readonly before?: unknown; readonly after?: unknown } | undefined,
    at: Location | undefined,
  ): Location | undefined
}

/** The objects that differ, in the order of the head, then what is gone. What is the same in both is left out. */
export function compareDeployed(
  before: readonly Deployed[],
  after: readonly Deployed[],
  locators: Locators,
): readonly ComparedObject[] {
  return pairObjects(before, after).flatMap(pair => {
    const compared = comparePair(pair, locators)
    return compared ? [compared] : []
  })
}

function comparePair({ before, after, how }: Pair, locators: Locators): ComparedObject | undefined {
  const shown = after ?? before
  if (!shown) return undefined
  const { environment, application, build } = shown
  const place = {
    ...(environment === undefined ? {} : { environment }),
    ...(application === undefined ? {} : { application }),
    build,
    object: refer(shown.resource),
  }
  if (!before || !after) {
    const written = after ? locators.on('head', after.resource, []) : locators.removed(shown.resource, [])
    const location = locators.value(before?.resource, after?.resource, undefined, written) ?? written
    return {
      change: { ...place, type: after ? 'added' : 'removed', fields: [], ...(location ? { location } : {}) },
      before: before?.resource,
      after: after?.resource,
    }
  }
  if (how === 'same' && isDeepStrictEqual(before.resource.object, after.resource.object)) return undefined
  const differences = compareObjects(before.resource.object, after.resource.object).filter(
    ({ fieldPath: [first, second] }) =>
      first !== 'kind' && !(first === 'metadata' && (second === 'name' || second === 'namespace')),
  )
  if (how === 'same' && differences.length === 0) return undefined
  const fields = differences.map(one => addLocation(one, before.resource, after.resource, locators))
  const old = how === 'same' ? {} : { before: referBefore(before) }
  const isTurned = before.resource.kind !== after.resource.kind
  const location = locators.on(
    'head',
    after.resource,
    how !== 'renamed' ? [] : isTurned ? ['kind'] : ['metadata', 'name'],
  )
  const type = how === 'renamed' || how === 'moved' ? 'renamed' : 'changed'
  return {
    change: { ...place, type, ...old, fields, ...(location ? { location } : {}) },
    before: before.resource,
    after: after.resource,
  }
}

function addLocation(
  { beforePath, afterPath, ...field }: FieldDifference,
  before: Resource,
  after: Resource,
  locators: Locators,
): FieldChange {
  // What falls back to a default is no longer written.
  const isWritten = afterPath && valueAt(after.object, afterPath) !== undefined
  const isGone = beforePath && valueAt(before.object, beforePath) !== undefined && !isWritten
  const written = isGone
    ? locators.removed(before, beforePath, after)
    : afterPath && locators.on('head', after, ...listPlaces(field, after, afterPath))
  const location = locators.value(before, after, field, written) ?? written
  return { ...field, ...(location ? { location } : {}) }
}

const MOST_PLACES = 50

/** A list that is another one was made so by one of its items. */
function listPlaces(field: Pick<FieldChange, 'before'>, { object }: Resource, path: FieldPath): readonly FieldPath[] {
  const value = valueAt(object, path)
  if (field.before === undefined || !Array.isArray(value)) return [path]
  const leaves = [...listLeaves(value, path)]
  return leaves.length ? leaves.slice(0, MOST_PLACES) : [path]
}

export const refer = ({ object, kind, name, namespace }: Resource): ObjectRef => ({
  apiVersion: object.apiVersion,
  kind,
  ...(namespace === undefined ? {} : { namespace }),
  name,
})

const referBefore = ({ resource, application, build }: Deployed): ObjectBefore => ({
  ...refer(resource),
  ...(application === undefined ? {} : { application }),
  build,
})
