// From what ajv says to what people read: one fault for one mistake, at the field that has it.

import type { FieldPath } from '../../tree/model/place.ts'
import { maxFaults, type RawFault } from './definitions.ts'
import type { JsonSchema, Lookup } from './json-schema.ts'
import { type FaultContext, writeMessage } from './message.ts'
import { schemaChain } from './suggest.ts'

export interface SchemaFault {
  /** Of the unknown key, of the wrong value, or of the object that lacks a field. */
  readonly fieldPath: FieldPath
  readonly keyword: string
  readonly message: string
  readonly at: 'key' | 'value'
  /** The name of the field that is required and not there. */
  readonly missing?: string
}

export interface FaultSource {
  readonly object: { readonly kind: string }
  readonly root: JsonSchema
  readonly lookup: Lookup
  /** Custom resources are decoded to maps, built-in ones to Go's types. */
  readonly isCustom: boolean
}

/** More faults of one object than anybody reads. */
const maxShown = 50

export function describeFaults(
  raw: readonly RawFault[],
  { object, root, lookup, isCustom }: FaultSource,
): SchemaFault[] {
  const faults = new Map<string, SchemaFault>()
  const wrongType = new Set(raw.filter(fault => fault.keyword === 'type').map(fault => fault.instancePath))
  let more = 0
  for (const fault of raw) {
    const { keyword, instancePath, params } = fault
    if (isInsideAlternative(fault) || (keyword !== 'type' && wrongType.has(instancePath))) continue
    const { path, value } = locate(instancePath, object)
    if (path[0] === 'status' && !cannotBeDecoded(keyword, isCustom)) continue
    const key = JSON.stringify([path, keyword, params.additionalProperty ?? params.missingProperty])
    if (faults.has(key)) continue
    if (faults.size === maxShown) {
      more++
      continue
    }
    const chain = schemaChain(path, root, lookup)
    const schema = chain.length === path.length + 1 ? (chain.at(-1) as JsonSchema) : {}
    const secret = object.kind === 'Secret' && (path[0] === 'data' || path[0] === 'stringData')
    faults.set(key, toFault({ keyword, params, path, value, schema, root, lookup, secret }))
  }
  const shown = [...faults.values()]
  if (more > 0) {
    const count = raw.length < maxFaults ? more : `at least ${more}`
    shown.push({ fieldPath: [], keyword: 'limit', message: `${count} more faults in this object`, at: 'key' })
  }
  return shown
}

function toFault(context: FaultContext): SchemaFault {
  const { keyword, path, params } = context
  const message = writeMessage(context)
  if (keyword === 'additionalProperties') {
    return { fieldPath: [...path, String(params.additionalProperty)], keyword, message, at: 'key' }
  }
  if (keyword === 'required') {
    return { fieldPath: path, keyword, message, at: 'key', missing: String(params.missingProperty) }
  }
  return { fieldPath: path, keyword, message, at: 'value' }
}

/** What is wrong with one alternative of several says nothing by itself. Names of fields are not junctors. */
function isInsideAlternative({ schemaPath }: RawFault): boolean {
  const segments = schemaPath.split('/')
  for (let index = 1; index < segments.length - 1; index++) {
    if (segments[index] === 'properties') index++
    else if (/^(anyOf|oneOf|not)$/.test(segments[index] as string)) return true
  }
  return false
}

/** What a manifest says in `status` is dropped before it is validated: only what cannot be decoded is refused. */
function cannotBeDecoded(keyword: string, isCustom: boolean): boolean {
  return keyword === 'additionalProperties' || (!isCustom && (keyword === 'type' || keyword === 'format'))
}

/** Follows a JSON pointer through the object, which alone says what is an index and what a key. */
function locate(pointer: string, object: unknown): { path: FieldPath; value: unknown } {
  const path: (string | number)[] = []
  let value: unknown = object
  for (const part of pointer.split('/').slice(1)) {
    const segment = part.replaceAll('~1', '/').replaceAll('~0', '~')
    path.push(Array.isArray(value) ? Number(segment) : segment)
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[segment] : undefined
  }
  return { path, value }
}
