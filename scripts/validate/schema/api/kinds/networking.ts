// Traffic into the cluster and between pods. Source: Ingress, IngressClass and NetworkPolicy of networking.k8s.io/v1.

import { anyText, each, exactlyOneOf, maxItems, required, shape, struct, text, inSpec } from '../check.ts'
import { type Check, choose, missing, refuse, warn, wrong, refuseBoth } from '../fault.ts'
import { bytesOf, get, isEmpty, isSet, itemsOf, numberOf, textOf, pathOf } from '../node.ts'
import { canonicalAddress, canonicalForm, ipBlock, isWithin, readAddress, readBlock, showAddress } from '../network.ts'
import { port } from '../pod/probes.ts'
import { labelSelector } from '../selector.ts'
import { dnsLabel, dnsSubdomain, domainPrefixedPath, pathSegment, portName, wildcardDomain } from '../text.ts'

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']
const FORBIDDEN = ['//', '/./', '/../', '%2f', '%2F']
const FORBIDDEN_ENDS = ['/..', '/.']

const host = (value: string): string | undefined => (value.includes('*') ? wildcardDomain(value) : dnsSubdomain(value))

const reference: Check = shape({
  apiGroup: anyText(dnsSubdomain),
  kind: required(text(pathSegment)),
  name: required(text(pathSegment)),
})

const backend: Check = struct({}, function* (node) {
  const [service, resource] = [get(node, 'service'), get(node, 'resource')]
  if (isSet(service) && isSet(resource))
    yield refuseBoth(node, [['service'], ['resource']], 'must have service or resource, not both')
  else if (isSet(resource)) yield* reference(resource)
  else if (isSet(service)) {
    yield* required(text(dnsLabel))(get(service, 'name'))
    const [name, number] = [get(service, 'port', 'name'), get(service, 'port', 'number')]
    const hasNumber = (numberOf(number) ?? 0) !== 0
    if (textOf(name) !== '' && hasNumber)
      yield { ...refuse(node, 'must have the name or the number of a port, not both'), at: pathOf(number) }
    else if (textOf(name) !== '') yield* text(portName)(name)
    else if (hasNumber) {
      const value = numberOf(number) as number
      if (value < 1 || value > 65535) yield wrong(number, 'must be from 1 to 65535')
    } else yield missing(node, 'the name or the number of a port')
  } else yield refuse(node, 'must have service or resource')
})

const path: Check = struct({}, function* (node) {
  const [type, value] = [get(node, 'pathType'), get(node, 'path')]
  if (!isSet(type)) {
    yield missing(type, PATH_TYPES.join(', '))
    return
  }
  const own = textOf(value)
  if (!PATH_TYPES.includes(textOf(type))) yield choose(type, PATH_TYPES)
  else if (textOf(type) === 'ImplementationSpecific') {
    if (own !== '' && !own.startsWith('/')) yield wrong(value, 'must start with "/"')
  } else {
    if (!own.startsWith('/'))
      yield isSet(value) ? wrong(value, 'must start with "/"') : missing(value, 'it starts with "/"')
    const bad = FORBIDDEN.find(sequence => own.includes(sequence)) ?? FORBIDDEN_ENDS.find(end => own.endsWith(end))
    if (bad !== undefined) yield wrong(value, `must not have ${bad} in it`)
  }
  yield* backend(get(node, 'backend'))
})

const rule: Check = struct({
  host: text(value => (readAddress(value) ? 'must be the name of a host and not an IP address' : host(value))),
  http: shape({ paths: required(each(path), 'at least one') }),
})

const CLASS = 'kubernetes.io/ingress.class'

export const ingress: Check = function* (object) {
  const spec = get(object, 'spec')
  const [rules, fallback, className] = [get(spec, 'rules'), get(spec, 'defaultBackend'), get(spec, 'ingressClassName')]
  if (isEmpty(rules) && !isSet(fallback)) yield refuse(spec, 'must have rules or defaultBackend')
  if (isSet(fallback)) yield* backend(fallback)
  yield* each(rule)(rules)
  yield* each(struct({ hosts: each(anyText(host)), secretName: text(dnsSubdomain) }))(get(spec, 'tls'))
  yield* anyText(dnsSubdomain)(className)
  const annotation = get(object, 'metadata', 'annotations', CLASS)
  if (!isSet(annotation)) return
  if (!isSet(className)) yield warn(annotation, 'is deprecated: use spec.ingressClassName')
  else if (className.value !== annotation.value)
    yield wrong(annotation, 'must say the same as spec.ingressClassName', {
      value: undefined,
      up: { value: undefined, up: object, key: 'annotations' },
      key: CLASS,
    })
}

const SCOPES = ['Cluster', 'Namespace']

