// The matrix and merge generators: the sets of several generators, joined.
import { listAt, mappingAt } from '../../../model/build.ts'
import { mergeOver, type Parameters, printGo } from '../parameters.ts'
import { MAX_SETS, type Mode, Refusal, Unknown } from './world.ts'

/** The sets of one generator inside; `outer` are parameters that it may use. */
export type ChildSets = (child: unknown, outer?: Parameters) => Promise<readonly Parameters[]>

/** A matrix in a matrix is as deep as Argo CD goes. */
function limitDepth(children: readonly unknown[]): void {
  for (const child of children) {
    for (const name of ['matrix', 'merge']) {
      for (const grandchild of listAt(child, [name, 'generators'])) {
        if (mappingAt(grandchild, ['matrix']) || mappingAt(grandchild, ['merge'])) {
          throw new Refusal('matrix and merge may stand inside each other once only')
        }
      }
    }
  }
}

export async function generateMatrix(generator: unknown, mode: Mode, setsOf: ChildSets): Promise<Parameters[]> {
  const children = listAt(generator, ['generators'])
  if (children.length !== 2) throw new Refusal(`a matrix has two generators, this one ${children.length}`)
  limitDepth(children)
  const [first, second] = children
  const combined: Parameters[] = []
  for (const a of await setsOf(first)) {
    for (const b of await setsOf(second, a)) {
      combined.push(mode.isGo ? mergeOver(b, a) : combineTexts(a, b))
      if (combined.length > MAX_SETS) throw new Unknown(`a generator of more than ${MAX_SETS} Applications`)
    }
  }
  return combined
}

function combineTexts(a: Parameters, b: Parameters): Parameters {
  const combined: Record<string, string> = {}
  for (const [key, value] of [...Object.entries(a), ...Object.entries(b)]) {
    const text = printGo(value)
    if (Object.hasOwn(combined, key) && combined[key] !== text) {
      throw new Refusal(`both generators of a matrix give ${key}: ${combined[key]} and ${text}`)
    }
    combined[key] = text
  }
  return combined
}

export async function generateMerge(generator: unknown, mode: Mode, setsOf: ChildSets): Promise<Parameters[]> {
  const children = listAt(generator, ['generators'])
  if (children.length < 2) throw new Refusal(`merge needs two generators or more, this one has ${children.length}`)
  limitDepth(children)
  const all: (readonly Parameters[])[] = []
  for (const child of children) all.push(await setsOf(child))
  const keys = listAt(generator, ['mergeKeys']).filter((key): key is string => typeof key === 'string')
  if (keys.length === 0) throw new Refusal('merge needs mergeKeys')
  const [base, ...overrides] = all.map(sets => indexByKeys(sets, keys))
  const merged = new Map(base)
  for (const override of overrides) {
    for (const [key, set] of merged) {
      const over = override.get(key)
      if (over) merged.set(key, mode.isGo ? mergeOver(set, over) : { ...set, ...over })
    }
  }
  return [...merged.values()]
}

function indexByKeys(sets: readonly Parameters[], keys: readonly string[]): ReadonlyMap<string, Parameters> {
  const indexed = new Map<string, Parameters>()
  for (const set of sets) {
    const values = [...new Set(keys)].sort().map(key => [key, set[key] ?? null])
    const key = JSON.stringify(values)
    if (indexed.has(key)) {
      throw new Refusal(`two sets of one generator have the same ${keys.join(', ')}: merge needs them unique`)
    }
    indexed.set(key, set)
  }
  return indexed
}
