// What a ResourceQuota of the namespace refuses: too much of something, or pods that do not say how much they need.
import { mappingAt, type Resource } from '../../../../tree/model/build.ts'
import { POD_KINDS } from '../../../../tree/model/pod-template.ts'
import type { ResourceIndex } from '../../../../tree/model/resource-index.ts'
import { type Nano, showNano } from '../../../../tree/model/quantity.ts'
import { defineRule, type ResourcePlace, type RuleFinding } from '../../rule.ts'
import { type Amounts, isPod, listIn, readAmounts, readDemand, readLimits } from '../pod-demand.ts'
import { isCounted, readScopes } from './scopes.ts'
import { type Growth, listUsers, ONE, type User } from './usage.ts'

/** What every container must say once a quota bounds it. */
const MUST_SAY: Readonly<Record<string, readonly ['requests' | 'limits', string]>> = {
  cpu: ['requests', 'cpu'],
  memory: ['requests', 'memory'],
  'requests.cpu': ['requests', 'cpu'],
  'requests.memory': ['requests', 'memory'],
  'limits.cpu': ['limits', 'cpu'],
  'limits.memory': ['limits', 'memory'],
}

export default defineRule({
  scope: 'resource',
  id: 'quota-exceeded',
  severity: 'error',
  summary: 'The objects of a namespace need more than its ResourceQuota allows, or do not say how much they need.',
  why: 'The quota plugin refuses what is too much. A Deployment is taken without a word, and some of its pods are never made.',
  remediation: 'Raise the quota, or ask for less: fewer replicas, less surge, smaller requests.',
  source: 'Kubernetes ResourceQuota admission plugin and its evaluators',
  kinds: ['/ResourceQuota', ...POD_KINDS],
  *check({ resource, index }) {
    const { namespace, group, kind } = resource
    if (namespace === undefined) return
    if (group === '' && kind === 'ResourceQuota') yield* judgeQuota(resource, namespace, index)
    else yield* judgeSilence(resource, namespace, index)
  },
})

const readHard = ({ object }: Resource): Amounts => readAmounts(mappingAt(object, ['spec', 'hard']))

function* judgeQuota(quota: Resource, namespace: string, index: ResourceIndex): Generator<RuleFinding> {
  const hard = readHard(quota)
  if (hard.size === 0) return
  const scopes = readScopes(quota)
  const all = listUsers(index, namespace, readLimits(index, namespace))
  const users = all.filter(({ pod }) => isCounted(pod, scopes))
  for (const [key, allowed] of hard) {
    const over = findOver(key, allowed, users)
    if (!over) continue
    const message = `${key} is bounded to ${showNano(allowed)} in namespace ${namespace}: ${over.text}`
    const place: ResourcePlace = { resource: quota, fieldPath: ['spec', 'hard', key] }
    yield { message, severity: over.severity, values: [key], places: [place, ...over.places] }
  }
}

interface Over {
  readonly severity: 'error' | 'warning'
  readonly text: string
  readonly places: readonly ResourcePlace[]
}

const useOf = (key: string, { each, count }: User): Nano => (each.get(key) ?? 0n) * BigInt(count)

function findOver(key: string, allowed: Nano, all: readonly User[]): Over | undefined {
  const users = all.filter(({ each }) => each.has(key))
  const always = users.reduce((sum, user) => sum + useOf(key, user), ALWAYS[key] ?? 0n)
  if (always > allowed) {
    const top = users.toSorted((a, b) => Number(useOf(key, b) - useOf(key, a))).filter(user => useOf(key, user) > 0n)
    const list = top.slice(0, 3).map(user => `${nameOf(user.resource)} ${showNano(useOf(key, user))}`)
    const rest = top.length > 3 ? ` and ${top.length - 3} more` : ''
    return {
      severity: 'error',
      text: `${showNano(always)} ${always === ONE ? 'is' : 'are'} asked for (${list.join(', ')}${rest})`,
      places: top.slice(0, 3).map(({ resource }) => ({ resource, fieldPath: ['metadata', 'name'] })),
    }
  }
  const growths = users.flatMap(({ each, growth }) =>
    growth.map(one => ({ ...one, nano: (each.get(key) ?? 0n) * BigInt(one.count) })),
  )
  const scaling = growths.filter(({ kind, nano }) => kind === 'scaling' && nano > 0n)
  const most = scaling.reduce((sum, { nano }) => sum + nano, always)
  if (most > allowed) return { ...describe(scaling, most), severity: 'warning' }
  const single = growths
    .filter(({ kind, nano }) => kind !== 'scaling' && always + nano > allowed)
    .toSorted((a, b) => Number(b.isNeeded) - Number(a.isNeeded) || Number(b.nano - a.nano))[0]
  return single && { ...describe([single], always + single.nano), severity: 'warning' }
}

/** Each namespace has kube-root-ca.crt. */
const ALWAYS: Readonly<Record<string, Nano>> = { configmaps: ONE, 'count/configmaps': ONE }

function describe(growths: readonly Growth[], most: Nano): Pick<Over, 'text' | 'places'> {
  const [first] = growths
  const names = growths.map(({ by }) => nameOf(by)).join(', ')
  const text =
    first?.kind === 'scaling'
      ? `${names} may scale to ${showNano(most)}`
      : first?.kind === 'run'
        ? `a run of ${names} makes it ${showNano(most)}`
        : `a rollout of ${names} makes it ${showNano(most)}${first?.isNeeded ? ', and cannot end without' : ''}`
  return { text, places: growths.slice(0, 3).map(({ by, path }) => ({ resource: by, fieldPath: path })) }
}

const nameOf = ({ kind, name }: Resource): string => `${kind} ${name}`

/** Containers that say nothing of what a quota bounds: each pod is refused, whatever is left of the quota. */
function* judgeSilence(resource: Resource, namespace: string, index: ResourceIndex): Generator<RuleFinding> {
  const all = listIn(index, namespace, '', 'ResourceQuota').map(quota => [quota, readHard(quota)] as const)
  if (!all.some(([, hard]) => Object.keys(MUST_SAY).some(key => hard.has(key)))) return
  // A LimitRange that nobody sees may give defaults.
  if (index.whyIncomplete(namespace) !== undefined) return
  const demand = readDemand(resource, readLimits(index, namespace))
  if (!demand || demand.hasOwn) return
  const quotas = all.filter(([quota]) => isCounted(demand, readScopes(quota)))
  for (const [quota, hard] of quotas) {
    const bounded = Object.entries(MUST_SAY).filter(([key]) => hard.has(key))
    for (const container of demand.containers) {
      const missing = bounded.filter(([, [field, name]]) => !container[field].has(name))
      const [first] = missing
      if (!first) continue
      const later = isPod(resource) ? '' : `; the ${resource.kind} is taken, and its pods are refused`
      const [key, [field, name]] = first
      yield {
        message: `container ${container.name} says nothing of ${missing.map(([one]) => one).join(', ')}: ResourceQuota ${quota.name} bounds it, and no LimitRange gives a default${later}`,
        values: [quota.name, ...missing.map(([one]) => one)],
        places: [
          { resource, fieldPath: [...container.path, 'resources', field, name] },
          { resource: quota, fieldPath: ['spec', 'hard', key] },
        ],
      }
    }
  }
}
