// Packages made from CustomResourceDefinitions spell out everything at every place; this says what is equal once.

import { type JsonSchema, refTo } from '../json-schema.ts'

/** Shorter ones are easier to read where they stand. */
const minLength = 200

/** Definitions by name: those given, and after them the parts that stand in several places, under `nameOf` their path. */
export function shareEqualParts(
  definitions: ReadonlyMap<string, JsonSchema>,
  nameOf: (definition: string, path: readonly string[]) => string,
): Map<string, JsonSchema> {
  const counts = new Map<string, number>()
  const count = (schema: JsonSchema, isRoot: boolean): void => {
    const text = JSON.stringify(schema)
    if (!isRoot && isWorthSharing(schema, text)) {
      const seen = counts.get(text) ?? 0
      counts.set(text, seen + 1)
      if (seen > 0) return
    }
    for (const [, child] of childrenOf(schema)) count(child, false)
  }
  for (const schema of definitions.values()) count(schema, true)

  const shared = new Map<string, JsonSchema>()
  const names = new Map<string, string>()
  const replace = (schema: JsonSchema, definition: string, path: readonly string[]): JsonSchema => {
    const text = JSON.stringify(schema)
    const known = names.get(text)
    if (known !== undefined) return refTo(known)
    const isShared = path.length > 0 && (counts.get(text) ?? 0) > 1
    const name = nameOf(definition, path)
    if (isShared) names.set(text, name)
    const copy = structuredClone(schema)
    for (const [segment, child, put] of childrenOf(copy)) put(replace(child, definition, [...path, segment]))
    if (!isShared) return copy
    shared.set(name, copy)
    return refTo(name)
  }
  const replaced = [...definitions].map(([name, schema]) => [name, replace(schema, name, [])] as const)
  return new Map([...replaced, ...shared])
}

function isWorthSharing(schema: JsonSchema, text: string): boolean {
  return schema.properties !== undefined && text.length > minLength
}

type Child = readonly [segment: string, schema: JsonSchema, put: (schema: JsonSchema) => void]

function childrenOf(schema: JsonSchema): Child[] {
  const children: Child[] = Object.entries(schema.properties ?? {}).map(([name, child]) => [
    name,
    child,
    replacement => {
      ;(schema.properties as Record<string, JsonSchema>)[name] = replacement
    },
  ])
  const { items, additionalProperties } = schema
  if (items) {
    children.push([
      'items',
      items,
      replacement => {
        schema.items = replacement
      },
    ])
  }
  if (additionalProperties) {
    children.push([
      'values',
      additionalProperties,
      replacement => {
        schema.additionalProperties = replacement
      },
    ])
  }
  return children
}
