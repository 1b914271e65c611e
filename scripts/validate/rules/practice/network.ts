// What reaches a pod that should not.
import { listAt, pairsAt, type Resource, stringAt, valueAt } from '../../../tree/model/build.ts'
import { isMet } from '../../../tree/model/label-selector.ts'
import { isSameNamespace, type ResourceIndex } from '../../../tree/model/resource-index.ts'
import type { Found, Practice } from './practice.ts'
import type { PodView } from './pod-view.ts'
import { requirementsAt } from './scale.ts'

/** Policies of network plugins and of later versions: which pods they hold is not read here. */
const OTHER_POLICIES: readonly (readonly [group: string, kind: string])[] = [
  ['cilium.io', 'CiliumNetworkPolicy'],
  ['cilium.io', 'CiliumClusterwideNetworkPolicy'],
  ['crd.projectcalico.org', 'NetworkPolicy'],
  ['crd.projectcalico.org', 'GlobalNetworkPolicy'],
  ['projectcalico.org', 'NetworkPolicy'],
  ['projectcalico.org', 'GlobalNetworkPolicy'],
  ['policy.networking.k8s.io', 'AdminNetworkPolicy'],
  ['policy.networking.k8s.io', 'BaselineAdminNetworkPolicy'],
  ['policy.networking.k8s.io', 'ClusterNetworkPolicy'],
  ['crd.antrea.io', 'NetworkPolicy'],
  ['crd.antrea.io', 'ClusterNetworkPolicy'],
]

function* findOpen(pod: PodView, index: ResourceIndex): Generator<Found> {
  const { resource, template, spec } = pod
  const { namespace } = resource
  // No policy holds a pod in the network of its node; and where something is unseen, so may be a policy.
  if (namespace === undefined || valueAt(spec, ['hostNetwork']) === true) return
  if (index.whyIncomplete(namespace) !== undefined) return
  const isHere = (one: Resource): boolean => isSameNamespace(one.namespace, namespace)
  if (OTHER_POLICIES.some(([group, kind]) => index.ofKind(group, kind).some(isHere))) return
  const isHeld = index
    .ofKind('networking.k8s.io', 'NetworkPolicy')
    .some(
      policy =>
        isHere(policy) && (requirementsAt(policy, 'podSelector') ?? []).every(one => isMet(one, template.labels)),
    )
  if (isHeld) return
  const message = `no NetworkPolicy of namespace ${namespace} holds the pod: everything in the cluster reaches it, and it reaches everything; write one that denies all, and then what is needed`
  yield { path: template.labelsPath, message, values: [] }
}

/** Annotations of clouds that keep a load balancer inside. */
const INTERNAL = /internal|load-balancer-scheme|lb-type|load-balancer-type/

function* findExposed({ object, name }: Resource): Generator<Found> {
  const type = stringAt(object, ['spec', 'type'])
  if (type !== 'NodePort' && type !== 'LoadBalancer') return
  // What is not TCP does not go through an Ingress.
  const ports = listAt(object, ['spec', 'ports'])
  if (ports.length > 0 && ports.every(port => stringAt(port, ['protocol']) === 'UDP')) return
  if (listAt(object, ['spec', 'loadBalancerSourceRanges']).length > 0) return
  const annotations = Object.entries(pairsAt(object, ['metadata', 'annotations']))
  const isInternal = annotations.some(
    ([key, value]) => INTERNAL.test(key) && /^(?:true|internal|private|intranet)$/i.test(value),
  )
  if (isInternal) return
  const who = type === 'NodePort' ? 'whoever reaches a node' : 'whoever reaches the load balancer'
  const message = `Service ${name} is a ${type}: ${who} reaches it, past the front door with its TLS and rules; write ClusterIP, and an Ingress or HTTPRoute`
  yield { path: ['spec', 'type'], message, values: [type] }
}

export const NETWORK: readonly Practice[] = [
  {
    id: 'non-isolated-pod',
    preset: 'strict',
    summary: 'No NetworkPolicy holds a pod.',
    why: 'Whoever takes over any pod of the cluster reaches it, and from it everything else.',
    remediation: 'Write a NetworkPolicy for the namespace that denies all, and others that open what is needed.',
    source: 'kube-linter non-isolated-pod, kube-score pod-networkpolicy, polaris missingNetworkPolicy',
    of: 'pods',
    find: findOpen,
  },
  {
    id: 'exposed-services',
    preset: 'strict',
    summary: 'A Service is open to those outside of the cluster.',
    why: 'It is reached past the front door: without its TLS, its authentication and its limits.',
    remediation: 'Write type: ClusterIP, and let an Ingress or an HTTPRoute open it.',
    source: 'kube-linter exposed-services, kube-score service-type',
    of: 'objects',
    kinds: ['/Service'],
    find: findExposed,
  },
]
