// The small part of JSON Schema that every source of schemas is translated to, so that one compiler and one message
// writer serve them all.

export type JsonType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null'

export interface JsonSchema {
  /** Made by `refTo`; nothing stands beside it. */
  $ref?: string
  type?: JsonType | JsonType[]
  format?: string
  /** RE2's syntax, not JavaScript's. */
  pattern?: string
  enum?: unknown[]
  required?: string[]
  properties?: Record<string, JsonSchema>
  /** false: unknown fields are refused; absent: anything goes. */
  additionalProperties?: JsonSchema | false
  items?: JsonSchema
  allOf?: JsonSchema[]
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  not?: JsonSchema
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  minProperties?: number
  maxProperties?: number
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  multipleOf?: number
}

/** The schema of a definition. Throws where there is none. */
export type Lookup = (id: string) => JsonSchema

export function refTo(id: string): JsonSchema & { $ref: string } {
  return { $ref: id }
}

/** The definition that a reference names. */
export function definitionOf(ref: string): string {
  return ref
}

/** The schema itself, or the one its reference leads to. */
export function resolveRef(schema: JsonSchema, lookup: Lookup): JsonSchema {
  let found = schema
  for (let hops = 0; found.$ref !== undefined; hops++) {
    if (hops === 32) throw new Error(`${schema.$ref} leads to itself`)
    found = lookup(definitionOf(found.$ref))
  }
  return found
}
