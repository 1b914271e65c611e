// Which field names which object: one table, so that no rule and no look-up repeats a list of fields.
import { OPERATOR_FIELDS } from './references/operators.ts'
import { TRAEFIK_FIELDS } from './references/traefik.ts'
import { TRAFFIC_FIELDS } from './references/traffic.ts'

/** A kind with its group, as `apps/Deployment`; the core group is empty: `/Service`. */
export type KindId = string

/** The kind without its group. */
export const wordOf = (kind: KindId): string => kind.slice(kind.indexOf('/') + 1)

/** A field that names an object. Paths are separated by `/`, `*` is each item of a list, `\/` a slash of a key. */
export interface ReferenceField {
  /** The kinds that have the field; `pods`: the pod spec of every kind with pods, where `at` begins. */
  readonly of: 'pods' | readonly KindId[]
  /** The mapping that holds the name and what belongs to it. */
  readonly at: string
  readonly name: string
  readonly to: KindId | KindFields
  /** The field beside the name that says another namespace than the holder's. */
  readonly namespace?: string
  /** Fields that name a key of the object, or a port of it. */
  readonly keys?: readonly string[]
  readonly ports?: readonly string[]
  /** Whether `optional: true` beside the name lets the object or the key be absent. */
  readonly mayBeOptional?: boolean
  /** The field beside the name that wins over it. */
  readonly unless?: string
  /** The holder works without the object: an image may be public, a controller has a certificate of its own. */
  readonly isDispensable?: boolean
  /** The object is often one of another repository: that it is not here is worth a word where one is like it. */
  readonly isOftenElsewhere?: boolean
  /** `namespace/name` in one text, as annotations have it. */
  readonly isQualified?: boolean
}

/** The fields beside the name that say which kind is meant, and the kind where they say nothing. */
export interface KindFields {
  /** An API group, or an API version with it; left out where it is always that of `usually`. */
  readonly group?: string
  readonly kind: string
  readonly usually: KindId
}

const CONTAINERS: readonly string[] = ['containers', 'initContainers', 'ephemeralContainers']

const ofContainers = (field: Omit<ReferenceField, 'of'>): readonly ReferenceField[] =>
  CONTAINERS.map(list => ({ ...field, of: 'pods', at: `${list}/*/${field.at}` }))

const CONFIG_MAP = '/ConfigMap'
const SECRET = '/Secret'
const BINDINGS = ['rbac.authorization.k8s.io/RoleBinding', 'rbac.authorization.k8s.io/ClusterRoleBinding']
/** Volume sources whose drivers ask for a Secret. */
const SECRETS_OF_VOLUMES = ['cephfs', 'flexVolume', 'iscsi', 'rbd', 'scaleIO', 'storageos']

/**
 * Sources: the types of k8s.io/api, of Gateway API 1.3, of the Secrets Store CSI driver, cert-manager, External Secrets and
 * Flux. A test holds the table against the schemas and against kustomize's own list of references.
 */
