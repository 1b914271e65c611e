// What reaches the pods: policies that are taken away or let more through, Services that show themselves outside.
import { isDeepStrictEqual } from 'node:util'
import { listAt, mappingAt, type Resource, stringAt, valueAt } from '../../tree/model/build.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import type { Comparison } from '../model.ts'
import { createdOf, deletedOf, differs, type ObjectRule, show, staysOf, storedOf, typeOf } from './risk.ts'

const POLICIES = new Set([
  'networking.k8s.io/NetworkPolicy',
  'cilium.io/CiliumNetworkPolicy',
  'cilium.io/CiliumClusterwideNetworkPolicy',
  'projectcalico.org/NetworkPolicy',
  'projectcalico.org/GlobalNetworkPolicy',
])

export const policyRemoved: ObjectRule = {
  id: 'network-policy-removed',
  level: 'danger',
  summary: 'a NetworkPolicy that is deleted',
  why: 'Pods that no policy chooses accept everything from everywhere; where another one still chooses them, what this one let through is kept away.',
  *check(object, comparison) {
    const gone = deletedOf(object)
    if (!gone || !POLICIES.has(typeOf(gone))) return
    if (createdOf(object) && object.before?.namespace === object.after?.namespace) return
    if (isStillRestricted(gone, comparison)) {
      yield { says: 'is deleted: other policies keep away what it let through', level: 'caution', side: 'base' }
    } else yield { says: 'is deleted: what it kept away may reach its pods', side: 'base' }
  },
}

/** Whether policies that stay choose the same pods, for each direction that the one which goes restricts. */
function isStillRestricted(gone: Resource, { head }: Comparison): boolean {
  const selector = valueAt(gone.object, ['spec', 'podSelector'])
  const others = head.deployment.builds
    .filter(({ id }) => id === gone.build)
    .flatMap(({ resources }) => resources)
    .filter(one => typeOf(one) === typeOf(gone) && one.namespace === gone.namespace)
    .filter(one => {
      const chosen = valueAt(one.object, ['spec', 'podSelector'])
      return Object.keys(mappingAt(chosen, []) ?? {}).length === 0 || isDeepStrictEqual(chosen, selector)
    })
  return readTypes(gone).every(type => others.some(one => readTypes(one).includes(type)))
}

export const policyWidened: ObjectRule = {
  id: 'network-policy-widened',
  level: 'danger',
  summary: 'a NetworkPolicy that lets more through, or chooses other pods',
  why: 'A rule without peers or ports means all of them, and so does a direction that is no longer named.',
  *check(object) {
    const { before, after } = object
    if (!before || !after || typeOf(after) !== 'networking.k8s.io/NetworkPolicy') return
    if (differs(before, after, ['spec', 'podSelector'])) {
      yield { says: 'chooses other pods than before', level: 'caution', fieldPath: ['spec', 'podSelector'] }
    }
    for (const [type, direction, peers] of DIRECTIONS) {
      const [had, has] = [readTypes(before).includes(type), readTypes(after).includes(type)]
      if (had && !has) yield { says: `no longer restricts ${direction}`, fieldPath: ['spec', 'policyTypes'] }
      if (!had || !has) continue
      const olds = listAt(before.object, ['spec', direction])
      for (const [index, rule] of listAt(after.object, ['spec', direction]).entries()) {
        if (olds.some(old => permits(old, rule, peers))) continue
        const isAll = listAt(rule, [peers]).length === 0
        const says = isAll
          ? `lets ${type === 'Ingress' ? 'everybody in' : 'its pods reach everybody'}`
          : `lets more through (${direction})`
        yield { says, fieldPath: ['spec', direction, index] }
      }
    }
  },
}

const DIRECTIONS = [
  ['Ingress', 'ingress', 'from'],
  ['Egress', 'egress', 'to'],
] as const

/** Ingress always, and egress where a rule of it stands, unless the policy says which. */
function readTypes({ object }: Resource): readonly unknown[] {
  const types = listAt(object, ['spec', 'policyTypes'])
  if (types.length) return types
  return listAt(object, ['spec', 'egress']).length ? ['Ingress', 'Egress'] : ['Ingress']
}

/** Whether a rule lets through all that another one does. */
function permits(wide: unknown, narrow: unknown, peers: string): boolean {
  const includes = (key: string, isIn: (wide: unknown, narrow: unknown) => boolean): boolean => {
    const [all, some] = [listAt(wide, [key]), listAt(narrow, [key])]
    return all.length === 0 || (some.length > 0 && some.every(one => all.some(other => isIn(other, one))))
  }
  return includes(peers, holdsPeer) && includes('ports', holdsPort)
}

