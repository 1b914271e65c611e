// The pod, described once for every kind that makes pods. Source: PodSpec and PodTemplateSpec of core/v1.
import { isWholeInMilli, readQuantity } from '../../../../tree/model/quantity.ts'
import { anyText, duplicates, each, exactlyOneOf, oneOf, range, required, shape, struct, text } from '../check.ts'
import { type ApiFault, type Check, missing, refuse, warn, wrong } from '../fault.ts'
import { templateMetadata } from '../metadata.ts'
import { ipAddress } from '../network.ts'
import {
  entriesOf,
  get,
  isEmpty,
  isSet,
  isTrue,
  itemsOf,
  lengthOf,
  type Node,
  numberOf,
  textOf,
  textsOf,
} from '../node.ts'
import { labels } from '../selector.ts'
import { dnsLabel, dnsSubdomain, qualifiedName, relaxedSubdomain } from '../text.ts'
import { checkContainers, listContainers, type PodContext, warnOfPorts } from './containers.ts'
import { checkPodSums, containerRequirements, podRequirements } from './resources.ts'
import { affinity, spread, tolerations, warnOfLabels } from './scheduling.ts'
import { checkPodAnnotations } from './annotations.ts'
import { checkHostProcess, checkOwnUsers, checkSystem, podSecurity } from './security.ts'
import { readVolumes } from './volumes/volumes.ts'

const MAX_INT32 = 2 ** 31 - 1
const DEFAULT_GRACE_PERIOD = 30

const hostAliases: Check = each(struct({ ip: required(text(ipAddress)), hostnames: each(anyText(dnsSubdomain)) }))

const dnsConfig: Check = shape(
  {
    nameservers: each(anyText(ipAddress)),
    searches: each(anyText(value => (value === '.' ? undefined : relaxedSubdomain(value.replace(/\.$/, ''))))),
  },
  function* (node) {
    const [servers, searches] = [get(node, 'nameservers'), get(node, 'searches')]
    if (lengthOf(servers) > 3) yield refuse(servers, `has ${lengthOf(servers)} items; 3 are allowed`)
    if (lengthOf(searches) > 32) yield refuse(searches, `has ${lengthOf(searches)} items; 32 are allowed`)
    if (textsOf(searches).join(' ').length > 2048) yield refuse(searches, 'must have at most 2048 characters together')
    for (const option of itemsOf(get(node, 'options')))
      if (textOf(get(option, 'name')) === '') yield missing(option, 'a name')
  },
)

function* checkDns(spec: Node): Iterable<ApiFault> {
  const config = get(spec, 'dnsConfig')
  if (textOf(get(spec, 'dnsPolicy')) === 'None') {
    if (!isSet(config)) {
      yield missing(config, 'dnsPolicy None takes all from it')
      return
    }
    if (isEmpty(get(config, 'nameservers'))) {
      yield missing(get(config, 'nameservers'), 'dnsPolicy None has no others')
      return
    }
  }
  yield* dnsConfig(config)
}

const schedulingGates: Check = function* (list) {
  for (const gate of itemsOf(list)) {
    const problem = qualifiedName(textOf(get(gate, 'name')))
    if (problem !== undefined) yield wrong(get(gate, 'name'), problem, gate)
  }
  yield* duplicates(
    itemsOf(list),
    gate => textOf(get(gate, 'name')),
    gate => refuse(gate, 'is a duplicate'),
  )
}

const claimReference =
  (field: string): Check =>
  node => {
    const name = get(node, field)
    return isSet(name) ? anyText(dnsSubdomain)(name) : []
  }

const resourceClaims: Check = function* (list) {
  for (const claim of itemsOf(list)) {
    const [name, direct, template] = [
      get(claim, 'name'),
      get(claim, 'resourceClaimName'),
      get(claim, 'resourceClaimTemplateName'),
    ]
    yield* required(text(dnsLabel))(name)
    if (isSet(direct) && isSet(template))
      yield refuse(claim, 'must have resourceClaimName or resourceClaimTemplateName, not both')
    if (!isSet(direct) && !isSet(template))
      yield refuse(claim, 'must have resourceClaimName or resourceClaimTemplateName')
    yield* claimReference('resourceClaimName')(claim)
    yield* claimReference('resourceClaimTemplateName')(claim)
  }
  yield* duplicates(
    itemsOf(list).map(claim => get(claim, 'name')),
    name => textOf(name) || undefined,
    name => wrong(name, 'is a duplicate'),
  )
}

