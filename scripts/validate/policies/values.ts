// An object as a policy in the cluster sees it: whole numbers are ints, and what the API server fills in is there.
import { listAt, mappingAt, type Resource, stringAt } from '../../tree/model/build.ts'
import { podTemplateOf } from '../../tree/model/pod-template.ts'
import type { KubernetesObject } from '../../tree/model/resource.ts'

type Mapping = Readonly<Record<string, unknown>>

/** Their values are quantities, which the server writes as texts. */
const QUANTITIES = new Set(['requests', 'limits', 'hard', 'capacity', 'overhead', 'defaultRequest', 'max', 'min'])

/** Whole numbers as CEL's int; quantities as texts. */
export function toCel(value: unknown, key = ''): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(item => toCel(item))
  if (typeof value !== 'object' || value === null) return value
  const isQuantities = QUANTITIES.has(key)
  return Object.fromEntries(
    Object.entries(value)
      // The server drops what is null.
      .filter(([, one]) => one !== null)
      .map(([name, one]) => [name, isQuantities && typeof one === 'number' ? String(one) : toCel(one, name)]),
  )
}

/** The most items of a list or mapping, or letters of a text that is split. */
export function measure(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  const items = Object.values(value)
  return items.reduce((most: number, item) => Math.max(most, measure(item)), items.length)
}

const SERVICE_ACCOUNT = 'default'

/** Source: pkg/apis/core/v1/defaults.go. */
function fillPod(spec: Mapping, isPod: boolean): Mapping {
  const account = stringAt(spec, ['serviceAccountName']) ?? (isPod ? SERVICE_ACCOUNT : undefined)
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    securityContext: {},
    ...spec,
    ...(account !== undefined && { serviceAccountName: account }),
    ...fillLists(spec),
  }
}

const fillLists = (spec: Mapping): Mapping =>
  Object.fromEntries(
    ['initContainers', 'containers']
      .filter(list => Array.isArray(spec[list]))
      .map(list => [list, listAt(spec, [list]).map(one => fillContainer(mappingAt(one, []) ?? {}))]),
  )

function fillContainer(container: Mapping): Mapping {
  const image = stringAt(container, ['image']) ?? ''
  const isMoving = /:latest$/.test(image) || !/[:@][^/]*$/.test(image)
  return {
    imagePullPolicy: isMoving ? 'Always' : 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    resources: {},
    ...container,
    ...(Array.isArray(container.ports) && {
      ports: container.ports.map(port => ({ protocol: 'TCP', ...mappingAt(port, []) })),
    }),
    ...Object.fromEntries(
      ['livenessProbe', 'readinessProbe', 'startupProbe']
        .filter(probe => mappingAt(container, [probe]))
        .map(probe => [
          probe,
          {
            timeoutSeconds: 1,
            periodSeconds: 10,
            successThreshold: 1,
            failureThreshold: 3,
            ...mappingAt(container, [probe]),
          },
        ]),
    ),
  }
}

/** Of the fields that the server fills in, those that policies ask for. Source: pkg/apis/{apps,batch,core}/v1/defaults.go. */
const SPECS: Readonly<Record<string, Mapping>> = {
  'apps/Deployment': { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 },
  'apps/StatefulSet': { replicas: 1, podManagementPolicy: 'OrderedReady', revisionHistoryLimit: 10 },
  'apps/ReplicaSet': { replicas: 1 },
  'apps/DaemonSet': { revisionHistoryLimit: 10 },
  '/ReplicationController': { replicas: 1 },
  'batch/CronJob': {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  },
  'batch/Job': { completions: 1, parallelism: 1, backoffLimit: 6, suspend: false },
  '/Service': { type: 'ClusterIP', sessionAffinity: 'None', internalTrafficPolicy: 'Cluster' },
  '/PersistentVolumeClaim': { volumeMode: 'Filesystem' },
  'autoscaling/HorizontalPodAutoscaler': { minReplicas: 1 },
}

/** The object with its namespace and the defaults of its kind. */
export function fillIn({ group, kind, object, namespace }: Resource): Mapping {
  const metadata = { ...mappingAt(object, ['metadata']), ...(namespace !== undefined && { namespace }) }
  const defaults = SPECS[`${group}/${kind}`]
  const spec = mappingAt(object, ['spec'])
  const filled: KubernetesObject = { ...object, metadata, ...(spec && { spec: { ...defaults, ...spec } }) }
  const path = podTemplateOf({ group, kind, object } as Resource)?.specPath
  const pod = path && mappingAt(filled, path)
  return path && pod ? put(filled, path, fillPod(pod, path.length === 1)) : filled
}

function put(holder: unknown, [first, ...rest]: readonly (string | number)[], value: unknown): Mapping {
  const own = mappingAt(holder, []) ?? {}
  if (first === undefined) return own
  return { ...own, [first]: rest.length === 0 ? value : put(own[first], rest, value) }
}
