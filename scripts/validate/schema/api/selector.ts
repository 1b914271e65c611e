// Labels and the selectors over them, which most kinds have. Source: LabelSelector and ObjectMeta of meta/v1.

import { anyText, each, shape, struct } from './check.ts'
import { type ApiFault, asSelectorFault, type Check, choose, missing, refuse, wrong } from './fault.ts'
import {
  entriesOf,
  get,
  isEmpty,
  isMapping,
  isSet,
  itemsOf,
  lengthOf,
  type Node,
  pathOf,
  textOf,
  textsOf,
} from './node.ts'
import { labelValue, qualifiedName } from './text.ts'

/** The server names the map and not the entry. */
export const labels: Check = function* (node) {
  for (const entry of entriesOf(node)) {
    const problem = qualifiedName(String(entry.key))
    if (problem !== undefined) yield refuse(entry, `has a key that ${problem}`, node)
    const value = typeof entry.value === 'string' ? labelValue(entry.value) : undefined
    if (value !== undefined) yield wrong(entry, value, node)
  }
}

export const labelKey: Check = node => anyText(qualifiedName)(isSet(node) ? node : { ...node, value: '' })

const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist']

const requirement: Check = struct(
  {
    key: labelKey,
    values: each(anyText(labelValue)),
  },
  function* (node) {
    const operator = get(node, 'operator')
    const values = get(node, 'values')
    yield* checkOperands(textOf(operator), values)
    if (!operators.includes(textOf(operator))) yield choose(operator, operators)
  },
)

export function* checkOperands(operator: string, values: Node): Iterable<ApiFault> {
  if ((operator === 'In' || operator === 'NotIn') && isEmpty(values))
    yield missing(values, `operator ${operator} compares with them`)
  if ((operator === 'Exists' || operator === 'DoesNotExist') && lengthOf(values) > 0)
    yield refuse(values, `must not be set: operator ${operator} compares with nothing`)
}

export const labelSelector: Check = shape({ matchLabels: labels, matchExpressions: each(requirement) })

export function isEmptySelector(selector: Node): boolean {
  return isEmpty(get(selector, 'matchLabels')) && isEmpty(get(selector, 'matchExpressions'))
}

/** Whether the selector can be read at all; one that cannot is not held against labels. */
export function isReadable(selector: Node): boolean {
  for (const _ of labelSelector(selector)) return false
  return true
}

export function matches(selector: Node, labelsNode: Node): boolean {
  const has: Readonly<Record<string, unknown>> = isMapping(labelsNode.value) ? labelsNode.value : {}
  const own = (key: string): unknown => (Object.hasOwn(has, key) ? (has[key] ?? '') : undefined)
  for (const { key, value } of entriesOf(get(selector, 'matchLabels'))) {
    if (own(String(key)) !== (value ?? '')) return false
  }
  return itemsOf(get(selector, 'matchExpressions')).every(one => {
    const value = own(textOf(get(one, 'key')))
    const values = textsOf(get(one, 'values'))
    switch (textOf(get(one, 'operator'))) {
      case 'In':
        return value !== undefined && values.includes(String(value))
      case 'NotIn':
        return value === undefined || !values.includes(String(value))
      case 'Exists':
        return value !== undefined
      case 'DoesNotExist':
        return value === undefined
      default:
        return true
    }
  })
}

/** A selector that is a plain map of labels. */
export function matchesPairs(pairs: Node, labelsNode: Node): boolean {
  const has: Readonly<Record<string, unknown>> = isMapping(labelsNode.value) ? labelsNode.value : {}
  return entriesOf(pairs).every(({ key, value }) => Object.hasOwn(has, key) && has[key] === value)
}

/** A selector that must be there, must select something and must select the pods of the template. */
export function* checkWorkloadSelector(spec: Node, missingIs: 'named' | 'mismatch' = 'named'): Iterable<ApiFault> {
  const selector = get(spec, 'selector')
  const podLabels = get(spec, 'template', 'metadata', 'labels')
  // Of a DaemonSet the server says of a selector that is not there that the labels do not match it.
  if (!isSet(selector))
    yield missingIs === 'named'
      ? missing(selector)
      : { ...missing(selector), fieldPath: pathOf(podLabels), at: pathOf(selector) }
  else if (isEmptySelector(selector))
    yield asSelectorFault(refuse(selector, 'must select something: give it matchLabels'))
  else {
    yield* labelSelector(selector)
    if (isReadable(selector) && !matches(selector, podLabels))
      yield asSelectorFault(refuse(podLabels, 'must have the labels that spec.selector asks for'))
  }
}
