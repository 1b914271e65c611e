// Which objects may bring pods that no manifest shows: all but those that are known not to.
import { isWorkload, podTemplateOf } from './pod-template.ts'
import { type Resource, valueAt } from './build.ts'

/** Groups of Kubernetes itself, besides those that end in `.k8s.io`; of them only the workloads have pods. */
const OWN_GROUPS: ReadonlySet<string> = new Set(['', 'apps', 'batch', 'autoscaling', 'policy', 'extensions'])

/**
 * Custom resources whose controllers make no pods in the namespace: `*` is the whole group. Held against the schemas by a
 * test. A kind that is not here may have an operator that makes pods.
 */
export const PODLESS: Readonly<Record<string, '*' | readonly string[]>> = {
  // What Applications bring is followed, or told as unseen.
  'argoproj.io': ['Application', 'ApplicationSet', 'AppProject', 'AnalysisTemplate', 'ClusterAnalysisTemplate'],
  'cert-manager.io': ['Certificate', 'CertificateRequest', 'ClusterIssuer', 'Issuer'],
  'external-secrets.io': '*',
  'bitnami.com': '*',
  'monitoring.coreos.com': [
    'ServiceMonitor',
    'PodMonitor',
    'Probe',
    'PrometheusRule',
    'ScrapeConfig',
    'AlertmanagerConfig',
  ],
  'gateway.networking.k8s.io': [
    'GatewayClass',
    'GRPCRoute',
    'HTTPRoute',
    'ReferenceGrant',
    'TCPRoute',
    'TLSRoute',
    'UDPRoute',
  ],
  'networking.istio.io': '*',
  'security.istio.io': '*',
  'telemetry.istio.io': '*',
  'keda.sh': ['ScaledObject', 'TriggerAuthentication', 'ClusterTriggerAuthentication'],
  'traefik.io': '*',
  'autoscaling.k8s.io': ['VerticalPodAutoscaler', 'VerticalPodAutoscalerCheckpoint'],
  'cilium.io': ['CiliumNetworkPolicy', 'CiliumClusterwideNetworkPolicy'],
  'source.toolkit.fluxcd.io': '*',
  'notification.toolkit.fluxcd.io': '*',
  'image.toolkit.fluxcd.io': '*',
  'karpenter.sh': '*',
  'kyverno.io': ['ClusterPolicy', 'Policy', 'PolicyException', 'ClusterCleanupPolicy', 'CleanupPolicy'],
}

/** Whether the kind is one whose controller makes no pods, or of Kubernetes itself. */
export const isPodless = ({ group, kind }: Resource): boolean => {
  const known = Object.hasOwn(PODLESS, group) ? PODLESS[group] : undefined
  if (known !== undefined) return known === '*' || known.includes(kind)
  return OWN_GROUPS.has(group) || group.endsWith('.k8s.io')
}

/** Whether pods may exist for the object that no pod template shows: an operator makes them, or it cannot be read. */
export function mayMakePods(resource: Resource): boolean {
  if (isWorkload(resource)) return podTemplateOf(resource) === undefined
  return !isPodless(resource) && podTemplateOf(resource) === undefined
}

/** `targetNamespace` of a HelmRelease, and however else an operator is told where to. */
const NAMESPACE_FIELD = /namespace$/i
/** Longer ways down are values of a chart. */
const DEEPEST = 4

/** The namespaces into which what the object makes may go: its own, and those that its fields name. */
export function listReach(resource: Resource): readonly (string | undefined)[] {
  const { namespace, object } = resource
  if (isWorkload(resource) || isPodless(resource)) return [namespace]
  return [...new Set([namespace, ...listNamed(valueAt(object, ['spec']), 0)])]
}

function* listNamed(value: unknown, depth: number): Generator<string> {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return
  for (const [key, one] of Object.entries(value)) {
    if (typeof one === 'string' && one !== '' && NAMESPACE_FIELD.test(key)) yield one
    else yield* listNamed(one, depth + 1)
  }
}
