// Devices that pods ask for. Source: DeviceClass, ResourceClaim and ResourceClaimTemplate of resource.k8s.io/v1.
import { checkExpression } from '../../cel/check.ts'
import { anyText, duplicates, each, exactlyOneOf, maxItems, required, setFields, struct, text } from '../../check.ts'
import { type ApiFault, type Check, missing, refuse, wrong } from '../../fault.ts'
import { templateMetadata } from '../../metadata.ts'
import { entriesOf, get, isEmpty, isMapping, isSet, itemsOf, type Node, numberOf, textOf } from '../../node.ts'
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '../../text.ts'
import { attributeName, driver, duplicateNames, EFFECTS, label } from './words.ts'

const MAX_SELECTORS = 32

const MAX_REQUESTS = 32

const MAX_SUBREQUESTS = 8

const className: Check = required(text(dnsSubdomain))

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
