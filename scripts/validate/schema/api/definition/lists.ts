// How lists and mappings of a custom resource merge: x-kubernetes-list-type, its keys, and x-kubernetes-map-type.
import { type ApiFault, choose, missing, refuse, wrong } from '../fault.ts'
import { get, isEmpty, isSet, isTrue, type Node, textOf, textsOf } from '../node.ts'

const LIST_TYPES = ['atomic', 'set', 'map']

const MAP_TYPES = ['atomic', 'granular']

export function* checkLists(schema: Node): Iterable<ApiFault> {
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
