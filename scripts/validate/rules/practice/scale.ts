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
  const isMeant = (one: Resource, fallback?: string): boolean =>
    isSameNamespace(one.namespace, namespace) &&
    stringAt(one.object, ['spec', 'scaleTargetRef', 'name']) === name &&
    (stringAt(one.object, ['spec', 'scaleTargetRef', 'kind']) ?? fallback) === kind
  if (index.ofKind('keda.sh', 'ScaledObject').some(one => isMeant(one, 'Deployment'))) return undefined
  const scaler = index.ofKind('autoscaling', 'HorizontalPodAutoscaler').find(one => isMeant(one))
  const written = scaler ? valueAt(scaler.object, ['spec', 'minReplicas']) : valueAt(object, ['spec', 'replicas'])
  // A Rollout may take its template, and then its scale, from a Deployment.
  if (group === 'argoproj.io' && valueAt(object, ['spec', 'workloadRef']) !== undefined) return undefined
  const replicas = written ?? 1
  return typeof replicas === 'number' ? { replicas, scaler } : undefined
}

/** The requirements of a selector that selects something; an empty one selects all. */
export function requirementsAt(resource: Resource, field: string): readonly Requirement[] | undefined {
  const selector = mappingAt(resource.object, ['spec', field])
  return selector && readRequirements(selector)
}

/** The Service that sends requests to a pod. */
export function findService({ resource, template }: PodView, index: ResourceIndex): Resource | undefined {
  return index.ofKind('', 'Service').find(service => {
    if (!isSameNamespace(service.namespace, resource.namespace)) return false
    const pairs = Object.entries(mappingAt(service.object, ['spec', 'selector']) ?? {})
    return pairs.length > 0 && pairs.every(([key, value]) => template.labels[key] === value)
  })
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
