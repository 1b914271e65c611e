// How much a namespace may have, and each of its pods and claims. Source: ResourceQuota, LimitRange of core/v1.

import { each, struct } from '../check.ts'
import { type Check, type ApiFault, choose, missing, refuse, wrong } from '../fault.ts'
import { entriesOf, get, isEmpty, isSet, itemsOf, lengthOf, type Node, pathOf, textOf } from '../node.ts'
import { type Nano, readQuantity, showNano, toUnits } from '../../../../tree/model/quantity.ts'
import {
  checkAmount,
  containerResourceName,
  isOvercommitted,
  quotaResourceName,
  resourceName,
} from '../pod/resources.ts'
import { qualifiedName } from '../text.ts'

const POD_SCOPES = ['Terminating', 'NotTerminating', 'NotBestEffort', 'PriorityClass', 'CrossNamespacePodAffinity']
const SCOPES = [...POD_SCOPES, 'BestEffort', 'VolumeAttributesClass']
const WITHOUT_VALUES = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity']
const COMPUTE = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']
const PAIRS = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const

function fitsScope(scope: string, resource: string): boolean {
  if (resource.includes('/') || quotaResourceName(resource) !== undefined) return true
  if (scope === 'BestEffort') return resource === 'pods'
  if (scope === 'VolumeAttributesClass') return ['persistentvolumeclaims', 'requests.storage'].includes(resource)
  return POD_SCOPES.includes(scope) ? resource === 'pods' || COMPUTE.includes(resource) : true
}

function* checkScopes(spec: Node): Iterable<ApiFault> {
  const resources = entriesOf(get(spec, 'hard')).map(({ key }) => String(key))
  const scopes = get(spec, 'scopes')
  for (const scope of itemsOf(scopes)) {
    if (!SCOPES.includes(textOf(scope))) yield choose(scope, SCOPES, scopes)
    else if (!resources.every(resource => fitsScope(textOf(scope), resource)))
      yield wrong(
        scope,
        `must fit all resources: it does not fit ${resources.find(resource => !fitsScope(textOf(scope), resource))}`,
        scopes,
      )
  }
  const selector = get(spec, 'scopeSelector')
  const expressions = get(selector, 'matchExpressions')
  const named = (field: string): Node => ({ value: undefined, up: expressions, key: field })
  for (const one of itemsOf(expressions)) {
    const [scope, operator, values] = [get(one, 'scopeName'), get(one, 'operator'), get(one, 'values')]
    if (!SCOPES.includes(textOf(scope))) yield choose(scope, SCOPES, named('scopeName'))
    else if (!resources.every(resource => fitsScope(textOf(scope), resource)))
      yield wrong(scope, 'must fit all resources', expressions)
    const isPlain = WITHOUT_VALUES.includes(textOf(scope))
    if (isPlain && textOf(operator) !== 'Exists') yield choose(operator, ['Exists'], named('operator'))
    if (/^(In|NotIn)$/.test(textOf(operator))) {
      if (isEmpty(values)) yield missing(values, 'at least one', named('values'))
    } else if (/^(Exists|DoesNotExist)$/.test(textOf(operator))) {
      if (lengthOf(values) > 0)
        yield refuse(values, `must not be set: operator ${textOf(operator)} compares with nothing`, named('values'))
    } else if (!isPlain) yield choose(operator, ['In', 'NotIn', 'Exists', 'DoesNotExist'], named('operator'))
  }
  for (const [a, b] of PAIRS) {
    const has = (scope: string): boolean => itemsOf(scopes).some(item => textOf(item) === scope)
    const selects = (scope: string): boolean =>
      itemsOf(expressions).some(item => textOf(get(item, 'scopeName')) === scope)
    if (has(a) && has(b)) yield refuse(scopes, `must not have both ${a} and ${b}`)
    if (selects(a) && selects(b)) yield refuse(expressions, `must not have both ${a} and ${b}`)
  }
}

function* checkHard(node: Node): Iterable<ApiFault> {
  for (const entry of entriesOf(node)) {
    const problem = quotaResourceName(String(entry.key))
    if (problem !== undefined) yield refuse(entry, `is not a resource of quotas: it ${problem}`)
    yield* checkAmount(entry)
  }
}

export const resourceQuota: Check = object => struct({ hard: checkHard }, checkScopes)(get(object, 'spec'))

const LIMIT_TYPES = ['Container', 'Pod', 'PersistentVolumeClaim']
const UNIT = 10n ** 9n

