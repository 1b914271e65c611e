// Fields that the API server refuses to change: the sync fails, or the object is deleted and made anew.
// Source: the update validation of Kubernetes 1.36 (pkg/apis/*/validation), tried on a real API server.
import { isDeepStrictEqual } from 'node:util'
import { type Resource, stringAt, valueAt } from '../../tree/model/build.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import { differs, hasSyncOption, type ObjectRule, staysOf, storedOf, typeOf } from './risk.ts'

type Only = readonly string[]

/** The fields that may not change, from the root on. */
const FIXED: Readonly<Record<string, readonly Only[]>> = {
  'apps/Deployment': [['spec', 'selector']],
  'apps/ReplicaSet': [['spec', 'selector']],
  'apps/DaemonSet': [['spec', 'selector']],
  'rbac.authorization.k8s.io/RoleBinding': [['roleRef']],
  'rbac.authorization.k8s.io/ClusterRoleBinding': [['roleRef']],
  'storage.k8s.io/StorageClass': [['provisioner'], ['parameters'], ['reclaimPolicy'], ['volumeBindingMode']],
  'storage.k8s.io/VolumeAttributesClass': [['driverName'], ['parameters']],
  'scheduling.k8s.io/PriorityClass': [['value'], ['preemptionPolicy']],
  'node.k8s.io/RuntimeClass': [['handler']],
  'networking.k8s.io/IngressClass': [['spec', 'controller']],
  'apiextensions.k8s.io/CustomResourceDefinition': [
    ['spec', 'scope'],
    ['spec', 'names', 'kind'],
    ['spec', 'names', 'plural'],
    ['spec', 'group'],
  ],
  '/Secret': [['type']],
  '/ResourceQuota': [
    ['spec', 'scopes'],
    ['spec', 'scopeSelector'],
  ],
}

/** Kinds whose spec is fixed but for these fields. */
const MUTABLE: Readonly<Record<string, readonly string[]>> = {
  'apps/StatefulSet': [
    'replicas',
    'ordinals',
    'template',
    'updateStrategy',
    'revisionHistoryLimit',
    'persistentVolumeClaimRetentionPolicy',
    'minReadySeconds',
  ],
  'batch/Job': [
    'parallelism',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'suspend',
    'maxFailedIndexes',
  ],
  // Its class, volume, size and access are told by the rules of claims.
  '/PersistentVolumeClaim': [
    'resources',
    'volumeAttributesClassName',
    'storageClassName',
    'volumeName',
    'accessModes',
    'selector',
  ],
  '/PersistentVolume': [
    'capacity',
    'accessModes',
    'persistentVolumeReclaimPolicy',
    'mountOptions',
    'claimRef',
    'storageClassName',
    'volumeAttributesClassName',
    'nodeAffinity',
  ],
  '/Pod': ['activeDeadlineSeconds', 'tolerations', 'containers', 'initContainers', 'schedulingGates'],
}

const HOOK = ['metadata', 'annotations', 'argocd.argoproj.io/hook']

export const immutableField: ObjectRule = {
  id: 'immutable-field',
  level: 'danger',
  summary: 'a field that the API server does not let change',
  why: 'The sync fails at this object, with Force=true the object is deleted and made anew.',
  *check(object, comparison) {
    const stays = staysOf(object)
    if (!stays) return
    const { before, after } = stays
    // Argo CD makes hooks anew each time.
    if (stringAt(after.object, HOOK) !== undefined) return
    const isForced = hasSyncOption(after, 'Force=true') || hasSyncOption(after, 'Replace=true,Force=true')
    for (const path of listFixed(before, after)) {
      const name = path.join('.')
      if (isForced) yield { says: `is deleted and made anew: ${name} cannot change`, level: 'caution', fieldPath: path }
      else yield { says: `cannot be synced: the API server refuses another ${name}`, fieldPath: path }
    }
    const server = 'ServerSideApply=true'
    if (isRecreateNow(before, after) && hasSyncOption(after, server, comparison, object.change.application)) {
      const says =
        'cannot be synced by server-side apply: the rollingUpdate that the server filled in stays beside Recreate'
      yield { says, fieldPath: ['spec', 'strategy', 'type'] }
    }
  },
}

function* listFixed(before: Resource, after: Resource): Generator<FieldPath> {
  const type = typeOf(after)
  for (const path of FIXED[type] ?? []) if (differs(before, after, path)) yield path
  const mutable = MUTABLE[type]
  if (mutable) {
    const [old, next] = [before, after].map(
      one => valueAt(storedOf(one), ['spec']) as Record<string, unknown> | undefined,
    )
    for (const key of new Set([...Object.keys(old ?? {}), ...Object.keys(next ?? {})])) {
      if (!mutable.includes(key) && !isDeepStrictEqual(old?.[key], next?.[key])) yield ['spec', key]
    }
  }
  if (type === '/Service') yield* listFixedOfService(before, after)
  if (type === '/Pod') yield* listFixedOfPod(before, after)
  if (type === '/ConfigMap' || type === '/Secret') yield* listFrozen(before, after)
}

/** What is not said is kept; a name outside has no address. */
function* listFixedOfService(before: Resource, after: Resource): Generator<FieldPath> {
  const [from, to] = [before, after].map(one => valueAt(storedOf(one), ['spec', 'type']))
  if (from === 'ExternalName' || to === 'ExternalName') return
  const path = ['spec', 'clusterIP']
  if (valueAt(after.object, path) !== undefined && differs(before, after, path)) yield path
}

function* listFixedOfPod(before: Resource, after: Resource): Generator<FieldPath> {
  const withoutImages = (one: Resource, list: string): unknown => {
    const containers = valueAt(storedOf(one), ['spec', list])
    return Array.isArray(containers) ? containers.map(container => ({ ...container, image: '' })) : []
  }
  for (const list of ['containers', 'initContainers']) {
    if (!isDeepStrictEqual(withoutImages(before, list), withoutImages(after, list))) yield ['spec', list]
  }
}

function* listFrozen(before: Resource, after: Resource): Generator<FieldPath> {
  if (valueAt(before.object, ['immutable']) !== true) return
  for (const key of ['data', 'binaryData', 'immutable']) if (differs(before, after, [key])) yield [key]
}

function isRecreateNow(before: Resource, after: Resource): boolean {
  const path = ['spec', 'strategy', 'type']
  if (typeOf(after) !== 'apps/Deployment' || valueAt(storedOf(after), path) !== 'Recreate') return false
  const wasWritten = valueAt(before.object, ['spec', 'strategy', 'rollingUpdate']) !== undefined
  return valueAt(storedOf(before), path) === 'RollingUpdate' && !wasWritten
}
