// Compares two versions of one object as the API server would: which fields differ, and which lists stand in another order.
import { isDeepStrictEqual } from 'node:util'
import { type MergeShape, shapeOfField, shapeOfKind } from '../../tree/kustomize/trace/merge-shapes.ts'
import { groupOf, valueAt } from '../../tree/model/build.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import type { KubernetesObject } from '../../tree/model/resource.ts'
import type { FieldChange } from '../model.ts'
import { pairItems } from './lists.ts'
import { asStored, normalize } from '../../tree/stored/normalize.ts'
import { orderOf } from './order.ts'

/** A difference with its place in both versions; a path is undefined where the field is not there. */
export interface FieldDifference extends Omit<FieldChange, 'location'> {
  readonly beforePath: FieldPath | undefined
  readonly afterPath: FieldPath | undefined
}

type Mapping = Readonly<Record<string, unknown>>
const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

interface Context {
  readonly before: KubernetesObject
  readonly after: KubernetesObject
  readonly found: FieldDifference[]
}

/** The fields that differ, in the order of the new version, each named as deep as both versions have it. */
export function compareObjects(old: KubernetesObject, next: KubernetesObject): readonly FieldDifference[] {
  const found: FieldDifference[] = []
  const [before, after] = [asStored(old), asStored(next)]
  const context = { before, after, found }
  const shape = shapeOfKind(after.apiVersion, after.kind) ?? shapeOfKind(before.apiVersion, before.kind)
  compare(normalize(before), normalize(after), [], [], shape, context)
  const kept = found
    .filter(one => !isKept(one, before, after))
    .map(one => ({ ...one, beforePath: pathIn(old, one.beforePath), afterPath: pathIn(next, one.afterPath) }))
  return after.kind === 'Secret' && groupOf(after.apiVersion) === '' ? kept.map(hide) : kept
}

function compare(
  before: unknown,
  after: unknown,
  beforePath: FieldPath,
  afterPath: FieldPath,
  shape: MergeShape | undefined,
  context: Context,
): void {
  if (isDeepStrictEqual(before, after)) return
  if (isMapping(before) && isMapping(after)) {
    for (const key of new Set([...Object.keys(after), ...Object.keys(before)])) {
      const [old, next] = [own(before, key), own(after, key)]
      compare(old, next, [...beforePath, key], [...afterPath, key], shapeOfField(shape, key), context)
    }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    compareLists(before, after, beforePath, afterPath, shape, context)
  } else {
    const [old, next] = [written(context.before, beforePath), written(context.after, afterPath)]
    // A default that is another one because of what stands beside it.
    if (old === undefined && next === undefined) return
    if (isExpandable(before, after)) {
      const [left, right] = [isMapping(before) ? before : {}, isMapping(after) ? after : {}]
      compare(left, right, beforePath, afterPath, shape, context)
      return
    }
    report(context, beforePath, afterPath, old ?? before, next ?? after)
  }
}

const own = (mapping: Mapping, key: string): unknown => (Object.hasOwn(mapping, key) ? mapping[key] : undefined)

const written = (object: KubernetesObject, path: FieldPath): unknown => valueAt(object, path)

/** A mapping of names to single values is told by its entries, also where the other side has none of them. */
function isExpandable(before: unknown, after: unknown): boolean {
  const only = before === undefined ? after : after === undefined ? before : undefined
  if (!isMapping(only)) return false
  const values = Object.values(only)
  return values.length > 0 && values.every(value => typeof value !== 'object' || value === null)
}

function report(context: Context, beforePath: FieldPath, afterPath: FieldPath, before: unknown, after: unknown): void {
  context.found.push({
    fieldPath: after === undefined ? beforePath : afterPath,
    beforePath: before === undefined ? undefined : beforePath,
    afterPath: after === undefined ? undefined : afterPath,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  })
}

function compareLists(
  before: readonly unknown[],
  after: readonly unknown[],
  beforePath: FieldPath,
  afterPath: FieldPath,
  shape: MergeShape | undefined,
  context: Context,
): void {
  const order = orderOf(context.after, afterPath)
  const isPlain = [...before, ...after].every(item => typeof item !== 'object' || item === null)
  if (isPlain) {
    const isSameSet = isDeepStrictEqual([...before].sort(), [...after].sort())
    if (isSameSet && order === 'nothing') return
    report(context, beforePath, afterPath, before, after)
    if (isSameSet) markOrder(context)
    return
  }
  const { pairs, removed, added, isReordered, nameOf } = pairItems(before, after, shape)
  if (isReordered && order !== 'nothing') {
    const names = (items: readonly unknown[], indices: readonly number[]): readonly unknown[] =>
      indices.map(index => (nameOf ? nameOf(items[index]) : index))
    const olds = pairs.map(([old]) => old).sort((a, b) => a - b)
    const orderNow = pairs.map(([old, next]) => (nameOf ? nameOf(after[next]) : old))
    report(context, beforePath, afterPath, names(before, olds), orderNow)
    markOrder(context)
  }
  for (const [old, next] of pairs) {
    compare(before[old], after[next], [...beforePath, old], [...afterPath, next], shape?.items, context)
  }
  for (const index of removed)
    report(context, [...beforePath, index], afterPath, valueIn(before, index, context.before, beforePath), undefined)
  for (const index of added)
    report(context, beforePath, [...afterPath, index], undefined, valueIn(after, index, context.after, afterPath))
}

/** The item as it is written, without the defaults. */
const valueIn = (items: readonly unknown[], index: number, object: KubernetesObject, path: FieldPath): unknown =>
  written(object, [...path, index]) ?? items[index]

function markOrder({ found }: Context): void {
  const last = found.pop()
  if (last) found.push({ ...last, order: true })
}

/** What the server has given out, and keeps where a manifest no longer says it. */
function isKept({ fieldPath, after }: FieldDifference, before: KubernetesObject, now: KubernetesObject): boolean {
  if (after !== undefined || now.kind !== 'Service' || groupOf(now.apiVersion) !== '') return false
  const [, field, , last] = fieldPath
  if (fieldPath.length === 2) return ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'].includes(String(field))
  const type = (object: KubernetesObject): unknown => valueAt(object, ['spec', 'type'])
  return field === 'ports' && last === 'nodePort' && type(before) === type(now)
}

/** Where a field of the stored object was written. */
function pathIn(object: KubernetesObject, path: FieldPath | undefined): FieldPath | undefined {
  if (path === undefined || object.kind !== 'Secret' || path[0] !== 'data' || valueAt(object, path) !== undefined)
    return path
  const text: FieldPath = ['stringData', ...path.slice(1)]
  return valueAt(object, text) === undefined ? path : text
}

const HIDDEN = '(hidden)'

/** A Secret's values are said to be others, and not what they are. */
function hide(one: FieldDifference): FieldDifference {
  const [field] = one.fieldPath
  if (field === 'metadata' || field === 'type' || field === 'immutable' || field === 'kind') return one
  const isBoth = one.before !== undefined && one.after !== undefined
  return {
    ...one,
    ...(one.before === undefined ? {} : { before: HIDDEN }),
    ...(one.after === undefined ? {} : { after: isBoth ? '(hidden, another one)' : HIDDEN }),
  }
}