function holdsPeer(wide: unknown, narrow: unknown): boolean {
  if (isDeepStrictEqual(wide, narrow)) return true
  const [outer, inner] = [wide, narrow].map(one => stringAt(one, ['ipBlock', 'cidr']))
  if (outer === undefined || inner === undefined) return false
  const excepts = (one: unknown): readonly unknown[] => listAt(one, ['ipBlock', 'except'])
  if (!holdsRange(outer, inner)) return false
  // What the wide one leaves out of the narrow one's addresses, the narrow one must leave out as well.
  const kept = excepts(narrow).map(String)
  return excepts(wide)
    .map(String)
    .every(left => isApart(left, inner) || kept.some(one => holdsRange(one, left)))
}

/** Whether two ranges have no address in common, as far as it is known. */
function isApart(one: string, other: string): boolean {
  const isKnown = readRange(one) !== undefined && readRange(other) !== undefined
  return isKnown && !holdsRange(one, other) && !holdsRange(other, one)
}

/** Whether an IPv4 range holds another one; of other addresses only equal ones are known. */
function holdsRange(outer: string, inner: string): boolean {
  const [wide, narrow] = [readRange(outer), readRange(inner)]
  if (!wide || !narrow) return outer === inner
  const shift = 32n - BigInt(wide.bits)
  return wide.bits <= narrow.bits && wide.address >> shift === narrow.address >> shift
}

function readRange(text: string): { readonly address: bigint; readonly bits: number } | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text)?.slice(1).map(Number)
  if (!parts || parts.slice(0, 4).some(part => part > 255) || (parts[4] ?? 33) > 32) return undefined
  return { address: parts.slice(0, 4).reduce((sum, part) => sum * 256n + BigInt(part), 0n), bits: parts[4] ?? 32 }
}

function holdsPort(wide: unknown, narrow: unknown): boolean {
  const read = (one: unknown) => ({
    protocol: stringAt(one, ['protocol']) ?? 'TCP',
    port: valueAt(one, ['port']),
    end: valueAt(one, ['endPort']) ?? valueAt(one, ['port']),
  })
  const [outer, inner] = [read(wide), read(narrow)]
  if (outer.protocol !== inner.protocol) return false
  if (outer.port === undefined) return true
  if ([outer.port, outer.end, inner.port, inner.end].some(one => typeof one !== 'number'))
    return outer.port === inner.port
  return Number(outer.port) <= Number(inner.port) && Number(outer.end) >= Number(inner.end)
}

/** Types of Services, the more of them the more people reach it. */
const REACH = ['ClusterIP', 'NodePort', 'LoadBalancer']
const INTERNAL = /internal|\/(?:azure-load-balancer|load-balancer-type)/

export const serviceExposed: ObjectRule = {
  id: 'service-exposed',
  level: 'danger',
  summary: 'a Service that becomes reachable from outside of the cluster, or from more places',
  why: 'What only pods could call is then open to the network of the nodes, or to the internet.',
  *check(object) {
    const stays = staysOf(object)
    const after = stays?.after ?? createdOf(object)
    if (!after || typeOf(after) !== '/Service') return
    const type = (one: Resource): string => stringAt(storedOf(one), ['spec', 'type']) ?? ''
    const [now, was] = [type(after), stays ? type(stays.before) : 'ClusterIP']
    if (REACH.indexOf(now) > REACH.indexOf(was) && (stays || now === 'LoadBalancer')) {
      const how = now === 'LoadBalancer' ? 'a load balancer' : 'a port of each node'
      const says = `becomes reachable from outside by ${how}${stays ? ` (type ${was} becomes ${now})` : ''}`
      yield { says, fieldPath: ['spec', 'type'], ...(stays ? {} : { level: 'caution' as const }) }
    }
    if (!stays) return
    const { before } = stays
    const added = listAt(after.object, ['spec', 'externalIPs']).filter(
      one => !listAt(before.object, ['spec', 'externalIPs']).includes(one),
    )
    if (added.length) yield { says: `takes what is sent to ${show(added[0])}`, fieldPath: ['spec', 'externalIPs'] }
    if (now === 'LoadBalancer' && was === now) yield* listOpened(before, after)
  },
}

const RANGES: FieldPath = ['spec', 'loadBalancerSourceRanges']

function* listOpened(before: Resource, after: Resource) {
  const [olds, nexts] = [before, after].map(({ object }) => listAt(object, RANGES).map(String))
  if (olds?.length && (!nexts?.length || nexts.some(next => !olds.some(old => holdsRange(old, next))))) {
    const side = nexts?.length ? {} : { side: 'base' as const }
    yield { says: 'opens its load balancer to more addresses', fieldPath: RANGES, ...side }
  }
  const annotations = mappingAt(before.object, ['metadata', 'annotations']) ?? {}
  for (const [key, value] of Object.entries(annotations)) {
    if (!INTERNAL.test(key) || !/^(?:true|internal|1)$/i.test(String(value))) continue
    const fieldPath = ['metadata', 'annotations', key]
    const next = valueAt(after.object, fieldPath)
    if (next === value) continue
    yield {
      says: `is no longer internal (${key})`,
      fieldPath,
      ...(next === undefined ? { side: 'base' as const } : {}),
    }
  }
}
