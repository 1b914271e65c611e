// Devices that drivers offer. Source: ResourceSlice of resource.k8s.io/v1.
import { readQuantity } from '../../../../../tree/model/quantity.ts'
import {
  anyText,
  duplicates,
  each,
  maxItems,
  mustBeOneOf,
  nonNegative,
  required,
  setFields,
  struct,
  text,
} from '../../check.ts'
import { type ApiFault, type Check, missing, refuse, wrong } from '../../fault.ts'
import { entriesOf, get, isEmpty, isSet, isTrue, itemsOf, type Node, numberOf, textOf } from '../../node.ts'
import { nodeSelector } from '../../pod/scheduling.ts'
import { labelKey } from '../../selector.ts'
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '../../text.ts'
import { atMost, attributeName, driver, duplicateNames, EFFECTS, label } from './words.ts'

const MAX_CONDITIONS = 4

const MAX_COUNTER_SETS = 2

const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*)?(\+[\da-zA-Z-]+(\.[\da-zA-Z-]+)*)?$/

/** What is asked for lies between the ends, in steps from the lower one, and no end is beyond what is there. */
function* checkRange(range: Node, fallback: bigint | undefined, all: bigint): Iterable<ApiFault> {
  const [min, max, step] = ['min', 'max', 'step'].map(field => get(range, field)) as [Node, Node, Node]
  const [low, high, pace] = [min, max, step].map(node => (isSet(node) ? readQuantity(node.value) : undefined))
  if (low === undefined) return
  if (low > all) yield wrong(min, 'must be at most the value of the capacity')
  if (fallback !== undefined && fallback < low) yield wrong(min, 'must be at most the default')
  if (high !== undefined) {
    if (high > all) yield wrong(max, 'must be at most the value of the capacity')
    if (low > high) yield wrong(max, 'must be at least min')
    if (fallback !== undefined && fallback > high) yield wrong(max, 'must be at least the default')
  }
  if (pace === undefined || pace <= 0n) return
  if (low + pace > all) yield wrong(step, 'must lead from min to no more than the value of the capacity')
  const isOff = [fallback, high].some(value => value !== undefined && value >= low && (value - low) % pace !== 0n)
  if (isOff) yield wrong(step, 'must divide the way from min to max and to the default')
}

function* checkAttributes(device: Node): Iterable<ApiFault> {
  for (const field of ['attributes', 'capacity']) {
    const list = get(device, field)
    for (const entry of entriesOf(list)) {
      const problem = attributeName(String(entry.key), false)
      if (problem !== undefined) yield refuse(entry, `has a key that ${problem}`, list)
    }
  }
  for (const entry of entriesOf(get(device, 'attributes'))) {
    const set = setFields(entry, ['int', 'bool', 'string', 'version'])
    if (set.length !== 1) yield refuse(entry, 'must have exactly one of int, bool, string and version')
    const [version, string] = [get(entry, 'version'), get(entry, 'string')]
    yield* anyText(value => (SEMVER.test(value) ? atMost(64)(value) : 'must be a version such as 1.2.3'))(version)
    yield* anyText(atMost(64))(string)
  }
  for (const entry of entriesOf(get(device, 'capacity'))) {
    const policy = get(entry, 'requestPolicy')
    if (!isSet(policy)) continue
    if (!isTrue(get(device, 'allowMultipleAllocations')))
      yield refuse(policy, 'must not be set unless allowMultipleAllocations is true')
    const range = get(policy, 'validRange')
    if (!isSet(range)) continue
    if (!isSet(get(policy, 'default'))) yield missing(get(policy, 'default'), 'validRange needs it')
    if (!isSet(get(range, 'min'))) yield missing(get(range, 'min'))
    yield* checkRange(range, readQuantity(get(policy, 'default').value), readQuantity(get(entry, 'value').value) ?? 0n)
    if (!isEmpty(get(policy, 'validValues'))) yield refuse(policy, 'must have validValues or validRange, not both')
  }
}

const taint: Check = struct({ key: labelKey, effect: mustBeOneOf(...EFFECTS), value: text(labelValue) })

