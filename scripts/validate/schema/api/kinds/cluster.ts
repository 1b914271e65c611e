// Objects of the cluster itself. Source: Node and Event of core/v1, Event of events.k8s.io/v1, PriorityClass of
// scheduling.k8s.io/v1, RuntimeClass of node.k8s.io/v1, Lease of coordination.k8s.io/v1, APIService of
// apiregistration.k8s.io/v1, CertificateSigningRequest of certificates.k8s.io/v1.

import {
  anyText,
  atLeast,
  duplicates,
  each,
  exactlyOneOf,
  range,
  required,
  requiredRange,
  struct,
  text,
  inSpec,
} from '../check.ts'
import { type Check, choose, missing, refuse, wrong } from '../fault.ts'
import {
  bytesOf,
  get,
  isEmpty,
  isSet,
  isTrue,
  itemsOf,
  lengthOf,
  type Node,
  numberOf,
  pathOf,
  textOf,
} from '../node.ts'
import { ipBlock, readBlock } from '../network.ts'
import { checkAmount, containerRequirements } from '../pod/resources.ts'
import { taints, tolerations } from '../pod/scheduling.ts'
import { labels } from '../selector.ts'
import { dns1035Label, dnsLabel, dnsSubdomain, qualifiedName, microTime } from '../text.ts'

export const node: Check = function* (object) {
  const spec = get(object, 'spec')
  for (const fault of taints(get(spec, 'taints'))) {
    // The server names them under metadata.
    yield { ...fault, at: fault.at ?? fault.fieldPath, fieldPath: ['metadata', ...fault.fieldPath.slice(1)] }
  }
  const [single, blocks] = [get(spec, 'podCIDR'), get(spec, 'podCIDRs')]
  // The single block wins over a list that begins with another one.
  const first = itemsOf(blocks)[0]
  const isSingle = textOf(single) !== '' && (first === undefined || textOf(first) !== textOf(single))
  const problem = isSingle ? ipBlock(textOf(single)) : undefined
  if (problem !== undefined) yield wrong(single, problem, { value: undefined, up: blocks, key: 0 })
  if (!isSingle && textOf(single) !== '') yield* each(anyText(ipBlock))(blocks)
  const families = itemsOf(isSingle || textOf(single) === '' ? single : blocks).map(
    item => readBlock(textOf(item))?.family,
  )
  if (families.length > 2 || (families.length === 2 && families[0] === families[1]))
    yield refuse(blocks, 'must have at most one block of each family')
  for (const field of ['capacity', 'allocatable']) {
    const list = get(object, 'status', field)
    if (typeof list.value !== 'object' || list.value === null) continue
    for (const key of Object.keys(list.value)) yield* checkAmount(get(list, key))
  }
}

const SYSTEM_CLASSES: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
}
const MAX_PRIORITY = 1_000_000_000

export const priorityClass: Check = function* (object) {
  const [name, value] = [get(object, 'metadata', 'name'), get(object, 'value')]
  if (textOf(name).startsWith('system-')) {
    if (SYSTEM_CLASSES[textOf(name)] !== (numberOf(value) ?? 0))
      yield wrong(name, 'must not start with system-, which is for Kubernetes')
  } else if ((numberOf(value) ?? 0) > MAX_PRIORITY) yield wrong(value, `must be at most ${MAX_PRIORITY}`)
  yield* exactlyOneOf('PreemptLowerPriority', 'Never')(get(object, 'preemptionPolicy'))
}

export const runtimeClass: Check = function* (object) {
  yield* required(text(dnsLabel))(get(object, 'handler'))
  const overhead = get(object, 'overhead', 'podFixed')
  if (isSet(overhead)) {
    const holder: Node = { value: { limits: overhead.value }, up: object, key: 'overhead' }
    for (const fault of containerRequirements([])(holder)) {
      const at = (fault.at ?? fault.fieldPath).map((segment, index) =>
        index === 1 && segment === 'limits' ? 'podFixed' : segment,
      )
      yield { ...fault, at }
    }
  }
  yield* labels(get(object, 'scheduling', 'nodeSelector'))
  const list = get(object, 'scheduling', 'tolerations')
  yield* tolerations(list)
  yield* duplicates(
    itemsOf(list),
    item => JSON.stringify(['key', 'operator', 'value', 'effect'].map(field => textOf(get(item, field)))),
    item => refuse(item, 'is a duplicate'),
  )
}

