// The npm packages that the schemas are made from, and what each of them follows.

export interface SchemaPackage {
  readonly name: string
  /** The exact version that package.json pins: a test holds it, so that a bump asks for a new look at `follows`. */
  readonly version: string
  /** The folder below definitions/, and how the package is called there. */
  readonly folder: string
  /** The product and its release, as the package's own build files name them, for each API group; '' for the others. */
  readonly follows: Readonly<Record<string, string>>
  /** Kinds of these packages that belong to no namespace; the packages do not say which. */
  readonly clusterScoped?: string
}

/** Kubernetes' own; alpha and beta kinds are in the official client alone. */
export const KUBERNETES = {
  models: 'kubernetes-models',
  machinery: '@kubernetes-models/apimachinery',
  client: '@kubernetes/client-node',
} as const

// https://github.com/tommy351/kubernetes-models-ts: third-party/<name>/go.mod, and package.json where it has no go.mod.
export const PACKAGES: readonly SchemaPackage[] = [
  { name: KUBERNETES.models, version: '5.1.0', folder: 'kubernetes', follows: { '': 'Kubernetes 1.36.0' } },
  { name: KUBERNETES.machinery, version: '3.0.2', folder: 'kubernetes', follows: { '': 'Kubernetes 1.36.0' } },
  { name: KUBERNETES.client, version: '2.0.1', folder: 'kubernetes', follows: { '': 'Kubernetes 1.36.0' } },
  operator('argo-cd', '4.0.0', 'Argo CD v3.3.9'),
  operator('argo-rollouts', '2.0.0', 'Argo Rollouts v1.9.0', 'ClusterAnalysisTemplate'),
  operator('argo-workflows', '2.0.0', 'Argo Workflows v4.0.5', 'ClusterWorkflowTemplate'),
  operator('autoscaler', '5.0.0', 'Vertical Pod Autoscaler v1.6.0'),
  operator(
    'cert-manager',
    '6.0.0',
    {
      '': 'cert-manager v1.20.2',
      'trust.cert-manager.io': 'trust-manager v0.22.1',
      'trust-manager.io': 'trust-manager v0.22.1',
      'policy.cert-manager.io': 'approver-policy v0.25.1',
      'awspca.cert-manager.io': 'aws-privateca-issuer v1.8.1',
    },
    'AWSPCAClusterIssuer Bundle CertificateRequestPolicy ClusterBundle ClusterIssuer',
  ),
  operator(
    'cilium',
    '4.0.0',
    'Cilium v1.19.3',
    'CiliumBGPAdvertisement CiliumBGPClusterConfig CiliumBGPNodeConfig CiliumBGPNodeConfigOverride CiliumBGPPeerConfig CiliumBGPPeeringPolicy CiliumCIDRGroup CiliumClusterwideEnvoyConfig CiliumClusterwideNetworkPolicy CiliumEgressGatewayPolicy CiliumExternalWorkload CiliumIdentity CiliumL2AnnouncementPolicy CiliumLoadBalancerIPPool CiliumNode CiliumPodIPPool',
  ),
  operator('cloudnative-pg', '2.0.0', 'CloudNativePG v1.29.0', 'ClusterImageCatalog'),
  operator('envoy-gateway', '2.0.0', 'Envoy Gateway v1.7.3'),
  operator(
    'external-secrets',
    '2.0.0',
    'External Secrets v0.16.2',
    'ClusterExternalSecret ClusterGenerator ClusterPushSecret ClusterSecretStore',
  ),
  operator('flux-cd', '4.0.0', {
    'source.toolkit.fluxcd.io': 'Flux source-controller v1.8.4',
    'kustomize.toolkit.fluxcd.io': 'Flux kustomize-controller v1.8.5',
    'helm.toolkit.fluxcd.io': 'Flux helm-controller v1.5.4',
    'notification.toolkit.fluxcd.io': 'Flux notification-controller v1.8.4',
    'image.toolkit.fluxcd.io': 'Flux image-reflector-controller v1.1.1, image-automation-controller v1.1.3',
  }),
  operator('gateway-api', '2.0.0', 'Gateway API v1.5.1', 'GatewayClass XMesh'),
  operator('istio', '3.0.1', 'Istio 1.29.2'),
  operator(
    'karpenter',
    '2.0.0',
    { '': 'Karpenter v1.12.0', 'karpenter.k8s.aws': 'Karpenter provider for AWS v1.12.1' },
    'EC2NodeClass NodeClaim NodeOverlay NodePool',
  ),
  operator('keda', '2.0.0', 'KEDA v2.19.0', 'ClusterCloudEventSource ClusterTriggerAuthentication'),
  operator(
    'knative',
    '4.0.0',
    {
      '': 'Knative Eventing v0.49.0',
      'serving.knative.dev': 'Knative Serving v0.49.0',
      'autoscaling.internal.knative.dev': 'Knative Serving v0.49.0',
      'operator.knative.dev': 'Knative Operator v0.49.1',
    },
    'ClusterDomainClaim',
  ),
  operator(
    'kyverno',
    '2.0.0',
    'Kyverno v1.18.0',
    'ClusterCleanupPolicy ClusterPolicy DeletingPolicy GeneratingPolicy GlobalContextEntry ImageValidatingPolicy MutatingPolicy ValidatingPolicy',
  ),
  operator('opentelemetry-operator', '2.0.0', 'OpenTelemetry Operator v0.150.0', 'ClusterObservability'),
  operator('prometheus-operator', '6.0.0', 'Prometheus Operator v0.91.0'),
  operator('sealed-secrets', '6.0.0', 'Sealed Secrets v0.36.6'),
  operator('strimzi-kafka-operator', '1.0.1', 'Strimzi 1.0.0'),
  operator('traefik', '2.0.0', 'Traefik v3.7.1'),
]

function operator(
  folder: string,
  version: string,
  follows: string | SchemaPackage['follows'],
  clusterScoped = '',
): SchemaPackage {
  const products = typeof follows === 'string' ? { '': follows } : follows
  return { name: `@kubernetes-models/${folder}`, version, folder, follows: products, clusterScoped }
}
