// The schema of a custom resource, which must say the type of each field and may use only part of OpenAPI.
// Source: apiextensions-apiserver, structural schemas and their defaults.

import type { FieldPath } from '../../../../tree/model/place.ts'
import { checkExpression, describeSelf } from '../cel.ts'
import { type ApiFault, choose, missing, refuse, wrong } from '../fault.ts'
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

export interface Naming {
  readonly from: FieldPath
  readonly to: FieldPath
}

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string']
const FORBIDDEN = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref']
const META = ['metadata', 'kind', 'apiVersion']
/** All that may stand at the root of a schema whose kind has a status. */
const AT_ROOT = new Set([
  'description',
  'type',
  'format',
  'title',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'multipleOf',
  'required',
  'items',
  'properties',
  'externalDocs',
  'example',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
])
const LIST_TYPES = ['atomic', 'set', 'map']
const MAP_TYPES = ['atomic', 'granular']
const JUNCTORS = ['allOf', 'anyOf', 'oneOf']
/** What is said once, at the field, and not again under a junctor. */
const ONLY_STRUCTURAL = [
  'type',
  'default',
  'title',
  'description',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
  'x-kubernetes-list-map-keys',
]
const ONLY_STRUCTURAL_FLAGS = [
  'nullable',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
]
const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']
const MAX_DEPTH = 100

type Level = 'root' | 'item' | 'field'

export function* checkRootSchema(schema: Node, hasStatus: boolean): Iterable<ApiFault> {
  if (!isSet(schema) || !isMapping(schema.value)) return
  if (hasStatus) {
    const extra = Object.entries(schema.value).find(
      ([key, value]) => !AT_ROOT.has(key) && value !== null && value !== false && value !== '',
    )
    if (textOf(get(schema, 'type')) !== 'object') yield say(get(schema, 'type'), 'must be object', schema)
    else if (extra)
      yield refuse(get(schema, extra[0]), 'must not stand at the root of a schema whose kind has a status', schema)
  }
  if (isTrue(get(schema, 'nullable'))) yield refuse(get(schema, 'nullable'), 'must not be true at the root')
  yield* checkSchema(schema, 'root', 0)
}

/** Of `items` the server reads a schema or a list of them; anything else, and an empty list, is as if it were not there. */
const isSchema = ({ value }: Node): boolean => isMapping(value) || (Array.isArray(value) && value.length > 0)

const say = (type: Node, message: string, _holder: Node): ApiFault =>
  isEmpty(type) ? missing(type, 'object') : wrong(type, message)

function* checkSchema(schema: Node, level: Level, depth: number): Iterable<ApiFault> {
  if (depth > MAX_DEPTH || (isSet(schema) && !isMapping(schema.value))) return
  yield* checkOwn(schema, level)
  yield* checkLists(schema)
  yield* checkDefault(schema)
  yield* checkRules(schema, level === 'root')
  for (const junctor of JUNCTORS) {
    for (const [index, branch] of itemsOf(get(schema, junctor)).entries()) {
      if (junctor === 'anyOf' && isIntOrString(schema)) continue
      if (junctor === 'allOf' && index === 0 && isIntOrString(branch)) continue
      yield* checkBranch(branch, schema, depth + 1)
    }
  }
  if (isSet(get(schema, 'not'))) yield* checkBranch(get(schema, 'not'), schema, depth + 1)
  const items = get(schema, 'items')
  if (isSchema(items)) {
    if (Array.isArray(items.value)) yield refuse(items, 'must be one schema and not a list of them')
    else yield* checkSchema(items, 'item', depth + 1)
  }
  for (const property of entriesOf(get(schema, 'properties'))) {
    const isMeta = level === 'root' && META.includes(String(property.key))
    if (isMeta) yield* checkMeta(property)
    else yield* checkSchema(property, 'field', depth + 1)
  }
  const additional = get(schema, 'additionalProperties')
  if (isMapping(additional.value)) yield* checkSchema(additional, 'field', depth + 1)
}