function* checkConditions(device: Node): Iterable<ApiFault> {
  const pair = ['bindingConditions', 'bindingFailureConditions'].map(field => get(device, field)) as [Node, Node]
  for (const [own, other] of [pair, [pair[1], pair[0]]] as const) {
    if (isEmpty(own) && !isEmpty(other)) yield refuse(own, `must be set beside ${other.key}`)
    yield* each(anyText(qualifiedName))(own)
    yield* maxItems(MAX_CONDITIONS)(own)
    yield* duplicates(itemsOf(own), textOf, item => wrong(item, 'is a duplicate'))
  }
}

function* checkCounters(holder: Node): Iterable<ApiFault> {
  const counters = get(holder, 'counters')
  if (isEmpty(counters)) yield missing(counters, 'at least one')
  for (const entry of entriesOf(counters)) {
    const problem = dnsLabel(String(entry.key))
    if (problem !== undefined) yield refuse(entry, `has a key that ${problem}`, counters)
  }
}

const nodeName: Check = anyText(value => (value === '' ? 'must not be empty' : dnsSubdomain(value)))

function* checkNodes(holder: Node, isSlice: boolean): Iterable<ApiFault> {
  yield* nodeName(get(holder, 'nodeName'))
  const [nodes, terms] = [get(holder, 'nodeSelector'), get(holder, 'nodeSelector', 'nodeSelectorTerms')]
  yield* nodeSelector(nodes)
  if (isSlice && itemsOf(terms).length > 1) yield refuse(terms, 'must have exactly one term')
  for (const field of ['allNodes', 'perDeviceNodeSelection'])
    if (get(holder, field).value === false) yield refuse(get(holder, field), 'must be true or left out')
}

const NODE_FIELDS = ['nodeName', 'nodeSelector', 'allNodes']

const device = (isPerDevice: boolean): Check =>
  struct({ name: label, taints: each(taint) }, function* (node) {
    yield* checkAttributes(node)
    yield* checkConditions(node)
    yield* checkNodes(node, false)
    const set = setFields(node, NODE_FIELDS)
    if (isPerDevice && set.length === 0) yield missing({ ...node, value: undefined }, NODE_FIELDS.join(', '))
    else if (set.length > (isPerDevice ? 1 : 0))
      yield refuse(node, isPerDevice ? `must have one of ${set.join(' and ')}` : `must not have ${set[0]} of its own`)
    const sets = get(node, 'consumesCounters')
    for (const one of itemsOf(sets)) {
      yield* label(get(one, 'counterSet'))
      yield* checkCounters(one)
    }
    yield* maxItems(MAX_COUNTER_SETS)(sets)
    yield* duplicates(
      itemsOf(sets),
      one => textOf(get(one, 'counterSet')) || undefined,
      one => refuse(one, 'is a duplicate'),
    )
  })

const poolName = (value: string): string | undefined =>
  atMost(253)(value) ??
  value
    .split('/')
    .map(dnsSubdomain)
    .find(problem => problem !== undefined)

const pool: Check = struct({ name: required(text(poolName)), generation: nonNegative }, node => {
  const count = get(node, 'resourceSliceCount')
  if ((numberOf(count) ?? 0) > 0) return []
  return [isSet(count) ? wrong(count, 'must be more than 0') : missing(count, 'more than 0')]
})

export const resourceSlice: Check = struct({
  spec: struct({ driver, pool }, function* (spec) {
    yield* checkNodes(spec, true)
    const set = setFields(spec, [...NODE_FIELDS, 'perDeviceNodeSelection'])
    if (set.length === 0) yield missing({ ...spec, value: undefined }, `one of ${NODE_FIELDS.join(', ')}`)
    if (set.length > 1) yield refuse(spec, `must have one of ${set.join(' and ')}`)
    const [list, counters] = [get(spec, 'devices'), get(spec, 'sharedCounters')]
    if (isSet(list) && isSet(counters)) yield refuse(spec, 'must have devices or sharedCounters, not both')
    yield* each(device(isTrue(get(spec, 'perDeviceNodeSelection'))))(list)
    yield* duplicateNames(list)
    for (const one of itemsOf(counters)) {
      yield* label(get(one, 'name'))
      yield* checkCounters(one)
    }
    yield* duplicateNames(counters)
  }),
})
