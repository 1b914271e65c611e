// Which fields kustomize's transformers write where a kustomization says nothing else.

/** Labels of objects and of the pods that they make. */
const TEMPLATE_LABELS = {
  '+metadata/labels': [],
  '+spec/template/metadata/labels': [
    'v1 ReplicationController',
    'Deployment',
    'ReplicaSet',
    'DaemonSet',
    'apps/* StatefulSet',
    'batch/* Job',
  ],
  '+spec/volumeClaimTemplates[]/metadata/labels': ['apps/* StatefulSet'],
  '+spec/jobTemplate/metadata/labels': ['batch/* CronJob'],
  '+spec/jobTemplate/spec/template/metadata/labels': ['batch/* CronJob'],
}

/**
 * Paths by transformer, each with the kinds it is meant for: `Kind`, `version Kind`, `group/version Kind` with `*` for any
 * version; an empty list is every kind. A `+` before a path makes the field where it is not there. `[]` after a name is
 * a list, which it may be without as well. Source: kustomize 5.8.1, api/internal/konfig/builtinpluginconsts.
 */
export const FIELD_SPECS = {
  namespace: {
    '+metadata/name': ['Namespace'],
    '+spec/service/namespace': ['apiregistration.k8s.io/* APIService'],
    'spec/conversion/webhook/clientConfig/service/namespace': ['apiextensions.k8s.io/* CustomResourceDefinition'],
  },
  commonLabels: {
    '+spec/selector': ['v1 Service', 'v1 ReplicationController'],
    '+spec/selector/matchLabels': ['Deployment', 'ReplicaSet', 'DaemonSet', 'apps/* StatefulSet'],
    'spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels':
      ['apps/* Deployment', 'apps/* StatefulSet'],
    'spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels':
      ['apps/* Deployment', 'apps/* StatefulSet'],
    'spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels':
      ['apps/* Deployment', 'apps/* StatefulSet'],
    'spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels':
      ['apps/* Deployment', 'apps/* StatefulSet'],
    'spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels': [
      'apps/* Deployment',
      'apps/* StatefulSet',
    ],
    'spec/selector/matchLabels': ['batch/* Job', 'policy/* PodDisruptionBudget'],
    'spec/jobTemplate/spec/selector/matchLabels': ['batch/* CronJob'],
    'spec/podSelector/matchLabels': ['networking.k8s.io/* NetworkPolicy'],
    'spec/ingress/from/podSelector/matchLabels': ['networking.k8s.io/* NetworkPolicy'],
    'spec/egress/to/podSelector/matchLabels': ['networking.k8s.io/* NetworkPolicy'],
    ...TEMPLATE_LABELS,
  },
  templateLabels: TEMPLATE_LABELS,
  commonAnnotations: {
    '+metadata/annotations': [],
    '+spec/template/metadata/annotations': [
      'v1 ReplicationController',
      'Deployment',
      'ReplicaSet',
      'DaemonSet',
      'StatefulSet',
      'batch/* Job',
    ],
    '+spec/jobTemplate/metadata/annotations': ['batch/* CronJob'],
    '+spec/jobTemplate/spec/template/metadata/annotations': ['batch/* CronJob'],
  },
  images: {
    '+spec/containers[]/image': [],
    '+spec/initContainers[]/image': [],
    '+spec/volumes[]/image/reference': [],
    '+spec/template/spec/containers[]/image': [],
    '+spec/template/spec/initContainers[]/image': [],
    '+spec/template/spec/volumes[]/image/reference': [],
  },
  replicas: {
    '+spec/replicas': ['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet'],
  },
  varReference: {
    'spec/jobTemplate/spec/template/spec/containers/args': ['CronJob'],
    'spec/jobTemplate/spec/template/spec/containers/command': ['CronJob'],
    'spec/jobTemplate/spec/template/spec/containers/env/value': ['CronJob'],
    'spec/jobTemplate/spec/template/spec/containers/volumeMounts/mountPath': ['CronJob'],
    'spec/jobTemplate/spec/template/spec/initContainers/args': ['CronJob'],
    'spec/jobTemplate/spec/template/spec/initContainers/command': ['CronJob'],
    'spec/jobTemplate/spec/template/spec/initContainers/env/value': ['CronJob'],
    'spec/jobTemplate/spec/template/spec/initContainers/volumeMounts/mountPath': ['CronJob'],
    'spec/jobTemplate/spec/template/volumes/nfs/server': ['CronJob'],
    'spec/template/spec/containers/args': ['DaemonSet', 'Deployment', 'Job', 'ReplicaSet', 'StatefulSet'],
    'spec/template/spec/containers/command': ['DaemonSet', 'Deployment', 'Job', 'ReplicaSet', 'StatefulSet'],
    'spec/template/spec/containers/env/value': ['DaemonSet', 'Deployment', 'Job', 'ReplicaSet', 'StatefulSet'],
    'spec/template/spec/containers/volumeMounts/mountPath': [
      'DaemonSet',
      'Deployment',
      'Job',
      'ReplicaSet',
      'StatefulSet',
    ],
    'spec/template/spec/initContainers/args': ['DaemonSet', 'Deployment', 'Job', 'ReplicaSet', 'StatefulSet'],
    'spec/template/spec/initContainers/command': ['DaemonSet', 'Deployment', 'Job', 'ReplicaSet', 'StatefulSet'],
    'spec/template/spec/initContainers/env/value': ['DaemonSet', 'Deployment', 'Job', 'ReplicaSet', 'StatefulSet'],
    'spec/template/spec/initContainers/volumeMounts/mountPath': [
      'DaemonSet',
      'Deployment',
      'Job',
      'ReplicaSet',
      'StatefulSet',
    ],
    'spec/template/spec/volumes/nfs/server': ['DaemonSet', 'Deployment', 'Job', 'ReplicaSet'],
    'spec/template/metadata/annotations': ['Deployment'],
    'spec/rules/host': ['Ingress'],
    'spec/tls/hosts': ['Ingress'],
    'spec/tls/secretName': ['Ingress'],
    'spec/containers/args': ['Pod'],
    'spec/containers/command': ['Pod'],
    'spec/containers/env/value': ['Pod'],
    'spec/containers/volumeMounts/mountPath': ['Pod'],
    'spec/initContainers/args': ['Pod'],
    'spec/initContainers/command': ['Pod'],
    'spec/initContainers/env/value': ['Pod'],
    'spec/initContainers/volumeMounts/mountPath': ['Pod'],
    'spec/volumes/nfs/server': ['Pod'],
    'spec/ports/port': ['Service'],
    'spec/ports/targetPort': ['Service'],
    'spec/volumeClaimTemplates/spec/nfs/server': ['StatefulSet'],
    'spec/nfs/server': ['PersistentVolume'],
    'metadata/labels': [],
    'metadata/annotations': [],
  },
} as const
