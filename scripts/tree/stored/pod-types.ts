// What the API server makes of the fields of a pod.
// Source: pkg/apis/core/v1/defaults.go of Kubernetes 1.36, and the omitempty tags of its types.
import { parseImageReference } from '../model/image-reference.ts'
import { always, type Defaults, type Type } from './type.ts'

/** Always for `:latest` and for no tag; an image with a digest is never pulled anew. */
function pullPolicy(image: unknown): string | undefined {
  if (typeof image !== 'string') return undefined
  const read = parseImageReference(image)
  if ('fault' in read) return undefined
  const { tag, digest } = read
  return digest === undefined && (tag === undefined || tag === 'latest') ? 'Always' : 'IfNotPresent'
}

const MODE = always({ defaultMode: 420 })
export const PROTOCOL = always({ protocol: 'TCP' })

const POD_DEFAULTS: Defaults = own => ({
  restartPolicy: 'Always',
  dnsPolicy: 'ClusterFirst',
  schedulerName: 'default-scheduler',
  terminationGracePeriodSeconds: 30,
  securityContext: {},
  serviceAccountName: own.serviceAccount,
  serviceAccount: own.serviceAccountName,
})

export const POD_TYPES: Readonly<Record<string, Type>> = {
  ObjectMeta: {
    fields: { labels: '{text}', annotations: '{text}' },
    zeros: ['labels', 'annotations', 'generateName', 'namespace', 'selfLink'],
  },
  Selector: { fields: { matchLabels: '{text}' }, zeros: ['matchLabels'] },
  PodTemplate: { fields: { metadata: 'ObjectMeta', spec: 'PodSpec' }, zeros: ['metadata'] },
  Pod: { fields: { metadata: 'ObjectMeta', spec: 'LonePodSpec' } },
  PodSpec: {
    fields: {
      containers: '[Container]',
      initContainers: '[Container]',
      ephemeralContainers: '[Container]',
      volumes: '[Volume]',
      nodeSelector: '{text}',
      overhead: '{quantity}',
      topologySpreadConstraints: '[Spread]',
      resources: 'Resources',
    },
    defaults: POD_DEFAULTS,
    zeros: [
      'hostNetwork',
      'hostPID',
      'hostIPC',
      'nodeSelector',
      'nodeName',
      'hostname',
      'subdomain',
      'priorityClassName',
    ],
  },
  Spread: { fields: { labelSelector: 'Selector' } },
  Container: {
    fields: {
      ports: '[ContainerPort]',
      env: '[EnvVar]',
      envFrom: '[EnvFrom]',
      resources: 'Resources',
      livenessProbe: 'Probe',
      readinessProbe: 'Probe',
      startupProbe: 'Probe',
      lifecycle: 'Lifecycle',
      volumeMounts: '[VolumeMount]',
    },
    defaults: ({ image }) => ({
      imagePullPolicy: pullPolicy(image),
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      resources: {},
    }),
    zeros: ['stdin', 'stdinOnce', 'tty', 'workingDir'],
  },
  ContainerPort: { defaults: PROTOCOL, zeros: ['hostPort', 'name', 'hostIP'] },
  EnvVar: { fields: { valueFrom: 'EnvSource' }, zeros: ['value'] },
  EnvFrom: { zeros: ['prefix'] },
  EnvSource: { fields: { fieldRef: 'FieldRef', resourceFieldRef: 'ResourceFieldRef' } },
  FieldRef: { defaults: always({ apiVersion: 'v1' }) },
  ResourceFieldRef: { fields: { divisor: 'quantity' }, defaults: always({ divisor: '0' }) },
  Resources: { fields: { limits: '{quantity}', requests: '{quantity}' }, zeros: ['limits', 'requests'] },
  Probe: {
    fields: { httpGet: 'HttpGet', grpc: 'Grpc' },
    defaults: always({ timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }),
    zeros: ['initialDelaySeconds'],
  },
  HttpGet: { defaults: always({ scheme: 'HTTP', path: '/' }), zeros: ['host'] },
  Grpc: { defaults: always({ service: '' }) },
  Lifecycle: { fields: { preStop: 'Handler', postStart: 'Handler' } },
  Handler: { fields: { httpGet: 'HttpGet' } },
  VolumeMount: { zeros: ['readOnly', 'subPath', 'subPathExpr'] },
  Volume: {
    fields: {
      secret: 'ModeVolume',
      configMap: 'ModeVolume',
      downwardAPI: 'DownwardVolume',
      projected: 'ProjectedVolume',
      hostPath: 'HostPath',
      emptyDir: 'EmptyDir',
      ephemeral: 'Ephemeral',
      persistentVolumeClaim: 'ClaimVolume',
    },
    defaults: own => (Object.keys(own).every(key => key === 'name') ? { emptyDir: {} } : {}),
  },
  ModeVolume: { defaults: MODE },
  DownwardVolume: { fields: { items: '[DownwardItem]' }, defaults: MODE },
  DownwardItem: { fields: { fieldRef: 'FieldRef', resourceFieldRef: 'ResourceFieldRef' } },
  ProjectedVolume: { fields: { sources: '[ProjectedSource]' }, defaults: MODE },
  ProjectedSource: { fields: { serviceAccountToken: 'ProjectedToken', downwardAPI: 'ProjectedDownward' } },
  ProjectedToken: { defaults: always({ expirationSeconds: 3600 }) },
  ProjectedDownward: { fields: { items: '[DownwardItem]' } },
  HostPath: { defaults: always({ type: '' }) },
  EmptyDir: { fields: { sizeLimit: 'quantity' }, zeros: ['medium'] },
  Ephemeral: { fields: { volumeClaimTemplate: 'Claim' } },
  ClaimVolume: { zeros: ['readOnly'] },
  Claim: { fields: { metadata: 'ObjectMeta', spec: 'ClaimSpec' } },
  ClaimSpec: { fields: { resources: 'Resources' }, defaults: always({ volumeMode: 'Filesystem' }) },
}
// The API server sets this for a Pod, and not for a template.
export const LONE_POD: Type = {
  ...POD_TYPES.PodSpec,
  defaults: own => ({ ...POD_DEFAULTS(own), enableServiceLinks: true }),
}
