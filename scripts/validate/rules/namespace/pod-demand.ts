// What pods ask the node for, once the defaults of the API server and of the LimitRanges of the namespace are filled in.
// Source: component-helpers resource (PodRequests, PodLimits), the LimitRanger plugin and the defaults of a LimitRange.
import { listAt, mappingAt, type Resource, stringAt, valueAt } from '../../../tree/model/build.ts'
import type { FieldPath } from '../../../tree/model/place.ts'
import { podTemplateOf } from '../../../tree/model/pod-template.ts'
import type { ResourceIndex } from '../../../tree/model/resource-index.ts'
import { type Nano, readQuantity } from '../../../tree/model/quantity.ts'

export type Amounts = ReadonlyMap<string, Nano>

export interface Asked {
  readonly requests: Amounts
  readonly limits: Amounts
}

export interface ContainerDemand extends Asked {
  readonly name: string
  /** From the resource's root on. */
  readonly path: FieldPath
  /** Which LimitRange gave a limit that is not written. */
  readonly limitsGivenBy: ReadonlyMap<string, string>
}

export interface PodDemand extends Asked {
  readonly resource: Resource
  readonly specPath: FieldPath
  readonly containers: readonly ContainerDemand[]
  /** Whether the pod has resources of its own beside those of its containers. */
  readonly hasOwn: boolean
}

export interface Limit {
  readonly range: Resource
  readonly path: FieldPath
  readonly type: string
  readonly min: Amounts
  readonly max: Amounts
  readonly ratio: Amounts
  readonly limits: Amounts
  readonly requests: Amounts
}

export const isPod = ({ group, kind }: Resource): boolean => group === '' && kind === 'Pod'

/** Where a resource asks for storage. */
export function claimPaths({ group, kind, object }: Resource): readonly FieldPath[] {
  if (group === '' && kind === 'PersistentVolumeClaim') return [[]]
  const templates = group === 'apps' && kind === 'StatefulSet' ? valueAt(object, ['spec', 'volumeClaimTemplates']) : []
  return Array.isArray(templates) ? templates.map((_, position) => ['spec', 'volumeClaimTemplates', position]) : []
}

/** One of each name: a tree may render the same object twice. */
export function listIn(index: ResourceIndex, namespace: string, group: string, kind: string): readonly Resource[] {
  const here = index.ofKind(group, kind).filter(one => one.namespace === namespace)
  return [...new Map(here.map(one => [one.name, one])).values()]
}

export function readAmounts(value: unknown): Amounts {
  const amounts = new Map<string, Nano>()
  for (const [name, written] of Object.entries(mappingAt(value, []) ?? {})) {
    const nano = readQuantity(written)
    if (nano !== undefined) amounts.set(name, nano)
  }
  return amounts
}

/** A container's limit defaults to the maximum, its request to that limit, else to the minimum. */
export function readLimits(index: ResourceIndex, namespace: string): readonly Limit[] {
  return listIn(index, namespace, '', 'LimitRange').flatMap(range =>
    listAt(range.object, ['spec', 'limits']).map((item, position): Limit => {
      const read = (field: string): Amounts => readAmounts(valueAt(item, [field]))
      const type = stringAt(item, ['type']) ?? ''
      const min = read('min')
      const max = read('max')
      const limits = type === 'Container' ? new Map([...max, ...read('default')]) : new Map()
      const requests = type === 'Container' ? new Map([...min, ...limits, ...read('defaultRequest')]) : new Map()
      const path = ['spec', 'limits', position]
      return { range, path, type, min, max, ratio: read('maxLimitRequestRatio'), limits, requests }
    }),
  )
}

export function readDemand(resource: Resource, limits: readonly Limit[]): PodDemand | undefined {
  const template = podTemplateOf(resource)
  const spec = template && mappingAt(resource.object, template.specPath)
  if (!template || !spec) return undefined
  const { specPath } = template
  const read = (list: string): readonly ReadContainer[] =>
    listAt(spec, [list]).map((value, position) => ({
      ...readContainer(value, [...specPath, list, position], limits),
      isSidecar: list === 'initContainers' && stringAt(value, ['restartPolicy']) === 'Always',
    }))
  const [first, main] = [read('initContainers'), read('containers')]
  const own = readAsked(spec)
  const overhead = readAmounts(spec.overhead)
  const total = (field: keyof Asked): Amounts => {
    const sums = new Map([...sum(first, main, field), ...own[field]])
    for (const [name, nano] of overhead) if (field === 'requests' || sums.has(name)) add(sums, name, nano)
    return sums
  }
  return {
    resource,
    specPath,
    containers: [...first, ...main],
    hasOwn: own.requests.size + own.limits.size > 0,
    requests: total('requests'),
    limits: total('limits'),
  }
}

interface ReadContainer extends ContainerDemand {
  readonly isSidecar: boolean
}

function readAsked(holder: unknown): Asked {
  const limits = readAmounts(valueAt(holder, ['resources', 'limits']))
  return { limits, requests: new Map([...limits, ...readAmounts(valueAt(holder, ['resources', 'requests']))]) }
}

function readContainer(value: unknown, path: FieldPath, ranges: readonly Limit[]): ContainerDemand {
  const asked = readAsked(value)
  const limits = new Map(asked.limits)
  const requests = new Map(asked.requests)
  const limitsGivenBy = new Map<string, string>()
  for (const range of ranges) {
    for (const [name, nano] of range.limits) {
      if (limits.has(name)) continue
      limits.set(name, nano)
      limitsGivenBy.set(name, range.range.name)
    }
    for (const [name, nano] of range.requests) if (!requests.has(name)) requests.set(name, nano)
  }
  return { name: stringAt(value, ['name']) ?? '', path, limits, requests, limitsGivenBy }
}

/** Init containers run one after the other, beside the sidecars before them. */
function sum(first: readonly ReadContainer[], main: readonly ReadContainer[], field: keyof Asked): Amounts {
  const running = new Map<string, Nano>()
  const highest = new Map<string, Nano>()
  for (const container of first) {
    for (const [name, nano] of container[field]) {
      const now = (running.get(name) ?? 0n) + nano
      if (container.isSidecar) running.set(name, now)
      if (now > (highest.get(name) ?? 0n)) highest.set(name, now)
    }
  }
  for (const container of main) for (const [name, nano] of container[field]) add(running, name, nano)
  for (const [name, nano] of highest) if (nano > (running.get(name) ?? -1n)) running.set(name, nano)
  return running
}

function add(sums: Map<string, Nano>, name: string, nano: Nano): void {
  sums.set(name, (sums.get(name) ?? 0n) + nano)
}
