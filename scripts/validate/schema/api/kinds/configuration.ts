// What pods read, and the namespace that they are in. Source: ConfigMap, Secret, Namespace of core/v1.

import { type Check, type ApiFault, choose, missing, refuse, warn, wrong } from '../fault.ts'
import { bytesOf, entriesOf, get, isEntry, isSet, itemsOf, textOf, type Node } from '../node.ts'
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
      const fault = refuse(get(isMappingWith(plain, key) ? plain : data, key), 'must be JSON: a mapping of registries')
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
