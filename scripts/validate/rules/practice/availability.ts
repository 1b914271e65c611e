// What makes a drained node or a rollout an outage.
import { listAt, mappingAt, type Resource, stringAt, valueAt } from '../../../tree/model/build.ts'
import type { ResourceIndex } from '../../../tree/model/resource-index.ts'
import type { Found, Practice } from './practice.ts'
import { type PodView, viewPod } from './pod-view.ts'
import { findBudgets, findService, hasClaim, requirementsAt, scaleOf } from './scale.ts'

function* findCrowd(pod: PodView, index: ResourceIndex): Generator<Found> {
  const scale = scaleOf(pod.resource, index)
  if (!scale || scale.replicas < 2 || !pod.isLongRunning) return
  const affinity = mappingAt(pod.spec, ['affinity', 'podAntiAffinity']) ?? {}
  if (Object.keys(affinity).length > 0 || listAt(pod.spec, ['topologySpreadConstraints']).length > 0) return
  const message = `nothing spreads the ${scale.replicas} replicas: all may be on one node, and end with it; write topologySpreadConstraints over kubernetes.io/hostname`
  yield { path: [...pod.specPath, 'topologySpreadConstraints'], message, values: [] }
}

/** A number, or a share in percent of so many, rounded up as the controller does. */
function countOf(value: unknown, replicas: number): number | undefined {
  if (typeof value === 'number') return value
  const percent = typeof value === 'string' ? /^(\d{1,3})%$/.exec(value)?.[1] : undefined
  return percent === undefined ? undefined : Math.ceil((Number(percent) * replicas) / 100)
}

const isNothing = (value: unknown): boolean => value === 0 || value === '0%'

function* findBlocked(budget: Resource, index: ResourceIndex): Generator<Found> {
  const [least, most] = ['minAvailable', 'maxUnavailable'].map(field => valueAt(budget.object, ['spec', field]))
  const say = 'no drain of a node ever ends, nor an update of the cluster; write maxUnavailable: 1'
  const values = [String(least ?? most)]
  if (isNothing(most)) {
    yield {
      path: ['spec', 'maxUnavailable'],
      message: `the budget lets no pod be evicted (maxUnavailable ${most}): ${say}`,
      values,
    }
    return
  }
  const requirements = requirementsAt(budget, 'selector')
  if (least === undefined || !requirements) return
  const count = countPods(budget, index)
  const isAll = least === '100%'
  if (!isAll && (count === undefined || count === 0 || (countOf(least, count) ?? 0) < count)) return
  const of = count === undefined ? 'all' : `${countOf(least, count)} of ${count}`
  const many = isAll || count === 1 ? say : `${say}, or more replicas`
  const message = `the budget lets no pod be evicted (minAvailable ${least}, ${of} pods): ${many}`
  yield { path: ['spec', 'minAvailable'], message, values }
}

/** How many pods a budget is about; undefined where it is not known of each. */
function countPods(budget: Resource, index: ResourceIndex): number | undefined {
  const requirements = requirementsAt(budget, 'selector')
  if (!requirements || index.mayHoldUnseenPods(budget.namespace)) return undefined
  const names = new Set<string>()
  let sum = 0
  for (const { resource } of index.selectTemplates(budget.namespace, requirements)) {
    const scale = scaleOf(resource, index)
    if (!scale) return undefined
    // A tree may render the same workload twice.
    const key = `${resource.kind}/${resource.name}`
    if (!names.has(key)) sum += scale.replicas
    names.add(key)
  }
  return sum
}

function* findSingle(workload: Resource, index: ResourceIndex): Generator<Found> {
  const pod = viewPod(workload)
  const scale = scaleOf(workload, index)
  if (!pod || scale?.replicas !== 1 || scale.scaler) return
  const [budget] = findBudgets(pod, index)
  const path = ['spec', 'replicas']
  if (budget) {
    // One that lets nothing go is told at the budget.
    if ([...findBlocked(budget, index)].length > 0) return
    const message = `there is one replica, and PodDisruptionBudget ${budget.name} protects nothing: a drained node is an outage; write replicas: 2`
    yield { path, message, values: ['budget'] }
    return
  }
  const strategy = mappingAt(workload.object, ['spec', 'strategy'])
  const isRecreated = stringAt(strategy, ['type']) === 'Recreate'
  const hasNoSurge = isNothing(valueAt(strategy, ['rollingUpdate', 'maxSurge']))
  // A volume that one pod at a time can have leaves no choice.
  if (workload.kind !== 'Deployment' || !(isRecreated || hasNoSurge) || hasClaim(pod)) return
  const service = findService(pod, index)
  if (!service) return
  const what = isRecreated ? 'strategy Recreate' : 'maxSurge 0'
  const message = `there is one replica, and ${what} ends it before the next one starts: each rollout is an outage of Service ${service.name}; write replicas: 2, or a rolling update with maxSurge: 1`
  yield { path, message, values: ['rollout'] }
}

export const AVAILABILITY: readonly Practice[] = [
  {
    id: 'no-anti-affinity',
    preset: 'strict',
    summary: 'Nothing spreads the replicas of a workload over nodes.',
    why: 'The scheduler may put all of them on one node, and then all end with it.',
    remediation: 'Write topologySpreadConstraints over kubernetes.io/hostname, or podAntiAffinity.',
    source:
      'kube-linter no-anti-affinity, kube-score deployment-has-host-podantiaffinity, polaris topologySpreadConstraint',
    of: 'pods',
    find: findCrowd,
  },
  {
    id: 'single-replica',
    preset: 'strict',
    summary: 'A workload has one replica where that makes an outage.',
    why: 'A budget for one pod protects nothing, and a rollout that ends the old pod first answers nobody until the new one is ready.',
    remediation: 'Write at least two replicas, or let a rollout start the new pod first.',
    source: 'kube-linter minimum-three-replicas, kube-score deployment-replicas, polaris deploymentMissingReplicas',
    of: 'objects',
    kinds: ['apps/Deployment', 'apps/StatefulSet'],
    find: findSingle,
  },
  {
    id: 'pdb-blocks-eviction',
    summary: 'A PodDisruptionBudget lets no pod be evicted.',
    why: 'Draining a node waits for ever, and with it each update of the cluster, until a person deletes the budget.',
    remediation: 'Write maxUnavailable: 1, which holds for any number of replicas.',
    source:
      'kube-linter pdb-max-unavailable and pdb-min-available, polaris pdbDisruptionsIsZero; Kubernetes: the disruption controller',
    of: 'objects',
    kinds: ['policy/PodDisruptionBudget'],
    find: findBlocked,
  },
]
