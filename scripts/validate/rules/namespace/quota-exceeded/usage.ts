// How much of a quota the objects of a namespace use: for certain, and at most.
// Source: the quota evaluators of Kubernetes (pkg/quota/v1/evaluator/core), the Deployment and HPA controllers.
import { listAt, type Resource, stringAt, valueAt } from '../../../../tree/model/build.ts'
import type { FieldPath } from '../../../../tree/model/place.ts'
import { POD_KINDS } from '../../../../tree/model/pod-template.ts'
import type { ResourceIndex } from '../../../../tree/model/resource-index.ts'
import type { Nano } from '../../../../tree/model/quantity.ts'
import { claimPaths, type Limit, listIn, type PodDemand, readAmounts, readDemand } from '../pod-demand.ts'

/** What makes the use grow beyond what is always there. */
export interface Growth {
  readonly kind: 'scaling' | 'rollout' | 'run'
  readonly by: Resource
  readonly path: FieldPath
  readonly count: number
  /** Whether what is going on cannot end without it. */
  readonly isNeeded: boolean
}

export interface User {
  readonly resource: Resource
  /** How much one of its pods, or it itself, uses of each key of a quota. */
  readonly each: ReadonlyMap<string, Nano>
  readonly count: number
  readonly growth: readonly Growth[]
  /** Where it is pods that use it. */
  readonly pod?: PodDemand
}

export const ONE: Nano = 10n ** 9n

export function listUsers(index: ResourceIndex, namespace: string, limits: readonly Limit[]): readonly User[] {
  const here = [
    ...new Map(index.resources.filter(one => one.namespace === namespace).map(one => [keyOf(one), one])).values(),
  ]
  const scalers = listIn(index, namespace, 'autoscaling', 'HorizontalPodAutoscaler')
  return here.flatMap(resource => {
    const { group, kind } = resource
    const users: User[] = [{ resource, each: usedByItself(resource), count: 1, growth: [] }]
    const scale = POD_KINDS.includes(`${group}/${kind}`) ? scaleOf(resource, scalers) : undefined
    const demand = scale && readDemand(resource, limits)
    if (scale && demand) users.push({ resource, each: usedByPod(demand), pod: demand, ...scale })
    if (scale && kind === 'StatefulSet')
      for (const path of claimPaths(resource))
        users.push({ resource, each: usedByClaim(valueAt(resource.object, path)), ...scale })
    return users
  })
}

const keyOf = ({ group, kind, name }: Resource): string => `${group}/${kind}/${name}`

function usedByPod({ requests, limits }: { requests: ReadonlyMap<string, Nano>; limits: ReadonlyMap<string, Nano> }) {
  const used = new Map<string, Nano>([
    ['pods', ONE],
    ['count/pods', ONE],
  ])
  for (const [name, nano] of requests) {
    if (!name.includes('/')) used.set(name, nano)
    used.set(`requests.${name}`, nano)
  }
  for (const [name, nano] of limits) used.set(`limits.${name}`, nano)
  return used
}

function usedByClaim(claim: unknown): ReadonlyMap<string, Nano> {
  const storage = readAmounts(valueAt(claim, ['spec', 'resources', 'requests'])).get('storage') ?? 0n
  const used = new Map<string, Nano>([
    ['persistentvolumeclaims', ONE],
    ['count/persistentvolumeclaims', ONE],
    ['requests.storage', storage],
  ])
  const storageClass = stringAt(claim, ['spec', 'storageClassName'])
  if (storageClass) {
    used.set(`${storageClass}.storageclass.storage.k8s.io/requests.storage`, storage)
    used.set(`${storageClass}.storageclass.storage.k8s.io/persistentvolumeclaims`, ONE)
  }
  return used
}

const COUNTED = ['configmaps', 'secrets', 'replicationcontrollers', 'resourcequotas', 'services']

function usedByItself({ object, group, kind }: Resource): ReadonlyMap<string, Nano> {
  if (group === '' && kind === 'Pod') return new Map()
  if (group === '' && kind === 'PersistentVolumeClaim') return usedByClaim(object)
  const plural = pluralOf(kind)
  const used = new Map<string, Nano>([[group === '' ? `count/${plural}` : `count/${plural}.${group}`, ONE]])
  if (group === '' && COUNTED.includes(plural)) used.set(plural, ONE)
  if (group === '' && kind === 'Service') {
    const type = stringAt(object, ['spec', 'type'])
    const ports = BigInt(listAt(object, ['spec', 'ports']).length) * ONE
    const isBalanced = type === 'LoadBalancer'
    if (isBalanced) used.set('services.loadbalancers', ONE)
    if (type === 'NodePort' || (isBalanced && valueAt(object, ['spec', 'allocateLoadBalancerNodePorts']) !== false))
      used.set('services.nodeports', ports)
  }
  return used
}

