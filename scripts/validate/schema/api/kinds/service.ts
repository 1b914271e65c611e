// How pods are reached. Source: Service of core/v1.

import { anyText, duplicates, each, exactlyOneOf, oneOf, range, struct, text } from '../check.ts'
import { type Check, type ApiFault, missing, NO_FAULTS, refuse, warn, wrong } from '../fault.ts'
import { get, isSet, itemsOf, lengthOf, type Node, numberOf, textOf, textsOf } from '../node.ts'
import { endpointAddress, ipAddress, ipBlock, readAddress } from '../network.ts'
import { port as portOrName } from '../pod/probes.ts'
import { labels } from '../selector.ts'
import { dnsLabel, dnsSubdomain, qualifiedName } from '../text.ts'

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
export const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const MAX_AFFINITY = 86_400

export const portNumber: Check = node => {
  const value = numberOf(node) ?? 0
  return value >= 1 && value <= 65535
    ? NO_FAULTS
    : [isSet(node) ? wrong(node, 'must be from 1 to 65535') : missing(node, 'from 1 to 65535')]
}

const targetPort: Check = node => (!isSet(node) || node.value === 0 || node.value === '' ? NO_FAULTS : portOrName(node))

const servicePort: Check = struct({
  name: text(dnsLabel),
  port: portNumber,
  protocol: oneOf(...PROTOCOLS),
  targetPort,
  appProtocol: anyText(qualifiedName),
})

const protocolOf = (port: Node): string => textOf(get(port, 'protocol')) || 'TCP'

function* checkPorts(spec: Node, type: string, isHeadless: boolean): Iterable<ApiFault> {
  const list = get(spec, 'ports')
  const ports = itemsOf(list)
  if (ports.length === 0 && !isHeadless && type !== 'ExternalName') yield missing(list, 'at least one')
  yield* each(servicePort)(list)
  if (ports.length > 1)
    for (const port of ports)
      if (textOf(get(port, 'name')) === '') yield missing(get(port, 'name'), 'several ports need names')
  yield* duplicates(
    ports.map(port => get(port, 'name')),
    name => textOf(name) || undefined,
    name => wrong(name, 'is a duplicate: a port has a name of its own'),
  )
  for (const port of ports)
    if (type === 'ClusterIP' && (numberOf(get(port, 'nodePort')) ?? 0) !== 0)
      yield refuse(get(port, 'nodePort'), 'must not be set for type ClusterIP: use NodePort or LoadBalancer')
  yield* duplicates(
    ports.map(port => get(port, 'nodePort')),
    nodePort => (numberOf(nodePort) ? `${protocolOf(nodePort.up as Node)} ${numberOf(nodePort)}` : undefined),
    nodePort => wrong(nodePort, 'is a duplicate: a port of the nodes can be taken once'),
  )
  yield* duplicates(
    ports,
    port => `${protocolOf(port)} ${numberOf(get(port, 'port')) ?? 0}`,
    port => refuse(port, `has the port of another entry: ${numberOf(get(port, 'port')) ?? 0}/${protocolOf(port)}`),
  )
}

function* checkAffinity(spec: Node): Iterable<ApiFault> {
  const [affinity, config] = [get(spec, 'sessionAffinity'), get(spec, 'sessionAffinityConfig')]
  yield* oneOf('ClientIP', 'None')(affinity)
  if (textOf(affinity) === 'ClientIP') {
    const timeout = get(config, 'clientIP', 'timeoutSeconds')
    if (isSet(timeout)) yield* range(1, MAX_AFFINITY)(timeout)
  } else if (isSet(config)) yield warn(config, 'is dropped: sessionAffinity is not ClientIP')
}

