// Items of a list that the definition of a custom resource takes for a set or a mapping: each may be there once.
// Source: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype.
import type { FieldPath } from '../../tree/model/place.ts'
import { formatPath, quote } from '../schema/field-path.ts'
import { asList, asRecord } from '../schema/values.ts'
import type { Spot } from './structural.ts'

export interface Duplicate {
  readonly path: FieldPath
  readonly message: string
  readonly key: string
}

export function* findDuplicates({ value, schema, path }: Spot): Generator<Duplicate> {
  const type = schema['x-kubernetes-list-type']
  if (!Array.isArray(value) || (type !== 'set' && type !== 'map')) return
  const keys = asList(schema['x-kubernetes-list-map-keys']).map(String)
  const first = new Map<string, number>()
  for (const [index, item] of value.entries()) {
    const own = type === 'map' ? Object.fromEntries(keys.map(key => [key, asRecord(item)[key] ?? null])) : item
    const text = toText(own)
    const before = first.get(text)
    if (before === undefined) first.set(text, index)
    else {
      const what =
        type === 'map' ? keys.map(key => `${key} ${quote(toText(asRecord(own)[key]))}`).join(' and ') : quote(text)
      const message = `${formatPath([...path, index])} has ${what}, which ${formatPath([...path, before])} has already: each may be there once`
      yield { path: [...path, index], message, key: text }
    }
  }
}

/** The same text for the same value, whatever the order of its fields. */
function toText(value: unknown): string {
  if (typeof value === 'string') return value
  return (
    JSON.stringify(value, (_, one) =>
      typeof one === 'object' && one !== null && !Array.isArray(one)
        ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
        : one,
    ) ?? ''
  )
}
