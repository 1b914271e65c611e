// Translates the structural schema of a custom resource to strict JSON Schema, with the API server's meaning: pruning,
// defaulting, embedded resources. Rules (x-kubernetes-validations) and types of lists are held by ../custom-objects.

import { type JsonSchema, type JsonType, refTo } from './json-schema.ts'
import { compilePattern } from './re2.ts'
import { asList, asRecord } from './values.ts'

export type Converted = ReadonlyMap<string, JsonSchema>

type Structural = Readonly<Record<string, unknown>>

const objectMeta = 'kubernetes/meta/v1#ObjectMeta'
const types: readonly string[] = ['object', 'array', 'string', 'integer', 'number', 'boolean']
/** Those whose meaning in Go is known to the letter. The others are not checked. */
const formats: readonly string[] = ['byte', 'date', 'date-time', 'int32', 'int64']
const limits = [
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'minimum',
  'maximum',
  'multipleOf',
] as const

/**
 * Definitions by id: `base` for the whole, `base/1` and so on for the objects in it, equal ones once. `schema` is
 * anybody's, of bounded size (`findExcess`): what is malformed in it does not restrict.
 */
export function convertCustomSchema(schema: unknown, base: string): Converted {
  const definitions = new Map<string, JsonSchema>()
  const ids = new Map<string, string>()
  const intern = (converted: JsonSchema): JsonSchema => {
    if (!converted.properties) return converted
    const text = JSON.stringify(converted)
    let id = ids.get(text)
    if (id === undefined) {
      id = `${base}/${ids.size + 1}`
      ids.set(text, id)
      definitions.set(id, converted)
    }
    return refTo(id)
  }
  // Without a schema nothing is known, and nothing refused.
  const keepUnknown = typeof schema !== 'object' || schema === null
  definitions.set(base, convertNode(asRecord(schema), { intern, root: true, keepUnknown }))
  return definitions
}

interface Place {
  readonly intern: (schema: JsonSchema) => JsonSchema
  /** apiVersion, kind and metadata belong to the object here. */
  readonly root?: boolean
  /** An array that preserves unknown fields does so for its items. */
  readonly keepUnknown: boolean
}

function convertNode(node: Structural, { intern, root = false, keepUnknown }: Place): JsonSchema {
  const preserve = node['x-kubernetes-preserve-unknown-fields'] === true || keepUnknown
  const embedded = node['x-kubernetes-embedded-resource'] === true
  const converted = convertValidation(node)
  addType(converted, node)
  const child = (value: unknown, keep = false) => intern(convertNode(asRecord(value), { intern, keepUnknown: keep }))
  if (node.items !== undefined) converted.items = child(node.items, preserve && node.type === 'array')
  const declared = Object.entries(asRecord(node.properties)).filter(([name]) => name !== '__proto__')
  const properties: Record<string, JsonSchema> = {}
  for (const [name, value] of declared) properties[name] = child(value)
  const { additionalProperties } = node
  const isMap = additionalProperties !== undefined && additionalProperties !== false
  // `true` allows any value, of which an object keeps no field.
  if (isMap) {
    converted.additionalProperties =
      additionalProperties === true ? { properties: {}, additionalProperties: false } : child(additionalProperties)
  }
  if (root || embedded) {
    Object.assign(properties, {
      apiVersion: { type: 'string', ...(embedded && { minLength: 1 }) },
      kind: { type: 'string', ...(embedded && { minLength: 1 }) },
      metadata: refTo(objectMeta),
    })
  }
  const isObject = root || embedded || node.type === 'object'
  if (isObject && !preserve && !isMap) converted.additionalProperties = false
  if (Object.keys(properties).length > 0 || converted.additionalProperties === false) converted.properties = properties
  // A field with a default is there by the time the API server looks, and counts.
  const defaulted = declared.filter(([, value]) => asRecord(value).default !== undefined)
  if (converted.minProperties !== undefined && defaulted.length > 0)
    converted.minProperties = Math.max(converted.minProperties - defaulted.length, 0)
  const required = readRequired(node, defaulted)
  if (embedded) required.push('apiVersion', 'kind')
  if (required.length > 0) converted.required = [...new Set(required)]
  return converted
}