function isIntOrString(schema: Node): boolean {
  const branches = itemsOf(get(schema, 'anyOf')).map(branch => JSON.stringify(branch.value))
  return (
    isTrue(get(schema, 'x-kubernetes-int-or-string')) &&
    branches.length === 2 &&
    branches[0] === '{"type":"integer"}' &&
    branches[1] === '{"type":"string"}'
  )
}

/** The server knows the metadata of every object; of a schema it takes only rules for the name. */
function* checkMeta(property: Node): Iterable<ApiFault> {
  const type = get(property, 'type')
  const wanted = property.key === 'metadata' ? 'object' : 'string'
  if (textOf(type) !== wanted) yield isEmpty(type) ? missing(type, wanted) : wrong(type, `must be ${wanted}`)
  if (isSet(get(property, 'default'))) yield refuse(get(property, 'default'), 'must not be set here')
  if (property.key !== 'metadata' || !isMapping(property.value)) return
  const names = entriesOf(get(property, 'properties')).map(({ key }) => String(key))
  const more = Object.keys(property.value).filter(key => key !== 'type' && key !== 'properties' && key !== 'default')
  if (more.length > 0 || names.some(name => name !== 'name' && name !== 'generateName'))
    yield refuse(property, 'must say nothing but of name and generateName')
}

function* checkOwn(schema: Node, level: Level): Iterable<ApiFault> {
  const type = get(schema, 'type')
  const isFlag = (field: string): boolean => isTrue(get(schema, field))
  const [isEmbedded, isOpen, isBoth] = [
    isFlag('x-kubernetes-embedded-resource'),
    isFlag('x-kubernetes-preserve-unknown-fields'),
    isFlag('x-kubernetes-int-or-string'),
  ]
  if (textOf(type) === 'null') yield refuse(type, 'must not be null: use nullable')
  else if (textOf(type) !== '' && !TYPES.includes(textOf(type))) yield choose(type, TYPES)
  if (isEmbedded && textOf(type) !== 'object')
    yield isEmpty(type) ? missing(type, 'object') : wrong(type, 'must be object for an embedded resource')
  else if (textOf(type) === '' && !isOpen && !isBoth) yield missing(type, TYPES.join(', '))
  else if (level === 'root' && textOf(type) !== '' && textOf(type) !== 'object' && TYPES.includes(textOf(type)))
    yield wrong(type, 'must be object at the root')
  if (textOf(type) === 'array' && !isSchema(get(schema, 'items')))
    yield missing(get(schema, 'items'), 'what the list is of')
  yield* checkForbidden(schema)
  const [additional, properties] = [get(schema, 'additionalProperties'), get(schema, 'properties')]
  if (isSet(additional)) {
    if (!isEmpty(properties) && additional.value !== true) yield refuse(additional, 'must not be set beside properties')
    if (level === 'root') yield refuse(additional, 'must not be used at the root')
    if (isEmbedded) yield refuse(additional, 'must not be used for an embedded resource')
  }
  if (get(schema, 'x-kubernetes-preserve-unknown-fields').value === false)
    yield refuse(get(schema, 'x-kubernetes-preserve-unknown-fields'), 'must be true or left out')
  if (isBoth && isOpen)
    yield refuse(
      get(schema, 'x-kubernetes-preserve-unknown-fields'),
      'must not be true beside x-kubernetes-int-or-string',
    )
  if (isBoth && isEmbedded)
    yield refuse(get(schema, 'x-kubernetes-embedded-resource'), 'must not be true beside x-kubernetes-int-or-string')
  if (isEmbedded && !isOpen && isEmpty(properties))
    yield missing(properties, 'or x-kubernetes-preserve-unknown-fields: true')
}

function* checkForbidden(schema: Node): Iterable<ApiFault> {
  for (const field of FORBIDDEN) {
    const node = get(schema, field)
    if (field === 'additionalItems' || field === 'dependencies' || field === '$ref' ? isSet(node) : !isEmpty(node))
      yield refuse(node, 'must not be used in a CustomResourceDefinition')
  }
  if (isTrue(get(schema, 'uniqueItems')))
    yield refuse(get(schema, 'uniqueItems'), 'must not be true: use x-kubernetes-list-type: set')
}

