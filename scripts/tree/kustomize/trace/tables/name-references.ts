// Which fields name other objects, so that kustomize writes their new names there after a prefix, a suffix or a hash.

export interface NameReferences {
  /** The kind that is named, as in the field specs. */
  readonly to: string
  /** Paths with the kinds that hold them. */
  readonly from: Readonly<Record<string, readonly string[]>>
}

/** Source: kustomize 5.8.1, api/internal/konfig/builtinpluginconsts. */
export const NAME_REFERENCES: readonly NameReferences[] = [
  {
    to: 'Deployment',
    from: {
      'spec/scaleTargetRef/name': ['HorizontalPodAutoscaler'],
    },
  },
  {
    to: 'ReplicationController',
    from: {
      'spec/scaleTargetRef/name': ['HorizontalPodAutoscaler'],
    },
  },
  {
    to: 'ReplicaSet',
    from: {
      'spec/scaleTargetRef/name': ['HorizontalPodAutoscaler'],
    },
  },
  {
    to: 'StatefulSet',
    from: {
      'spec/scaleTargetRef/name': ['HorizontalPodAutoscaler'],
    },
  },
  {
    to: 'v1 ConfigMap',
    from: {
      'spec/volumes/configMap/name': ['v1 Pod'],
      'spec/containers/env/valueFrom/configMapKeyRef/name': ['v1 Pod'],
      'spec/initContainers/env/valueFrom/configMapKeyRef/name': ['v1 Pod'],
      'spec/containers/envFrom/configMapRef/name': ['v1 Pod'],
      'spec/initContainers/envFrom/configMapRef/name': ['v1 Pod'],
      'spec/volumes/projected/sources/configMap/name': ['v1 Pod'],
      'template/spec/volumes/configMap/name': ['PodTemplate'],
      'template/spec/containers/env/valueFrom/configMapKeyRef/name': ['PodTemplate'],
      'template/spec/initContainers/env/valueFrom/configMapKeyRef/name': ['PodTemplate'],
      'template/spec/containers/envFrom/configMapRef/name': ['PodTemplate'],
      'template/spec/initContainers/envFrom/configMapRef/name': ['PodTemplate'],
      'template/spec/volumes/projected/sources/configMap/name': ['PodTemplate'],
      'spec/template/spec/volumes/configMap/name': ['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet', 'Job'],
      'spec/template/spec/containers/env/valueFrom/configMapKeyRef/name': [
        'Deployment',
        'ReplicaSet',
        'DaemonSet',
        'StatefulSet',
        'Job',
      ],
      'spec/template/spec/initContainers/env/valueFrom/configMapKeyRef/name': [
        'Deployment',
        'ReplicaSet',
        'DaemonSet',
        'StatefulSet',
        'Job',
      ],
      'spec/template/spec/containers/envFrom/configMapRef/name': [
        'Deployment',
        'ReplicaSet',
        'DaemonSet',
        'StatefulSet',
        'Job',
      ],
      'spec/template/spec/initContainers/envFrom/configMapRef/name': [
        'Deployment',
        'ReplicaSet',
        'DaemonSet',
        'StatefulSet',
        'Job',
      ],
      'spec/template/spec/volumes/projected/sources/configMap/name': [
        'Deployment',
        'ReplicaSet',
        'DaemonSet',
        'StatefulSet',
        'Job',
      ],
      'spec/jobTemplate/spec/template/spec/volumes/configMap/name': ['CronJob'],
      'spec/jobTemplate/spec/template/spec/volumes/projected/sources/configMap/name': ['CronJob'],
      'spec/jobTemplate/spec/template/spec/containers/env/valueFrom/configMapKeyRef/name': ['CronJob'],
      'spec/jobTemplate/spec/template/spec/initContainers/env/valueFrom/configMapKeyRef/name': ['CronJob'],
      'spec/jobTemplate/spec/template/spec/containers/envFrom/configMapRef/name': ['CronJob'],
      'spec/jobTemplate/spec/template/spec/initContainers/envFrom/configMapRef/name': ['CronJob'],
      'spec/configSource/configMap': ['Node'],
      'rules/resourceNames': ['Role', 'ClusterRole'],
      'metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap': ['Ingress'],
    },
  },
  {
    to: 'v1 Secret',
    from: {
      'spec/volumes/secret/secretName': ['v1 Pod'],
      'spec/containers/env/valueFrom/secretKeyRef/name': ['v1 Pod'],
      'spec/initContainers/env/valueFrom/secretKeyRef/name': ['v1 Pod'],
      'spec/containers/envFrom/secretRef/name': ['v1 Pod'],
      'spec/initContainers/envFrom/secretRef/name': ['v1 Pod'],
      'spec/imagePullSecrets/name': ['v1 Pod'],
      'spec/volumes/projected/sources/secret/name': ['v1 Pod'],
      'template/spec/volumes/secret/secretName': ['PodTemplate'],
      'template/spec/containers/env/valueFrom/secretKeyRef/name': ['PodTemplate'],
      'template/spec/initContainers/env/valueFrom/secretKeyRef/name': ['PodTemplate'],
      'template/spec/containers/envFrom/secretRef/name': ['PodTemplate'],
      'template/spec/initContainers/envFrom/secretRef/name': ['PodTemplate'],
      'template/spec/imagePullSecrets/name': ['PodTemplate'],
      'template/spec/volumes/projected/sources/secret/name': ['PodTemplate'],
      'spec/template/spec/volumes/secret/secretName': ['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet', 'Job'],
      'spec/template/spec/containers/env/valueFrom/secretKeyRef/name': [
        'Deployment',
        'ReplicaSet',
        'DaemonSet',
        'StatefulSet',
        'Job',
        'serving.knative.dev/v1 Service',
      ],
      'spec/template/spec/initContainers/env/valueFrom/secretKeyRef/name': [
        'Deployment',
        'ReplicaSet',
        'DaemonSet',
        'StatefulSet',
        'Job',
      ],
      'spec/template/spec/containers/envFrom/secretRef/name': [
        'Deployment',
        'ReplicaSet',
        'DaemonSet',
        'StatefulSet',
        'Job',
      ],
      'spec/template/spec/initContainers/envFrom/secretRef/name': [
        'Deployment',
        'ReplicaSet',
        'DaemonSet',
        'StatefulSet',
        'Job',
      ],
      'spec/template/spec/imagePullSecrets/name': ['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet', 'Job'],
      'spec/template/spec/volumes/projected/sources/secret/name': [
        'Deployment',
        'ReplicaSet',
        'DaemonSet',
        'StatefulSet',
        'Job',
      ],
      'spec/jobTemplate/spec/template/spec/volumes/secret/secretName': ['CronJob'],
      'spec/jobTemplate/spec/template/spec/volumes/projected/sources/secret/name': ['CronJob'],
      'spec/jobTemplate/spec/template/spec/containers/env/valueFrom/secretKeyRef/name': ['CronJob'],
      'spec/jobTemplate/spec/template/spec/initContainers/env/valueFrom/secretKeyRef/name': ['CronJob'],
      'spec/jobTemplate/spec/template/spec/containers/envFrom/secretRef/name': ['CronJob'],
      'spec/jobTemplate/spec/template/spec/initContainers/envFrom/secretRef/name': ['CronJob'],
      'spec/jobTemplate/spec/template/spec/imagePullSecrets/name': ['CronJob'],
      'spec/tls/secretName': ['Ingress'],
      'metadata/annotations/ingress.kubernetes.io\\/auth-secret': ['Ingress'],
      'metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret': ['Ingress'],
      'metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret': ['Ingress'],
      'imagePullSecrets/name': ['ServiceAccount'],
      'parameters/secretName': ['StorageClass'],
      'parameters/adminSecretName': ['StorageClass'],
      'parameters/userSecretName': ['StorageClass'],
      'parameters/secretRef': ['StorageClass'],
      'rules/resourceNames': ['Role', 'ClusterRole'],
      'spec/azureFile/secretName': ['PersistentVolume'],
    },
  },
  {
    to: 'v1 Service',
    from: {
      'spec/serviceName': ['apps/* StatefulSet'],
      'spec/rules/http/paths/backend/serviceName': ['Ingress'],
      'spec/backend/serviceName': ['Ingress'],
      'spec/rules/http/paths/backend/service/name': ['Ingress'],
      'spec/defaultBackend/service/name': ['Ingress'],
      'spec/service/name': ['apiregistration.k8s.io/* APIService'],
      'webhooks/clientConfig/service': [
        'admissionregistration.k8s.io/* ValidatingWebhookConfiguration',
        'admissionregistration.k8s.io/* MutatingWebhookConfiguration',
      ],
    },
  },
  {
    to: 'rbac.authorization.k8s.io/* Role',
    from: {
      'roleRef/name': ['rbac.authorization.k8s.io/* RoleBinding'],
    },
  },
  {
    to: 'rbac.authorization.k8s.io/* ClusterRole',
    from: {
      'roleRef/name': ['rbac.authorization.k8s.io/* RoleBinding', 'rbac.authorization.k8s.io/* ClusterRoleBinding'],
    },
  },
  {
    to: 'v1 ServiceAccount',
    from: {
      subjects: ['rbac.authorization.k8s.io/* RoleBinding', 'rbac.authorization.k8s.io/* ClusterRoleBinding'],
      'spec/serviceAccountName': ['Pod'],
      'spec/template/spec/serviceAccountName': [
        'StatefulSet',
        'Deployment',
        'ReplicationController',
        'Job',
        'DaemonSet',
      ],
      'spec/jobTemplate/spec/template/spec/serviceAccountName': ['CronJob'],
    },
  },
  {
    to: 'v1 PersistentVolumeClaim',
    from: {
      'spec/volumes/persistentVolumeClaim/claimName': ['Pod'],
      'spec/template/spec/volumes/persistentVolumeClaim/claimName': [
        'StatefulSet',
        'Deployment',
        'ReplicationController',
        'Job',
        'DaemonSet',
      ],
      'spec/jobTemplate/spec/template/spec/volumes/persistentVolumeClaim/claimName': ['CronJob'],
    },
  },
  {
    to: 'v1 PersistentVolume',
    from: {
      'spec/volumeName': ['PersistentVolumeClaim'],
      'rules/resourceNames': ['ClusterRole'],
    },
  },
  {
    to: 'storage.k8s.io/v1 StorageClass',
    from: {
      'spec/storageClassName': ['PersistentVolume', 'PersistentVolumeClaim'],
      'spec/volumeClaimTemplates/spec/storageClassName': ['StatefulSet'],
    },
  },
  {
    to: 'scheduling.k8s.io/v1 PriorityClass',
    from: {
      'spec/priorityClassName': ['Pod'],
      'spec/template/spec/priorityClassName': [
        'StatefulSet',
        'Deployment',
        'ReplicationController',
        'Job',
        'DaemonSet',
      ],
      'spec/jobTemplate/spec/template/spec/priorityClassName': ['CronJob'],
    },
  },
  {
    to: 'networking.k8s.io/v1/v1 IngressClass',
    from: {
      'spec/ingressClassName': ['Ingress'],
    },
  },
  {
    to: 'admissionregistration.k8s.io/* ValidatingAdmissionPolicy',
    from: {
      'spec/policyName': ['admissionregistration.k8s.io/* ValidatingAdmissionPolicyBinding'],
    },
  },
]
