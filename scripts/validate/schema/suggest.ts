// What somebody meant who wrote a field that does not exist: a typing mistake, or a field of another level.

import type { FieldPath } from '../model/finding.ts'
import { closest } from '../model/closest.ts'
import { formatPath } from './field-path.ts'
import { type JsonSchema, type Lookup, resolveRef } from './json-schema.ts'
import { fieldSchema } from './nulls.ts'

/** The end of a message, `did you mean "replicas"?`, or undefined where nothing is near enough. */
export function suggestField(field: string, path: FieldPath, root: JsonSchema, lookup: Lookup): string | undefined {
  const chain = schemaChain(path, root, lookup)
  const own = Object.keys(chain.at(-1)?.properties ?? {})
  const near = closest(field, own)
  // A good name in the wrong place is more likely than two mistakes in a short word.
  const placed = near?.toLowerCase() === field.toLowerCase() ? undefined : findPlace(field, path, chain, lookup)
  if (placed !== undefined) return placed === '' ? 'it belongs to the top level' : `it belongs to ${placed}`
  return near === undefined ? undefined : `did you mean "${near}"?`
}

/** The schemas from the root down to the path, as far as they are known. */
export function schemaChain(path: FieldPath, root: JsonSchema, lookup: Lookup): JsonSchema[] {
  const chain = [resolveRef(root, lookup)]
  for (const segment of path) {
    const above = chain.at(-1) as JsonSchema
    const below = typeof segment === 'number' ? above.items : fieldSchema(above, segment)
    if (!below) break
    chain.push(resolveRef(below, lookup))
  }
  return chain
}

/** The one place near by that has a field of exactly this name: above, beside or below. */
function findPlace(field: string, path: FieldPath, chain: JsonSchema[], lookup: Lookup): string | undefined {
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const above = chain[depth]
    if (above?.properties && Object.hasOwn(above.properties, field)) return formatPath(path.slice(0, depth))
    if (depth !== path.length - 1) continue
    const beside = placesBelow(field, above, path.slice(0, depth), lookup)
    if (beside.length === 1) return formatPath(beside[0] as FieldPath)
  }
  const below = placesBelow(field, chain[path.length], path, lookup)
  if (below.length === 1) return formatPath(below[0] as FieldPath)
  return undefined
}

/** Fields of this name in the objects directly in `schema`. In `status` nobody writes. */
function placesBelow(field: string, schema: JsonSchema | undefined, path: FieldPath, lookup: Lookup): FieldPath[] {
  return Object.entries(schema?.properties ?? {}).flatMap(([name, property]) => {
    const { properties } = resolveRef(property, lookup)
    return name !== 'status' && properties && Object.hasOwn(properties, field) ? [[...path, name]] : []
  })
}
