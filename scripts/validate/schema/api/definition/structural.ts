// The schema of a custom resource, which must say the type of each field and may use only part of OpenAPI.
// Source: apiextensions-apiserver, structural schemas and their defaults.
import { type ApiFault, choose, missing, refuse, wrong } from '../fault.ts'
import { entriesOf, get, isEmpty, isMapping, isSet, isTrue, itemsOf, type Node, textOf } from '../node.ts'
import { timesWithin } from './cost.ts'
import { checkDefault } from './defaults.ts'
import { checkBranch, checkCompleteness, checkForbidden, JUNCTORS, MAX_DEPTH } from './junctors.ts'
import { checkLists } from './lists.ts'
import { checkRules } from './rules.ts'

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string']

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

type Level = 'root' | 'item' | 'field'

export function* checkRootSchema(schema: Node, hasStatus: boolean): Iterable<ApiFault> {
  if (!isSet(schema) || !isMapping(schema.value)) return
  if (hasStatus) {
    const extra = Object.entries(schema.value).find(
      ([key, value]) => !AT_ROOT.has(key) && value !== null && value !== false && value !== '',
    )
    const type = get(schema, 'type')
    if (textOf(type) !== 'object') yield isEmpty(type) ? missing(type, 'object') : wrong(type, 'must be object')
    else if (extra)
      yield refuse(get(schema, extra[0]), 'must not stand at the root of a schema whose kind has a status', schema)
  }
  if (isTrue(get(schema, 'nullable'))) yield refuse(get(schema, 'nullable'), 'must not be true at the root')
  yield* checkSchema(schema, 'root', 0)
}

/** Of `items` the server reads a schema or a list of them; anything else, and an empty list, is as if it were not there. */
const isSchema = ({ value }: Node): boolean => isMapping(value) || (Array.isArray(value) && value.length > 0)

function* checkSchema(schema: Node, level: Level, depth: number, times = 1): Iterable<ApiFault> {
  if (depth > MAX_DEPTH || (isSet(schema) && !isMapping(schema.value))) return
  yield* checkOwn(schema, level)
  yield* checkLists(schema)
  yield* checkDefault(schema, level === 'root')
  yield* checkRules(schema, level === 'root', times)
  const within = timesWithin(schema, times)
  for (const junctor of JUNCTORS) {
    for (const [index, branch] of itemsOf(get(schema, junctor)).entries()) {
      if (junctor === 'anyOf' && isIntOrString(schema)) continue
      if (junctor === 'allOf' && index === 0 && isIntOrString(branch)) continue
      yield* checkBranch(branch, depth + 1)
      if (level === 'root') yield* checkCompleteness(branch, schema, depth + 1)
    }
  }
  const not = get(schema, 'not')
  if (isSet(not)) yield* checkBranch(not, depth + 1)
  if (isSet(not) && level === 'root') yield* checkCompleteness(not, schema, depth + 1)
  const items = get(schema, 'items')
  if (isSchema(items)) {
    if (Array.isArray(items.value)) yield refuse(items, 'must be one schema and not a list of them')
    else yield* checkSchema(items, 'item', depth + 1, within)
  }
  for (const property of entriesOf(get(schema, 'properties'))) {
    const isMeta = level === 'root' && META.includes(String(property.key))
    if (isMeta) yield* checkMeta(property, depth + 1)
    else yield* checkSchema(property, 'field', depth + 1, times)
  }
  const additional = get(schema, 'additionalProperties')
  if (isMapping(additional.value)) yield* checkSchema(additional, 'field', depth + 1, within)
}

const INT_OR_STRING = ['{"type":"integer"}', '{"type":"string"}']

function isIntOrString(schema: Node): boolean {
  const branches = itemsOf(get(schema, 'anyOf')).map(({ value }) => JSON.stringify(saidBy(value)))
  return isTrue(get(schema, 'x-kubernetes-int-or-string')) && branches.join() === INT_OR_STRING.join()
}

/** What a schema says, without what is as if it were not there. */
const saidBy = (schema: unknown): unknown =>
  isMapping(schema) ? Object.fromEntries(Object.entries(schema).filter(([key, value]) => isSaid(key, value))) : schema

const isSaid = (key: string, value: unknown): boolean =>
  value !== null && value !== '' && value !== false && (key === 'items' ? isMapping(value) : !isEmptyList(value))

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0

/** The server knows these fields of every object. */
function* checkMeta(property: Node, depth: number): Iterable<ApiFault> {
  const type = get(property, 'type')
  const wanted = property.key === 'metadata' ? 'object' : 'string'
  const isOdd = textOf(type) !== wanted
  if (isOdd) yield isEmpty(type) ? missing(type, wanted) : wrong(type, `must be ${wanted}`)
  const standard = get(property, 'default')
  if (isSet(standard)) yield refuse(standard, 'must not be set here')
  if (property.key === 'metadata') yield* checkObjectMeta(property, depth)
  else if (isMapping(property.value))
    for (const fault of checkSchema(property, 'field', depth))
      if (!(isOdd && fault.fieldPath.at(-1) === 'type') && fault.fieldPath.at(-1) !== 'default') yield fault
}

/** Of metadata the server takes only what is said of names. */
function* checkObjectMeta(property: Node, depth: number): Iterable<ApiFault> {
  if (!isMapping(property.value)) return
  const fields = entriesOf(get(property, 'properties'))
  const { type: _, properties: __, default: ___, items, ...more } = property.value
  const said = Object.keys(saidBy(more) as object)
  const isMore = said.length > 0 || isSchema({ value: items, up: property, key: 'items' })
  if (isMore || fields.some(({ key }) => key !== 'name' && key !== 'generateName'))
    yield refuse(property, 'must say nothing but of name and generateName')
  for (const field of fields) {
    const standard = get(field, 'default')
    if (isSet(standard)) yield refuse(standard, 'must not be set in metadata')
    for (const fault of checkSchema(field, 'field', depth)) if (fault.fieldPath.at(-1) !== 'default') yield fault
  }
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