function* checkLists(schema: Node): Iterable<ApiFault> {
  const [type, listType, mapType, keys, items] = [
    'type',
    'x-kubernetes-list-type',
    'x-kubernetes-map-type',
    'x-kubernetes-list-map-keys',
    'items',
  ].map(field => get(schema, field)) as [Node, Node, Node, Node, Node]
  const wants = (wanted: string, field: string): ApiFault =>
    isEmpty(type) ? missing(type, `${wanted}, for ${field}`) : wrong(type, `must be ${wanted} for ${field}`)
  if (isSet(mapType)) {
    if (textOf(type) !== 'object') yield wants('object', 'x-kubernetes-map-type')
    if (!MAP_TYPES.includes(textOf(mapType))) yield choose(mapType, MAP_TYPES)
  }
  const itemType = textOf(get(items, 'type'))
  if (isSet(listType)) {
    if (textOf(type) !== 'array') yield wants('array', 'x-kubernetes-list-type')
    else if (textOf(listType) === 'set' && isSet(items)) {
      const inner = get(items, itemType === 'array' ? 'x-kubernetes-list-type' : 'x-kubernetes-map-type')
      const isFine =
        itemType === 'array'
          ? !isSet(inner) || textOf(inner) === 'atomic'
          : itemType !== 'object' || textOf(inner) === 'atomic'
      if (!isFine)
        yield isSet(inner)
          ? wrong(inner, 'must be atomic in the items of a set')
          : { ...missing(inner, 'atomic, in the items of a set') }
    }
    if (!LIST_TYPES.includes(textOf(listType))) yield choose(listType, LIST_TYPES)
  }
  const isMap = textOf(listType) === 'map'
  if (!isEmpty(keys) && !isMap)
    yield isSet(listType)
      ? wrong(listType, 'must be map for x-kubernetes-list-map-keys')
      : missing(listType, 'map, for x-kubernetes-list-map-keys')
  if (/^(set|map)$/.test(textOf(listType)) && isTrue(get(items, 'nullable')))
    yield refuse(get(items, 'nullable'), `must not be true in the items of a ${textOf(listType)}`)
  if (!isMap) return
  if (isEmpty(keys)) yield missing(keys, 'at least one, for a map')
  if (!isSet(items)) return
  if (itemType !== 'object') {
    yield isEmpty(get(items, 'type'))
      ? missing(get(items, 'type'), 'object')
      : wrong(get(items, 'type'), 'must be object in a list of type map')
    return
  }
  const needed = textsOf(get(items, 'required'))
  const names = textsOf(keys)
  for (const [index, name] of names.entries()) {
    const property = get(items, 'properties', name)
    if (names.indexOf(name) < index) yield refuse(keys, `must have ${name} once`)
    if (!isSet(property)) {
      yield refuse(keys, `must name properties of the items: ${name} is not one`)
      continue
    }
    if (/^(array|object)$/.test(textOf(get(property, 'type'))))
      yield wrong(get(property, 'type'), 'must be a scalar type for a key')
    if (!needed.includes(name) && !isSet(get(property, 'default')))
      yield missing(get(property, 'default'), 'or the key must be required')
    if (isTrue(get(property, 'nullable'))) yield refuse(get(property, 'nullable'), 'must not be true for a key')
  }
}