const strategy = (value: string): string | undefined => {
  if (value.includes('/')) return qualifiedName(value)
  return value === 'OldestEmulationVersion' ? undefined : 'must be OldestEmulationVersion, or a name with a domain'
}

export const lease: Check = inSpec(
  struct(
    {
      leaseDurationSeconds: atLeast(1),
      leaseTransitions: atLeast(0),
      acquireTime: anyText(microTime),
      renewTime: anyText(microTime),
    },
    function* (spec) {
      // Without the feature of coordinated election both fields are dropped.
      const own = get(spec, 'strategy')
      if (textOf(own) !== '' && strategy(textOf(own)) !== undefined && lengthOf(own) > 0)
        yield wrong(own, 'must be OldestEmulationVersion')
    },
  ),
)

export const apiService: Check = function* (object) {
  const spec = get(object, 'spec')
  const [group, version, service, bundle, insecure] = [
    'group',
    'version',
    'service',
    'caBundle',
    'insecureSkipTLSVerify',
  ].map(field => get(spec, field)) as [Node, Node, Node, Node, Node]
  const name = get(object, 'metadata', 'name')
  const wanted = `${textOf(version)}.${textOf(group)}`
  if (textOf(name) !== '' && textOf(name) !== wanted) yield wrong(name, `must be <version>.<group>, as ${wanted}`)
  const prefix = get(object, 'metadata', 'generateName')
  if (textOf(prefix) !== '' && textOf(prefix) !== wanted) yield wrong(prefix, `must be <version>.<group>, as ${wanted}`)
  if (textOf(group) === '' && textOf(version) !== 'v1') yield missing(group)
  yield* text(dnsSubdomain)(group)
  const problem = dns1035Label(textOf(version))
  if (problem !== undefined) yield textOf(version) === '' ? missing(version) : wrong(version, problem)
  yield* requiredRange(1, 20_000)(get(spec, 'groupPriorityMinimum'))
  yield* requiredRange(1, 1000)(get(spec, 'versionPriority'))
  if (!isSet(service)) {
    if (!isEmpty(bundle)) yield refuse(bundle, 'must not be set without service')
    if (isTrue(insecure)) yield refuse(insecure, 'must not be true without service')
    return
  }
  for (const field of ['namespace', 'name']) if (textOf(get(service, field)) === '') yield missing(get(service, field))
  yield* range(1, 65535)(get(service, 'port'))
  if (isTrue(insecure) && !isEmpty(bundle)) yield refuse(insecure, 'must not be true beside caBundle')
}

const USAGES = [
  'signing',
  'digital signature',
  'content commitment',
  'key encipherment',
  'key agreement',
  'data encipherment',
  'cert sign',
  'crl sign',
  'encipher only',
  'decipher only',
  'any',
  'server auth',
  'client auth',
  'code signing',
  'email protection',
  's/mime',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'timestamping',
  'ocsp signing',
  'microsoft sgc',
  'netscape sgc',
]

/** `domain/path`: who signs. */
export function signerProblem(value: string): string | undefined {
  const segments = value.split('/')
  if (segments.length !== 2) return 'must be a domain, "/" and a name, as example.com/my-signer'
  const [domain = '', path = ''] = segments
  if (dnsSubdomain(domain) !== undefined || domain.split('.').length < 2)
    return 'must begin with a domain of at least two labels'
  return path === '' || dnsSubdomain(path) !== undefined
    ? 'must end with a name of lower-case letters, digits, "-" and "."'
    : undefined
}

