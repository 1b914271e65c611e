// Which kind is judged by what: its name, whether it has a namespace, and its own check.
import { all } from '../check.ts'
import { customResourceDefinition } from '../definition/definition.ts'
import type { Check } from '../fault.ts'
import { checkMetadata, type MetadataRules } from '../metadata.ts'
import { pod } from '../pod/spec.ts'
import { dnsLabel, dnsSubdomain, pathSegment } from '../text.ts'
import { clusterRole, clusterRoleBinding, role, roleBinding, serviceAccount } from './access.ts'
import { mutatingBinding, mutatingPolicy, validatingBinding, validatingPolicy } from './admission/policies.ts'
import { webhookConfiguration } from './admission/webhooks.ts'
import { autoscaler, autoscalerV1, disruptionBudget } from './autoscaling.ts'
import { claim } from './claim.ts'
import {
  apiService,
  certificateRequest,
  coreEvent,
  lease,
  newEvent,
  node,
  priorityClass,
  runtimeClass,
} from './cluster.ts'
import { configMap, namespace, secret } from './configuration.ts'
import { endpointSlice, endpoints } from './endpoints.ts'
import { limitRange, resourceQuota } from './quota.ts'
import { deviceClass, resourceClaim, resourceClaimTemplate } from './devices/claims.ts'
import { resourceSlice } from './devices/slices.ts'
import { flowSchema, priorityLevel } from './flow-control.ts'
import { cronJob, job } from './jobs.ts'
import { addressName, ingress, ingressClass, ipAddressObject, networkPolicy, serviceCidr } from './networking.ts'
import { service } from './service.ts'
import {
  csiDriverObject,
  csiNode,
  persistentVolume,
  storageCapacity,
  storageClass,
  volumeAttachment,
  volumeAttributesClass,
} from './storage.ts'
import {
  controllerRevision,
  daemonSet,
  deployment,
  podTemplate,
  replicaSet,
  replicationController,
  statefulSet,
} from './workloads.ts'

type Row = readonly [kind: string, name: MetadataRules['name'], scope: 'namespaced' | 'cluster', check?: Check]

const ROWS: readonly Row[] = [
  ['v1/Pod', dnsSubdomain, 'namespaced', pod],
  ['v1/PodTemplate', dnsSubdomain, 'namespaced', podTemplate],
  ['v1/ReplicationController', dnsSubdomain, 'namespaced', replicationController],
  ['v1/Service', dnsLabel, 'namespaced', service],
  ['v1/Endpoints', dnsSubdomain, 'namespaced', endpoints],
  ['v1/ConfigMap', dnsSubdomain, 'namespaced', configMap],
  ['v1/Secret', dnsSubdomain, 'namespaced', secret],
  ['v1/ServiceAccount', dnsSubdomain, 'namespaced', serviceAccount],
  ['v1/Namespace', dnsLabel, 'cluster', namespace],
  ['v1/ResourceQuota', dnsSubdomain, 'namespaced', resourceQuota],
  ['v1/LimitRange', dnsSubdomain, 'namespaced', limitRange],
  ['v1/PersistentVolumeClaim', dnsSubdomain, 'namespaced', claim],
  ['apps/v1/Deployment', dnsSubdomain, 'namespaced', deployment],
  ['apps/v1/StatefulSet', dnsLabel, 'namespaced', statefulSet],
  ['apps/v1/DaemonSet', dnsSubdomain, 'namespaced', daemonSet],
  ['apps/v1/ReplicaSet', dnsSubdomain, 'namespaced', replicaSet],
  ['apps/v1/ControllerRevision', dnsSubdomain, 'namespaced', controllerRevision],
  ['batch/v1/Job', dnsSubdomain, 'namespaced', job],
  ['batch/v1/CronJob', dnsSubdomain, 'namespaced', cronJob],
  ['autoscaling/v1/HorizontalPodAutoscaler', dnsSubdomain, 'namespaced', autoscalerV1],
  ['autoscaling/v2/HorizontalPodAutoscaler', dnsSubdomain, 'namespaced', autoscaler],
  ['policy/v1/PodDisruptionBudget', pathSegment, 'namespaced', disruptionBudget],
  ['networking.k8s.io/v1/Ingress', dnsSubdomain, 'namespaced', ingress],
  ['networking.k8s.io/v1/IngressClass', dnsSubdomain, 'cluster', ingressClass],
  ['networking.k8s.io/v1/NetworkPolicy', dnsSubdomain, 'namespaced', networkPolicy],
  ['networking.k8s.io/v1/ServiceCIDR', dnsSubdomain, 'cluster', serviceCidr],
  ['networking.k8s.io/v1/IPAddress', addressName, 'cluster', ipAddressObject],
  ['discovery.k8s.io/v1/EndpointSlice', dnsSubdomain, 'namespaced', endpointSlice],
  ['v1/PersistentVolume', dnsSubdomain, 'cluster', persistentVolume],
  ['v1/Node', dnsSubdomain, 'cluster', node],
  ['v1/Event', pathSegment, 'namespaced', coreEvent],
  ['events.k8s.io/v1/Event', dnsSubdomain, 'namespaced', newEvent],
  ['storage.k8s.io/v1/StorageClass', dnsSubdomain, 'cluster', storageClass],
  ['storage.k8s.io/v1/VolumeAttachment', dnsSubdomain, 'cluster', volumeAttachment],
  ['storage.k8s.io/v1/CSIDriver', dnsSubdomain, 'cluster', csiDriverObject],
  ['storage.k8s.io/v1/CSINode', dnsSubdomain, 'cluster', csiNode],
  ['storage.k8s.io/v1/CSIStorageCapacity', dnsSubdomain, 'namespaced', storageCapacity],
  ['storage.k8s.io/v1/VolumeAttributesClass', dnsSubdomain, 'cluster', volumeAttributesClass],
  ['scheduling.k8s.io/v1/PriorityClass', dnsSubdomain, 'cluster', priorityClass],
  ['node.k8s.io/v1/RuntimeClass', dnsSubdomain, 'cluster', runtimeClass],
  ['coordination.k8s.io/v1/Lease', dnsSubdomain, 'namespaced', lease],
  ['apiregistration.k8s.io/v1/APIService', pathSegment, 'cluster', apiService],
  ['certificates.k8s.io/v1/CertificateSigningRequest', pathSegment, 'cluster', certificateRequest],
  ['admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration', dnsSubdomain, 'cluster', webhookConfiguration],
  ['admissionregistration.k8s.io/v1/MutatingWebhookConfiguration', dnsSubdomain, 'cluster', webhookConfiguration],
  ['admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy', dnsSubdomain, 'cluster', validatingPolicy],
  ['admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding', dnsSubdomain, 'cluster', validatingBinding],
  ['admissionregistration.k8s.io/v1/MutatingAdmissionPolicy', dnsSubdomain, 'cluster', mutatingPolicy],
  ['admissionregistration.k8s.io/v1/MutatingAdmissionPolicyBinding', dnsSubdomain, 'cluster', mutatingBinding],
  ['flowcontrol.apiserver.k8s.io/v1/FlowSchema', dnsSubdomain, 'cluster', flowSchema],
  ['flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration', dnsSubdomain, 'cluster', priorityLevel],
  ['apiextensions.k8s.io/v1/CustomResourceDefinition', dnsSubdomain, 'cluster', customResourceDefinition],
  ['resource.k8s.io/v1/DeviceClass', dnsSubdomain, 'cluster', deviceClass],
  ['resource.k8s.io/v1/ResourceClaim', dnsSubdomain, 'namespaced', resourceClaim],
  ['resource.k8s.io/v1/ResourceClaimTemplate', dnsSubdomain, 'namespaced', resourceClaimTemplate],
  ['resource.k8s.io/v1/ResourceSlice', dnsSubdomain, 'cluster', resourceSlice],
  ['rbac.authorization.k8s.io/v1/Role', pathSegment, 'namespaced', role],
  ['rbac.authorization.k8s.io/v1/RoleBinding', pathSegment, 'namespaced', roleBinding],
  ['rbac.authorization.k8s.io/v1/ClusterRole', pathSegment, 'cluster', clusterRole],
  ['rbac.authorization.k8s.io/v1/ClusterRoleBinding', pathSegment, 'cluster', clusterRoleBinding],
]

