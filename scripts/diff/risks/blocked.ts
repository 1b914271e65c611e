// What keeps pods from being made, or nodes from being emptied, from this change on: quotas, limits, budgets.
import { listAt, mappingAt, type Resource, valueAt } from '../../tree/model/build.ts'
import { isMet, readRequirements } from '../../tree/model/label-selector.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import { podTemplateOf } from '../../tree/model/pod-template.ts'
import { type Nano, readQuantity } from '../../tree/model/quantity.ts'
import type { ComparedObject, Comparison } from '../model.ts'
import { findChange, listPairs, type Placed } from './neighbours.ts'
import { listContainers, readPods } from './pods.ts'
import { show, storedOf, type TreeFound, type TreeRule, typeOf } from './risk.ts'

const COUNTED = ['apps/Deployment', 'apps/StatefulSet', 'apps/ReplicaSet']
const ONE: Nano = 10n ** 9n

/** What a quota's key counts: from a container, or the pods themselves. */
const KEYS: Readonly<Record<string, readonly [list: string, resource: string] | 'pods'>> = {
  pods: 'pods',
  'count/pods': 'pods',
  cpu: ['requests', 'cpu'],
  memory: ['requests', 'memory'],
  'requests.cpu': ['requests', 'cpu'],
  'requests.memory': ['requests', 'memory'],
  'limits.cpu': ['limits', 'cpu'],
  'limits.memory': ['limits', 'memory'],
}

/** How many pods a rollout needs at least: one more than the replicas where none may be missing meanwhile. */
function countPods(resource: Resource): bigint {
  const spec = valueAt(storedOf(resource), ['spec'])
  const replicas = Number(valueAt(spec, ['replicas']) ?? 1)
  const share = (value: unknown, round: (part: number) => number): number =>
    typeof value === 'string' ? round((Number.parseFloat(value) / 100) * replicas) : Number(value ?? 0)
  const rolling = (key: string): unknown => valueAt(spec, ['strategy', 'rollingUpdate', key])
  const mayMiss = typeOf(resource) !== 'apps/Deployment' || share(rolling('maxUnavailable'), Math.floor) > 0
  const needsMore = replicas > 0 && !mayMiss && valueAt(spec, ['strategy', 'type']) === 'RollingUpdate'
  return BigInt(Math.max(0, Math.trunc(replicas) || 0)) + (needsMore ? 1n : 0n)
}

function sumDemand({ beside }: Placed, key: string): Nano {
  const counted = KEYS[key]
  let sum = 0n
  for (const workload of beside) {
    const pods = COUNTED.includes(typeOf(workload)) ? readPods(workload) : undefined
    if (!pods || !counted) continue
    const count = countPods(workload)
    if (counted === 'pods') sum += count * ONE
    else {
      const [list, resource] = counted
      for (const { value } of listContainers(pods).filter(({ path }) => path.at(-2) === 'containers')) {
        sum += count * (readQuantity(readAsked(value, list, resource, beside)) ?? 0n)
      }
    }
  }
  return sum
}

/** What a container asks for: who says a limit alone asks for as much, and a LimitRange speaks for who says nothing. */
function readAsked(container: unknown, list: string, resource: string, beside: readonly Resource[]): unknown {
  const own = (from: string): unknown => valueAt(container, ['resources', from, resource])
  const filled = (key: string): unknown =>
    beside
      .filter(one => typeOf(one) === '/LimitRange')
      .flatMap(one => listAt(one.object, ['spec', 'limits']))
      .filter(limit => valueAt(limit, ['type']) === 'Container')
      .map(limit => valueAt(limit, [key, resource]))
      .find(value => value !== undefined)
  const limit = own('limits') ?? filled('default') ?? filled('max')
  return list === 'limits' ? limit : (own('requests') ?? own('limits') ?? filled('defaultRequest') ?? limit)
}

interface Silent {
  readonly resource: Resource
  readonly container: string
}

/** Containers that say nothing of what a quota counts: the API server refuses their pods. */
function listSilent(placed: Placed | undefined, key: string): readonly Silent[] {
  const counted = KEYS[key]
  if (!placed || !counted || counted === 'pods' || isScoped(placed.resource)) return []
  if (valueAt(placed.resource.object, ['spec', 'hard', key]) === undefined) return []
  const [list, resource] = counted
  return placed.beside.flatMap(workload => {
    const pods = COUNTED.includes(typeOf(workload)) ? readPods(workload) : undefined
    return (pods ? listContainers(pods) : [])
      .filter(({ path }) => path.at(-2) !== 'ephemeralContainers')
      .filter(({ value }) => readAsked(value, list, resource, placed.beside) === undefined)
      .map(({ name }) => ({ resource: workload, container: name }))
  })
}

