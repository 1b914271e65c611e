// The containers of a pod, each with what belongs to it and held against its pod. Source: Container of core/v1.
import { isWholeInMilli, readQuantity } from '../../../../tree/model/quantity.ts'
import { duplicates, each, oneOf, required, struct, text } from '../check.ts'
import { type ApiFault, type Check, choose, missing, NO_FAULTS, refuse, warn, wrong } from '../fault.ts'
import { entriesOf, get, isEmpty, isSet, itemsOf, lengthOf, type Node, numberOf, textOf } from '../node.ts'
import { dnsLabel, portName } from '../text.ts'
import { checkFileSources, environment, environmentFrom } from './environment.ts'
import { checkLifecycle, PROBES } from './probes.ts'
import { containerRequirements } from './resources.ts'
import { containerSecurity } from './security.ts'
import { checkMounts } from './volumes/mounts.ts'
import { pullPolicy } from './volumes/types.ts'

/** What of its pod a container is judged by. */
export interface PodContext {
  readonly volumes: ReadonlyMap<string, Node>
  readonly claims: readonly string[]
  readonly gracePeriod: number
  readonly restartPolicy: string
  readonly usesHostUsers: boolean
}

const portNumber =
  (isRequired: boolean): Check =>
  node => {
    const value = numberOf(node) ?? 0
    if (value === 0) return isRequired ? [missing(node, 'from 1 to 65535')] : NO_FAULTS
    return value >= 1 && value <= 65535 ? NO_FAULTS : [wrong(node, 'must be from 1 to 65535')]
  }

const PROTOCOLS = ['TCP', 'UDP', 'SCTP']

const eachPort: Check = each(
  struct({
    name: text(portName),
    containerPort: portNumber(true),
    hostPort: portNumber(false),
    protocol: oneOf(...PROTOCOLS),
  }),
)

const ports: Check = function* (list) {
  yield* eachPort(list)
  yield* duplicates(
    itemsOf(list).map(port => get(port, 'name')),
    name => (textOf(name) === '' || portName(textOf(name)) !== undefined ? undefined : textOf(name)),
    name => wrong(name, 'is a duplicate: a port has a name of its own'),
  )
}

const fields: Readonly<Record<string, Check>> = {
  name: required(text(dnsLabel)),
  image: required(),
  terminationMessagePolicy: oneOf('File', 'FallbackToLogsOnError'),
  ports,
  env: environment,
  envFrom: environmentFrom,
  imagePullPolicy: pullPolicy,
}

const common = struct(fields)
const securityOfHostUsers = containerSecurity(true)
const securityOfOwnUsers = containerSecurity(false)

function* checkCommon(container: Node, pod: PodContext): Iterable<ApiFault> {
  yield* common(container)
  yield* checkMounts(container, pod.volumes)
  yield* checkFileSources(container, pod.volumes)
  yield* containerRequirements(pod.claims)(get(container, 'resources'))
  yield* checkResizePolicy(get(container, 'resizePolicy'), pod.restartPolicy)
  yield* (pod.usesHostUsers ? securityOfHostUsers : securityOfOwnUsers)(get(container, 'securityContext'))
  for (const field of ['limits', 'requests']) {
    for (const entry of entriesOf(get(container, 'resources', field))) {
      const nano = /^(memory|ephemeral-storage)$/.test(String(entry.key)) ? readQuantity(entry.value) : undefined
      if (nano !== undefined && !isWholeInMilli(nano))
        yield warn(entry, 'has a fraction of a byte: the suffix m is a thousandth, M a million')
    }
  }
}

/** The server names the list for all but duplicates. */
function* checkResizePolicy(list: Node, podRestartPolicy: string): Iterable<ApiFault> {
  const items = itemsOf(list)
  yield* duplicates(
    items,
    item => textOf(get(item, 'resourceName')),
    item => refuse(item, 'is a duplicate: a resource has one policy'),
  )
  for (const item of items) {
    const [resource, policy] = [get(item, 'resourceName'), get(item, 'restartPolicy')]
    if (textOf(resource) === '') yield missing(resource, 'cpu or memory', list)
    else if (!['cpu', 'memory'].includes(textOf(resource))) yield choose(resource, ['cpu', 'memory'], list)
    if (textOf(policy) === '') yield missing(policy, 'NotRequired or RestartContainer', list)
    else if (!['NotRequired', 'RestartContainer'].includes(textOf(policy)))
      yield choose(policy, ['NotRequired', 'RestartContainer'], list)
    if (podRestartPolicy === 'Never' && textOf(policy) !== 'NotRequired')
      yield refuse(policy, 'must be NotRequired in a pod that never restarts', list)
  }
}

const RESTART_POLICIES = ['Always', 'Never', 'OnFailure']
const RESTART_ACTIONS = ['Restart', 'RestartAllContainers']
const EXIT_OPERATORS = ['In', 'NotIn']

