// What pods read and who they are, and what a namespace allows. Source: ConfigMap, Secret, Namespace, ResourceQuota,
// LimitRange of core/v1.

import { each, struct } from '../check.ts'
import { type Check, type ApiFault, choose, missing, refuse, warn, wrong } from '../fault.ts'
import {
  bytesOf,
  entriesOf,
  get,
  isEmpty,
  isEntry,
  isSet,
  itemsOf,
  lengthOf,
  type Node,
  pathOf,
  textOf,
} from '../node.ts'
import { type Nano, readQuantity, showNano, toUnits } from '../../../../tree/model/quantity.ts'
import {
  checkAmount,
  containerResourceName,
  isOvercommitted,
  quotaResourceName,
  resourceName,
} from '../pod/resources.ts'
import { configKey, qualifiedName } from '../text.ts'

const MAX_SIZE = 1024 * 1024

function* checkKeys(data: Node): Iterable<ApiFault> {
  for (const entry of entriesOf(data)) {
    const problem = configKey(String(entry.key))
    if (problem !== undefined) yield refuse(entry, `is not a key: it ${problem}`)
  }
}

/** The bytes that base64 stands for. */
function decodedSize(text: string): number {
  const packed = text.replace(/[\r\n]/g, '')
  const padding = packed.endsWith('==') ? 2 : packed.endsWith('=') ? 1 : 0
  return Math.max(0, (packed.length / 4) * 3 - padding)
}

export const configMap: Check = function* (object) {
  const [data, binary] = [get(object, 'data'), get(object, 'binaryData')]
  yield* checkKeys(data)
  yield* checkKeys(binary)
  let size = 0
  for (const entry of entriesOf(data)) {
    if (isSet(get(binary, String(entry.key)))) yield refuse(entry, 'is a key of binaryData too')
    size += bytesOf(textOf(entry))
  }
  for (const entry of entriesOf(binary)) size += decodedSize(textOf(entry))
  if (size > MAX_SIZE)
    yield refuse(data, `has ${size} bytes; ${MAX_SIZE} are allowed`, { value: undefined, up: object, key: '' })
}

const SERVICE_ACCOUNT = 'kubernetes.io/service-account.name'
/** Keys that a type of Secret must have, and how their value must be. */
const TYPES: Readonly<
  Record<
    string,
    { readonly keys: readonly string[]; readonly isJson?: true; readonly isFilled?: true; readonly isAny?: true }
  >
> = {
  'kubernetes.io/dockercfg': { keys: ['.dockercfg'], isJson: true },
  'kubernetes.io/dockerconfigjson': { keys: ['.dockerconfigjson'], isJson: true },
  'kubernetes.io/basic-auth': { keys: ['username', 'password'], isAny: true },
  'kubernetes.io/ssh-auth': { keys: ['ssh-privatekey'], isFilled: true },
  'kubernetes.io/tls': { keys: ['tls.crt', 'tls.key'] },
}

/** What the server stores: `stringData` wins over `data`. Undefined: the key is not there. */
function storedValue(object: Node, key: string): string | undefined {
  const plain = get(object, 'stringData', key)
  if (isMappingWith(get(object, 'stringData'), key)) return textOf(plain)
  if (!isMappingWith(get(object, 'data'), key)) return undefined
  return Buffer.from(textOf(get(object, 'data', key)), 'base64').toString('utf8')
}

const isMappingWith = ({ value }: Node, key: string): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)

function isJsonMap(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return value === null || (typeof value === 'object' && !Array.isArray(value))
  } catch {
    return false
  }
}

const PEM = /-----BEGIN [^-]+-----[\s\S]*-----END [^-]+-----/

export const secret: Check = function* (object) {
  const [data, plain, type] = [get(object, 'data'), get(object, 'stringData'), textOf(get(object, 'type'))]
  yield* checkKeys(data)
  for (const fault of checkKeys(plain))
    yield { ...fault, at: fault.fieldPath, fieldPath: ['data', ...fault.fieldPath.slice(1)] }
  const keys = new Set([...entriesOf(data), ...entriesOf(plain)].map(({ key }) => String(key)))
  let size = 0
  for (const key of keys)
    size += isMappingWith(plain, key) ? bytesOf(textOf(get(plain, key))) : decodedSize(textOf(get(data, key)))
  if (size > MAX_SIZE) yield refuse(data, `has ${size} bytes; ${MAX_SIZE} are allowed`)
  if (type === 'kubernetes.io/service-account-token') {
    const name = get(object, 'metadata', 'annotations', SERVICE_ACCOUNT)
    if (textOf(name) === '') yield missing(name, `type ${type} is of a ServiceAccount`)
  }
  const rule = TYPES[type]
  if (!rule) return
  const lacking = rule.keys.filter(key =>
    rule.isFilled ? (storedValue(object, key) ?? '') === '' : storedValue(object, key) === undefined,
  )
  if (!rule.isAny || lacking.length === rule.keys.length)
    for (const key of lacking)
      yield missing(get(data, key), `type ${type} has ${rule.isAny ? `one of ${rule.keys.join(' and ')}` : 'it'}`)
  for (const key of rule.keys) {
    const value = storedValue(object, key)
    if (rule.isJson && value !== undefined && !isJsonMap(value)) {
      const fault = refuse(get(isMappingWith(plain, key) ? plain : data, key), 'must be JSON: a map of registries')
      yield { ...fault, at: fault.fieldPath, fieldPath: ['data', key] }
    }
  }
  const certificate = storedValue(object, 'tls.crt')
  if (
    type === 'kubernetes.io/tls' &&
    certificate !== undefined &&
    storedValue(object, 'tls.key') !== undefined &&
    !PEM.test(certificate)
  )
    yield warn(get(isMappingWith(plain, 'tls.crt') ? plain : data, 'tls.crt'), 'is not a certificate in PEM form')
}

const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion']

const LEVELS = ['privileged', 'baseline', 'restricted']

/** Labels that ask for Pod Security are refused where they cannot be read. */
function* checkPodSecurityLabels(labels: Node): Iterable<ApiFault> {
  for (const mode of ['enforce', 'audit', 'warn']) {
    const level = get(labels, `pod-security.kubernetes.io/${mode}`)
    const version = get(labels, `pod-security.kubernetes.io/${mode}-version`)
    if (isEntry(level) && !LEVELS.includes(textOf(level))) yield choose(level, LEVELS)
    if (isEntry(version) && !/^(latest|v1\.(0|[1-9]\d{0,8}))$/.test(textOf(version)))
      yield wrong(version, 'must be latest or a version such as v1.36')
  }
}

export const namespace: Check = function* (object) {
  yield* checkPodSecurityLabels(get(object, 'metadata', 'labels'))
  const list = get(object, 'spec', 'finalizers')
  for (const item of itemsOf(list)) {
    const problem = qualifiedName(textOf(item))
    if (problem !== undefined) yield wrong(item, problem, list)
    else if (!textOf(item).includes('/') && !STANDARD_FINALIZERS.includes(textOf(item)))
      yield wrong(item, 'must have a domain, as example.com/name', list)
  }
}

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
      if (isEmpty(values)) yield refuse(values, 'is required: at least one', named('values'))
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