function pluralOf(kind: string): string {
  const lower = kind.toLowerCase()
  if (lower === 'endpoints') return lower
  if (/[^aeiou]y$/.test(lower)) return `${lower.slice(0, -1)}ies`
  return /(?:s|x|ch|sh)$/.test(lower) ? `${lower}es` : `${lower}s`
}

type Scale = Pick<User, 'count' | 'growth'>

/** How many pods there are; undefined where that depends on the cluster. */
function scaleOf(resource: Resource, scalers: readonly Resource[]): Scale | undefined {
  const { object, kind } = resource
  const number = (...path: FieldPath): number | undefined => {
    const value = valueAt(object, path)
    return typeof value === 'number' ? value : undefined
  }
  if (kind === 'Pod') return { count: 1, growth: [] }
  if (kind === 'Job') return { count: countOfJob(object, ['spec']), growth: [] }
  if (kind === 'CronJob') {
    const count =
      valueAt(object, ['spec', 'suspend']) === true ? 0 : countOfJob(object, ['spec', 'jobTemplate', 'spec'])
    const path = ['spec', 'schedule']
    return { count: 0, growth: [{ kind: 'run', by: resource, path, count, isNeeded: true }] }
  }
  if (kind === 'DaemonSet') return undefined
  const written = number('spec', 'replicas')
  const scaler = written === 0 ? undefined : scalers.find(one => isTarget(one, resource))
  if (!scaler) return { count: written ?? 1, growth: surgeOf(resource, written ?? 1) }
  const least = valueAt(scaler.object, ['spec', 'minReplicas'])
  const most = valueAt(scaler.object, ['spec', 'maxReplicas'])
  const count = typeof least === 'number' ? least : 1
  const growth: Growth = {
    kind: 'scaling',
    by: scaler,
    path: ['spec', 'maxReplicas'],
    count: typeof most === 'number' ? Math.max(0, most - count) : 0,
    isNeeded: false,
  }
  return { count, growth: [growth, ...surgeOf(resource, count)] }
}

function countOfJob(object: unknown, path: FieldPath): number {
  if (valueAt(object, [...path, 'suspend']) === true) return 0
  const parallelism = valueAt(object, [...path, 'parallelism'])
  const completions = valueAt(object, [...path, 'completions'])
  const most = typeof parallelism === 'number' ? parallelism : 1
  return typeof completions === 'number' ? Math.min(most, completions) : most
}

function isTarget({ object }: Resource, { group, kind, name }: Resource): boolean {
  const apiVersion = stringAt(object, ['spec', 'scaleTargetRef', 'apiVersion']) ?? ''
  return (
    stringAt(object, ['spec', 'scaleTargetRef', 'name']) === name &&
    stringAt(object, ['spec', 'scaleTargetRef', 'kind']) === kind &&
    (apiVersion === '' || apiVersion.startsWith(`${group}/`))
  )
}

/** A Deployment makes its surge before it removes anything; where nothing may be missing, it cannot do without. */
function surgeOf(resource: Resource, replicas: number): readonly Growth[] {
  const { object, group, kind } = resource
  if (group !== 'apps' || kind !== 'Deployment' || replicas === 0) return []
  if (stringAt(object, ['spec', 'strategy', 'type']) === 'Recreate') return []
  const path = ['spec', 'strategy', 'rollingUpdate']
  const read = (field: string, round: (value: number) => number): number => {
    const value = valueAt(object, [...path, field]) ?? '25%'
    const percent = typeof value === 'string' ? /^(\d+)%$/.exec(value)?.[1] : undefined
    if (percent !== undefined) return round((replicas * Number(percent)) / 100)
    return typeof value === 'number' ? value : 0
  }
  const count = read('maxSurge', Math.ceil)
  const isNeeded = read('maxUnavailable', Math.floor) === 0
  return count > 0 ? [{ kind: 'rollout', by: resource, path: [...path, 'maxSurge'], count, isNeeded }] : []
}