const fields = struct({
  restartPolicy: oneOf('Always', 'OnFailure', 'Never'),
  dnsPolicy: oneOf('ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'),
  nodeSelector: labels,
  affinity,
  tolerations,
  topologySpreadConstraints: spread,
  readinessGates: each(struct({ conditionType: node => anyText(qualifiedName)({ ...node, value: textOf(node) }) })),
  schedulingGates,
  serviceAccountName: text(dnsSubdomain),
  nodeName: text(dnsSubdomain),
  activeDeadlineSeconds: range(1, MAX_INT32),
  hostname: text(dnsLabel),
  subdomain: text(dnsLabel),
  hostAliases,
  priorityClassName: text(dnsSubdomain),
  runtimeClassName: anyText(dnsSubdomain),
  preemptionPolicy: exactlyOneOf('PreemptLowerPriority', 'Never'),
  resourceClaims,
})

const overhead: Check = function* (node) {
  // Judged as limits, and named so.
  const holder: Node = { value: { limits: node.value }, up: node.up, key: node.key }
  for (const fault of containerRequirements([])(holder)) {
    const index = fault.fieldPath.indexOf('limits')
    yield { ...fault, at: fault.fieldPath.filter((_, position) => position !== index) }
  }
}

/** The older field counts where the newer one is not set, and is called by its name. */
function* checkAccount(spec: Node): Iterable<ApiFault> {
  const account = get(spec, 'serviceAccount')
  const problem = textOf(account) === '' ? undefined : dnsSubdomain(textOf(account))
  const newer = get(spec, 'serviceAccountName')
  if (problem !== undefined && textOf(newer) === '') yield wrong(account, problem, newer)
}

function* checkHostname(spec: Node): Iterable<ApiFault> {
  const node = get(spec, 'hostnameOverride')
  if (typeof node.value !== 'string') return
  if (isTrue(get(spec, 'setHostnameAsFQDN'))) yield refuse(node, 'must not be set beside setHostnameAsFQDN')
  if (isTrue(get(spec, 'hostNetwork'))) yield refuse(node, 'must not be set beside hostNetwork')
  if (node.value.length > 64) yield refuse(node, 'must have at most 64 bytes')
  yield* anyText(dnsSubdomain)(node)
}

/** In the network of the host a port is the same inside and outside. */
function* checkHostNetwork(spec: Node): Iterable<ApiFault> {
  if (!isTrue(get(spec, 'hostNetwork'))) return
  for (const container of itemsOf(get(spec, 'containers'))) {
    for (const port of itemsOf(get(container, 'ports'))) {
      const [inside, outside] = [numberOf(get(port, 'containerPort')) ?? 0, numberOf(get(port, 'hostPort')) ?? 0]
      if (outside !== 0 && inside !== outside)
        yield wrong(get(port, 'hostPort'), `must be ${inside}, the containerPort: hostNetwork has one`)
    }
  }
}

const WARNED_ANNOTATIONS: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'priorityClassName',
  'security.alpha.kubernetes.io/sysctls': 'sysctls',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'sysctls',
}

function* warnOfPod(metadata: Node, spec: Node): Iterable<ApiFault> {
  for (const [key, field] of Object.entries(WARNED_ANNOTATIONS)) {
    const node = get(metadata, 'annotations', key)
    if (isSet(node)) yield warn(node, `has no effect: use the field ${field}`)
  }
  yield* duplicates(
    itemsOf(get(spec, 'hostAliases')).map(alias => get(alias, 'ip')),
    ip => textOf(ip),
    ip => warn(ip, 'is a duplicate of another alias'),
  )
  const secrets = itemsOf(get(spec, 'imagePullSecrets')).map(secret => get(secret, 'name'))
  yield* duplicates(secrets, textOf, name => warn(name, 'is a duplicate'))
  for (const name of secrets) if (textOf(name) === '') yield warn(name, 'is empty: the entry names no Secret')
  for (const entry of entriesOf(get(spec, 'overhead'))) {
    const nano = /^(memory|ephemeral-storage)$/.test(String(entry.key)) ? readQuantity(entry.value) : undefined
    if (nano !== undefined && !isWholeInMilli(nano)) yield warn(entry, 'has a fraction of a byte')
  }
  yield* warnOfPorts(spec)
  yield* warnOfLabels(spec)
  const grace = numberOf(get(spec, 'terminationGracePeriodSeconds'))
  if (grace !== undefined && grace < 0)
    yield warn(get(spec, 'terminationGracePeriodSeconds'), 'is negative and taken for 1')
}

