// Kinds that Argo CD leaves out as it is delivered: it neither syncs them nor asks a project for them, unless told otherwise.
// Source: Argo CD 3.6, manifests/base/config/argocd-cm.yaml, resource.exclusions.
import type { Resource } from '../model/build.ts'

const EXCLUDED: readonly (readonly [groups: readonly string[], kinds: readonly string[]])[] = [
  [
    ['', 'discovery.k8s.io'],
    ['Endpoints', 'EndpointSlice'],
  ],
  [['coordination.k8s.io'], ['Lease']],
  [
    ['authentication.k8s.io', 'authorization.k8s.io'],
    [
      'SelfSubjectReview',
      'TokenReview',
      'LocalSubjectAccessReview',
      'SelfSubjectAccessReview',
      'SelfSubjectRulesReview',
      'SubjectAccessReview',
    ],
  ],
  [['certificates.k8s.io'], ['CertificateSigningRequest']],
  [['cert-manager.io'], ['CertificateRequest']],
  [['cilium.io'], ['CiliumIdentity', 'CiliumEndpoint', 'CiliumEndpointSlice']],
  [
    ['kyverno.io', 'reports.kyverno.io', 'wgpolicyk8s.io'],
    [
      'PolicyReport',
      'ClusterPolicyReport',
      'EphemeralReport',
      'ClusterEphemeralReport',
      'AdmissionReport',
      'ClusterAdmissionReport',
      'BackgroundScanReport',
      'ClusterBackgroundScanReport',
      'UpdateRequest',
    ],
  ],
]

/** Whether what becomes of the resource hangs on settings of Argo CD that are not known here. */
export const mayBeExcluded = ({ group, kind }: Pick<Resource, 'group' | 'kind'>): boolean =>
  EXCLUDED.some(([groups, kinds]) => groups.includes(group) && kinds.includes(kind))