const isScoped = ({ object }: Resource): boolean =>
  listAt(object, ['spec', 'scopes']).length > 0 || mappingAt(object, ['spec', 'scopeSelector']) !== undefined

/** Whether what is known in the namespace does not fit into the quota. */
function exceeds(placed: Placed | undefined, key: string): boolean {
  if (!placed || isScoped(placed.resource)) return false
  const hard = readQuantity(valueAt(placed.resource.object, ['spec', 'hard', key]))
  return hard !== undefined && sumDemand(placed, key) > hard
}

export const quotaBlocks: TreeRule = {
  id: 'quota-blocks-rollout',
  level: 'danger',
  summary: 'a quota that no longer holds the pods of its namespace, or that is lowered',
  why: 'Pods beyond a quota are not made: the rollout stands still half way.',
  *checkAll(comparison): Generator<TreeFound> {
    for (const { before, after } of listPairs(comparison, '/ResourceQuota')) {
      yield* listRefused(comparison, before, after)
      const hard = mappingAt(after.resource.object, ['spec', 'hard']) ?? {}
      for (const key of Object.keys(hard).filter(one => Object.hasOwn(KEYS, one))) {
        const fieldPath = ['spec', 'hard', key]
        const [old, next] = [before?.resource, after.resource].map(one => one && valueAt(one.object, fieldPath))
        const [was, is] = [readQuantity(old), readQuantity(next)]
        const isLowered = was !== undefined && is !== undefined && old !== undefined && is < was
        const isBlocked = exceeds(after, key) && !exceeds(before, key)
        if (!isBlocked && !isLowered) continue
        const own = findChange(comparison, [after.resource])
        const by =
          own ??
          findChange(
            comparison,
            after.beside.filter(one => COUNTED.includes(typeOf(one))),
          )
        if (!by) continue
        const place = own ? { of: own, fieldPath } : { of: by, fieldPath: findDemand(by, key) }
        const quota = own ? 'permits' : `needs more than the quota ${after.resource.name} permits:`
        if (isBlocked)
          yield {
            ...place,
            says: `${quota} ${key} ${show(next)}${own ? ', less than the pods of the namespace need' : ''}`,
          }
        else yield { ...place, says: `lowers ${key} from ${show(old)} to ${show(next)}`, level: 'caution' }
      }
    }
  },
}

/** Pods that a quota refuses from now on, since they do not say how much they need. */
function* listRefused(comparison: Comparison, before: Placed | undefined, after: Placed): Generator<TreeFound> {
  for (const key of Object.keys(mappingAt(after.resource.object, ['spec', 'hard']) ?? {})) {
    if (!Object.hasOwn(KEYS, key)) continue
    const nameOf = ({ resource, container }: Silent): string => `${resource.kind} ${resource.name} ${container}`
    const known = new Set(listSilent(before, key).map(nameOf))
    for (const one of listSilent(after, key).filter(silent => !known.has(nameOf(silent)))) {
      const own = findChange(comparison, [one.resource])
      const of = own ?? findChange(comparison, [after.resource])
      if (!of) continue
      const quiet = `container ${one.container}${own ? '' : ` of ${one.resource.kind} ${one.resource.name}`} does not say any`
      const says = own
        ? `is refused by the quota ${after.resource.name}, which counts ${key}: ${quiet}`
        : `counts ${key}, and refuses pods: ${quiet}`
      yield { of, says, fieldPath: own ? findDemand(own, key) : ['spec', 'hard', key] }
    }
  }
}

/** The field of a workload that decides how much of a quota's key it needs: one that changes, where one does. */
function findDemand({ change: { fields } }: ComparedObject, key: string): FieldPath {
  const counted = KEYS[key]
  const resource = counted && counted !== 'pods' ? counted[1] : undefined
  const changed = fields.find(
    ({ fieldPath }) => resource !== undefined && fieldPath.includes('resources') && !fieldPath.includes('volumes'),
  )
  const isCount = fields.some(({ fieldPath }) => fieldPath.join('/') === 'spec/replicas')
  return changed && !isCount ? changed.fieldPath : ['spec', 'replicas']
}

interface Violation {
  readonly key: string
  readonly says: string
  readonly resource: Resource
  readonly fieldPath: FieldPath
}

