// Devices and claims of them. Source: DeviceClass, ResourceClaim, ResourceClaimTemplate and ResourceSlice of resource.k8s.io/v1.

import { checkExpression } from '../cel.ts'
import {
  anyText,
  duplicates,
  each,
  exactlyOneOf,
  maxItems,
  mustBeOneOf,
  nonNegative,
  required,
  setFields,
  struct,
  text,
} from '../check.ts'
import { type ApiFault, type Check, missing, refuse, wrong } from '../fault.ts'
import { templateMetadata } from '../metadata.ts'
import {
  bytesOf,
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
} from '../node.ts'
import { readQuantity } from '../../../../tree/model/quantity.ts'
import { nodeSelector } from '../pod/scheduling.ts'
import { labelKey } from '../selector.ts'
import { anyCaseSubdomain, both, dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '../text.ts'

const MAX_SELECTORS = 32
const MAX_REQUESTS = 32
const MAX_SUBREQUESTS = 8
const MAX_CONDITIONS = 4
const MAX_COUNTER_SETS = 2

const atMost =
  (most: number) =>
  (value: string): string | undefined =>
    bytesOf(value) > most ? `must have at most ${most} bytes` : undefined

const driver: Check = required(text(both(anyCaseSubdomain, atMost(63))))
const className: Check = required(text(dnsSubdomain))
const label: Check = required(text(dnsLabel))

const selector: Check = struct({}, function* (node) {
  const cel = get(node, 'cel')
  if (!isSet(cel)) {
    yield missing(cel, 'an expression over device')
    return
  }
  const expression = get(cel, 'expression')
  if (textOf(expression).trim() === '') yield wrong(expression, 'must be an expression over device')
  else yield* checkExpression(expression, ['device'], ['bool'])
})

const selectors: Check = list => [...each(selector)(list), ...maxItems(MAX_SELECTORS)(list)]

const opaque: Check = struct({ driver }, function* (node) {
  const parameters = get(node, 'parameters')
  if (!isSet(parameters)) yield missing(parameters)
  else if (!isMapping(parameters.value)) yield refuse(parameters, 'must be a mapping')
})

const configuration: Check = struct({}, node => {
  const inner = get(node, 'opaque')
  return isSet(inner) ? opaque(inner) : [missing(inner, 'the parameters of a driver')]
})

function extendedResource(value: string): string | undefined {
  const isOwn = value.includes('/') && !/(^|\.)kubernetes\.io\//.test(value) && !value.startsWith('requests.')
  return isOwn && qualifiedName(`requests.${value}`) === undefined
    ? undefined
    : 'must be a domain and a name, as example.com/gpu'
}

export const deviceClass: Check = struct({
  spec: struct({ selectors, config: each(configuration), extendedResourceName: anyText(extendedResource) }, node =>
    maxItems(MAX_SELECTORS)(get(node, 'config')),
  ),
})

/** Tolerations and taints of devices know an effect more than those of nodes, and one less. */
const EFFECTS = ['NoExecute', 'NoSchedule', 'None']

const toleration: Check = struct({ key: text(qualifiedName) }, function* (node) {
  const [operator, value, effect] = [get(node, 'operator'), get(node, 'value'), get(node, 'effect')]
  if (textOf(operator) !== '') yield* exactlyOneOf('Equal', 'Exists')(operator)
  if (textOf(effect) !== '') yield* exactlyOneOf(...EFFECTS)(effect)
  if (textOf(operator) === 'Exists' && textOf(value) !== '')
    yield wrong(value, 'must not be set: operator Exists takes any value')
  if (/^(Equal|)$/.test(textOf(operator))) yield* text(labelValue)(value)
})

const MODES = ['All', 'ExactCount']

const devices: Check = struct(
  { deviceClassName: className, selectors, tolerations: each(toleration) },
  function* (node) {
    const [mode, count] = [get(node, 'allocationMode'), get(node, 'count')]
    const number = numberOf(count) ?? 0
    if (textOf(mode) !== '' && !MODES.includes(textOf(mode))) yield* exactlyOneOf(...MODES)(mode)
    else if (textOf(mode) === 'All') {
      if (number !== 0) yield wrong(count, 'must not be set where allocationMode is All')
    } else if (number < 0) yield wrong(count, 'must be more than 0')
  },
)

const subrequest: Check = struct({ name: label }, devices)

const request: Check = struct({ name: label }, function* (node) {
  const [exactly, first] = [get(node, 'exactly'), get(node, 'firstAvailable')]
  const set = [isSet(exactly), !isEmpty(first)].filter(Boolean).length
  if (set !== 1) {
    yield set === 0
      ? missing({ ...node, value: undefined }, 'exactly or firstAvailable')
      : refuse(node, 'must have exactly or firstAvailable, not both')
    return
  }
  if (isSet(exactly)) yield* devices(exactly)
  yield* each(subrequest)(first)
  yield* maxItems(MAX_SUBREQUESTS)(first)
  yield* duplicateNames(first)
})

const duplicateNames = (list: Node): Iterable<ApiFault> =>
  duplicates(
    itemsOf(list),
    item => textOf(get(item, 'name')) || undefined,
    item => refuse(item, 'is a duplicate: a name is given once'),
  )

function attributeName(value: string, needsDomain: boolean): string | undefined {
  const parts = value.split('/')
  // The server looks at nothing that has more parts.
  if (parts.length > 2) return undefined
  if (parts.length < 2 && needsDomain) return 'must be a domain and a name, as example.com/model'
  const [domain, name = ''] = parts.length < 2 ? [undefined, value] : parts
  if (domain !== undefined) {
    if (domain === '') return 'must have a domain before the "/"'
    const problem = anyCaseSubdomain(domain) ?? atMost(63)(domain)
    if (problem !== undefined) return 'must begin with a domain of at most 63 bytes'
  }
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return 'must have a name of letters, digits and "_"'
  return atMost(32)(name)
}

const attribute: Check = anyText(value => attributeName(value, true))

/** Requests that configurations and constraints speak of: by name, or as `request/subrequest`. */
function* checkNamed(list: Node, known: ReadonlySet<string>): Iterable<ApiFault> {
  for (const item of itemsOf(list)) {
    const parts = textOf(item).split('/')
    const problem = parts.length > 2 ? undefined : parts.map(dnsLabel).find(one => one !== undefined)
    if (problem !== undefined) yield wrong(item, problem)
    else if (!known.has(textOf(item))) yield wrong(item, 'must be the name of a request of this claim')
  }
  yield* duplicates(itemsOf(list), textOf, item => wrong(item, 'is a duplicate'))
}

function* checkClaim(spec: Node): Iterable<ApiFault> {
  const holder = get(spec, 'devices')
  const requests = get(holder, 'requests')
  yield* each(request)(requests)
  yield* maxItems(MAX_REQUESTS)(requests)
  yield* duplicateNames(requests)
  const known = new Set<string>()
  for (const one of itemsOf(requests)) {
    const name = textOf(get(one, 'name'))
    known.add(name)
    for (const sub of itemsOf(get(one, 'firstAvailable'))) known.add(`${name}/${textOf(get(sub, 'name'))}`)
  }
  const constraints = get(holder, 'constraints')
  for (const one of itemsOf(constraints)) {
    yield* checkNamed(get(one, 'requests'), known)
    // Where both are set, the second is not looked at.
    const [first] = setFields(one, ['matchAttribute', 'distinctAttribute'])
    if (first === undefined) yield missing({ ...one, value: undefined }, 'matchAttribute or distinctAttribute')
    else yield* attribute(get(one, first))
  }
  yield* maxItems(MAX_REQUESTS)(constraints)
  const config = get(holder, 'config')
  for (const one of itemsOf(config)) {
    yield* checkNamed(get(one, 'requests'), known)
    yield* configuration(one)
  }
  yield* maxItems(MAX_REQUESTS)(config)
}

export const resourceClaim: Check = object => checkClaim(get(object, 'spec'))

/** The server's own name of one of them is not that of the field. */
const SERVER_NAMES: Readonly<Record<string, string>> = { uid: 'uID' }

export const resourceClaimTemplate: Check = function* (object) {
  const template = get(object, 'spec')
  for (const fault of templateMetadata(template))
    yield { ...fault, fieldPath: ['spec', 'metadata', ...fault.fieldPath.slice(1)] }
  for (const entry of entriesOf(get(template, 'metadata'))) {
    const key = String(entry.key)
    if (key === 'labels' || key === 'annotations' || !isSet(entry) || entry.value === '') continue
    yield refuse(entry, 'must not be set: a template has labels and annotations', {
      ...entry,
      key: SERVER_NAMES[key] ?? key,
    })
  }
  yield* checkClaim(get(template, 'spec'))
}

const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*)?(\+[\da-zA-Z-]+(\.[\da-zA-Z-]+)*)?$/

/** What is asked for lies between the ends, in steps from the lower one, and no end is beyond what is there. */
function* checkRange(range: Node, fallback: bigint | undefined, all: bigint): Iterable<ApiFault> {
  const [min, max, step] = ['min', 'max', 'step'].map(field => get(range, field)) as [Node, Node, Node]
  const [low, high, pace] = [min, max, step].map(node => readQuantity(node.value))
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
