// What the API server makes of an empty value before it validates: a field with null is a field that is not there.
//
// For built-in kinds that is how Go decodes JSON; for custom resources it is PruneNonNullableNullsWithoutDefaults of
// k8s.io/apiextensions-apiserver, and defaulting for the fields that have one. An empty list item becomes the type's
// zero value in a built-in kind, and stays null, which no type but a nullable one allows, in a custom resource.

import { type JsonSchema, type JsonType, type Lookup, resolveRef } from './json-schema.ts'

export interface NullRules {
  readonly lookup: Lookup
  readonly emptyItems: 'zero' | 'kept'
}

/** The value as the API server would validate it: the same object where there is nothing to change. */
export function dropNulls(value: unknown, schema: JsonSchema, rules: NullRules): unknown {
  if (typeof value !== 'object' || value === null) return value
  const resolved = resolveRef(schema, rules.lookup)
  if (Array.isArray(value)) {
    const { items } = resolved
    return items
      ? changed(
          value,
          value.map(item => fillItem(item, items, rules)),
        )
      : value
  }
  const kept = Object.entries(value).flatMap(([key, member]): [string, unknown][] => {
    const field = fieldSchema(resolved, key)
    if (!field) return [[key, member]]
    if (member !== null) return [[key, dropNulls(member, field, rules)]]
    return isNullable(resolveRef(field, rules.lookup)) ? [[key, member]] : []
  })
  const same = Object.entries(value)
  if (kept.length === same.length && kept.every(([, member], index) => member === same[index]?.[1])) return value
  // fromEntries defines fields, so that even a key `__proto__` stays one.
  return Object.fromEntries(kept)
}

/** The schema of one field, declared or not. Undefined where it is unknown or open. */
export function fieldSchema(schema: JsonSchema, key: string): JsonSchema | undefined {
  if (schema.properties && Object.hasOwn(schema.properties, key)) return schema.properties[key]
  return schema.additionalProperties || undefined
}

function fillItem(item: unknown, schema: JsonSchema, rules: NullRules): unknown {
  if (item !== null || rules.emptyItems === 'kept') return dropNulls(item, schema, rules)
  const { type, format } = resolveRef(schema, rules.lookup)
  if (format === 'date-time') return '0001-01-01T00:00:00Z'
  return zeroOf(Array.isArray(type) ? type[0] : type)
}

function zeroOf(type: JsonType | undefined): unknown {
  switch (type) {
    case 'object':
      return {}
    case 'array':
      return []
    case 'string':
      return ''
    case 'integer':
    case 'number':
      return 0
    case 'boolean':
      return false
    default:
      return null
  }
}

function isNullable({ type }: JsonSchema): boolean {
  return type === undefined || type === 'null' || (Array.isArray(type) && type.includes('null'))
}

function changed(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  return after.every((item, index) => item === before[index]) ? before : after
}
