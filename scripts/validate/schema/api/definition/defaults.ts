// A default of a custom resource is held against its own schema.
import { compilePattern } from '../../re2.ts'
import { type ApiFault, missing, refuse } from '../fault.ts'
import {
  entriesOf,
  get,
  isEmpty,
  isMapping,
  isSet,
  isTrue,
  itemsOf,
  type Node,
  numberOf,
  textOf,
  textsOf,
} from '../node.ts'
import { MAX_DEPTH } from './junctors.ts'

/** A default is held against its own schema. */
export function* checkDefault(schema: Node, isRoot: boolean): Iterable<ApiFault> {
  const node = get(schema, 'default')
  if (!isSet(node)) return
  const fault = findFault(node, schema, 0)
  if (fault) yield fault
  else if (hasUnknown(node.value, schema, 0)) yield refuse(node, 'must not have a field that the schema does not know')
  // A whole object says what it is.
  if ((isRoot || isTrue(get(schema, 'x-kubernetes-embedded-resource'))) && isMapping(node.value))
    for (const field of ['apiVersion', 'kind']) if (isEmpty(get(node, field))) yield missing(get(node, field))
  const not = get(schema, 'not')
  if (isMapping(not.value) && isEmpty(not))
    yield refuse(node, 'must not fit what stands under not, and everything fits an empty schema')
}

/** The first field of a default that does not fit, at its own place. */
function findFault(node: Node, schema: Node, depth: number): ApiFault | undefined {
  if (depth > MAX_DEPTH || !isMapping(schema.value)) return undefined
  const problem = problemOf(node.value, schema)
  if (problem !== undefined) return refuse(node, problem)
  for (const item of itemsOf(node)) {
    const fault = findFault(item, get(schema, 'items'), depth + 1)
    if (fault) return fault
  }
  for (const name of isMapping(node.value) ? textsOf(get(schema, 'required')) : [])
    if (!Object.hasOwn(node.value as object, name)) return missing(get(node, name))
  for (const field of entriesOf(node)) {
    const fault = findFault(field, schemaOf(String(field.key), schema), depth + 1)
    if (fault) return fault
  }
  return undefined
}

function schemaOf(name: string, schema: Node): Node {
  const property = get(schema, 'properties', name)
  return isSet(property) ? property : get(schema, 'additionalProperties')
}

function hasUnknown(value: unknown, schema: Node, depth: number): boolean {
  if (depth > MAX_DEPTH || !isMapping(schema.value) || isTrue(get(schema, 'x-kubernetes-preserve-unknown-fields')))
    return false
  if (Array.isArray(value)) return value.some(item => hasUnknown(item, get(schema, 'items'), depth + 1))
  return (
    isMapping(value) &&
    Object.entries(value).some(([name, child]) => {
      const holder = schemaOf(name, schema)
      return !isSet(holder) || hasUnknown(child, holder, depth + 1)
    })
  )
}

function problemOf(value: unknown, schema: Node): string | undefined {
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
  }
  return isMapping(value) ? problemOfCount(Object.keys(value).length, schema) : undefined
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

function problemOfCount(count: number, schema: Node): string | undefined {
  if (count < (numberOf(get(schema, 'minProperties')) ?? 0)) return 'must not have fewer fields than minProperties'
  if (count > (numberOf(get(schema, 'maxProperties')) ?? Number.POSITIVE_INFINITY))
    return 'must not have more fields than maxProperties'
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
