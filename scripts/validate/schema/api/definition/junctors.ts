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
export function* checkBranch(branch: Node, field: Node, depth: number): Iterable<ApiFault> {
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