/** `clusterIP` and the first of `clusterIPs` are one; where only the list is written the server refuses it. */
function* checkAddresses(spec: Node, type: string): Iterable<ApiFault> {
  const [single, list, families, policy] = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'].map(field =>
    get(spec, field),
  ) as [Node, Node, Node, Node]
  if (type === 'ExternalName') {
    for (const node of [list, families])
      if (lengthOf(node) > 0) yield refuse(node, 'must not be set for type ExternalName')
    if (textOf(single) !== '' && lengthOf(list) === 0)
      yield refuse(single, 'must not be set for type ExternalName', list)
    if (isSet(policy)) yield refuse(policy, 'must not be set for type ExternalName')
    return
  }
  const addresses = itemsOf(list)
  if (addresses.length > 0 && textOf(addresses[0] as Node) !== textOf(single))
    yield refuse(list, textOf(single) === '' ? 'must not be set without clusterIP' : 'must have clusterIP first')
  yield* each(exactlyOneOf('IPv4', 'IPv6'))(families)
  yield* duplicates(itemsOf(families), textOf, family => wrong(family, 'is a duplicate'))
  yield* exactlyOneOf('PreferDualStack', 'RequireDualStack', 'SingleStack')(policy)
  // What is written in clusterIP alone is the first of the list.
  const written = addresses.length > 0 ? addresses : textOf(single) === '' ? [] : [single]
  const nameOf = (index: number): Node => ({ value: undefined, up: list, key: index })
  let isValid = true
  for (const [index, address] of written.entries()) {
    if (index === 0 && textOf(address) === 'None') {
      if (written.length > 1) yield refuse(list, 'must have None alone')
      continue
    }
    const problem = ipAddress(textOf(address))
    if (problem !== undefined) {
      isValid = false
      yield wrong(address, problem, nameOf(index))
    }
  }
  if (written.length > 2) yield refuse(list, 'must have at most two addresses, one of each family')
  if (!isValid) return
  const kinds = written.map(address => readAddress(textOf(address))?.family)
  if (written.length > 1 && new Set(kinds).size < written.length && textOf(written[0] as Node) !== 'None')
    yield refuse(list, 'must have at most one address of each family')
  for (const [index, family] of textsOf(families).entries()) {
    const kind = kinds[index]
    if (kind === undefined || kind === Number(family.slice(3))) continue
    yield wrong(written[index] as Node, `must be an address of ${family}, as ipFamilies says`, nameOf(index))
  }
}

function* checkExternal(spec: Node, type: string): Iterable<ApiFault> {
  const isReachable =
    type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && lengthOf(get(spec, 'externalIPs')) > 0)
  const [policy, healthPort] = [get(spec, 'externalTrafficPolicy'), get(spec, 'healthCheckNodePort')]
  if (!isReachable) {
    if (textOf(policy) !== '')
      yield refuse(policy, 'must not be set: nothing outside of the cluster reaches this Service')
  } else yield* oneOf('Cluster', 'Local')(policy)
  const needsHealth = type === 'LoadBalancer' && textOf(policy) === 'Local'
  if ((numberOf(healthPort) ?? 0) !== 0) {
    if (!needsHealth)
      yield refuse(healthPort, 'must not be set unless type is LoadBalancer and externalTrafficPolicy is Local')
    else yield* range(1, 65535)(healthPort)
  }
  const named: Node = { value: undefined, up: spec, key: 'LoadBalancerSourceRanges' }
  const ranges = get(spec, 'loadBalancerSourceRanges')
  if (lengthOf(ranges) > 0) {
    if (type !== 'LoadBalancer') yield refuse(ranges, 'must not be set unless type is LoadBalancer', named)
    for (const item of itemsOf(ranges)) {
      const problem = ipBlock(textOf(item).trim())
      if (problem !== undefined) yield wrong(item, problem, { ...item, up: named })
    }
  }
  for (const field of ['allocateLoadBalancerNodePorts', 'loadBalancerClass'])
    if (isSet(get(spec, field)) && type !== 'LoadBalancer')
      yield refuse(get(spec, field), 'must not be set unless type is LoadBalancer')
  if (type === 'LoadBalancer') yield* anyText(qualifiedName)(get(spec, 'loadBalancerClass'))
}

const RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges'
const HINTS = 'service.kubernetes.io/topology-aware-hints'
const MODE = 'service.kubernetes.io/topology-mode'