export const REFERENCE_FIELDS: readonly ReferenceField[] = [
  // Configuration of pods.
  ...ofContainers({
    at: 'env/*/valueFrom/configMapKeyRef',
    name: 'name',
    to: CONFIG_MAP,
    keys: ['key'],
    mayBeOptional: true,
  }),
  ...ofContainers({
    at: 'env/*/valueFrom/secretKeyRef',
    name: 'name',
    to: SECRET,
    keys: ['key'],
    mayBeOptional: true,
  }),
  ...ofContainers({ at: 'envFrom/*/configMapRef', name: 'name', to: CONFIG_MAP, mayBeOptional: true }),
  ...ofContainers({ at: 'envFrom/*/secretRef', name: 'name', to: SECRET, mayBeOptional: true }),
  {
    of: 'pods',
    at: 'volumes/*/configMap',
    name: 'name',
    to: CONFIG_MAP,
    keys: ['items/*/key'],
    mayBeOptional: true,
  },
  { of: 'pods', at: 'volumes/*/secret', name: 'secretName', to: SECRET, keys: ['items/*/key'], mayBeOptional: true },
  {
    of: 'pods',
    at: 'volumes/*/projected/sources/*/configMap',
    name: 'name',
    to: CONFIG_MAP,
    keys: ['items/*/key'],
    mayBeOptional: true,
  },
  {
    of: 'pods',
    at: 'volumes/*/projected/sources/*/secret',
    name: 'name',
    to: SECRET,
    keys: ['items/*/key'],
    mayBeOptional: true,
  },
  { of: 'pods', at: 'volumes/*/csi/nodePublishSecretRef', name: 'name', to: SECRET },
  {
    of: 'pods',
    at: 'volumes/*/csi/volumeAttributes',
    name: 'secretProviderClass',
    to: 'secrets-store.csi.x-k8s.io/SecretProviderClass',
  },
  { of: 'pods', at: 'volumes/*/azureFile', name: 'secretName', to: SECRET },
  ...SECRETS_OF_VOLUMES.map(
    (volume): ReferenceField => ({ of: 'pods', at: `volumes/*/${volume}/secretRef`, name: 'name', to: SECRET }),
  ),
  { of: 'pods', at: 'imagePullSecrets/*', name: 'name', to: SECRET, isDispensable: true },
  { of: ['/ServiceAccount'], at: 'imagePullSecrets/*', name: 'name', to: SECRET, isDispensable: true },
  { of: ['/ServiceAccount'], at: 'secrets/*', name: 'name', to: SECRET, isDispensable: true },

  // What else a pod needs.
  { of: 'pods', at: '', name: 'serviceAccountName', to: '/ServiceAccount' },
  { of: 'pods', at: '', name: 'serviceAccount', to: '/ServiceAccount', unless: 'serviceAccountName' },
  { of: 'pods', at: '', name: 'priorityClassName', to: 'scheduling.k8s.io/PriorityClass' },
  { of: 'pods', at: '', name: 'runtimeClassName', to: 'node.k8s.io/RuntimeClass' },
  { of: 'pods', at: 'volumes/*/persistentVolumeClaim', name: 'claimName', to: '/PersistentVolumeClaim' },
  { of: 'pods', at: 'resourceClaims/*', name: 'resourceClaimName', to: 'resource.k8s.io/ResourceClaim' },
  {
    of: 'pods',
    at: 'resourceClaims/*',
    name: 'resourceClaimTemplateName',
    to: 'resource.k8s.io/ResourceClaimTemplate',
  },
  {
    of: 'pods',
    at: 'volumes/*/ephemeral/volumeClaimTemplate/spec',
    name: 'storageClassName',
    to: 'storage.k8s.io/StorageClass',
  },

  // Storage.
  {
    of: ['/PersistentVolumeClaim', '/PersistentVolume'],
    at: 'spec',
    name: 'storageClassName',
    to: 'storage.k8s.io/StorageClass',
  },
  {
    of: ['apps/StatefulSet'],
    at: 'spec/volumeClaimTemplates/*/spec',
    name: 'storageClassName',
    to: 'storage.k8s.io/StorageClass',
  },
  { of: ['/PersistentVolumeClaim'], at: 'spec', name: 'volumeName', to: '/PersistentVolume' },
  { of: ['/PersistentVolume'], at: 'spec/azureFile', name: 'secretName', to: SECRET, namespace: 'secretNamespace' },

  ...TRAFFIC_FIELDS,

  // Scale.
  {
    of: ['autoscaling/HorizontalPodAutoscaler'],
    at: 'spec/scaleTargetRef',
    name: 'name',
    to: { group: 'apiVersion', kind: 'kind', usually: '' },
  },
  {
    of: ['keda.sh/ScaledObject'],
    at: 'spec/scaleTargetRef',
    name: 'name',
    to: { group: 'apiVersion', kind: 'kind', usually: 'apps/Deployment' },
  },
  {
    of: ['autoscaling.k8s.io/VerticalPodAutoscaler'],
    at: 'spec/targetRef',
    name: 'name',
    to: { group: 'apiVersion', kind: 'kind', usually: '' },
  },

  // Access and admission.
  {
    of: BINDINGS,
    at: 'roleRef',
    name: 'name',
    to: { group: 'apiGroup', kind: 'kind', usually: 'rbac.authorization.k8s.io/Role' },
  },
  {
    of: BINDINGS,
    at: 'subjects/*',
    name: 'name',
    to: { group: 'apiGroup', kind: 'kind', usually: '' },
    namespace: 'namespace',
    isDispensable: true,
  },
  {
    of: ['admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding'],
    at: 'spec',
    name: 'policyName',
    to: 'admissionregistration.k8s.io/ValidatingAdmissionPolicy',
  },

  // Operators.
  ...OPERATOR_FIELDS,
  ...TRAEFIK_FIELDS,
]

/** Kinds that are named and stand in no namespace. */
export const CLUSTER_KINDS: ReadonlySet<KindId> = new Set([
  '/PersistentVolume',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy',
  'cert-manager.io/ClusterIssuer',
  'external-secrets.io/ClusterSecretStore',
  'gateway.networking.k8s.io/GatewayClass',
  'networking.k8s.io/IngressClass',
  'node.k8s.io/RuntimeClass',
  'rbac.authorization.k8s.io/ClusterRole',
  'scheduling.k8s.io/PriorityClass',
  'storage.k8s.io/StorageClass',
])
