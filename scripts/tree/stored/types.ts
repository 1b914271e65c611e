// What the API server makes of the fields of its own kinds: defaults, quantities, and zeros that it does not keep.
// Source: pkg/apis/*/defaults.go of Kubernetes 1.36, and the omitempty tags of its types.
import { mappingAt, stringAt, valueAt } from '../model/build.ts'
import type { KubernetesObject } from '../model/resource.ts'
import { LONE_POD, POD_TYPES, PROTOCOL } from './pod-types.ts'
import { always, type Type } from './type.ts'

const PORT_443 = always({ port: 443 })
const WORKLOAD = { metadata: 'ObjectMeta' } as const
const ROLLING = { type: 'RollingUpdate' } as const
const isRolling = ({ type }: Readonly<Record<string, unknown>>): boolean =>
  type === undefined || type === '' || type === 'RollingUpdate'
const NO_BEHAVIOUR = { selectPolicy: 'Max' } as const
const HUNDRED = { type: 'Percent', value: 100, periodSeconds: 15 } as const

const KIND_TYPES: Readonly<Record<string, Type>> = {
  'apps/Deployment': { fields: { ...WORKLOAD, spec: 'DeploymentSpec' } },
  DeploymentSpec: {
    fields: { template: 'PodTemplate', strategy: 'DeploymentStrategy', selector: 'Selector' },
    defaults: always({ replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, strategy: {} }),
    zeros: ['minReadySeconds', 'paused'],
  },
  DeploymentStrategy: {
    fields: { rollingUpdate: 'DeploymentRolling' },
    defaults: own => ({ ...ROLLING, ...(isRolling(own) ? { rollingUpdate: {} } : {}) }),
  },
  DeploymentRolling: {
    fields: { maxUnavailable: 'number', maxSurge: 'number' },
    defaults: always({ maxUnavailable: '25%', maxSurge: '25%' }),
  },
  'apps/ReplicaSet': { fields: { ...WORKLOAD, spec: 'ReplicaSetSpec' } },
  '/ReplicationController': { fields: { ...WORKLOAD, spec: 'ReplicaSetSpec' } },
  ReplicaSetSpec: {
    fields: { template: 'PodTemplate', selector: 'Selector' },
    defaults: always({ replicas: 1 }),
    zeros: ['minReadySeconds'],
  },
  'apps/DaemonSet': { fields: { ...WORKLOAD, spec: 'DaemonSetSpec' } },
  DaemonSetSpec: {
    fields: { template: 'PodTemplate', updateStrategy: 'DaemonSetStrategy', selector: 'Selector' },
    defaults: always({ revisionHistoryLimit: 10, updateStrategy: {} }),
    zeros: ['minReadySeconds'],
  },
  DaemonSetStrategy: {
    fields: { rollingUpdate: 'DaemonSetRolling' },
    defaults: own => ({ ...ROLLING, ...(isRolling(own) ? { rollingUpdate: {} } : {}) }),
  },
  DaemonSetRolling: {
    fields: { maxUnavailable: 'number', maxSurge: 'number' },
    defaults: always({ maxUnavailable: 1, maxSurge: 0 }),
  },
  'apps/StatefulSet': { fields: { ...WORKLOAD, spec: 'StatefulSetSpec' } },
  StatefulSetSpec: {
    fields: {
      template: 'PodTemplate',
      updateStrategy: 'StatefulSetStrategy',
      volumeClaimTemplates: '[Claim]',
      selector: 'Selector',
      persistentVolumeClaimRetentionPolicy: 'Retention',
    },
    defaults: always({
      replicas: 1,
      revisionHistoryLimit: 10,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: {},
      persistentVolumeClaimRetentionPolicy: {},
    }),
    zeros: ['minReadySeconds', 'serviceName'],
  },
  Retention: { defaults: always({ whenDeleted: 'Retain', whenScaled: 'Retain' }) },
  StatefulSetStrategy: {
    fields: { rollingUpdate: 'StatefulSetRolling' },
    defaults: own => ({ ...ROLLING, ...(isRolling(own) ? { rollingUpdate: {} } : {}) }),
  },
  StatefulSetRolling: { fields: { maxUnavailable: 'number' }, defaults: always({ partition: 0 }) },
  'batch/Job': { fields: { ...WORKLOAD, spec: 'JobSpec' } },
  JobSpec: {
    fields: { template: 'PodTemplate', selector: 'Selector' },
    defaults: own => ({
      parallelism: 1,
      completions: own.parallelism === undefined ? 1 : undefined,
      backoffLimit: own.backoffLimitPerIndex === undefined ? 6 : 2147483647,
      completionMode: 'NonIndexed',
      suspend: false,
      manualSelector: false,
      podReplacementPolicy: own.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
    }),
  },
  'batch/CronJob': { fields: { ...WORKLOAD, spec: 'CronJobSpec' } },
  CronJobSpec: {
    fields: { jobTemplate: 'JobTemplate' },
    defaults: always({
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    }),
  },
  // Of a template the server fills in the pods' part alone.
  JobTemplate: { fields: { metadata: 'ObjectMeta', spec: 'JobOfTemplate' }, zeros: ['metadata'] },
  JobOfTemplate: { fields: { template: 'PodTemplate', selector: 'Selector' } },
  '/Service': { fields: { metadata: 'ObjectMeta', spec: 'ServiceSpec' } },
  ServiceSpec: {
    fields: { ports: '[ServicePort]', selector: '{text}', sessionAffinityConfig: 'Affinity' },
    defaults: own => ({
      type: 'ClusterIP',
      sessionAffinity: 'None',
      ...(own.sessionAffinity === 'ClientIP' ? { sessionAffinityConfig: {} } : {}),
      ...(own.type === 'ExternalName' ? {} : { internalTrafficPolicy: 'Cluster' }),
      ...(own.type === 'NodePort' || own.type === 'LoadBalancer' ? { externalTrafficPolicy: 'Cluster' } : {}),
      ...(own.type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
    }),
    zeros: [
      'publishNotReadyAddresses',
      'selector',
      'clusterIP',
      'externalName',
      'loadBalancerIP',
      'healthCheckNodePort',
    ],
  },
  Affinity: { defaults: always({ clientIP: { timeoutSeconds: 10800 } }) },
  ServicePort: {
    fields: { targetPort: 'number' },
    defaults: ({ port }) => ({ protocol: 'TCP', targetPort: port }),
    zeros: ['name', 'nodePort', 'targetPort'],
  },
  '/ConfigMap': {
    fields: { metadata: 'ObjectMeta', data: '{text}', binaryData: '{text}' },
    zeros: ['data', 'binaryData'],
  },
  '/Secret': {
    fields: { metadata: 'ObjectMeta', data: '{text}' },
    defaults: always({ type: 'Opaque' }),
    zeros: ['data', 'type'],
  },
  '/Pod': POD_TYPES.Pod as Type,
  LonePodSpec: LONE_POD,
  '/PersistentVolumeClaim': POD_TYPES.Claim as Type,
  '/PersistentVolume': { fields: { metadata: 'ObjectMeta', spec: 'VolumeSpec' } },
  VolumeSpec: {
    fields: { capacity: '{quantity}' },
    defaults: always({ persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' }),
    zeros: ['storageClassName'],
  },
  'storage.k8s.io/StorageClass': {
    fields: { metadata: 'ObjectMeta', parameters: '{text}' },
    defaults: always({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
    zeros: ['parameters'],
  },
  '/ResourceQuota': { fields: { metadata: 'ObjectMeta', spec: 'QuotaSpec' } },
  QuotaSpec: { fields: { hard: '{quantity}' } },
  '/LimitRange': { fields: { metadata: 'ObjectMeta', spec: 'LimitRangeSpec' } },
  LimitRangeSpec: { fields: { limits: '[LimitRangeItem]' } },
  LimitRangeItem: {
    fields: {
      default: '{quantity}',
      defaultRequest: '{quantity}',
      max: '{quantity}',
      min: '{quantity}',
      maxLimitRequestRatio: '{quantity}',
    },
  },
  'autoscaling/HorizontalPodAutoscaler': { fields: { metadata: 'ObjectMeta', spec: 'AutoscalerSpec' } },
  AutoscalerSpec: {
    fields: { metrics: '[Metric]', behavior: 'Behaviour' },
    defaults: always({
      minReplicas: 1,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
      ],
    }),
  },
  Metric: {
    fields: {
      resource: 'MetricSource',
      containerResource: 'MetricSource',
      pods: 'MetricSource',
      object: 'MetricSource',
      external: 'MetricSource',
    },
  },
  MetricSource: { fields: { target: 'MetricTarget' } },
  MetricTarget: { fields: { value: 'quantity', averageValue: 'quantity' } },
  Behaviour: {
    fields: { scaleUp: 'ScaleUp', scaleDown: 'ScaleDown' },
    defaults: always({ scaleUp: {}, scaleDown: {} }),
  },
  ScaleUp: {
    defaults: always({
      ...NO_BEHAVIOUR,
      stabilizationWindowSeconds: 0,
      policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, HUNDRED],
    }),
  },
  ScaleDown: { defaults: always({ ...NO_BEHAVIOUR, policies: [HUNDRED] }) },
  'policy/PodDisruptionBudget': { fields: { metadata: 'ObjectMeta', spec: 'BudgetSpec' } },
  BudgetSpec: { fields: { minAvailable: 'number', maxUnavailable: 'number', selector: 'Selector' } },
  'networking.k8s.io/NetworkPolicy': { fields: { metadata: 'ObjectMeta', spec: 'PolicySpec' } },
  PolicySpec: {
    fields: { podSelector: 'Selector', ingress: '[PolicyRule]', egress: '[PolicyRule]' },
    defaults: ({ egress }) => ({
      policyTypes: Array.isArray(egress) && egress.length ? ['Ingress', 'Egress'] : ['Ingress'],
      podSelector: {},
    }),
  },
  PolicyRule: { fields: { ports: '[PolicyPort]' } },
  PolicyPort: { fields: { port: 'number' }, defaults: PROTOCOL },
  'networking.k8s.io/Ingress': { fields: { metadata: 'ObjectMeta' } },
  'rbac.authorization.k8s.io/RoleBinding': {
    fields: { metadata: 'ObjectMeta', subjects: '[Subject]', roleRef: 'RoleRef' },
  },
  'rbac.authorization.k8s.io/ClusterRoleBinding': {
    fields: { metadata: 'ObjectMeta', subjects: '[Subject]', roleRef: 'RoleRef' },
  },
  'rbac.authorization.k8s.io/Role': { fields: { metadata: 'ObjectMeta' } },
  'rbac.authorization.k8s.io/ClusterRole': { fields: { metadata: 'ObjectMeta' } },
  Subject: {
    defaults: ({ kind }) => (kind === 'User' || kind === 'Group' ? { apiGroup: 'rbac.authorization.k8s.io' } : {}),
    zeros: ['apiGroup', 'namespace'],
  },
  RoleRef: { defaults: always({ apiGroup: 'rbac.authorization.k8s.io' }) },
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': {
    fields: { metadata: 'ObjectMeta', webhooks: '[Webhook]' },
  },
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': {
    fields: { metadata: 'ObjectMeta', webhooks: '[MutatingWebhook]' },
  },
  Webhook: {
    fields: { rules: '[WebhookRule]', clientConfig: 'WebhookClient' },
    defaults: always({
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      timeoutSeconds: 10,
      namespaceSelector: {},
      objectSelector: {},
    }),
  },
  MutatingWebhook: {
    fields: { rules: '[WebhookRule]', clientConfig: 'WebhookClient' },
    defaults: always({
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      timeoutSeconds: 10,
      namespaceSelector: {},
      objectSelector: {},
      reinvocationPolicy: 'Never',
    }),
  },
  WebhookRule: { defaults: always({ scope: '*' }) },
  WebhookClient: { fields: { service: 'WebhookService' } },
  WebhookService: { defaults: PORT_443 },
  'apiregistration.k8s.io/APIService': { fields: { metadata: 'ObjectMeta', spec: 'ApiServiceSpec' } },
  ApiServiceSpec: { fields: { service: 'WebhookService' }, zeros: ['insecureSkipTLSVerify'] },
  'apiextensions.k8s.io/CustomResourceDefinition': { fields: { metadata: 'ObjectMeta', spec: 'DefinitionSpec' } },
  DefinitionSpec: {
    fields: { names: 'DefinitionNames' },
    defaults: always({ conversion: { strategy: 'None' } }),
    zeros: ['preserveUnknownFields'],
  },
  DefinitionNames: {
    defaults: own => ({
      singular: typeof own.kind === 'string' ? own.kind.toLowerCase() : undefined,
      listKind: typeof own.kind === 'string' ? `${own.kind}List` : undefined,
    }),
  },
  'scheduling.k8s.io/PriorityClass': {
    fields: { metadata: 'ObjectMeta' },
    defaults: always({ preemptionPolicy: 'PreemptLowerPriority' }),
    zeros: ['globalDefault', 'description'],
  },
  '/Namespace': { fields: { metadata: 'ObjectMeta' } },
  '/ServiceAccount': { fields: { metadata: 'ObjectMeta' } },
}

const TYPES: Readonly<Record<string, Type>> = { ...POD_TYPES, ...KIND_TYPES }

export const typeNamed = (name: string | undefined): Type | undefined =>
  name !== undefined && Object.hasOwn(TYPES, name) ? TYPES[name] : undefined

/** The type of a kind's objects; undefined for kinds that are not Kubernetes' own, or not known here. */
export const typeOfKind = (group: string, kind: string): string | undefined => {
  const name = `${group}/${kind}`
  return Object.hasOwn(KIND_TYPES, name) ? name : undefined
}

/** An autoscaler of v1 as v2 says the same. */
export function asAutoscalerV2(object: KubernetesObject): KubernetesObject {
  const spec = mappingAt(object, ['spec'])
  if (stringAt(object, ['apiVersion']) !== 'autoscaling/v1' || !spec) return object
  const { targetCPUUtilizationPercentage: percentage, ...rest } = spec
  const target = { type: 'Utilization', averageUtilization: percentage }
  const metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }]
  return {
    ...object,
    spec: percentage === undefined || valueAt(rest, ['metrics']) !== undefined ? rest : { ...rest, metrics },
  }
}
