// Holds what npm run diff says of two versions of an object against what an API server answers to them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { compareObjects } from '../scripts/diff/compare/fields.ts'
import { valueAt } from '../scripts/tree/model/build.ts'
import type { FieldPath } from '../scripts/tree/model/place.ts'
import type { KubernetesObject } from '../scripts/tree/model/resource.ts'
import { PROJECT } from './tree.ts'

export interface ServerPair {
  readonly name: string
  readonly base: KubernetesObject
  readonly head: KubernetesObject
  /** Fields of which the two say something else, and why. */
  readonly remains?: readonly { readonly path: string; readonly why: string }[]
}

export const readPairs = (): readonly ServerPair[] =>
  parse(readFileSync(join(PROJECT, 'tests/fixtures/server-diff/pairs.yaml'), 'utf8')) as readonly ServerPair[]

/** What the server writes by itself at each update. */
const OWN = new Set([
  'managedFields',
  'generation',
  'resourceVersion',
  'creationTimestamp',
  'uid',
  'status',
  'apiVersion',
])

/** The paths that differ as they stand; items of lists by their names where they have some. Knows nothing of meaning. */
export function* listPlainDifferences(before: unknown, after: unknown, path = ''): Generator<string> {
  if (JSON.stringify(before) === JSON.stringify(after)) return
  const isMapping = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  if (Array.isArray(before) && Array.isArray(after)) {
    const nameOf = (item: unknown, index: number): string => String(valueAt(item, ['name']) ?? index)
    const [olds, nexts] = [before.map(nameOf), after.map(nameOf)]
    const common = olds.filter(name => nexts.includes(name))
    if (common.join('\n') !== nexts.filter(name => olds.includes(name)).join('\n')) yield path
    for (const name of new Set([...olds, ...nexts]))
      yield* listPlainDifferences(before[olds.indexOf(name)], after[nexts.indexOf(name)], `${path}/${name}`)
  } else if (isMapping(before) && isMapping(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      if (!OWN.has(key)) yield* listPlainDifferences(before[key], after[key], path === '' ? key : `${path}/${key}`)
  } else yield path
}

/** What is said here, in the same paths. */
export function listTold({ base, head }: ServerPair): readonly string[] {
  return compareObjects(base, head).map(({ fieldPath, after }) =>
    namePath(fieldPath, after === undefined ? base : head),
  )
}

const namePath = (path: FieldPath, object: KubernetesObject): string =>
  path
    .map((segment, index) =>
      typeof segment === 'number' ? (valueAt(object, [...path.slice(0, index + 1), 'name']) ?? segment) : segment,
    )
    .join('/')

/** What one of the two says and the other does not, but for what remains; empty where they agree. */
export function compareAnswers(pair: ServerPair, live: unknown, applied: unknown): readonly string[] {
  const server = [...listPlainDifferences(live, applied)]
  const told = listTold(pair)
  const remains = (pair.remains ?? []).map(({ path }) => path)
  const covers = (a: string, b: string): boolean => a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)
  const isKnown = (path: string): boolean => remains.some(known => covers(path, known))
  const missed = server.filter(path => !told.some(one => covers(one, path)))
  const extra = told.filter(path => !server.some(one => covers(one, path)))
  const unneeded = remains.filter(path => ![...missed, ...extra].some(one => covers(one, path)))
  return [
    ...missed.filter(path => !isKnown(path)).map(path => `the server alone: ${path}`),
    ...extra.filter(path => !isKnown(path)).map(path => `diff alone: ${path}`),
    ...unneeded.map(path => `both say the same of ${path}`),
  ]
}
