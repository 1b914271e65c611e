// What stands under allOf, anyOf, oneOf and not only narrows what the field itself says.
import { type ApiFault, missing, refuse } from '../fault.ts'
import { entriesOf, get, isEmpty, isMapping, isSet, isTrue, itemsOf, type Node } from '../node.ts'

const FORBIDDEN = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref']

export const JUNCTORS = ['allOf', 'anyOf', 'oneOf']

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

/** They are there even where they are empty. */
const POINTERS = new Set(['default', 'x-kubernetes-list-type', 'x-kubernetes-map-type'])

const ONLY_STRUCTURAL_FLAGS = [
  'nullable',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
]

export const MAX_DEPTH = 100

export function* checkForbidden(schema: Node): Iterable<ApiFault> {
  for (const field of FORBIDDEN) {
    const node = get(schema, field)
    if (field === 'additionalItems' || field === 'dependencies' || field === '$ref' ? isSet(node) : !isEmpty(node))
      yield refuse(node, 'must not be used in a CustomResourceDefinition')
  }
  if (isTrue(get(schema, 'uniqueItems')))
    yield refuse(get(schema, 'uniqueItems'), 'must not be true: use x-kubernetes-list-type: set')
}

/** Under a junctor a schema only narrows what the field itself describes. */
export function* checkBranch(branch: Node, depth: number): Iterable<ApiFault> {
  if (depth > MAX_DEPTH || !isMapping(branch.value)) return
  yield* checkForbidden(branch)
  for (const key of ONLY_STRUCTURAL)
    if (isSet(get(branch, key)) && (POINTERS.has(key) || !isEmpty(get(branch, key))))
      yield refuse(get(branch, key), 'must be said at the field itself, not under a junctor')
  for (const key of ONLY_STRUCTURAL_FLAGS)
    if (isTrue(get(branch, key)))
      yield refuse(get(branch, key), 'must be said at the field itself, not under a junctor')
  if (isSet(get(branch, 'additionalProperties')))
    yield refuse(get(branch, 'additionalProperties'), 'must not be used under a junctor')
  if (!isEmpty(get(branch, 'x-kubernetes-validations')))
    yield refuse(get(branch, 'x-kubernetes-validations'), 'must not be used under a junctor')
  for (const inner of branchesOf(branch)) yield* checkBranch(inner, depth + 1)
  if (isMapping(get(branch, 'items').value)) yield* checkBranch(get(branch, 'items'), depth + 1)
  for (const property of entriesOf(get(branch, 'properties'))) {
    if (property.key === 'metadata') yield refuse(property, 'must not be used under a junctor')
    yield* checkBranch(property, depth + 1)
  }
}

const branchesOf = (schema: Node): readonly Node[] => [
  ...JUNCTORS.flatMap(junctor => itemsOf(get(schema, junctor))),
  ...(isSet(get(schema, 'not')) ? [get(schema, 'not')] : []),
]

/** What the junctors of the root speak of must be described outside of them; of other junctors the server does not ask it. */
export function* checkCompleteness(branch: Node, field: Node, depth: number): Iterable<ApiFault> {
  if (depth > MAX_DEPTH || !isMapping(branch.value)) return
  for (const inner of branchesOf(branch)) yield* checkCompleteness(inner, field, depth + 1)
  const items = get(branch, 'items')
  if (isMapping(items.value)) {
    if (isSet(get(field, 'items'))) yield* checkCompleteness(items, get(field, 'items'), depth + 1)
    else yield missing(get(field, 'items'), 'a junctor speaks of them')
  }
  for (const property of entriesOf(get(branch, 'properties'))) {
    const own = get(field, 'properties', String(property.key))
    if (isSet(own)) yield* checkCompleteness(property, own, depth + 1)
    else yield missing(own, 'a junctor speaks of it')
  }
}
