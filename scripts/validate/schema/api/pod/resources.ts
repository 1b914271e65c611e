// What containers, pods, claims and quotas ask for and are bounded by. Source: ResourceRequirements of core/v1.

import { duplicates } from '../check.ts'
import { type ApiFault, asAbsence, type Check, missing, NO_FAULTS, refuse, wrong } from '../fault.ts'
import { entriesOf, get, isEntry, isSet, itemsOf, type Node, textOf } from '../node.ts'
import { isWholeInMilli, readQuantity, showNano, toUnits } from '../../../../tree/model/quantity.ts'
import { dnsLabel, qualifiedName } from '../text.ts'

const COMPUTE = ['cpu', 'memory', 'ephemeral-storage']
const COUNTED = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]
const BOUNDED = [
  ...COMPUTE.map(name => `requests.${name}`),
  ...COMPUTE.map(name => `limits.${name}`),
  'requests.storage',
]
const QUOTA = new Set([...COMPUTE, ...BOUNDED, ...COUNTED])
const STANDARD = new Set([...QUOTA, 'storage'])
const HUGE = 'hugepages-'

export const isHugePage = (name: string): boolean => name.startsWith(HUGE)
const isQuotaHugePage = (name: string): boolean => isHugePage(name) || name.startsWith(`requests.${HUGE}`)
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')

export function isExtended(name: string): boolean {
  if (isNative(name) || name.startsWith('requests.')) return false
  return qualifiedName(`requests.${name}`) === undefined
}

/** Of these a container may get less than its limit; of others both are the same. */
export const isOvercommitted = (name: string): boolean => isNative(name) && !isHugePage(name)

type NameTest = (name: string) => string | undefined

export const resourceName: NameTest = name => {
  const problem = qualifiedName(name)
  if (problem !== undefined) return problem
  return name.includes('/') || STANDARD.has(name) || isQuotaHugePage(name)
    ? undefined
    : 'must be a resource of Kubernetes, or one with a domain as example.com/gpu'
}

export const containerResourceName: NameTest = name => {
  const problem = resourceName(name)
  if (problem !== undefined) return problem
  if (!name.includes('/'))
    return COMPUTE.includes(name) || isHugePage(name)
      ? undefined
      : 'must be cpu, memory, ephemeral-storage, hugepages-<size> or one with a domain'
  return isNative(name) || isExtended(name) ? undefined : 'must be the name of an extended resource, as example.com/gpu'
}

export const quotaResourceName: NameTest = name => {
  const problem = resourceName(name)
  if (problem !== undefined) return problem
  return name.includes('/') || QUOTA.has(name) || isQuotaHugePage(name)
    ? undefined
    : 'must be a resource that a quota can count'
}

const podResourceName: NameTest = name =>
  resourceName(name) ??
  (name === 'cpu' || name === 'memory' || isHugePage(name) ? undefined : 'must be cpu, memory or hugepages-<size>')

/** Not negative, and whole where the resource is counted in pieces. */
export function checkAmount(entry: Node): readonly ApiFault[] {
  const nano = readQuantity(entry.value)
  if (nano === undefined) return NO_FAULTS
  if (nano < 0n) return [wrong(entry, 'must not be negative')]
  const name = String(entry.key)
  const isCounted = COUNTED.includes(name) || isExtended(name)
  return isCounted && !isWholeInMilli(nano) ? [wrong(entry, 'must be a whole number')] : NO_FAULTS
}

/** Keys and amounts of a list of resources. */
export function resourceList(nameTest: NameTest): Check {
  return function* (node) {
    for (const entry of entriesOf(node)) {
      const problem = nameTest(String(entry.key))
      if (problem !== undefined) yield refuse(entry, problem)
      yield* checkAmount(entry)
    }
  }
}

function* checkHugePages(entry: Node): Iterable<ApiFault> {
  const name = String(entry.key)
  if (!isHugePage(name)) return
  const size = readQuantity(name.slice(HUGE.length))
  const amount = readQuantity(entry.value)
  if (amount === undefined) return
  const isFit = size !== undefined && size > 0n && isWholeInMilli(size) && toUnits(amount) % toUnits(size) === 0n
  if (!isFit) yield wrong(entry, `must be a multiple of ${name.slice(HUGE.length)}`)
}

