// Changes that leave nobody to answer for a while: by strategy, without probes, with less time to end.
import { type Resource, valueAt } from '../../tree/model/build.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import { listContainers, podsOf, replacesPods, twinOf } from './pods.ts'
import { createdOf, deletedOf, hasSyncOption, type ObjectRule, staysOf, storedOf, typeOf } from './risk.ts'

interface Stop {
  /** Goes on from "a rollout ...". */
  readonly says: string
  readonly fieldPath: FieldPath
}

/** Why a rollout of a Deployment or DaemonSet takes all its pods away at once. */
function explainStop(resource: Resource): Stop | undefined {
  const type = typeOf(resource)
  const spec = valueAt(storedOf(resource), ['spec'])
  if (type === 'apps/DaemonSet') {
    const fieldPath = ['spec', 'updateStrategy', 'rollingUpdate', 'maxUnavailable']
    return isAll(valueAt(spec, fieldPath.slice(1)))
      ? { says: 'takes the pods of all nodes at once', fieldPath }
      : undefined
  }
  if (type !== 'apps/Deployment') return undefined
  const replicas = valueAt(spec, ['replicas'])
  if (replicas === 0) return undefined
  const strategy = ['spec', 'strategy']
  if (valueAt(spec, ['strategy', 'type']) === 'Recreate') {
    return { says: 'ends all pods before new ones start (Recreate)', fieldPath: [...strategy, 'type'] }
  }
  const rolling = [...strategy, 'rollingUpdate']
  const [unavailable, surge] = ['maxUnavailable', 'maxSurge'].map(key => valueAt(spec, [...rolling.slice(1), key]))
  if (
    isAll(unavailable) ||
    (typeof unavailable === 'number' && typeof replicas === 'number' && unavailable >= replicas)
  ) {
    return {
      says: `may end all pods at once (maxUnavailable ${unavailable})`,
      fieldPath: [...rolling, 'maxUnavailable'],
    }
  }
  if (replicas === 1 && isNone(surge)) {
    return { says: 'ends the only replica before a new one starts (maxSurge 0)', fieldPath: [...rolling, 'maxSurge'] }
  }
  return undefined
}

const isAll = (value: unknown): boolean => typeof value === 'string' && Number.parseInt(value, 10) >= 100
const isNone = (value: unknown): boolean => value === 0 || value === '0%' || value === '0'

export const downtime: ObjectRule = {
  id: 'downtime-by-strategy',
  level: 'danger',
  summary: 'a workload that from now on stops answering at each rollout, or at once',
  why: 'Between the last old pod and the first new one that is ready nobody answers.',
  *check(object) {
    const stays = staysOf(object)
    if (!stays) return
    const [old, next] = [explainStop(stays.before), explainStop(stays.after)]
    if (next && !old) {
      // One replica less may be what did it.
      const changed = object.change.fields.find(({ fieldPath }) => ['replicas', 'strategy'].includes(`${fieldPath[1]}`))
      yield { says: `has a downtime: a rollout ${next.says}`, fieldPath: changed?.fieldPath ?? next.fieldPath }
    }
    const replicas = [stays.before, stays.after].map(one => valueAt(storedOf(one), ['spec', 'replicas']))
    if (
      ['apps/Deployment', 'apps/StatefulSet'].includes(typeOf(stays.after)) &&
      replicas[1] === 0 &&
      replicas[0] !== 0
    ) {
      yield { says: 'is scaled to no replica: nobody answers any more', fieldPath: ['spec', 'replicas'] }
    }
  },
}

/** What answers requests for as long as it is there; what runs once is not a loss. */
const LASTING = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Rollout', 'DeploymentConfig'])

export const workloadReplaced: ObjectRule = {
  id: 'workload-replaced',
  level: 'danger',
  summary: 'a workload that is deleted and made anew: as another kind, under another name or in another namespace',
  why: 'Argo CD prunes before it applies: nobody answers from the end of the old pods until the new ones are ready.',
  *check(object) {
    const [old, next] = [deletedOf(object), createdOf(object)]
    if (!old || !next || !LASTING.has(old.kind) || hasSyncOption(old, 'Prune=false')) return
    const replicas = valueAt(storedOf(old), ['spec', 'replicas'])
    if (replicas === 0) return
    const isTurned = old.kind !== next.kind
    const place = old.namespace === next.namespace ? '' : ` in namespace ${next.namespace ?? '(none)'}`
    const anew = isTurned ? `a ${next.kind}` : `${next.name}${place}`
    const kept = isTurned && valueAt(old.object, ['spec', 'volumeClaimTemplates']) !== undefined
    const claims = kept ? ', which does not take over its claims' : ''
    yield {
      says: `becomes ${anew}${claims}: it is deleted with its pods, and nobody answers until the new ones are ready`,
      fieldPath: isTurned ? ['kind'] : ['metadata', old.name === next.name ? 'namespace' : 'name'],
      isOld: true,
    }
  },
}

export const stopsAll: ObjectRule = {
  id: 'rollout-stops-all',
  level: 'caution',
  summary: 'a change of the pods of a workload whose rollouts are a downtime',
  why: 'The strategy was chosen before; this change is one that carries it out.',
  *check(object) {
    const stays = staysOf(object)
    const pods = podsOf(object)
    if (!stays || !pods || !replacesPods(object, pods.after)) return
    const stop = explainStop(stays.after)
    if (!stop || !explainStop(stays.before)) return
    const first = object.change.fields.find(({ fieldPath }) => fieldPath[1] === 'template')
    yield { says: `gets new pods, and its rollout ${stop.says}`, ...(first ? { fieldPath: first.fieldPath } : {}) }
  },
}

const CHECKS: readonly (readonly [name: string, path: FieldPath])[] = [
  ['readiness probe', ['readinessProbe']],
  ['liveness probe', ['livenessProbe']],
  ['startup probe', ['startupProbe']],
  ['preStop hook', ['lifecycle', 'preStop']],
]

export const probeRemoved: ObjectRule = {
  id: 'probe-removed',
  level: 'caution',
  summary: 'a probe or preStop hook that a container had',
  why: 'Without them requests reach pods that cannot answer yet, no more, or that are about to end.',
  *check(object) {
    const pods = podsOf(object)
    if (!pods?.before) return
    for (const container of listContainers(pods.after)) {
      const twin = twinOf(container, pods.before)
      for (const [name, path] of CHECKS) {
        if (!twin || valueAt(twin.value, path) === undefined || valueAt(container.value, path) !== undefined) continue
        yield {
          says: `loses the ${name} of container ${container.name}`,
          fieldPath: [...twin.path, ...path],
          side: 'base',
        }
      }
    }
  },
}

const GRACE = 'terminationGracePeriodSeconds'

export const graceShortened: ObjectRule = {
  id: 'grace-shortened',
  level: 'caution',
  summary: 'pods that get less time to end',
  why: 'What a pod has not finished by then is cut off: requests, writes, the hand-over of a lock.',
  *check(object) {
    const pods = podsOf(object)
    const [old, next] = [pods?.before, pods?.after].map(one => valueAt(one?.spec, [GRACE]))
    if (!pods || typeof old !== 'number' || typeof next !== 'number' || next >= old) return
    const isWritten = valueAt(pods.after.resource.object, [...pods.after.path, GRACE]) !== undefined
    yield {
      says: `gives its pods ${next} s to end instead of ${old} s`,
      fieldPath: [...pods.after.path, GRACE],
      ...(isWritten ? {} : { side: 'base' as const }),
    }
  },
}