function readRequired(node: Structural, defaulted: readonly (readonly [string, unknown])[]): string[] {
  const there = new Set(defaulted.map(([name]) => name))
  return asList(node.required).filter((name): name is string => typeof name === 'string' && !there.has(name))
}

function addType(converted: JsonSchema, node: Structural): void {
  if (node['x-kubernetes-int-or-string'] === true) converted.type = ['integer', 'string']
  else if (types.includes(node.type as string)) converted.type = node.type as JsonType
  // An enum still has to list null, nullable or not.
  if (node.nullable === true && converted.type) converted.type = [converted.type, 'null'].flat() as JsonType[]
}

/** The part that may also stand under allOf, anyOf, oneOf and not: it restricts values and declares nothing. */
function convertValidation(node: Structural): JsonSchema {
  const converted: JsonSchema = {}
  for (const limit of limits) if (typeof node[limit] === 'number') converted[limit] = node[limit]
  if (converted.multipleOf !== undefined && !(converted.multipleOf > 0)) delete converted.multipleOf
  for (const [flag, limit, exclusive] of [
    ['exclusiveMinimum', 'minimum', 'exclusiveMinimum'],
    ['exclusiveMaximum', 'maximum', 'exclusiveMaximum'],
  ] as const) {
    if (node[flag] !== true || converted[limit] === undefined) continue
    converted[exclusive] = converted[limit]
    delete converted[limit]
  }
  if (Array.isArray(node.enum) && node.enum.length > 0) converted.enum = node.enum
  if (formats.includes(node.format as string)) converted.format = node.format as string
  if (typeof node.pattern === 'string' && isReadable(node.pattern)) converted.pattern = node.pattern
  // Before int-or-string had a keyword of its own it was told by an anyOf of both types.
  if (node['x-kubernetes-int-or-string'] !== true) addBranches(converted, node, 'anyOf')
  addBranches(converted, node, 'allOf')
  addBranches(converted, node, 'oneOf')
  if (node.not !== undefined && !isOpaque(node.not)) converted.not = convertNested(asRecord(node.not))
  return converted
}

function addBranches(converted: JsonSchema, node: Structural, junctor: 'allOf' | 'anyOf' | 'oneOf'): void {
  const branches = asList(node[junctor]).map(branch => convertNested(asRecord(branch)))
  if (branches.length === 0) return
  // That two of them are met proves nothing where one asks for more than is known here.
  if (junctor === 'oneOf' && asList(node.oneOf).some(isOpaque))
    converted.allOf = [...(converted.allOf ?? []), { anyOf: branches }]
  else converted[junctor] = branches
}

/** Whether a part of a schema that restricts values is left out: a format that is not known here, a pattern that is not read. */
function isOpaque(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isOpaque)
  if (typeof value !== 'object' || value === null) return false
  const { format, pattern } = value as Structural
  if (typeof format === 'string' && !formats.includes(format)) return true
  if (typeof pattern === 'string' && !isReadable(pattern)) return true
  return Object.values(value).some(isOpaque)
}

function convertNested(node: Structural): JsonSchema {
  const converted = convertValidation(node)
  if (types.includes(node.type as string)) converted.type = node.type as JsonType
  if (node.items !== undefined) converted.items = convertNested(asRecord(node.items))
  const properties = Object.entries(asRecord(node.properties)).filter(([name]) => name !== '__proto__')
  if (properties.length > 0) {
    converted.properties = Object.fromEntries(properties.map(([name, value]) => [name, convertNested(asRecord(value))]))
  }
  const required = readRequired(node, [])
  if (required.length > 0) converted.required = required
  return converted
}

function isReadable(pattern: string): boolean {
  try {
    compilePattern(pattern)
    return true
  } catch {
    return false
  }
}
