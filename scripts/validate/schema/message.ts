// One readable line for one fault.

import { closest } from '../../tree/model/closest.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import { formatPath, quote } from './field-path.ts'
import type { JsonSchema, Lookup } from './json-schema.ts'
import { suggestField } from './suggest.ts'

export interface FaultContext {
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
  /** Of the value at fault, or of the object around a missing or unknown field. */
  readonly path: FieldPath
  readonly value: unknown
  /** Of the value at fault, references followed. */
  readonly schema: JsonSchema
  readonly root: JsonSchema
  readonly lookup: Lookup
  /** The value must not be shown: it may be a password. */
  readonly secret: boolean
}

const typeNames: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'a boolean',
  null: 'empty',
}
const maxChoices = 12

export function writeMessage(fault: FaultContext): string {
  const { params, path, keyword } = fault
  const subject = formatPath(path) || 'the object'
  switch (keyword) {
    case 'additionalProperties':
      return describeUnknownField(fault, String(params.additionalProperty))
    case 'required':
      return describeMissingField(fault, String(params.missingProperty))
    case 'type':
      return `${subject} ${describeWrongType(fault)}`
    case 'enum':
      return `${subject} ${describeChoice(fault)}`
    case 'format':
      return describeFormat(fault, subject)
    case 'pattern':
      return describePattern(fault, subject)
    case 'anyOf':
    case 'oneOf':
    case 'not':
      return `${subject} ${describeCombination(fault)}`
    default:
      return `${subject} ${describeLimit(fault)}`
  }
}

function describeUnknownField({ path, root, lookup }: FaultContext, field: string): string {
  const place = path.length > 0 ? ` in ${formatPath(path)}` : ''
  const suggestion = suggestField(field, path, root, lookup)
  return `unknown field ${quote(field)}${place}${suggestion === undefined ? '' : `: ${suggestion.text}`}`
}

function describeMissingField({ path, value }: FaultContext, field: string): string {
  const isEmpty = typeof value === 'object' && value !== null && Object.hasOwn(value, field)
  return `${formatPath([...path, field])} is required${isEmpty ? ' and is empty here' : ''}`
}

function describeWrongType(fault: FaultContext): string {
  const { value, schema, path } = fault
  const types = [schema.type ?? []].flat().filter(type => type !== 'null')
  if (value === null)
    return `is empty: remove the ${typeof path.at(-1) === 'number' ? 'item' : 'key'} or give it a value`
  if (schema.format === 'quantity') return `must be a quantity such as 500m or 2Gi, not ${describeValue(fault)}`
  const wanted = types.map(type => typeNames[type]).join(' or ')
  return `must be ${wanted}, not ${describeValue(fault)}${hintForType(types, value)}`
}

function hintForType(types: readonly string[], value: unknown): string {
  if (types.includes('string') && (typeof value === 'number' || typeof value === 'boolean')) return ': quote it'
  if (types.includes('array') && typeof value === 'object') return ': start each item with "- "'
  if (typeof value !== 'string') return ''
  if (types.includes('boolean')) {
    if (value === 'true' || value === 'false') return ': remove the quotes'
    if (/^(y|n|yes|no|on|off)$/i.test(value)) {
      return ': kustomize keeps yes/no/on/off as strings; write true or false'
    }
  }
  if ((types.includes('integer') || types.includes('number')) && /^-?\d{1,15}$/.test(value))
    return ': remove the quotes'
  return ''
}

const listChoices = ({ schema }: FaultContext): readonly unknown[] =>
  (schema.enum ?? []).filter(choice => choice !== '' && choice !== null)

/** Which of several choices a value that is none of them was meant to be. */
export function nearestChoice(fault: FaultContext): string | undefined {
  const choices = listChoices(fault)
  return typeof fault.value === 'string' && choices.length > 1 ? closest(fault.value, choices.map(String)) : undefined
}

function describeChoice(fault: FaultContext): string {
  const choices = listChoices(fault)
  const shown = choices
    .slice(0, maxChoices)
    .map(choice => (typeof choice === 'string' ? choice : JSON.stringify(choice)))
  if (choices.length > maxChoices) shown.push(`${choices.length - maxChoices} more`)
  const near = nearestChoice(fault)
  const wanted = shown.length === 1 ? `must be ${shown[0]}` : `must be one of ${shown.join(', ')}`
  const suggestion = near !== undefined ? `: did you mean ${near}?` : ''
  return `${wanted}, not ${describePlainValue(fault)}${suggestion}`
}