/** `claims`: the names in the pod's `resourceClaims`. */
export function requirements(nameTest: NameTest, claims: readonly string[]): Check {
  const list = resourceList(nameTest)
  return function* (node) {
    const limits = get(node, 'limits')
    const requests = get(node, 'requests')
    yield* list(limits)
    yield* list(requests)
    for (const entry of [...entriesOf(limits), ...entriesOf(requests)]) yield* checkHugePages(entry)
    for (const entry of entriesOf(requests)) {
      const name = String(entry.key)
      const limit = get(limits, name)
      const [asked, most] = [readQuantity(entry.value), readQuantity(limit.value)]
      if (isEntry(limit)) {
        if (asked === undefined || most === undefined) continue
        if (asked !== most && !isOvercommitted(name))
          yield wrong(entry, `must be equal to the limit of ${showNano(most)}`, requests)
        else if (asked > most) yield wrong(entry, `must be at most the limit of ${showNano(most)}`, requests)
      } else if (!isOvercommitted(name))
        yield missing({ ...limit, key: 'limits', up: node }, `${name} needs a limit equal to its request`)
    }
    const names = [...entriesOf(limits), ...entriesOf(requests)].map(({ key }) => String(key))
    if (names.some(isHugePage) && !names.includes('cpu') && !names.includes('memory'))
      yield refuse(node, 'must ask for cpu or memory beside huge pages')
    yield* checkClaims(get(node, 'claims'), claims)
  }
}

function* checkClaims(node: Node, claims: readonly string[]): Iterable<ApiFault> {
  const items = itemsOf(node)
  for (const item of items) {
    const name = textOf(get(item, 'name'))
    const request = get(item, 'request')
    if (name === '') {
      yield missing(item, 'a name')
      continue
    }
    const problem = textOf(request) === '' ? undefined : dnsLabel(textOf(request))
    if (problem !== undefined) yield wrong(request, problem)
    if (!claims.includes(name)) yield asAbsence(refuse(item, "must name one of the pod's resourceClaims"))
  }
  yield* duplicates(
    items.filter(item => textOf(get(item, 'name')) !== ''),
    item => {
      const name = textOf(get(item, 'name'))
      const isWhole = items.some(other => textOf(get(other, 'name')) === name && textOf(get(other, 'request')) === '')
      return isWhole ? name : `${name}/${textOf(get(item, 'request'))}`
    },
    item => refuse(item, 'is a duplicate: a claim is named once'),
  )
}

export const containerRequirements = (claims: readonly string[]): Check => requirements(containerResourceName, claims)

const EMPTY: readonly string[] = []

/** A whole pod's resources must hold those of its containers. */
export const podRequirements: Check = function* (node) {
  if (isSet(get(node, 'claims'))) yield refuse(get(node, 'claims'), 'must not be set for a whole pod')
  yield* requirements(podResourceName, EMPTY)(node)
}

/** Sums as the scheduler does: containers together, or the largest init container. */
export function* checkPodSums(spec: Node): Iterable<ApiFault> {
  const resources = get(spec, 'resources')
  const containers = itemsOf(get(spec, 'containers'))
  const initContainers = itemsOf(get(spec, 'initContainers'))
  for (const field of ['requests', 'limits'] as const) {
    for (const entry of entriesOf(get(resources, field))) {
      const name = String(entry.key)
      if (field === 'limits' && !isHugePage(name)) continue
      const amount = (container: Node): bigint => {
        const listed = readQuantity(get(container, 'resources', field, name).value)
        // What is limited and not asked for is asked for as far as it is limited.
        return listed ?? readQuantity(get(container, 'resources', 'limits', name).value) ?? 0n
      }
      let sum = containers.reduce((total, container) => total + amount(container), 0n)
      let sidecars = 0n
      let most = 0n
      for (const container of initContainers) {
        if (textOf(get(container, 'restartPolicy')) === 'Always') {
          sidecars += amount(container)
          if (sidecars > most) most = sidecars
        } else if (sidecars + amount(container) > most) most = sidecars + amount(container)
      }
      sum += sidecars
      if (most > sum) sum = most
      const own = readQuantity(entry.value)
      if (own !== undefined && sum > own)
        yield wrong(entry, `must be at least what the containers ask for together, ${showNano(sum)}`)
    }
  }
  for (const container of containers) {
    for (const entry of entriesOf(get(container, 'resources', 'limits'))) {
      const name = String(entry.key)
      const [own, pod] = [readQuantity(entry.value), readQuantity(get(resources, 'limits', name).value)]
      if (own === undefined || pod === undefined || own <= pod) continue
      yield {
        ...wrong(entry, `must be at most the limit of the pod, ${showNano(pod)}`),
        at: [...pathOfLimits(spec, container), name],
        fieldPath: [...pathToResources(spec), 'containers', container.key, name, 'limits'],
      }
    }
  }
}

function pathToResources(spec: Node): (string | number)[] {
  const path: (string | number)[] = ['resources']
  for (let at: Node | undefined = spec; at?.up; at = at.up) path.unshift(at.key)
  return path
}

function pathOfLimits(spec: Node, container: Node): (string | number)[] {
  return [...pathToResources(spec).slice(0, -1), 'containers', container.key, 'resources', 'limits']
}
