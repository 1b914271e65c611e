// From what a check says to what people read: one fault for one mistake, at the field that has it.

import type { FieldPath } from '../../tree/model/place.ts'
import { maxFaults, type RawFault } from './compile.ts'
import type { JsonSchema, Lookup } from './json-schema.ts'
import { type FaultContext, nearestChoice, writeMessage } from './message.ts'
import { schemaChain, suggestField } from './suggest.ts'

export interface SchemaFault {
  /** Of the unknown key, of the wrong value, or of the object that lacks a field. */
  readonly fieldPath: FieldPath
  readonly keyword: string
  readonly message: string
  readonly at: 'key' | 'value'
  /** The name of the field that is required and not there. */
  readonly missing?: string
  /** Of an unknown field: where one of its name is known. */
  readonly belongsTo?: FieldPath
  /** One of the choices is so near that the value is a slip of it. */
  readonly isSlip?: true
  /** Nothing stands where a value must. */
  readonly isEmpty?: true
  /** Said of a schema that may be older than what the cluster has, or of a value that does no harm. */
  readonly isUnsure?: true
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
  let more = 0
  for (const { keyword, path, params } of raw) {
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
    const value = valueAt(object, path)
    if (!isCustom && keyword === 'type' && schema.format === 'byte' && isByteList(value)) continue
    faults.set(key, toFault({ keyword, params, path, value, schema, root, lookup, secret }))
  }
  const shown = [...faults.values()]
  if (more > 0) {
    const count = raw.length < maxFaults ? more : `at least ${more}`
    shown.push({ fieldPath: [], keyword: 'limit', message: `${count} more faults in this object`, at: 'key' })
  }
  return shown
}

/** Go decodes a list of numbers to bytes as well as base64. */
const isByteList = (value: unknown): boolean =>
  Array.isArray(value) && value.every(item => Number.isInteger(item) && item >= 0 && item <= 255)

function toFault(context: FaultContext): SchemaFault {
  const { keyword, path, params } = context
  const message = writeMessage(context)
  if (keyword === 'additionalProperties') {
    const field = String(params.additionalProperty)
    const place = suggestField(field, path, context.root, context.lookup)?.place
    const known = place ? { belongsTo: place } : {}
    const fault: SchemaFault = { fieldPath: [...path, field], keyword, message, at: 'key', ...known }
    return isLeftByGo(field, path, context.value) ? { ...fault, isUnsure: true } : fault
  }
  if (keyword === 'required') {
    return { fieldPath: path, keyword, message, at: 'key', missing: String(params.missingProperty) }
  }
  const empty = context.value === null ? { isEmpty: true as const } : {}
  const slip = keyword === 'enum' && nearestChoice(context) !== undefined ? { isSlip: true as const } : {}
  return { fieldPath: path, keyword, message, at: 'value', ...slip, ...empty }
}

/** What a manifest says in `status` is dropped before it is validated: only what cannot be decoded is refused. */
function cannotBeDecoded(keyword: string, isCustom: boolean): boolean {
  return keyword === 'additionalProperties' || (!isCustom && (keyword === 'type' || keyword === 'format'))
}

/** Go programs print `creationTimestamp: null` in each pod template; where the field is not declared it is dropped. */
function isLeftByGo(field: string, path: FieldPath, parent: unknown): boolean {
  if (field !== 'creationTimestamp' || path.at(-1) !== 'metadata') return false
  return (parent as Record<string, unknown>)[field] === null
}

function valueAt(object: unknown, path: FieldPath): unknown {
  let value = object
  for (const segment of path) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[segment] : undefined
  }
  return value
}