export const ingressClass: Check = inSpec(
  struct({ controller: required(text(domainPrefixedPath)) }, function* (spec) {
    if (bytesOf(textOf(get(spec, 'controller'))) > 250)
      yield refuse(get(spec, 'controller'), 'must have at most 250 bytes')
    const parameters = get(spec, 'parameters')
    if (!isSet(parameters)) return
    yield* reference(parameters)
    const [scope, namespace] = [get(parameters, 'scope'), get(parameters, 'namespace')]
    const wanted = isSet(scope) ? textOf(scope) : 'Cluster'
    if (!SCOPES.includes(wanted)) yield choose(scope, SCOPES)
    if (wanted === 'Namespace') {
      if (isSet(namespace)) yield* anyText(dnsLabel)(namespace)
      else yield missing(namespace, 'scope Namespace needs it')
    }
    if (wanted === 'Cluster' && isSet(namespace)) yield refuse(namespace, 'must not be set where scope is Cluster')
  }),
)

const policyPort: Check = struct({ protocol: exactlyOneOf('TCP', 'UDP', 'SCTP') }, function* (node) {
  const [first, last] = [get(node, 'port'), get(node, 'endPort')]
  if (!isSet(first)) {
    if (isSet(last)) yield refuse(last, 'must not be set without port')
    return
  }
  yield* port(first)
  if (!isSet(last)) return
  if (typeof first.value === 'string') yield refuse(last, 'must not be set where port is a name')
  else {
    const [low, high] = [numberOf(first) ?? 0, numberOf(last) ?? 0]
    if (high < low) yield wrong(last, 'must be at least port')
    if (high < 1 || high > 65535) yield wrong(last, 'must be from 1 to 65535')
  }
})

const ipBlockCheck: Check = shape({}, function* (node) {
  const cidr = get(node, 'cidr')
  if (textOf(cidr) === '') {
    yield missing(cidr)
    return
  }
  yield* anyText(ipBlock)(cidr)
  for (const one of [cidr, ...itemsOf(get(node, 'except'))]) {
    const right = ipBlock(textOf(one)) === undefined ? canonicalForm(textOf(one)) : undefined
    if (right !== undefined) yield warn(one, `should be written as ${right}`)
  }
  const outer = readBlock(textOf(cidr))
  if (!outer) return
  for (const item of itemsOf(get(node, 'except'))) {
    yield* anyText(ipBlock)(item)
    const inner = readBlock(textOf(item))
    if (inner && !isWithin(outer, inner)) yield wrong(item, 'must be a smaller block inside of cidr')
  }
})

const peer: Check = struct(
  { podSelector: labelSelector, namespaceSelector: labelSelector, ipBlock: ipBlockCheck },
  function* (node) {
    const set = ['podSelector', 'namespaceSelector', 'ipBlock'].filter(field => isSet(get(node, field)))
    if (set.length === 0) yield missing(node, 'podSelector, namespaceSelector or ipBlock')
    if (set.length > 1 && set.includes('ipBlock')) yield refuse(node, 'must have ipBlock alone')
  },
)

export const networkPolicy: Check = inSpec(
  struct(
    {
      podSelector: labelSelector,
      ingress: each(struct({ ports: each(policyPort), from: each(peer) })),
      egress: each(struct({ ports: each(policyPort), to: each(peer) })),
      policyTypes: each(exactlyOneOf('Ingress', 'Egress')),
    },
    node => maxItems(2)(get(node, 'policyTypes')),
  ),
)

export const serviceCidr: Check = function* (object) {
  const cidrs = get(object, 'spec', 'cidrs')
  if (isEmpty(cidrs)) yield missing(cidrs, 'at least one')
  yield* maxItems(2)(cidrs)
  const families = itemsOf(cidrs).map(item => readBlock(textOf(item))?.family)
  if (families.length === 2 && families[0] === families[1]) yield refuse(cidrs, 'must have one block of each family')
  yield* each(
    anyText(value => {
      const problem = ipBlock(value)
      if (problem !== undefined) return problem
      const block = readBlock(value)
      const right = block && `${showAddress(block)}/${block.length}`
      return right === value ? undefined : `must be written as ${right}`
    }),
  )(cidrs)
}

export const ipAddressObject: Check = function* (object) {
  const parent = get(object, 'spec', 'parentRef')
  if (!isSet(parent)) {
    yield missing(parent, 'what the address is of')
    return
  }
  yield* text(dnsSubdomain)(get(parent, 'group'))
  for (const field of ['resource', 'name']) yield* required(text(pathSegment))(get(parent, field))
  yield* text(pathSegment)(get(parent, 'namespace'))
}

export const addressName = canonicalAddress
