// What somebody meant who wrote a field that does not exist: a typing mistake, or a field of another level.

import type { FieldPath } from '../../tree/model/place.ts'
import { closest } from '../../tree/model/closest.ts'
import { formatPath } from './field-path.ts'
import { type JsonSchema, type Lookup, resolveRef } from './json-schema.ts'
import { fieldSchema } from './nulls.ts'

export interface Suggestion {
  /** The end of a message, as `did you mean "replicas"?`. */
  readonly text: string
  /** Where the field belongs, if that is what is wrong with it. */
  readonly place?: FieldPath
}

/** What was meant by a field that does not exist, or undefined where nothing is near enough. */
export function suggestField(field: string, path: FieldPath, root: JsonSchema, lookup: Lookup): Suggestion | undefined {
  const chain = schemaChain(path, root, lookup)
  const own = Object.keys(chain.at(-1)?.properties ?? {})
  // A word of one or two letters is near to every other one.
  const near = closest(field, field.length > 2 ? own : own.filter(name => name.toLowerCase() === field.toLowerCase()))
  // A good name in the wrong place is more likely than two mistakes in a short word.
  const place = near?.toLowerCase() === field.toLowerCase() ? undefined : findPlace(field, path, chain, lookup)
  if (place) return { text: `it belongs to ${place.length ? formatPath(place) : 'the top level'}`, place }
  return near === undefined ? undefined : { text: `did you mean "${near}"?` }
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
function findPlace(field: string, path: FieldPath, chain: JsonSchema[], lookup: Lookup): FieldPath | undefined {
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const above = chain[depth]
    if (above?.properties && Object.hasOwn(above.properties, field)) return path.slice(0, depth)
    if (depth !== path.length - 1) continue
    const [beside, ...others] = placesBelow(field, above, path.slice(0, depth), lookup)
    if (beside && others.length === 0) return beside
  }
  const here = chain[path.length]
  const below = placesBelow(field, here, path, lookup)
  const places = below.length > 0 ? below : placesFurtherBelow(field, here, path, lookup)
  return places.length === 1 ? places[0] : undefined
}

/** Objects directly in `schema` that have the field, and containers, whose fields are often a level too high. */
function placesBelow(field: string, schema: JsonSchema | undefined, path: FieldPath, lookup: Lookup): FieldPath[] {
  const { containers } = schema?.properties ?? {}
  const container = containers && resolveRef(containers, lookup).items
  const places = objectsIn(schema, path, lookup).filter(([, object]) => hasField(object, field))
  if (container && hasField(resolveRef(container, lookup), field)) places.push([[...path, 'containers'], {}])
  return places.map(([place]) => place)
}

/** One level more, so that `containers` in a Deployment's spec is found in its pod. */
function placesFurtherBelow(
  field: string,
  schema: JsonSchema | undefined,
  path: FieldPath,
  lookup: Lookup,
): FieldPath[] {
  return objectsIn(schema, path, lookup).flatMap(([place, object]) => placesBelow(field, object, place, lookup))
}

/** In `status` nobody writes. */
function objectsIn(schema: JsonSchema | undefined, path: FieldPath, lookup: Lookup): [FieldPath, JsonSchema][] {
  return Object.entries(schema?.properties ?? {}).flatMap(([name, property]): [FieldPath, JsonSchema][] => {
    const object = resolveRef(property, lookup)
    return name !== 'status' && object.properties ? [[[...path, name], object]] : []
  })
}

function hasField({ properties }: JsonSchema, field: string): boolean {
  return properties !== undefined && Object.hasOwn(properties, field)
}