function* checkRestartPolicy(container: Node): Iterable<ApiFault> {
  const [policy, rules] = [get(container, 'restartPolicy'), get(container, 'restartPolicyRules')]
  if (isSet(policy)) {
    if (!RESTART_POLICIES.includes(textOf(policy))) yield choose(policy, RESTART_POLICIES)
  } else if (lengthOf(rules) > 0) yield missing(policy, 'restartPolicyRules need it')
  if (lengthOf(rules) > 20) yield refuse(rules, `has ${lengthOf(rules)} items; 20 are allowed`)
  for (const rule of itemsOf(rules)) {
    const [action, codes] = [get(rule, 'action'), get(rule, 'exitCodes')]
    if (!RESTART_ACTIONS.includes(textOf(action))) yield choose(action, RESTART_ACTIONS)
    if (!isSet(codes)) {
      yield missing(codes)
      continue
    }
    if (!EXIT_OPERATORS.includes(textOf(get(codes, 'operator')))) yield choose(get(codes, 'operator'), EXIT_OPERATORS)
    if (lengthOf(get(codes, 'values')) > 255) yield refuse(get(codes, 'values'), 'must have at most 255 items')
  }
}

function* checkRunning(container: Node, pod: PodContext): Iterable<ApiFault> {
  yield* checkLifecycle(get(container, 'lifecycle'), pod.gracePeriod)
  for (const [field, check] of Object.entries(PROBES)) yield* check(get(container, field))
}

/** A port of the host can be taken once; `named`: the server names the list for one of an init container. */
function* checkHostPorts(containers: readonly Node[]): Iterable<ApiFault> {
  const all = containers.flatMap(container => itemsOf(get(container, 'ports')))
  yield* duplicates(
    all.map(port => get(port, 'hostPort')),
    hostPort => {
      const port = hostPort.up as Node
      if (!numberOf(hostPort)) return undefined
      return `${textOf(get(port, 'protocol')) || 'TCP'}/${textOf(get(port, 'hostIP'))}/${numberOf(hostPort)}`
    },
    hostPort => wrong(hostPort, 'is a duplicate: a port of the host can be taken once'),
  )
}

const ONLY_SIDECARS = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']

export function* checkContainers(podSpec: Node, pod: PodContext): Iterable<ApiFault> {
  const list = get(podSpec, 'containers')
  const containers = itemsOf(list)
  if (isEmpty(list)) yield missing(list, 'at least one')
  const names = new Set<string>()
  for (const container of containers) {
    yield* checkCommon(container, pod)
    yield* checkName(container, names)
    yield* checkRunning(container, pod)
    yield* checkRestartPolicy(container)
  }
  yield* checkHostPorts(containers)
  for (const container of itemsOf(get(podSpec, 'initContainers'))) {
    yield* checkCommon(container, pod)
    const policy = get(container, 'restartPolicy')
    const isSidecar = textOf(policy) === 'Always'
    yield* checkRestartPolicy(container)
    yield* checkName(container, names)
    yield* checkInitPorts(container)
    if (isSidecar) yield* checkRunning(container, pod)
    else {
      for (const field of ONLY_SIDECARS)
        if (isSet(get(container, field)))
          yield refuse(get(container, field), 'must not be set for an init container without restartPolicy: Always')
      for (const one of itemsOf(get(container, 'resizePolicy')))
        if (textOf(get(one, 'restartPolicy')) === 'RestartContainer')
          yield refuse(get(one, 'restartPolicy'), 'must be NotRequired for an init container that is not a sidecar')
    }
  }
}

function* checkInitPorts(container: Node): Iterable<ApiFault> {
  // The server counts each init container as the first.
  for (const fault of checkHostPorts([container])) {
    const path = fault.fieldPath.map((segment, index) =>
      fault.fieldPath[index - 1] === 'initContainers' ? 0 : segment,
    )
    yield { ...fault, at: fault.fieldPath, fieldPath: path }
  }
}

function* checkName(container: Node, names: Set<string>): Iterable<ApiFault> {
  const name = get(container, 'name')
  if (textOf(name) === '') return
  if (names.has(textOf(name))) yield wrong(name, 'is a duplicate: a container has a name of its own')
  names.add(textOf(name))
}

export function listContainers(podSpec: Node): readonly Node[] {
  return [
    ...itemsOf(get(podSpec, 'initContainers')),
    ...itemsOf(get(podSpec, 'containers')),
    ...itemsOf(get(podSpec, 'ephemeralContainers')),
  ]
}

/** Ports that several containers have, or that have one name. */
export function* warnOfPorts(podSpec: Node): Iterable<ApiFault> {
  const byPort = new Map<string, Node[]>()
  const byName = new Map<string, Node>()
  for (const port of listContainers(podSpec).flatMap(container => itemsOf(get(container, 'ports')))) {
    const [hostIp, hostPort] = [textOf(get(port, 'hostIP')), numberOf(get(port, 'hostPort')) ?? 0]
    if (hostIp !== '' && hostPort === 0) yield warn(port, 'has hostIP without hostPort')
    const key = `${numberOf(get(port, 'containerPort'))}/${textOf(get(port, 'protocol')) || 'TCP'}`
    const others = byPort.get(key) ?? []
    for (const other of others) {
      const [otherIp, otherPort] = [textOf(get(other, 'hostIP')), numberOf(get(other, 'hostPort')) ?? 0]
      if (hostIp === otherIp && hostPort === otherPort) yield warn(port, `is a duplicate of another port: ${key}`)
      else if (hostPort === 0 || otherPort === 0) yield warn(port, `overlaps with another port: ${key}`)
      else if (hostPort === otherPort && (hostIp === '') !== (otherIp === ''))
        yield warn(port, `is ambiguous beside another port: ${key}`)
    }
    byPort.set(key, [...others, port])
    const name = textOf(get(port, 'name'))
    if (name === '') continue
    if (byName.has(name))
      yield warn(get(port, 'name'), 'is the name of another port too: Services and probes use the first')
    else byName.set(name, port)
  }
}