export const certificateRequest: Check = function* (object) {
  const spec = get(object, 'spec')
  const [request, usages, signer] = [get(spec, 'request'), get(spec, 'usages'), get(spec, 'signerName')]
  const decoded = Buffer.from(textOf(request), 'base64').toString('latin1')
  if (textOf(request) === '') yield missing(request)
  else if (!/-----BEGIN CERTIFICATE REQUEST-----[\s\S]+-----END CERTIFICATE REQUEST-----/.test(decoded))
    yield refuse(request, 'must be a certificate request in PEM form, encoded as base64')
  if (isEmpty(usages)) yield missing(usages, 'at least one')
  yield* each(exactlyOneOf(...USAGES))(usages)
  yield* duplicates(itemsOf(usages), textOf, usage => wrong(usage, 'is a duplicate'))
  if (textOf(signer) === '') yield missing(signer)
  else {
    const problem =
      textOf(signer) === 'kubernetes.io/legacy-unknown' ? 'must be another signer' : signerProblem(textOf(signer))
    if (problem !== undefined) yield wrong(signer, problem)
  }
  yield* atLeast(600)(get(spec, 'expirationSeconds'))
}

const MAX_TEXT = 128
const MAX_NOTE = 1024

/** The newer of the two groups asks for more. */
const event = (isNew: boolean): Check =>
  function* (object) {
    const about = get(object, isNew ? 'regarding' : 'involvedObject', 'namespace')
    const named: Node = { ...about, up: { value: undefined, up: object, key: 'involvedObject' } }
    const own = textOf(get(object, 'metadata', 'namespace'))
    const time = get(object, 'eventTime')
    if (own === '' && textOf(about) !== '' && !isSet(time) && dnsLabel(textOf(about)) !== undefined)
      yield wrong(about, 'must be the namespace of the event', named)
    if (
      textOf(about) === ''
        ? own !== '' && own !== 'default' && !(isSet(time) && own === 'kube-system')
        : !isSet(time) && own !== '' && own !== textOf(about)
    )
      yield refuse(about, 'must be the namespace of the event', named)
    if (isSet(time)) {
      const controller = get(object, isNew ? 'reportingController' : 'reportingComponent')
      if (textOf(controller) === '') yield missing(controller)
      else yield* text(qualifiedName)(controller)
      for (const field of ['reportingInstance', 'action', 'reason']) {
        const node = get(object, field)
        if (textOf(node) === '') yield missing(node)
        if (bytesOf(textOf(node)) > MAX_TEXT) yield refuse(node, `must have at most ${MAX_TEXT} bytes`)
      }
      const note = get(object, isNew ? 'note' : 'message')
      if (bytesOf(textOf(note)) > MAX_NOTE)
        yield { ...refuse(note, `must have at most ${MAX_NOTE} bytes`), at: pathOf(note), fieldPath: ['message'] }
    }
    const series = get(object, 'series')
    yield* anyText(microTime)(time)
    yield* anyText(microTime)(get(series, 'lastObservedTime'))
    if (!isNew) return
    if (isSet(series)) {
      if ((numberOf(get(series, 'count')) ?? 0) < 2) yield refuse(get(series, 'count'), 'must be at least 2')
      if (!isSet(get(series, 'lastObservedTime'))) yield missing(get(series, 'lastObservedTime'))
    }
    if (!isSet(time)) yield missing(time)
    const type = get(object, 'type')
    if (!['Normal', 'Warning'].includes(textOf(type)))
      yield textOf(type) === '' ? missing(type, 'Normal or Warning') : choose(type, ['Normal', 'Warning'])
    for (const [field, name] of [
      ['deprecatedFirstTimestamp', 'firstTimestamp'],
      ['deprecatedLastTimestamp', 'lastTimestamp'],
      ['deprecatedCount', 'count'],
      ['deprecatedSource', 'source'],
    ] as const) {
      const node = get(object, field)
      if (!isEmpty(node) && node.value !== 0)
        yield { ...refuse(node, 'must not be set'), at: pathOf(node), fieldPath: [name] }
    }
  }

export const coreEvent = event(false)
export const newEvent = event(true)