/** Under a junctor a schema only narrows what the field itself describes. */
function* checkBranch(branch: Node, field: Node, depth: number): Iterable<ApiFault> {
  if (depth > MAX_DEPTH || !isMapping(branch.value)) return
  yield* checkForbidden(branch)
  for (const key of ONLY_STRUCTURAL)
    if (!isEmpty(get(branch, key)))
      yield refuse(get(branch, key), 'must be said at the field itself, not under a junctor')
  for (const key of ONLY_STRUCTURAL_FLAGS)
    if (isTrue(get(branch, key)))
      yield refuse(get(branch, key), 'must be said at the field itself, not under a junctor')
  if (isSet(get(branch, 'additionalProperties')))
    yield refuse(get(branch, 'additionalProperties'), 'must not be used under a junctor')
  if (!isEmpty(get(branch, 'x-kubernetes-validations')))
    yield refuse(get(branch, 'x-kubernetes-validations'), 'must not be used under a junctor')
  for (const junctor of JUNCTORS)
    for (const inner of itemsOf(get(branch, junctor))) yield* checkBranch(inner, field, depth + 1)
  if (isSet(get(branch, 'not'))) yield* checkBranch(get(branch, 'not'), field, depth + 1)
  const items = get(branch, 'items')
  if (isMapping(items.value)) {
    if (isSet(get(field, 'items'))) yield* checkBranch(items, get(field, 'items'), depth + 1)
    else yield missing(get(field, 'items'), 'a junctor speaks of them')
  }
  for (const property of entriesOf(get(branch, 'properties'))) {
    const own = get(field, 'properties', String(property.key))
    if (property.key === 'metadata') yield refuse(property, 'must not be used under a junctor')
    if (isSet(own)) yield* checkBranch(property, own, depth + 1)
    else yield missing(own, 'a junctor speaks of it')
  }
}

/** A default is held against its own schema. */
function* checkDefault(schema: Node): Iterable<ApiFault> {
  const node = get(schema, 'default')
  if (!isSet(node)) return
  const problem = problemOf(node.value, schema, 0)
  if (problem !== undefined) yield refuse(node, problem)
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

/** A path of fields, as `.a.b` or `['a']`, that the schema describes. Of an item of a list nothing can be said. */
function isPathOf(path: string, schema: Node): boolean {
  const step = /^(?:\.([A-Za-z_]\w*)|\['((?:[^'\\]|\\.)+)'\])/
  let [rest, at] = [path, schema]
  while (rest !== '') {
    const match = step.exec(rest)
    if (!match) return false
    const name = match[1] ?? (match[2] as string).replace(/\\(.)/g, '$1')
    const own = get(at, 'properties', name)
    const additional = get(at, 'additionalProperties')
    if (!isSet(own) && !isMapping(additional.value)) return false
    at = isSet(own) ? own : additional
    rest = rest.slice(match[0].length)
  }
  return true
}

function* checkRules(schema: Node, isRoot: boolean): Iterable<ApiFault> {
  const self = describeSelf(schema, isRoot)
  const variables = self ? ['oldSelf'] : ['self', 'oldSelf']
  for (const rule of itemsOf(get(schema, 'x-kubernetes-validations'))) {
    const [expression, message, messageExpression, reason, path] = [
      'rule',
      'message',
      'messageExpression',
      'reason',
      'fieldPath',
    ].map(field => get(rule, field)) as [Node, Node, Node, Node, Node]
    const says = textOf(message).trim()
    if (textOf(expression).trim() === '') yield missing(expression)
    else if (textOf(message) !== '' && says === '') yield refuse(message, 'must not be blank')
    else if (/[\n\r]/.test(says)) yield refuse(message, 'must be one line')
    else if (/[\n\r]/.test(textOf(expression).trim()) && says === '')
      yield missing(message, 'a rule of several lines needs it')
    if (textOf(expression).trim() !== '') yield* checkExpression(expression, variables, ['bool'], self)
    if (textOf(messageExpression).trim() !== '') yield* checkExpression(messageExpression, variables, ['string'], self)
    if (textOf(messageExpression) !== '' && textOf(messageExpression).trim() === '') yield missing(messageExpression)
    if (isSet(reason) && !REASONS.includes(textOf(reason))) yield choose(reason, REASONS)
    if (textOf(path) !== '' && (textOf(path).trim() === '' || /[\n\r]/.test(textOf(path))))
      yield refuse(path, 'must be one line that is not blank')
    else if (textOf(path) !== '' && !isPathOf(textOf(path), schema))
      yield wrong(path, 'must be the path of a field of this schema, as .size')
    if (isSet(get(rule, 'optionalOldSelf')) && textOf(expression) !== '' && !/\boldSelf\b/.test(textOf(expression)))
      yield refuse(get(rule, 'optionalOldSelf'), 'must not be set where the rule does not speak of oldSelf')
  }
}
