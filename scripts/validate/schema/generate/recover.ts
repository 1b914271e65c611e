// The kubernetes-models packages ship compiled validators and no schema; this reads one compiled module back to the
// JSON Schema it was made from.

import { type JsonSchema, type JsonType, refTo } from '../json-schema.ts'

/** Each subschema is compiled to one function that opens and closes like this. */
const opening = /function (validate\d+)\(data,\{instancePath="",parentData,parentDataProperty,rootData=data\}=\{\}\)\{/g
const closings = ['.errors=vErrors,0===errors}', '.errors=null,!0}']

/** What a function says about its subschema: a keyword with its parameter, or a call for a property, item or reference. */
const statement =
  /keyword:"(\w+)",params:\{(?:(?:comparison:"[<>]=",)?\w+:("(?:[^"\\]|\\.)*"|[\w.-]+))?\}|(validate\d+)\(data(?:\[([a-z]+)\d+\]|[\w.$]*|\["(?:[^"\\]|\\.)*"\]),\{instancePath(?::[^}]*?parentDataProperty:("(?:[^"\\]|\\.)*"|\w+))?[,}]/g

const numeric = new Set([
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'minimum',
  'maximum',
])

/**
 * Reads the text of one `_schemas/<Id>.js`. Throws on any construct it does not know, so that a newer package can
 * break the build of schemas and never weaken it in silence.
 */
export function recoverModule(id: string, source: string): JsonSchema {
  const entry = source.match(/export const validate=(validate\d+);/)?.[1]
  if (!entry) throw new Error(`${id}: no exported validator`)
  const imported = new Map<string, string>()
  for (const [, name, specifier] of source.matchAll(/import\{validate as (validate\d+)\}from"([^"]+)"/g)) {
    imported.set(name as string, definitionId(specifier as string))
  }
  const bodies = readFunctions(source)
  if (bodies.size !== count(source, /function /g)) throw new Error(`${id}: a function of unknown shape`)

  const recover = (name: string): JsonSchema => {
    const target = imported.get(name)
    if (target) return refTo(target)
    const body = bodies.get(name)
    if (body === undefined) throw new Error(`${id}: ${name} is not defined`)
    return recoverFunction(id, source, body, child => (child === entry ? refTo(id) : recover(child)))
  }
  return recover(entry)
}

function definitionId(specifier: string): string {
  return specifier.slice(specifier.lastIndexOf('/') + 1).replace(/\.js$/, '')
}

function readFunctions(source: string): Map<string, string> {
  const bodies = new Map<string, string>()
  for (const { 0: head, 1: name, index } of source.matchAll(opening)) {
    const end = closings.map(closing => source.indexOf(name + closing, index)).find(at => at > 0)
    if (end !== undefined) bodies.set(name as string, source.slice(index + head.length, end))
  }
  return bodies
}

function recoverFunction(id: string, source: string, body: string, recover: (name: string) => JsonSchema): JsonSchema {
  const schema: JsonSchema = {}
  /** What the value itself is checked by, until a junctor takes them for its branches. */
  let same: JsonSchema[] = []
  let statements = 0
  for (const [, keyword, parameter, callee, index, property] of body.matchAll(statement)) {
    statements++
    if (keyword === 'anyOf' || keyword === 'oneOf' || keyword === 'not') {
      addJunctor(id, schema, keyword, same)
      same = []
    } else if (keyword) addKeyword(id, source, schema, keyword, parameter ?? '')
    else if (index === 'i') schema.items = recover(callee as string)
    else if (index === 'key') schema.additionalProperties = recover(callee as string)
    else if (property?.startsWith('"')) {
      schema.properties ??= {}
      schema.properties[JSON.parse(property) as string] = recover(callee as string)
    } else if (property === undefined && index === undefined) same.push(recover(callee as string))
    else throw new Error(`${id}: a call of unknown shape`)
  }
  // Each keyword counts one error, each call hands its errors on: nothing may have been passed over.
  const expected = count(body, /errors\+\+/g) + count(body, /validate\d+\(/g)
  if (statements !== expected) throw new Error(`${id}: ${statements} of ${expected} statements understood`)
  if (same.length === 0) return schema
  return same.length === 1 && Object.keys(schema).length === 0 ? (same[0] as JsonSchema) : { ...schema, allOf: same }
}

function addJunctor(id: string, schema: JsonSchema, keyword: 'anyOf' | 'oneOf' | 'not', branches: JsonSchema[]): void {
  if (branches.length === 0 || schema[keyword]) throw new Error(`${id}: ${keyword} of unknown shape`)
  if (keyword !== 'not') schema[keyword] = branches
  else if (branches.length === 1) schema.not = branches[0] as JsonSchema
  else throw new Error(`${id}: not of ${branches.length} schemas`)
}

function addKeyword(id: string, source: string, schema: JsonSchema, keyword: string, parameter: string): void {
  if (numeric.has(keyword)) {
    const limit = Number(parameter)
    if (Number.isNaN(limit)) throw new Error(`${id}: ${keyword} ${parameter}`)
    Object.assign(schema, { [keyword]: limit })
  } else if (keyword === 'type') schema.type = JSON.parse(parameter) as JsonType
  else if (keyword === 'required') schema.required = [...(schema.required ?? []), JSON.parse(parameter) as string]
  else if (keyword === 'format' || keyword === 'pattern') schema[keyword] = JSON.parse(parameter) as string
  else if (keyword === 'enum') {
    const start = source.indexOf(`let ${parameter}=[`) + `let ${parameter}=`.length
    schema.enum = JSON.parse(source.slice(start, source.indexOf('];', start) + 1)) as unknown[]
  } else throw new Error(`${id}: keyword ${keyword}`)
}

function count(text: string, pattern: RegExp): number {
  let found = 0
  for (const _ of text.matchAll(pattern)) found++
  return found
}