const POD_NAMES = new Set([
  'v1/Pod',
  'v1/ReplicationController',
  'apps/v1/Deployment',
  'apps/v1/ReplicaSet',
  'batch/v1/Job',
  'batch/v1/CronJob',
])

const ADMISSION = [
  'admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration',
  'admissionregistration.k8s.io/v1/MutatingWebhookConfiguration',
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding',
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicy',
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicyBinding',
]

/** Labels that the server writes itself, whatever is written. */
const OWN_LABELS: Readonly<Record<string, readonly string[]>> = { 'v1/Namespace': ['kubernetes.io/metadata.name'] }

/** The server counts them itself, whatever is written. */
const OWN_GENERATION = new Set([
  ...POD_NAMES,
  'v1/PodTemplate',
  'apps/v1/StatefulSet',
  'apps/v1/DaemonSet',
  'discovery.k8s.io/v1/EndpointSlice',
  'networking.k8s.io/v1/Ingress',
  'networking.k8s.io/v1/IngressClass',
  'networking.k8s.io/v1/NetworkPolicy',
  'policy/v1/PodDisruptionBudget',
  ...ADMISSION,
  'scheduling.k8s.io/v1/PriorityClass',
  'flowcontrol.apiserver.k8s.io/v1/FlowSchema',
  'flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration',
  'resource.k8s.io/v1/DeviceClass',
  'resource.k8s.io/v1/ResourceSlice',
  'apiextensions.k8s.io/v1/CustomResourceDefinition',
])

/** Kinds whose finalizers need no domain. */
const PLAIN_FINALIZERS = new Set([
  'policy/v1/PodDisruptionBudget',
  ...ADMISSION,
  'apiregistration.k8s.io/v1/APIService',
  'node.k8s.io/v1/RuntimeClass',
  'coordination.k8s.io/v1/Lease',
  'v1/Event',
  'apiextensions.k8s.io/v1/CustomResourceDefinition',
])

/** Where there is a name, the prefix of one is not looked at. */
const UNREAD_PREFIX = new Set([
  'v1/ReplicationController',
  'policy/v1/PodDisruptionBudget',
  'resource.k8s.io/v1/DeviceClass',
])

export const kinds: ReadonlyMap<string, Check> = new Map(
  ROWS.map(([kind, name, scope, check]) => {
    const metadata = checkMetadata({
      name,
      isNamespaced: scope === 'namespaced',
      isNameOptional: kind === 'v1/LimitRange',
      namesPods: POD_NAMES.has(kind),
      hasOwnGeneration: OWN_GENERATION.has(kind),
      takesPlainFinalizers: PLAIN_FINALIZERS.has(kind),
      ownLabels: OWN_LABELS[kind] ?? [],
      ignoresPrefix: UNREAD_PREFIX.has(kind),
    })
    return [kind, check ? all(metadata, check) : metadata]
  }),
)
