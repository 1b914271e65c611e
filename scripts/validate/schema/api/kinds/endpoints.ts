// At which addresses pods are reached. Source: Endpoints of core/v1, EndpointSlice of discovery.k8s.io/v1.

import { anyText, duplicates, each, exactlyOneOf, oneOf, struct, text } from '../check.ts'
import { type Check, missing, NO_FAULTS, refuse, warn, wrong } from '../fault.ts'
import { get, isEmpty, isSet, itemsOf, lengthOf, textOf } from '../node.ts'
import { canonicalAddress, endpointAddress, ipAddress, readAddress } from '../network.ts'
import { dnsLabel, dnsSubdomain, fullDomain, labelValue, qualifiedName } from '../text.ts'
import { portNumber, PROTOCOLS } from './service.ts'

const endpointPort: Check = struct({
  name: text(dnsLabel),
  port: portNumber,
  protocol: oneOf(...PROTOCOLS),
  appProtocol: anyText(qualifiedName),
})

const endpoint: Check = struct({
  ip: node => {
    const problem = ipAddress(textOf(node)) ?? endpointAddress(textOf(node))
    return problem === undefined ? NO_FAULTS : [isSet(node) ? wrong(node, problem) : missing(node)]
  },
  hostname: text(dnsLabel),
  nodeName: anyText(dnsSubdomain),
})

const subsets: Check = each(
  struct(
    { addresses: each(endpoint), notReadyAddresses: each(endpoint), ports: each(endpointPort) },
    function* (subset) {
      if (isEmpty(get(subset, 'addresses')) && isEmpty(get(subset, 'notReadyAddresses')))
        yield missing(subset, 'addresses or notReadyAddresses')
      const ports = itemsOf(get(subset, 'ports'))
      if (ports.length > 1)
        for (const port of ports)
          if (textOf(get(port, 'name')) === '') yield missing(get(port, 'name'), 'several ports need names')
    },
  ),
)

export const endpoints: Check = function* (object) {
  yield warn(get(object, 'kind'), 'Endpoints is deprecated: use EndpointSlice of discovery.k8s.io/v1', object)
  yield* subsets(get(object, 'subsets'))
}

const FAMILIES: Readonly<Record<string, Check>> = {
  IPv4: node => {
    const problem = ipAddress(textOf(node))
    if (problem !== undefined) return [wrong(node, problem)]
    if (readAddress(textOf(node))?.family !== 4) return [wrong(node, 'must be an IPv4 address', node.up)]
    return anyText(endpointAddress)(node)
  },
  IPv6: node => {
    const problem = canonicalAddress(textOf(node))
    if (problem !== undefined) return [wrong(node, problem)]
    if (readAddress(textOf(node))?.family !== 6) return [wrong(node, 'must be an IPv6 address', node.up)]
    return anyText(endpointAddress)(node)
  },
  FQDN: anyText(value => fullDomain(2)(value.replace(/\.$/, ''))),
}

const hints: Check = function* (node) {
  for (const [field, test] of [
    ['forZones', labelValue],
    ['forNodes', dnsSubdomain],
  ] as const) {
    const list = get(node, field)
    if (lengthOf(list) > 8) yield refuse(list, 'must have at most 8 items')
    const names = itemsOf(list).map(item => get(item, 'name'))
    yield* duplicates(names, textOf, name => wrong(name, 'is a duplicate'))
    for (const name of names) {
      const problem = test(textOf(name))
      if (problem !== undefined) yield wrong(name, problem)
    }
  }
}

export const endpointSlice: Check = function* (object) {
  const [type, list, ports] = [get(object, 'addressType'), get(object, 'endpoints'), get(object, 'ports')]
  if (textOf(type) === '') yield missing(type, 'IPv4, IPv6 or FQDN')
  else yield* oneOf('FQDN', 'IPv4', 'IPv6')(type)
  if (lengthOf(ports) > 20_000) yield refuse(ports, 'must have at most 20000 items')
  yield* each(
    struct({ name: text(dnsLabel), protocol: exactlyOneOf(...PROTOCOLS), appProtocol: anyText(qualifiedName) }),
  )(ports)
  yield* duplicates(
    itemsOf(ports).map(port => get(port, 'name')),
    name => textOf(name),
    name => wrong(name, 'is a duplicate: a port has a name of its own'),
  )
  if (lengthOf(list) > 1000) yield refuse(list, 'must have at most 1000 items')
  for (const item of itemsOf(list)) {
    const addresses = get(item, 'addresses')
    if (isEmpty(addresses)) yield missing(addresses, 'at least one')
    if (lengthOf(addresses) > 100) yield refuse(addresses, 'must have at most 100 items')
    yield* each(FAMILIES[textOf(type)] ?? (() => NO_FAULTS))(addresses)
    yield* anyText(dnsSubdomain)(get(item, 'nodeName'))
    yield* anyText(dnsLabel)(get(item, 'hostname'))
    yield* hints(get(item, 'hints'))
  }
}
