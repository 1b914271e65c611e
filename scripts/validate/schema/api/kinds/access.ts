// Who may do what. Source: Role, ClusterRole and their bindings of rbac.authorization.k8s.io/v1, ServiceAccount of core/v1.

import { each, struct } from '../check.ts'
import { type Check, type ApiFault, choose, missing, refuse, warn, wrong } from '../fault.ts'
import { get, isEmpty, isSet, lengthOf, type Node, textOf } from '../node.ts'
import { labelSelector } from '../selector.ts'
import { dnsSubdomain, pathSegment } from '../text.ts'

const GROUP = 'rbac.authorization.k8s.io'

const rule = (isNamespaced: boolean): Check =>
  struct({}, function* (node) {
    const [verbs, urls, groups, resources] = ['verbs', 'nonResourceURLs', 'apiGroups', 'resources'].map(field =>
      get(node, field),
    ) as [Node, Node, Node, Node]
    if (isEmpty(verbs)) yield missing(verbs, 'at least one')
    if (lengthOf(urls) > 0) {
      if (isNamespaced) yield refuse(urls, 'must not be set in a Role: URLs are of no namespace')
      if (lengthOf(groups) > 0 || lengthOf(resources) > 0 || lengthOf(get(node, 'resourceNames')) > 0)
        yield refuse(urls, 'must not be set beside resources: make it two rules')
      return
    }
    if (isEmpty(groups)) yield missing(groups, 'at least one; the core group is ""')
    if (isEmpty(resources)) yield missing(resources, 'at least one')
  })

export const role: Check = object => each(rule(true))(get(object, 'rules'))

export const clusterRole: Check = function* (object) {
  yield* each(rule(false))(get(object, 'rules'))
  const aggregation = get(object, 'aggregationRule')
  if (!isSet(aggregation)) return
  const selectors = get(aggregation, 'clusterRoleSelectors')
  if (isEmpty(selectors)) yield missing(selectors, 'at least one')
  yield* each(labelSelector)(selectors)
}

const SUBJECTS = ['ServiceAccount', 'User', 'Group']

const subject = (isNamespaced: boolean): Check =>
  struct({}, function* (node) {
    const [kind, name, group, namespace] = ['kind', 'name', 'apiGroup', 'namespace'].map(field => get(node, field)) as [
      Node,
      Node,
      Node,
      Node,
    ]
    if (textOf(name) === '') yield missing(name)
    switch (textOf(kind)) {
      case 'ServiceAccount': {
        const problem = textOf(name) === '' ? undefined : dnsSubdomain(textOf(name))
        if (problem !== undefined) yield wrong(name, problem)
        if (textOf(group) !== '') yield wrong(group, 'must not be set for a ServiceAccount')
        if (!isNamespaced && textOf(namespace) === '') yield missing(namespace, 'a ServiceAccount is in one')
        return
      }
      case 'User':
      case 'Group':
        if (textOf(group) !== '' && textOf(group) !== GROUP) yield choose(group, [GROUP])
        return
      default:
        yield textOf(kind) === '' ? missing(kind, SUBJECTS.join(', ')) : choose(kind, SUBJECTS)
    }
  })

function* checkRoleRef(object: Node, kinds: readonly string[]): Iterable<ApiFault> {
  const reference = get(object, 'roleRef')
  const [group, kind, name] = [get(reference, 'apiGroup'), get(reference, 'kind'), get(reference, 'name')]
  if (textOf(group) !== '' && textOf(group) !== GROUP) yield choose(group, [GROUP])
  if (!kinds.includes(textOf(kind))) yield textOf(kind) === '' ? missing(kind, kinds.join(' or ')) : choose(kind, kinds)
  if (textOf(name) === '') yield missing(name)
  else {
    const problem = pathSegment(textOf(name))
    if (problem !== undefined) yield wrong(name, problem)
  }
}

export const roleBinding: Check = function* (object) {
  yield* checkRoleRef(object, ['Role', 'ClusterRole'])
  yield* each(subject(true))(get(object, 'subjects'))
}

export const clusterRoleBinding: Check = function* (object) {
  yield* checkRoleRef(object, ['ClusterRole'])
  yield* each(subject(false))(get(object, 'subjects'))
}

const ENFORCE = 'kubernetes.io/enforce-mountable-secrets'

export const serviceAccount: Check = function* (object) {
  const annotation = get(object, 'metadata', 'annotations', ENFORCE)
  if (isSet(annotation))
    yield warn(annotation, 'is deprecated: keep Secrets that are not shared in namespaces of their own')
}