const limit: Check = struct({}, function* (node) {
  const type = get(node, 'type')
  const problem = qualifiedName(textOf(type))
  if (problem !== undefined)
    yield isSet(type) && textOf(type) !== '' ? wrong(type, problem) : missing(type, LIMIT_TYPES.join(', '))
  else if (!textOf(type).includes('/') && !LIMIT_TYPES.includes(textOf(type))) yield choose(type, LIMIT_TYPES)
  const isPod = textOf(type) === 'Pod'
  const nameTest = /^(Pod|Container)$/.test(textOf(type)) ? containerResourceName : resourceName
  const fields = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio']
  const keys = new Set<string>()
  for (const field of fields) {
    const list = get(node, field)
    if (isPod && (field === 'default' || field === 'defaultRequest')) {
      if (!isEmpty(list)) yield refuse(list, 'must not be set where type is Pod')
      continue
    }
    for (const entry of entriesOf(list)) {
      const wrongName = nameTest(String(entry.key))
      if (wrongName !== undefined) yield refuse(entry, `is not a resource: it ${wrongName}`)
      keys.add(String(entry.key))
    }
  }
  if (
    textOf(type) === 'PersistentVolumeClaim' &&
    !isSet(get(node, 'min', 'storage')) &&
    !isSet(get(node, 'max', 'storage'))
  )
    yield { ...missing(node, 'min or max of storage'), fieldPath: [...pathOf(node), 'limits'], at: pathOf(node) }
  for (const key of keys) yield* compare(node, key, textOf(type))
})

/** A limit of containers is filled from the others: what is not said follows from what is. */
function readLimit(node: Node, key: string, type: string): { fallback: Nano | undefined; request: Nano | undefined } {
  const read = (field: string): Nano | undefined => readQuantity(get(node, field, key).value)
  if (type !== 'Container') return { fallback: read('default'), request: read('defaultRequest') }
  const fallback = read('default') ?? read('max')
  return { fallback, request: read('defaultRequest') ?? fallback ?? read('min') }
}

function* compare(node: Node, key: string, type: string): Iterable<ApiFault> {
  const at = (field: string): Node => get(node, field, key)
  const read = (field: string): Nano | undefined => readQuantity(at(field).value)
  const [min, max, ratio] = [read('min'), read('max'), read('maxLimitRequestRatio')]
  const { fallback, request } =
    type === 'Pod' ? { fallback: undefined, request: undefined } : readLimit(node, key, type)
  const order = [
    ['min', min, 'max', max, 'min'],
    ['min', min, 'defaultRequest', request, 'defaultRequest'],
    ['defaultRequest', request, 'max', max, 'defaultRequest'],
    ['defaultRequest', request, 'default', fallback, 'defaultRequest'],
    ['min', min, 'default', fallback, 'default'],
    ['default', fallback, 'max', max, 'default'],
  ] as const
  for (const [lower, low, upper, high, culprit] of order) {
    if (low === undefined || high === undefined || low <= high) continue
    const [word, other, value] = culprit === lower ? ['at most', upper, high] : ['at least', lower, low]
    yield wrong(at(culprit), `must be ${word} ${other}, which is ${showNano(value)}`)
  }
  if (ratio !== undefined && ratio < UNIT) yield wrong(at('maxLimitRequestRatio'), 'must be at least 1')
  if (
    ratio !== undefined &&
    min !== undefined &&
    max !== undefined &&
    min > 0n &&
    ratioOf(ratio) > Number(max) / Number(min)
  )
    yield wrong(at('maxLimitRequestRatio'), `must be at most max / min, which is ${Number(max) / Number(min)}`)
  if (!isOvercommitted(key) && request !== undefined && fallback !== undefined && request !== fallback)
    yield wrong(at('defaultRequest'), 'must be equal to default: this resource is not shared')
}

/** In thousandths, as the server counts it unless it is huge. */
const ratioOf = (ratio: Nano): number => {
  const units = toUnits(ratio)
  return units < 9_223_372_036_854_775n ? Math.ceil(Number(ratio) / 1e6) / 1000 : Number(units)
}

export const limitRange: Check = function* (object) {
  const list = get(object, 'spec', 'limits')
  yield* each(limit)(list)
  // What is defaulted from another field is compared like what is written.
  const seen = new Set<string>()
  for (const item of itemsOf(list)) {
    const type = get(item, 'type')
    if (seen.has(textOf(type))) yield wrong(type, 'is a duplicate: a type is limited once')
    seen.add(textOf(type))
  }
}
