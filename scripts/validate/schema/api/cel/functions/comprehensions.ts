// Macros that go through a list or a mapping with an expression. Source: cel-go ext (comprehensions, lists).
import type { Library } from './library.ts'
import { sort } from './lists.ts'
import { type Call, type Checker, expand, type Macro, type Run, signatureOf, type Type } from './macros.ts'

type Pair = readonly [key: unknown, value: unknown]
/** The items of a list by their places, the values of a mapping by their keys. */
function listPairs(value: unknown): readonly Pair[] {
  if (Array.isArray(value)) return value.map((one, index) => [BigInt(index), one])
  if (value instanceof Map) return [...value]
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) return Object.entries(value)
  throw new Error('goes through what is neither a list nor a mapping')
}

function test(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new Error('a condition is neither true nor false')
  return value
}

/** One `decisive` answer counts more than an error of another item. */
const quantify =
  (decisive: boolean) =>
  (pairs: readonly Pair[], run: Run): boolean => {
    let failure: unknown
    for (const pair of pairs) {
      try {
        if (test(run(pair, 0)) === decisive) return decisive
      } catch (error) {
        failure ??= error
      }
    }
    if (failure !== undefined) throw failure
    return !decisive
  }

const isOne = (pairs: readonly Pair[], run: Run): boolean => pairs.filter(pair => test(run(pair, 0))).length === 1

/** The last expression makes the value, one before it says of what. */
const transform =
  (isFiltered: boolean, collect: (made: readonly Pair[]) => unknown) =>
  (pairs: readonly Pair[], run: Run): unknown =>
    collect(
      pairs
        .filter(pair => !isFiltered || test(run(pair, 0)))
        .map((pair): Pair => [pair[0], run(pair, isFiltered ? 1 : 0)]),
    )

const toMap = (made: readonly Pair[]): unknown => new Map(made)

function joinEntries(made: readonly Pair[]): unknown {
  const joined = new Map(made.flatMap(([, entry]) => listPairs(entry)))
  if (joined.size !== made.length) throw new Error('makes a key twice')
  return joined
}

const values = (made: readonly Pair[]): unknown => made.map(([, value]) => value)

/** The index of an item or the key of an entry, and the value. */
function typesOf(type: Type, checker: Checker): readonly [key: Type, value: Type] {
  const dyn = checker.getType('dyn')
  if (type.kind === 'list') return [checker.getType('int'), type.valueType ?? dyn]
  return type.kind === 'map' ? [type.keyType ?? dyn, type.valueType ?? dyn] : [dyn, dyn]
}

type Fold = (pairs: readonly Pair[], run: Run) => unknown

const ofPairs = (expressions: number, result: string, fold: Fold): Macro => ({
  ...{ variables: 2, expressions, result, typesOf },
  evaluate: (receiver, run) => fold(listPairs(receiver), run),
})

const SORT_BY: Macro = {
  ...{ variables: 1, expressions: 1, result: 'list' },
  typesOf: (type, checker) => [typesOf(type, checker)[1]],
  evaluate(receiver, run) {
    const items = listPairs(receiver).map(([, value]) => value)
    return sort(
      items,
      items.map(one => run([one])),
    )
  },
}

const MACROS: readonly (readonly [name: string, macro: Macro])[] = [
  ['all', ofPairs(1, 'bool', quantify(false))],
  ['exists', ofPairs(1, 'bool', quantify(true))],
  ['existsOne', ofPairs(1, 'bool', isOne)],
  ['exists_one', ofPairs(1, 'bool', isOne)],
  ['transformList', ofPairs(1, 'list', transform(false, values))],
  ['transformList', ofPairs(2, 'list', transform(true, values))],
  ['transformMap', ofPairs(1, 'map', transform(false, toMap))],
  ['transformMap', ofPairs(2, 'map', transform(true, toMap))],
  ['transformMapEntry', ofPairs(1, 'map', transform(false, joinEntries))],
  ['transformMapEntry', ofPairs(2, 'map', transform(true, joinEntries))],
  ['sortBy', SORT_BY],
]

export function addComprehensions({ add }: Library): void {
  for (const [name, macro] of MACROS) add(signatureOf('list', name, macro), (call: Call) => expand(macro, call))
}

/** Those that do what they have inside for each item. */
export const LOOPS: ReadonlySet<string> = new Set([...MACROS.map(([name]) => name), 'filter', 'map'])
