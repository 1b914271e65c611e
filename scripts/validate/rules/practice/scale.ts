// How many pods of a workload there are at least, and who keeps that number.
import { listAt, mappingAt, type Resource, stringAt, valueAt } from '../../../tree/model/build.ts'
import { isMet, readRequirements, type Requirement } from '../../../tree/model/label-selector.ts'
import { isSameNamespace, type ResourceIndex } from '../../../tree/model/resource-index.ts'
import type { PodView } from './pod-view.ts'

const SCALED = new Set([
  'Deployment',
  'StatefulSet',
  'ReplicaSet',
  'ReplicationController',
  'Rollout',
  'DeploymentConfig',
])

export interface Scale {
  readonly replicas: number
  /** The autoscaler that decides. */
  readonly scaler: Resource | undefined
}

/** Undefined where the number is nowhere written: other kinds, a scaler of events. */
export function scaleOf({ group, kind, name, namespace, object }: Resource, index: ResourceIndex): Scale | undefined {
  if (!SCALED.has(kind)) return undefined
  const scalers = (scalersOf(index).get(`${kind}/${name}`) ?? []).filter(one =>
    isSameNamespace(one.namespace, namespace),
  )
  if (scalers.some(one => one.group === 'keda.sh')) return undefined
  const [scaler] = scalers
  const written = scaler ? valueAt(scaler.object, ['spec', 'minReplicas']) : valueAt(object, ['spec', 'replicas'])
  // A Rollout may take its template, and then its scale, from a Deployment.
  if (group === 'argoproj.io' && valueAt(object, ['spec', 'workloadRef']) !== undefined) return undefined
  const replicas = written ?? 1
  return typeof replicas === 'number' ? { replicas, scaler } : undefined
}

const knownScalers = new WeakMap<ResourceIndex, ReadonlyMap<string, readonly Resource[]>>()

/** By kind and name of what they scale. */
function scalersOf(index: ResourceIndex): ReadonlyMap<string, readonly Resource[]> {
  const scalers = knownScalers.get(index)
  if (scalers) return scalers
  const made = new Map<string, Resource[]>()
  const all = [...index.ofKind('keda.sh', 'ScaledObject'), ...index.ofKind('autoscaling', 'HorizontalPodAutoscaler')]
  for (const scaler of all) {
    const target = mappingAt(scaler.object, ['spec', 'scaleTargetRef'])
    const key = `${stringAt(target, ['kind']) ?? 'Deployment'}/${stringAt(target, ['name']) ?? ''}`
    made.set(key, [...(made.get(key) ?? []), scaler])
  }
  knownScalers.set(index, made)
  return made
}

/** The requirements of a selector that selects something; an empty one selects all. */
export function requirementsAt(resource: Resource, field: string): readonly Requirement[] | undefined {
  const selector = mappingAt(resource.object, ['spec', field])
  return selector && readRequirements(selector)
}

/** The Service that sends requests to a pod. */
export function findService({ resource, template }: PodView, index: ResourceIndex): Resource | undefined {
  const services = servicesOf(index)
  for (const [key, value] of Object.entries(template.labels)) {
    const found = services.get(`${key}=${value}`)?.find(({ service, pairs }) => {
      if (!isSameNamespace(service.namespace, resource.namespace)) return false
      return pairs.every(([label, wanted]) => template.labels[label] === wanted)
    })
    if (found) return found.service
  }
  return undefined
}

interface Selecting {
  readonly service: Resource
  readonly pairs: readonly (readonly [string, unknown])[]
}

const knownServices = new WeakMap<ResourceIndex, ReadonlyMap<string, readonly Selecting[]>>()

/** By the first label that they select. */
function servicesOf(index: ResourceIndex): ReadonlyMap<string, readonly Selecting[]> {
  const services = knownServices.get(index)
  if (services) return services
  const made = new Map<string, Selecting[]>()
  for (const service of index.ofKind('', 'Service')) {
    const pairs = Object.entries(mappingAt(service.object, ['spec', 'selector']) ?? {})
    const [first] = pairs
    if (!first) continue
    const key = `${first[0]}=${first[1]}`
    const list = made.get(key)
    if (list) list.push({ service, pairs })
    else made.set(key, [{ service, pairs }])
  }
  knownServices.set(index, made)
  return made
}

/** The budgets of a pod. */
export const findBudgets = ({ resource, template }: PodView, index: ResourceIndex): readonly Resource[] =>
  index.ofKind('policy', 'PodDisruptionBudget').filter(budget => {
    if (!isSameNamespace(budget.namespace, resource.namespace)) return false
    return requirementsAt(budget, 'selector')?.every(one => isMet(one, template.labels)) === true
  })

/** Whether a pod keeps something that one pod at a time can have. */
export const hasClaim = ({ spec }: PodView): boolean =>
  listAt(spec, ['volumes']).some(volume => valueAt(volume, ['persistentVolumeClaim']) !== undefined)
