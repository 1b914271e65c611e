// What a LimitRange of the namespace refuses: containers, pods and claims out of its bounds.
import { type Resource, valueAt } from '../../../../tree/model/build.ts'
import type { FieldPath } from '../../../../tree/model/place.ts'
import { POD_KINDS } from '../../../../tree/model/pod-template.ts'
import { type Nano, showNano } from '../../../../tree/model/quantity.ts'
import { defineRule, type RuleFinding } from '../../rule.ts'
import {
  type Asked,
  claimPaths,
  isPod,
  type Limit,
  type PodDemand,
  readAmounts,
  readDemand,
  readLimits,
} from '../pod-demand.ts'

export default defineRule({
  scope: 'resource',
  id: 'limit-range-exceeded',
  severity: 'error',
  summary: 'A container, pod or claim is out of the bounds of a LimitRange of its namespace.',
  why: 'The LimitRanger plugin refuses it. A Deployment is taken without a word, and then none of its pods is ever made.',
  remediation: 'Bring requests and limits within the bounds, or change the LimitRange.',
  source: 'Kubernetes LimitRanger admission plugin, after the defaults of the LimitRange',
  kinds: [...POD_KINDS, '/PersistentVolumeClaim'],
  *check({ resource, index }) {
    if (resource.namespace === undefined) return
    const limits = readLimits(index, resource.namespace)
    if (limits.length === 0) return
    yield* judgeClaims(resource, limits)
    const demand = readDemand(resource, limits)
    if (!demand) return
    yield* judgeDefaults(demand)
    for (const limit of limits) {
      if (limit.type === 'Container') {
        for (const container of demand.containers) {
          const at = (field: keyof Asked, name: string): FieldPath => [...container.path, 'resources', field, name]
          yield* judge(resource, limit, container, `container ${container.name}`, at)
        }
      }
      if (limit.type === 'Pod')
        yield* judge(resource, limit, demand, 'the pod', () => [...demand.specPath, 'containers'])
    }
  },
})

/** What stands in no bound of the LimitRange, and how it says so. */
function* judge(
  resource: Resource,
  limit: Limit,
  { requests, limits }: Asked,
  who: string,
  at: (field: keyof Asked, name: string) => FieldPath,
): Generator<RuleFinding> {
  const report = (field: keyof Asked, name: string, what: string, bound: FieldPath): RuleFinding => ({
    message: `${who} ${what}${consequence(resource)}`,
    values: [limit.type, name, field, limit.range.name],
    places: [
      { resource, fieldPath: at(field, name) },
      { resource: limit.range, fieldPath: [...limit.path, ...bound] },
    ],
  })
  const { name: range } = limit.range
  for (const [name, least] of limit.min) {
    const bound = `LimitRange ${range} asks for at least ${showNano(least)}`
    const request = requests.get(name)
    const cap = limits.get(name)
    if (request === undefined) yield report('requests', name, `requests no ${name}: ${bound}`, ['min', name])
    else if (request < least)
      yield report('requests', name, `requests ${showNano(request)} of ${name}: ${bound}`, ['min', name])
    else if (cap !== undefined && cap < least)
      yield report('limits', name, `has a limit of ${showNano(cap)} for ${name}: ${bound}`, ['min', name])
  }
  for (const [name, most] of limit.max) {
    const bound = `LimitRange ${range} allows at most ${showNano(most)}`
    const request = requests.get(name)
    const cap = limits.get(name)
    if (cap === undefined) yield report('limits', name, `has no limit for ${name}: ${bound}`, ['max', name])
    else if (cap > most)
      yield report('limits', name, `has a limit of ${showNano(cap)} for ${name}: ${bound}`, ['max', name])
    else if (request !== undefined && request > most)
      yield report('requests', name, `requests ${showNano(request)} of ${name}: ${bound}`, ['max', name])
  }
  for (const [name, most] of limit.ratio) {
    const bound = `LimitRange ${range} allows a limit of at most ${showNano(most)} times the request`
    const path = ['maxLimitRequestRatio', name]
    const request = requests.get(name) ?? 0n
    const cap = limits.get(name) ?? 0n
    if (request === 0n) yield report('requests', name, `requests no ${name}: ${bound}`, path)
    else if (cap === 0n) yield report('limits', name, `has no limit for ${name}: ${bound}`, path)
    else if (cap * UNIT > most * request)
      yield report(
        'limits',
        name,
        `has ${showNano(cap)} of ${name} for a request of ${showNano(request)}: ${bound}`,
        path,
      )
  }
}

const UNIT = 10n ** 9n

/** A limit that a LimitRange gives may be less than the request that is written. */
function* judgeDefaults({ resource, containers }: PodDemand): Generator<RuleFinding> {
  for (const { name: container, path, requests, limits, limitsGivenBy } of containers) {
    for (const [name, range] of limitsGivenBy) {
      const [request, cap]: readonly (Nano | undefined)[] = [requests.get(name), limits.get(name)]
      if (request === undefined || cap === undefined || request <= cap) continue
      yield {
        message: `container ${container} requests ${showNano(request)} of ${name} and has no limit: LimitRange ${range} gives it one of ${showNano(cap)}, less than that${consequence(resource)}`,
        values: ['default', name, range],
        places: [{ resource, fieldPath: [...path, 'resources', 'requests', name] }],
      }
    }
  }
}

function* judgeClaims(resource: Resource, limits: readonly Limit[]): Generator<RuleFinding> {
  for (const path of claimPaths(resource)) {
    const fieldPath = [...path, 'spec', 'resources', 'requests', 'storage']
    const request = readAmounts(valueAt(resource.object, fieldPath.slice(0, -1))).get('storage')
    if (request === undefined) continue
    for (const limit of limits.filter(({ type }) => type === 'PersistentVolumeClaim')) {
      const least = limit.min.get('storage')
      const most = limit.max.get('storage')
      const bound =
        least !== undefined && request < least
          ? (['min', `asks for at least ${showNano(least)}`] as const)
          : most !== undefined && request > most
            ? (['max', `allows at most ${showNano(most)}`] as const)
            : undefined
      if (!bound) continue
      yield {
        message: `the claim requests ${showNano(request)} of storage: LimitRange ${limit.range.name} ${bound[1]}${path.length > 0 ? '; the StatefulSet is taken, and its claims are refused' : ''}`,
        values: ['claim', bound[0], limit.range.name],
        places: [
          { resource, fieldPath },
          { resource: limit.range, fieldPath: [...limit.path, bound[0], 'storage'] },
        ],
      }
    }
  }
}

const consequence = (resource: Resource): string =>
  isPod(resource) ? '' : `; the ${resource.kind} is taken, and its pods are refused`