/** Containers that a LimitRange refuses. */
function listViolations(placed: Placed | undefined): readonly Violation[] {
  if (!placed) return []
  const found: Violation[] = []
  for (const limit of listAt(placed.resource.object, ['spec', 'limits'])) {
    if (valueAt(limit, ['type']) !== 'Container') continue
    for (const resource of placed.beside) {
      const pods = podTemplateOf(resource) ? readPods(resource) : undefined
      for (const { name, value, path } of pods ? listContainers(pods) : []) {
        for (const [list, bound, isOut] of BOUNDS) {
          for (const [what, allowed] of Object.entries(mappingAt(limit, [bound]) ?? {})) {
            const asked = valueAt(value, ['resources', list, what])
            const [have, edge] = [readQuantity(asked), readQuantity(allowed)]
            if (asked === undefined || have === undefined || edge === undefined || !isOut(have, edge)) continue
            const key = JSON.stringify([resource.kind, resource.name, name, list, bound, what])
            const says = `container ${name} of ${resource.kind} ${resource.name} has ${list}.${what} ${show(asked)}, ${bound} is ${show(allowed)}`
            found.push({ key, says, resource, fieldPath: [...path, 'resources', list, what] })
          }
        }
      }
    }
  }
  return found
}

const BOUNDS: readonly (readonly [list: string, bound: string, isOut: (have: Nano, edge: Nano) => boolean])[] = [
  ['limits', 'max', (have, edge) => have > edge],
  ['requests', 'max', (have, edge) => have > edge],
  ['requests', 'min', (have, edge) => have < edge],
]

export const limitBlocks: TreeRule = {
  id: 'limit-blocks-rollout',
  level: 'danger',
  summary: 'a LimitRange that refuses a container of its namespace from now on',
  why: 'The API server refuses the pods: those that run stay, new ones are not made.',
  *checkAll(comparison) {
    for (const { before, after } of listPairs(comparison, '/LimitRange')) {
      const known = new Set(listViolations(before).map(({ key }) => key))
      for (const { key, says, resource, fieldPath: place } of listViolations(after).filter(
        one => !known.has(one.key),
      )) {
        const own = findChange(comparison, [resource])
        const of = own ?? findChange(comparison, [after.resource])
        if (known.has(key) || !of) continue
        const fieldPath: FieldPath = own ? place : ['spec', 'limits']
        yield {
          of,
          fieldPath,
          says: own ? `is refused by LimitRange ${after.resource.name}: ${says}` : `refuses pods: ${says}`,
        }
      }
    }
  },
}

/** Why no pod of a budget may be evicted, where the workloads that it chooses are known. */
function explainBudget({
  resource,
  beside,
}: Placed): { readonly says: string; readonly workloads: readonly Resource[] } | undefined {
  const spec = valueAt(resource.object, ['spec'])
  const [least, most] = ['minAvailable', 'maxUnavailable'].map(key => valueAt(spec, [key]))
  const selector = readRequirements(valueAt(spec, ['selector']))
  const workloads = beside.filter(one => {
    const template = COUNTED.includes(typeOf(one)) ? podTemplateOf(one) : undefined
    return template !== undefined && selector.every(requirement => isMet(requirement, template.labels))
  })
  const replicas = workloads.reduce((sum, one) => sum + Number(valueAt(storedOf(one), ['spec', 'replicas']) ?? 1), 0)
  if (workloads.length === 0 || replicas === 0) return undefined
  if (most === 0 || most === '0%') return { says: `maxUnavailable is ${most}`, workloads }
  const wanted = typeof least === 'string' ? Math.ceil((Number.parseFloat(least) / 100) * replicas) : least
  if (typeof wanted !== 'number' || wanted < replicas) return undefined
  return {
    says: `minAvailable is ${show(least)} and there ${replicas === 1 ? 'is 1 replica' : `are ${replicas} replicas`}`,
    workloads,
  }
}

export const evictionsBlocked: TreeRule = {
  id: 'evictions-blocked',
  level: 'danger',
  summary: 'a PodDisruptionBudget that no longer lets any pod go',
  why: 'A node with such a pod cannot be drained: upgrades of the cluster wait for it until somebody deletes it by hand.',
  *checkAll(comparison): Generator<TreeFound> {
    for (const { before, after } of listPairs(comparison, 'policy/PodDisruptionBudget')) {
      const now = explainBudget(after)
      if (!now || (before && explainBudget(before))) continue
      const own = findChange(comparison, [after.resource])
      const of = own ?? findChange(comparison, now.workloads)
      if (!of) continue
      const field =
        valueAt(after.resource.object, ['spec', 'minAvailable']) === undefined ? 'maxUnavailable' : 'minAvailable'
      const subject = own ? '' : ` by ${after.resource.kind} ${after.resource.name}`
      const fieldPath = own ? ['spec', field] : ['spec', 'replicas']
      yield { of, fieldPath, says: `keeps every node with its pods from being drained${subject}: ${now.says}` }
    }
  },
}