function* checkAnnotations(object: Node, type: string): Iterable<ApiFault> {
  const annotations = get(object, 'metadata', 'annotations')
  const [hints, mode, ranges] = [get(annotations, HINTS), get(annotations, MODE), get(annotations, RANGES)]
  if (isSet(hints) && isSet(mode) && hints.value !== mode.value) yield wrong(mode, `must say the same as ${HINTS}`)
  if (isSet(hints)) yield warn(hints, `is deprecated: use ${MODE}`)
  if (!isSet(ranges) || lengthOf(get(object, 'spec', 'loadBalancerSourceRanges')) > 0) return
  if (type !== 'LoadBalancer') yield refuse(ranges, 'must not be set unless type is LoadBalancer')
  for (const block of textOf(ranges).trim() === '' ? [] : textOf(ranges).split(',')) {
    const problem = ipBlock(block.trim())
    if (problem !== undefined) yield wrong(ranges, problem)
  }
}

function* warnOfService(spec: Node, type: string, isHeadless: boolean): Iterable<ApiFault> {
  const ignored = (field: string, reason: string): ApiFault => warn(get(spec, field), `is ignored: ${reason}`)
  if (isHeadless && type === 'ClusterIP') {
    if (textOf(get(spec, 'loadBalancerIP')) !== '') yield ignored('loadBalancerIP', 'the Service is headless')
    if (lengthOf(get(spec, 'externalIPs')) > 0) yield ignored('externalIPs', 'the Service is headless')
    if (textOf(get(spec, 'sessionAffinity')) === 'ClientIP') yield ignored('sessionAffinity', 'the Service is headless')
  } else if (lengthOf(get(spec, 'externalIPs')) > 0) {
    if (type === 'ExternalName') yield ignored('externalIPs', 'the type is ExternalName')
    else yield warn(get(spec, 'externalIPs'), 'is deprecated: clusters may do without it')
  }
  if (type !== 'ExternalName' && textOf(get(spec, 'externalName')) !== '')
    yield ignored('externalName', 'the type is not ExternalName')
  if (textOf(get(spec, 'trafficDistribution')) === 'PreferClose')
    yield warn(get(spec, 'trafficDistribution'), 'is deprecated: use PreferSameZone')
}

export const service: Check = function* (object) {
  const spec = get(object, 'spec')
  const type = textOf(get(spec, 'type')) || 'ClusterIP'
  const addresses = itemsOf(get(spec, 'clusterIPs'))
  const isHeadless =
    addresses.length > 0
      ? addresses.length === 1 && textOf(addresses[0] as Node) === 'None'
      : textOf(get(spec, 'clusterIP')) === 'None'
  yield* oneOf(...TYPES)(get(spec, 'type'))
  yield* checkPorts(spec, type, isHeadless)
  if (isHeadless && (type === 'LoadBalancer' || type === 'NodePort'))
    yield refuse(get(spec, 'clusterIP'), `must not be None for type ${type}`, {
      value: undefined,
      up: get(spec, 'clusterIPs'),
      key: 0,
    })
  if (type === 'ExternalName') {
    const name = get(spec, 'externalName')
    const problem = textOf(name).replace(/\.$/, '') === '' ? undefined : dnsSubdomain(textOf(name).replace(/\.$/, ''))
    if (textOf(name).replace(/\.$/, '') === '') yield missing(name, 'the name of a host')
    else if (problem !== undefined) yield wrong(name, problem)
  }
  yield* labels(get(spec, 'selector'))
  yield* checkAffinity(spec)
  yield* checkAddresses(spec, type)
  for (const address of itemsOf(get(spec, 'externalIPs'))) {
    const problem = ipAddress(textOf(address)) ?? endpointAddress(textOf(address))
    if (problem !== undefined) yield wrong(address, problem)
  }
  yield* checkExternal(spec, type)
  yield* exactlyOneOf('Cluster', 'Local')(get(spec, 'internalTrafficPolicy'))
  yield* exactlyOneOf('PreferClose', 'PreferSameZone', 'PreferSameNode')(get(spec, 'trafficDistribution'))
  yield* checkAnnotations(object, type)
  yield* warnOfService(spec, type, isHeadless)
}
