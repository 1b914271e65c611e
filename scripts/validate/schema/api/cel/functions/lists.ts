// Functions of lists. Source: k8s.io/apiserver/pkg/cel/library (lists), cel-go ext (lists, version 3).
import { findOptional, isSame, type Library, toText } from './library.ts'

type Number = bigint | number
type Items = readonly never[]

const isLess = (a: never, b: never): boolean => a < b

/** More items than anybody counts. */
export const MOST_IN_RANGE = 1000

function sum(list: Items): unknown {
  const [first] = list as readonly unknown[]
  if (first instanceof Object) throw new Error('is not known here')
  return (list as readonly Number[]).reduce(
    (total, one) => (total as number) + (one as number),
    typeof first === 'number' ? 0 : (0n as never),
  )
}

function extreme(list: Items, isBetter: (a: never, b: never) => boolean): unknown {
  if (list.length === 0) throw new Error('of an empty list')
  return list.reduce((best, one) => (isBetter(one, best) ? one : best))
}

function slice(list: Items, start: bigint, end: bigint): Items {
  if (start < 0n || end < start || end > BigInt(list.length)) throw new Error(`cannot slice(${start}, ${end})`)
  return list.slice(Number(start), Number(end))
}

function flatten(list: Items, depth = 1n): Items {
  if (depth < 0n) throw new Error('of a depth below 0')
  return list.flat(Math.min(Number(depth), 50)) as Items
}

function range(count: bigint): readonly bigint[] {
  if (count > BigInt(MOST_IN_RANGE)) throw new Error('is too much work')
  return Array.from({ length: Math.max(0, Number(count)) }, (_, index) => BigInt(index))
}

/** Values of one type that has an order. */
export function sort(list: readonly unknown[], keys: readonly unknown[] = list): readonly unknown[] {
  const isOrdered = keys.every(
    one => typeof one === typeof keys[0] && (!(one instanceof Object) || one instanceof Date),
  )
  if (!isOrdered) throw new Error('has values without an order')
  return list
    .map((one, index) => [one, keys[index] as never] as const)
    .sort(([, a], [, b]) => (isLess(a, b) ? -1 : isLess(b, a) ? 1 : 0))
    .map(([one]) => one)
}

export function addLists(library: Library): void {
  const { add, addNamespace } = library
  const optional = findOptional(library)
  add('list.sum(): dyn', sum)
  add('list.min(): dyn', (list: Items) => extreme(list, isLess))
  add('list.max(): dyn', (list: Items) => extreme(list, (a, b) => isLess(b, a)))
  add('list.isSorted(): bool', (list: Items) =>
    list.every((one, index) => index === 0 || !isLess(one, list[index - 1] as never)),
  )
  add('list.indexOf(dyn): int', (list: Items, value: unknown) => BigInt(list.findIndex(one => isSame(one, value))))
  add('list.lastIndexOf(dyn): int', (list: Items, value: unknown) =>
    BigInt(list.findLastIndex(one => isSame(one, value))),
  )
  add('list<A>.slice(int, int): list<A>', slice)
  add('list<A>.reverse(): list<A>', (list: Items) => list.toReversed())
  add('list<A>.sort(): list<A>', (list: Items) => sort(list))
  add('list<A>.distinct(): list<A>', (list: Items) => [...new Map(list.map(one => [toText(one), one])).values()])
  add('list.flatten(): list', flatten)
  add('list.flatten(int): list', flatten)
  add('list<A>.first(): optional<A>', (list: Items) => optional(list[0]))
  add('list<A>.last(): optional<A>', (list: Items) => optional(list.at(-1)))
  const own = addNamespace('lists')
  add(`${own}.range(int): list<int>`, (_: unknown, count: bigint) => range(count))
}
