// A default of a custom resource is held against its own schema.
import { compilePattern } from '../../re2.ts'
import { type ApiFault, missing, refuse } from '../fault.ts'
import { get, isEmpty, isMapping, isSet, isTrue, type Node, numberOf, textOf, textsOf } from '../node.ts'
import { MAX_DEPTH } from './junctors.ts'

/** A default is held against its own schema. */
export function* checkDefault(schema: Node, isRoot: boolean): Iterable<ApiFault> {
  const node = get(schema, 'default')
  if (!isSet(node)) return
  const problem = problemOf(node.value, schema, 0)
  if (problem !== undefined) yield refuse(node, problem)
  // A whole object says what it is.
  if ((isRoot || isTrue(get(schema, 'x-kubernetes-embedded-resource'))) && isMapping(node.value))
    for (const field of ['apiVersion', 'kind']) if (isEmpty(get(node, field))) yield missing(get(node, field))
  const not = get(schema, 'not')
  if (isMapping(not.value) && isEmpty(not))
    yield refuse(node, 'must not fit what stands under not, and everything fits an empty schema')
}

function problemOf(value: unknown, schema: Node, depth: number): string | undefined {
  if (depth > MAX_DEPTH || !isMapping(schema.value)) return undefined
  if (value === null) return isTrue(get(schema, 'nullable')) ? undefined : 'must not be null'
  const type = textOf(get(schema, 'type'))
  if (!isTrue(get(schema, 'x-kubernetes-int-or-string')) && type !== '' && !isOfType(value, type))
    return `must be of type ${type}, as the schema says`
  const choices = get(schema, 'enum').value
  if (
    Array.isArray(choices) &&
    choices.length > 0 &&
    !choices.some(choice => JSON.stringify(choice) === JSON.stringify(value))
  )
    return 'must be one of the values of enum'
  if (typeof value === 'number') {
    const [low, high] = [numberOf(get(schema, 'minimum')), numberOf(get(schema, 'maximum'))]
    if (low !== undefined && (isTrue(get(schema, 'exclusiveMinimum')) ? value <= low : value < low))
      return `must be at least ${low}`
    if (high !== undefined && (isTrue(get(schema, 'exclusiveMaximum')) ? value >= high : value > high))
      return `must be at most ${high}`
    const factor = numberOf(get(schema, 'multipleOf'))
    if (factor !== undefined && factor > 0 && !isWhole(value / factor)) return `must be a multiple of ${factor}`
  }
  if (typeof value === 'string') {
    const length = [...value].length
    if (length < (numberOf(get(schema, 'minLength')) ?? 0)) return 'must not be shorter than minLength'
    if (length > (numberOf(get(schema, 'maxLength')) ?? Number.POSITIVE_INFINITY))
      return 'must not be longer than maxLength'
    const pattern = textOf(get(schema, 'pattern'))
    if (pattern !== '' && matches(value, pattern) === false) return `must match ${pattern}`
  }
  if (Array.isArray(value)) {
    if (value.length < (numberOf(get(schema, 'minItems')) ?? 0)) return 'must not have fewer items than minItems'
    if (value.length > (numberOf(get(schema, 'maxItems')) ?? Number.POSITIVE_INFINITY))
      return 'must not have more items than maxItems'
    for (const item of value) {
      const problem = problemOf(item, get(schema, 'items'), depth + 1)
      if (problem !== undefined) return `has an item that ${problem}`
    }
  }
  return isMapping(value) ? problemOfFields(value, schema, depth) : undefined
}

/** Undefined: the expression cannot be read here, or has too long a text to go through. */
function matches(text: string, pattern: string): boolean | undefined {
  try {
    return text.length > MAX_TEXT ? undefined : compilePattern(pattern).test(text)
  } catch {
    return undefined
  }
}

const MAX_TEXT = 1_000

const isWhole = (quotient: number): boolean => Math.abs(quotient - Math.round(quotient)) < 1e-9

function problemOfFields(value: Readonly<Record<string, unknown>>, schema: Node, depth: number): string | undefined {
  const count = Object.keys(value).length
  if (count < (numberOf(get(schema, 'minProperties')) ?? 0)) return 'must not have fewer fields than minProperties'
  if (count > (numberOf(get(schema, 'maxProperties')) ?? Number.POSITIVE_INFINITY))
    return 'must not have more fields than maxProperties'
  for (const name of textsOf(get(schema, 'required')))
    if (!Object.hasOwn(value, name)) return `must have the field ${name}`
  const additional = get(schema, 'additionalProperties')
  for (const [name, child] of Object.entries(value)) {
    const property = get(schema, 'properties', name)
    const holder = isSet(property) ? property : additional
    if (!isSet(holder) && !isTrue(get(schema, 'x-kubernetes-preserve-unknown-fields')))
      return `must not have the field ${name}, which the schema does not know`
    const problem = problemOf(child, holder, depth + 1)
    if (problem !== undefined) return `has a field ${name} that ${problem}`
  }
  return undefined
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'object':
      return isMapping(value)
    case 'array':
      return Array.isArray(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}
