// Says which items of two lists are the same one: by the merge keys of Kubernetes, else by what names an item.
import { mergeKeysOf, type MergeShape } from '../../tree/kustomize/trace/merge-shapes.ts'
import { valueAt } from '../../tree/model/build.ts'
import type { FieldPath } from '../../tree/model/place.ts'

export interface Pairing {
  /** Indices in the old list and in the new one, in the order of the new one. */
  readonly pairs: readonly (readonly [before: number, after: number])[]
  readonly removed: readonly number[]
  readonly added: readonly number[]
  /** Whether an item stands before another that it stood behind. */
  readonly isReordered: boolean
  /** What names an item; undefined where nothing does. */
  readonly nameOf: ((item: unknown) => string) | undefined
}

/** What may name the items of a list that has no merge key. */
const NAMES: readonly FieldPath[] = [
  ['name'],
  ['key'],
  ['metadata', 'name'],
  ['host'],
  ['path'],
  ['id'],
  ['resource', 'name'],
  ['type'],
  ['kind'],
]

/** Lists of more items are compared place by place. */
const MOST_ITEMS = 5_000

/** `shape` is what is known of the list. The items are normalized. */
export function pairItems(
  before: readonly unknown[],
  after: readonly unknown[],
  shape: MergeShape | undefined,
): Pairing {
  const keys = mergeKeysOf(shape)
  const byKeys = keys?.length ? nameBy(keys.map(key => [key])) : undefined
  const names = [byKeys, ...NAMES.map(path => nameBy([path]))].filter(name => name !== undefined)
  const nameOf = names.find(name => isUnique(before, name) && isUnique(after, name))
  const matched = new Map<number, number>()
  const taken = new Set<number>()
  const match = (name: (item: unknown) => string | undefined): void => {
    const places = new Map<string, number[]>()
    for (const [index, item] of before.entries()) {
      const text = matched.has(index) ? undefined : name(item)
      if (text !== undefined) places.set(text, [...(places.get(text) ?? []), index])
    }
    for (const [index, item] of after.entries()) {
      const text = taken.has(index) ? undefined : name(item)
      const old = text === undefined ? undefined : places.get(text)?.shift()
      if (old === undefined) continue
      matched.set(old, index)
      taken.add(index)
    }
  }
  if (before.length <= MOST_ITEMS && after.length <= MOST_ITEMS) {
    if (nameOf) match(nameOf)
    else match(item => JSON.stringify(item))
    // A port whose number changes is still the port of that name.
    match(nameBy([['name']]))
  }
  const left = before.flatMap((_, index) => (matched.has(index) ? [] : [index]))
  const right = after.flatMap((_, index) => (taken.has(index) ? [] : [index]))
  // What nothing names, and is alone on both sides, is the one that was changed: a port, a mount.
  const isNamed = keys?.includes('name') ?? true
  const [old, next] = [left[0], right[0]]
  if (!isNamed && old !== undefined && next !== undefined && left.length === 1 && right.length === 1) {
    matched.set(old, next)
    left.pop()
    right.pop()
  }
  if (!nameOf || before.length > MOST_ITEMS || after.length > MOST_ITEMS) {
    for (const old of left.splice(0, Math.min(left.length, right.length))) matched.set(old, right.shift() as number)
  }
  const pairs = [...matched].sort(([, a], [, b]) => a - b)
  const isReordered = pairs.some(([old], index) => index > 0 && old < (pairs[index - 1]?.[0] ?? 0))
  return { pairs, removed: left, added: right, isReordered, nameOf: nameOf && (item => nameOf(item) ?? '') }
}

const nameBy =
  (paths: readonly FieldPath[]) =>
  (item: unknown): string | undefined => {
    const values = paths.map(path => valueAt(item, path))
    return values.every(value => typeof value === 'string' || typeof value === 'number') ? values.join(' ') : undefined
  }

function isUnique(items: readonly unknown[], nameOf: (item: unknown) => string | undefined): boolean {
  const names = items.map(nameOf)
  return names.every(name => name !== undefined) && new Set(names).size === names.length
}
