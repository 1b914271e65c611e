// Kinds that kustomize knows to stand in no namespace; of all others it thinks that they do.

/** Each with its API versions, from kustomize's OpenAPI of Kubernetes 1.21. */
const KINDS = [
  'admissionregistration.k8s.io/v1 admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration',
  'admissionregistration.k8s.io/v1 admissionregistration.k8s.io/v1beta1 ValidatingWebhookConfiguration',
  'apiextensions.k8s.io/v1 apiextensions.k8s.io/v1beta1 CustomResourceDefinition',
  'apiregistration.k8s.io/v1 apiregistration.k8s.io/v1beta1 APIService',
  'certificates.k8s.io/v1 certificates.k8s.io/v1beta1 CertificateSigningRequest',
  'flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema',
  'flowcontrol.apiserver.k8s.io/v1beta1 PriorityLevelConfiguration',
  'networking.k8s.io/v1 networking.k8s.io/v1beta1 IngressClass',
  'node.k8s.io/v1 node.k8s.io/v1beta1 RuntimeClass',
  'policy/v1beta1 PodSecurityPolicy',
  'rbac.authorization.k8s.io/v1 rbac.authorization.k8s.io/v1beta1 ClusterRole',
  'rbac.authorization.k8s.io/v1 rbac.authorization.k8s.io/v1beta1 ClusterRoleBinding',
  'scheduling.k8s.io/v1 scheduling.k8s.io/v1beta1 PriorityClass',
  'storage.k8s.io/v1 storage.k8s.io/v1beta1 CSIDriver',
  'storage.k8s.io/v1 storage.k8s.io/v1beta1 CSINode',
  'storage.k8s.io/v1 storage.k8s.io/v1beta1 StorageClass',
  'storage.k8s.io/v1 storage.k8s.io/v1beta1 VolumeAttachment',
  'v1 ComponentStatus',
  'v1 Namespace',
  'v1 Node',
  'v1 PersistentVolume',
] as const

const CLUSTER_KINDS: ReadonlySet<string> = new Set(
  KINDS.flatMap(entry => {
    const words = entry.split(' ')
    const kind = words.pop()
    return words.map(version => `${version} ${kind}`)
  }),
)

export const isClusterKind = (apiVersion: string, kind: string): boolean => CLUSTER_KINDS.has(`${apiVersion} ${kind}`)
