// An object as the server has it when the rules of its definition are asked: with defaults, and with the types of CEL.
// Source: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/{defaulting,cel}.
import type { FieldPath } from '../../tree/model/place.ts'
import { namesInCel } from '../schema/api/cel/check.ts'
import { asRecord } from '../schema/values.ts'

export type Structural = Readonly<Record<string, unknown>>

/** A value with the part of the schema that describes it. */
export interface Spot {
  readonly value: unknown
  readonly schema: Structural
  readonly path: FieldPath
  /** `apiVersion`, `kind` and `metadata` belong to the object here. */
  readonly isRoot: boolean
}

const isMapping = (value: unknown): value is Structural =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isEmbedded = (schema: Structural): boolean => schema['x-kubernetes-embedded-resource'] === true

function fieldSchema(schema: Structural, name: string): Structural | undefined {
  const properties = asRecord(schema.properties)
  if (Object.hasOwn(properties, name)) return asRecord(properties[name])
  return isMapping(schema.additionalProperties) ? schema.additionalProperties : undefined
}

/** What is not written and has a default is there; what is null and may not be is not. */
export function fillDefaults(value: unknown, schema: Structural): unknown {
  if (Array.isArray(value)) return value.map(item => fillDefaults(item, asRecord(schema.items)))
  if (!isMapping(value)) return value
  const filled: Record<string, unknown> = {}
  for (const [name, own] of Object.entries(value)) {
    const inner = fieldSchema(schema, name)
    if (own !== null || inner === undefined || inner.nullable === true)
      filled[name] = inner ? fillDefaults(own, inner) : own
  }
  for (const [name, inner] of Object.entries(asRecord(schema.properties))) {
    const standard = asRecord(inner).default
    if (!Object.hasOwn(filled, name) && standard !== undefined && standard !== null && name !== '__proto__')
      filled[name] = fillDefaults(standard, asRecord(inner))
  }
  return filled
}

/** Every value that a schema describes, from the root down. Of metadata the definition says nothing. */
export function* listSpots({ value, schema, path, isRoot }: Spot): Generator<Spot> {
  yield { value, schema, path, isRoot }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      yield* listSpots({
        value: item,
        schema: asRecord(schema.items),
        path: [...path, index],
        isRoot: isEmbedded(asRecord(schema.items)),
      })
  } else if (isMapping(value)) {
    for (const [name, own] of Object.entries(value)) {
      const inner = isRoot && name === 'metadata' ? undefined : fieldSchema(schema, name)
      if (inner) yield* listSpots({ value: own, schema: inner, path: [...path, name], isRoot: isEmbedded(inner) })
    }
  }
}

/** Formats whose texts are values of another type in a rule. */
const TIMES = new Set(['date', 'date-time'])
/** Those that nobody makes here. */
const UNKNOWN_FORMATS = new Set(['byte', 'duration'])

/** As a rule sees it: only the fields that the schema has. Throws where a type is not known here. */
export function toTyped(value: unknown, schema: Structural, isRoot: boolean): unknown {
  if (typeof value === 'number') return schema.type !== 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
  if (typeof value === 'string') {
    const format = String(schema.format)
    if (UNKNOWN_FORMATS.has(format)) throw new Error(`values of format ${format} are not known here`)
    return TIMES.has(format) ? new Date(value) : value
  }
  if (Array.isArray(value)) {
    const items = asRecord(schema.items)
    return value.map(item => toTyped(item, items, isEmbedded(items)))
  }
  return isMapping(value) ? toTypedFields(value, schema, isRoot) : value
}

function toTypedFields(value: Structural, schema: Structural, isRoot: boolean): Structural {
  const typed: Record<string, unknown> = {}
  const isMap = isMapping(schema.additionalProperties)
  for (const [name, own] of Object.entries(value)) {
    const inner = fieldSchema(schema, name)
    if (isRoot && name === 'metadata') typed.metadata = pickNames(own)
    else if (inner) {
      const value = toTyped(own, inner, isEmbedded(inner))
      for (const known of isMap ? [name] : namesInCel(name)) typed[known] = value
    } else if (isRoot && (name === 'apiVersion' || name === 'kind')) typed[name] = own
  }
  return typed
}

/** All that a rule may know of metadata. */
function pickNames(metadata: unknown): Structural {
  const { name, generateName } = asRecord(metadata)
  return { ...(name !== undefined && { name }), ...(generateName !== undefined && { generateName }) }
}