function describeFormat(fault: FaultContext, subject: string): string {
  switch (fault.params.format) {
    case 'quantity':
      return `${subject}: ${describePlainValue(fault)} is not a quantity (examples: 500m, 2Gi)${hintForQuantity(fault.value)}`
    case 'byte':
      return `${subject} must be base64${fault.path[0] === 'data' && fault.secret ? ': encode it, or move it to stringData' : ''}`
    case 'percentage':
      return `${subject} must be an integer or a percentage such as 25%, not ${describePlainValue(fault)}${hintForType(['integer'], fault.value)}`
    case 'date-time':
      return `${subject}: ${describePlainValue(fault)} is not a date and time (example: 2026-01-31T12:00:00Z)`
    case 'date':
      return `${subject}: ${describePlainValue(fault)} is not a date (example: 2026-01-31)`
    case 'int64':
      return `${subject} must be a 64-bit integer, not ${describePlainValue(fault)}`
    default:
      return `${subject} must be between ${-(2 ** 31)} and ${2 ** 31 - 1}, not ${describePlainValue(fault)}`
  }
}

/** The usual slips: a unit of another system, a space. */
function hintForQuantity(value: unknown): string {
  const match = typeof value === 'string' && /^(\d+(?:\.\d+)?)\s*([kmgtp])(i?)b?$/i.exec(value.trim())
  if (!match) return ''
  const [, number, prefix, binary] = match as unknown as [string, string, string, string]
  const decimal = prefix.toLowerCase() === 'k' ? 'k' : prefix.toUpperCase()
  const suggestion = binary
    ? `${number}${prefix.toUpperCase()}i`
    : `${number}${prefix.toUpperCase()}i or ${number}${decimal}`
  return `: did you mean ${suggestion}?`
}

function describePattern(fault: FaultContext, subject: string): string {
  const pattern = String(fault.params.pattern)
  const shown = describePlainValue(fault)
  if (isDurationPattern(pattern)) return `${subject}: ${shown} is not a duration (examples: 30s, 5m, 1h30m)`
  return `${subject}: ${shown} does not match ${pattern.length > 120 ? `${pattern.slice(0, 120)}…` : pattern}`
}

/** Durations are written as a dozen different patterns; units tell them. */
function isDurationPattern(pattern: string): boolean {
  return /\(?h\b.*\bm\b.*s|ms\|s\|m\|h|h\|m\|s\|ms|\)h\)\?\(.*\)m\)\?\(.*\)s\)\?/.test(pattern)
}

function describeCombination({ keyword, schema }: FaultContext): string {
  const branches = (keyword === 'not' ? undefined : schema[keyword as 'anyOf' | 'oneOf']) ?? []
  const names = branches.map(({ required, ...rest }) => (Object.keys(rest).length === 0 ? required : undefined))
  if (names.length > 0 && names.every(fields => fields?.length === 1)) {
    return `must have ${keyword === 'oneOf' ? 'exactly' : 'at least'} one of ${names.flat().join(', ')}`
  }
  if (keyword === 'not') return 'is a value that its schema rules out'
  const count = keyword === 'oneOf' ? 'exactly one' : 'one'
  return `must match ${count} of the ${branches.length} alternatives of its schema`
}

function describeLimit(fault: FaultContext): string {
  const { keyword, params, value } = fault
  const limit = Number(params.limit)
  const size = Array.isArray(value) || typeof value === 'string' ? value.length : undefined
  const has = size === undefined ? '' : `, has ${size}`
  switch (keyword) {
    case 'minLength':
      return limit === 1 ? 'must not be empty' : `must have at least ${limit} characters${has}`
    case 'maxLength':
      return `must have at most ${limit} characters${has}`
    case 'minItems':
      return `must have at least ${limit === 1 ? 'one item' : `${limit} items`}${limit === 1 ? '' : has}`
    case 'maxItems':
      return `must have at most ${limit === 1 ? 'one item' : `${limit} items`}${has}`
    case 'minProperties':
      return `must have at least ${limit === 1 ? 'one field' : `${limit} fields`}`
    case 'maxProperties':
      return `must have at most ${limit === 1 ? 'one field' : `${limit} fields`}`
    case 'minimum':
      return `must be at least ${limit}, not ${describePlainValue(fault)}`
    case 'maximum':
      return `must be at most ${limit}, not ${describePlainValue(fault)}`
    case 'exclusiveMinimum':
      return `must be more than ${limit}, not ${describePlainValue(fault)}`
    case 'exclusiveMaximum':
      return `must be less than ${limit}, not ${describePlainValue(fault)}`
    case 'multipleOf':
      return `must be a multiple of ${params.multipleOf}, not ${describePlainValue(fault)}`
    default:
      return `does not satisfy ${keyword}`
  }
}

/** With its type, where the type is what is wrong. */
function describeValue({ value, secret }: FaultContext): string {
  if (Array.isArray(value)) return 'a list'
  if (value === null) return 'empty'
  if (typeof value === 'object') return 'a mapping'
  if (secret) return typeNames[typeof value] ?? 'this value'
  return typeof value === 'string' ? `the string ${quote(value)}` : `the ${typeof value} ${value}`
}

function describePlainValue(fault: FaultContext): string {
  const { value } = fault
  if (typeof value === 'string') return quote(value)
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : describeValue(fault)
}
