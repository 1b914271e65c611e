// Where the API server and its published schema differ. Each line was tried against a Kubernetes 1.36 API server: what
// it accepts must not be a finding, and what it always refuses should be one.

import type { JsonSchema } from '../json-schema.ts'

/** Called required, and good when absent: the zero value means something. */
const optional: Readonly<Record<string, readonly string[]>> = {
  IoK8sApiCoreV1ISCSIPersistentVolumeSource: ['lun'],
  IoK8sApiCoreV1ISCSIVolumeSource: ['lun'],
  IoK8sApiCoreV1LimitRangeSpec: ['limits'],
  IoK8sApiCoreV1SleepAction: ['seconds'],
  IoK8sApiCoreV1Sysctl: ['value'],
  IoK8sApiResourceV1DeviceClass: ['spec'],
  IoK8sApiResourceV1ResourceClaim: ['spec'],
  IoK8sApiResourceV1ResourceClaimTemplate: ['spec'],
  IoK8sApiResourceV1ResourceClaimTemplateSpec: ['spec'],
  IoK8sApiStorageV1CSIDriver: ['spec'],
  IoK8sApiextensionsApiserverPkgApisApiextensionsV1CustomResourceDefinitionVersion: ['served', 'storage'],
  V1beta1DeviceClass: ['spec'],
  V1beta1ResourceClaim: ['spec'],
  V1beta1ResourceClaimTemplate: ['spec'],
  V1beta1ResourceClaimTemplateSpec: ['spec'],
  V1beta2DeviceClass: ['spec'],
  V1beta2ResourceClaim: ['spec'],
  V1beta2ResourceClaimTemplate: ['spec'],
  V1beta2ResourceClaimTemplateSpec: ['spec'],
}

/** Called optional, and refused when absent. */
const required: Readonly<Record<string, readonly string[]>> = {
  IoK8sApiAppsV1DaemonSet: ['spec'],
  IoK8sApiAppsV1Deployment: ['spec'],
  IoK8sApiAppsV1ReplicaSet: ['spec'],
  IoK8sApiAppsV1ReplicaSetSpec: ['template'],
  IoK8sApiAppsV1StatefulSet: ['spec'],
  IoK8sApiBatchV1CronJob: ['spec'],
  IoK8sApiBatchV1Job: ['spec'],
  IoK8sApiBatchV1JobTemplateSpec: ['spec'],
  IoK8sApiCoreV1PersistentVolume: ['spec'],
  IoK8sApiCoreV1PersistentVolumeClaim: ['spec'],
  IoK8sApiCoreV1Pod: ['spec'],
  IoK8sApiCoreV1PodTemplateSpec: ['spec'],
  IoK8sApiCoreV1Service: ['spec'],
  IoK8sKubeAggregatorPkgApisApiregistrationV1APIService: ['spec'],
}

/** Called text, and refused but for these. An empty one stands for a field that may also be "". */
const choices: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  IoK8sApiAutoscalingV2HPAScalingPolicy: { type: ['Pods', 'Percent'] },
  IoK8sApiAutoscalingV2HPAScalingRules: { selectPolicy: ['Max', 'Min', 'Disabled'] },
  IoK8sApiAutoscalingV2MetricSpec: { type: ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'] },
  IoK8sApiAutoscalingV2MetricTarget: { type: ['Utilization', 'Value', 'AverageValue'] },
  IoK8sApiCoreV1Container: { restartPolicy: ['Always', 'Never', 'OnFailure'] },
  IoK8sApiRbacV1RoleRef: { apiGroup: ['', 'rbac.authorization.k8s.io'], kind: ['Role', 'ClusterRole'] },
  IoK8sApiRbacV1Subject: {
    apiGroup: ['', 'rbac.authorization.k8s.io'],
    kind: ['User', 'Group', 'ServiceAccount'],
  },
  IoK8sApiStorageV1CSIDriverSpec: { fsGroupPolicy: ['File', 'None', 'ReadWriteOnceWithFSType'] },
  IoK8sApiextensionsApiserverPkgApisApiextensionsV1CustomResourceColumnDefinition: {
    type: ['integer', 'number', 'string', 'boolean', 'date'],
  },
  IoK8sApiextensionsApiserverPkgApisApiextensionsV1CustomResourceConversion: { strategy: ['None', 'Webhook'] },
  IoK8sApiextensionsApiserverPkgApisApiextensionsV1CustomResourceDefinitionSpec: { scope: ['Cluster', 'Namespaced'] },
  IoK8sApimachineryPkgApisMetaV1LabelSelectorRequirement: { operator: ['In', 'NotIn', 'Exists', 'DoesNotExist'] },
}

/** Integers or text, where the text has to be a percentage: `"1"` is refused. */
const percentages: Readonly<Record<string, readonly string[]>> = {
  IoK8sApiAppsV1RollingUpdateDaemonSet: ['maxSurge', 'maxUnavailable'],
  IoK8sApiAppsV1RollingUpdateDeployment: ['maxSurge', 'maxUnavailable'],
  IoK8sApiAppsV1RollingUpdateStatefulSetStrategy: ['maxUnavailable'],
  IoK8sApiPolicyV1PodDisruptionBudgetSpec: ['maxUnavailable', 'minAvailable'],
}

/** Optional choices behind a pointer in Go: "" is a value there, and a wrong one. */
const neverEmpty = new Set([
  'failurePolicy',
  'internalTrafficPolicy',
  'ipFamilyPolicy',
  'matchPolicy',
  'procMount',
  'scope',
  'unhealthyPodEvictionPolicy',
  'volumeBindingMode',
])

/** Changes the strict schema of one definition in place. */
export function applyTruth(id: string, schema: JsonSchema): void {
  const { properties } = schema
  if (!properties) return
  const added = required[id] ?? []
  const removed = optional[id] ?? []
  const names = [...(schema.required ?? []).filter(name => !removed.includes(name)), ...added]
  if (names.length > 0) schema.required = [...new Set(names)]
  else delete schema.required
  for (const [field, values] of Object.entries(choices[id] ?? {})) {
    properties[field] = { ...properties[field], enum: [...values] }
  }
  for (const field of percentages[id] ?? []) {
    properties[field] = {
      type: ['integer', 'string'],
      format: 'percentage',
      minimum: -(2 ** 31),
      maximum: 2 ** 31 - 1,
    }
  }
  if (id.startsWith('IoK8sApi')) acceptEmptyChoices(id, schema, properties)
}

/** In Go an empty text is a field that is not set: `imagePullPolicy: ""` gets the default. */
function acceptEmptyChoices(id: string, schema: JsonSchema, properties: Record<string, JsonSchema>): void {
  for (const [field, property] of Object.entries(properties)) {
    const isText = property.enum?.every(choice => typeof choice === 'string') ?? false
    const isFixed = choices[id]?.[field] !== undefined || neverEmpty.has(field) || schema.required?.includes(field)
    if (!isText || isFixed || (field === 'protocol' && id.endsWith('NetworkPolicyPort'))) continue
    properties[field] = { ...property, enum: ['', ...(property.enum ?? []).filter(choice => choice !== '')] }
  }
}