export interface PodRules {
  /** The name of the pod, where it is known: a Pod's own. */
  readonly podName?: string
  readonly isPod: boolean
  /** Volumes that the workload itself adds, by name. */
  readonly addedVolumes?: ReadonlyMap<string, Node>
}

export function* checkPodSpec(spec: Node, rules: PodRules): Iterable<ApiFault> {
  const { byName, faults } = readVolumes(get(spec, 'volumes'), rules.podName, rules.isPod)
  for (const fault of faults) if (!isReplaced(fault, spec, rules)) yield fault
  const restartPolicy = textOf(get(spec, 'restartPolicy'))
  const context: PodContext = {
    volumes: rules.addedVolumes ? new Map([...byName, ...rules.addedVolumes]) : byName,
    claims: itemsOf(get(spec, 'resourceClaims')).map(claim => textOf(get(claim, 'name'))),
    gracePeriod: numberOf(get(spec, 'terminationGracePeriodSeconds')) ?? DEFAULT_GRACE_PERIOD,
    restartPolicy,
    usesHostUsers: get(spec, 'hostUsers').value !== false,
  }
  const containers = listContainers(spec)
  yield* checkContainers(spec, context)
  yield* fields(spec)
  if (isSet(get(spec, 'overhead'))) yield* overhead(get(spec, 'overhead'))
  if (isSet(get(spec, 'resources'))) {
    if (textOf(get(spec, 'os', 'name')) === 'windows')
      yield refuse(get(spec, 'resources'), 'must not be set for a Windows pod')
    else {
      yield* podRequirements(get(spec, 'resources'))
      yield* checkPodSums(spec)
    }
  }
  yield* checkHostNetwork(spec)
  yield* podSecurity(spec)
  yield* checkDns(spec)
  yield* checkHostProcess(spec, containers)
  yield* checkOwnUsers(spec, containers)
  yield* checkAccount(spec)
  yield* checkHostname(spec)
  yield* checkSystem(spec, containers)
}

/** A volume that a claim template replaces is not judged. */
function isReplaced(fault: ApiFault, spec: Node, { addedVolumes }: PodRules): boolean {
  if (!addedVolumes) return false
  const path = fault.at ?? fault.fieldPath
  const index = path[path.indexOf('volumes') + 1]
  const volume = typeof index === 'number' ? itemsOf(get(spec, 'volumes'))[index] : undefined
  return volume !== undefined && addedVolumes.has(textOf(get(volume, 'name')))
}

/** Of a template: its labels and annotations, its pod, and what only pods may have. */
export function* checkPodTemplate(template: Node, addedVolumes?: ReadonlyMap<string, Node>): Iterable<ApiFault> {
  const [metadata, spec] = [get(template, 'metadata'), get(template, 'spec')]
  yield* templateMetadata(template)
  yield* checkPodAnnotations(metadata, spec, listContainers(spec), template)
  yield* checkPodSpec(spec, { isPod: false, ...(addedVolumes && { addedVolumes }) })
  if (lengthOf(get(spec, 'ephemeralContainers')) > 0)
    yield refuse(get(spec, 'ephemeralContainers'), 'must not be set in a template')
  yield* warnOfPod(metadata, spec)
}

/** A Pod of its own. */
export const pod: Check = function* (object) {
  const [metadata, spec] = [get(object, 'metadata'), get(object, 'spec')]
  yield* checkPodAnnotations(metadata, spec, listContainers(spec), metadata)
  yield* checkPodSpec(spec, { isPod: true, podName: textOf(get(metadata, 'name')) })
  for (const container of listContainers(spec)) {
    const image = get(container, 'image')
    if (textOf(image).trim() !== textOf(image)) yield wrong(image, 'must not have spaces around it')
  }
  if (lengthOf(get(spec, 'ephemeralContainers')) > 0)
    yield refuse(get(spec, 'ephemeralContainers'), 'must not be set: they are added to a pod that runs')
  if (textOf(get(spec, 'nodeName')) !== '' && lengthOf(get(spec, 'schedulingGates')) > 0)
    yield refuse(get(spec, 'nodeName'), 'must not be set beside schedulingGates')
  yield* warnOfPod(metadata, spec)
}
