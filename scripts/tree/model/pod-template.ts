// Where each kind keeps its pods: one table, so that no rule repeats the switch over workload kinds.
import type { FieldPath } from './place.ts'
import { mappingAt, pairsAt, type Resource, valueAt } from './build.ts'
import { readPairs, readRequirements, type Requirement } from './label-selector.ts'

/** The pods a resource makes; all paths begin at the resource's root. */
export interface PodTemplate {
  readonly resource: Resource
  readonly labels: Readonly<Record<string, string>>
  readonly labelsPath: FieldPath
  readonly specPath: FieldPath
  /** The workload's own selector; undefined where the kind has none or the API server fills it in. */
  readonly selector: { readonly path: FieldPath; readonly requirements: readonly Requirement[] } | undefined
}

interface Workload {
  readonly template: FieldPath
  readonly selector?: FieldPath
  /** `map`: a plain map of labels; `manual`: only with spec.manualSelector, else the API server makes it. */
  readonly selectorKind?: 'map' | 'manual'
}

const SELECTED: Workload = { template: ['spec', 'template'], selector: ['spec', 'selector'] }
const WORKLOADS: Readonly<Record<string, Workload>> = {
  'apps/Deployment': SELECTED,
  'apps/StatefulSet': SELECTED,
  'apps/DaemonSet': SELECTED,
  'apps/ReplicaSet': SELECTED,
  '/ReplicationController': { ...SELECTED, selectorKind: 'map' },
  'batch/Job': { ...SELECTED, selectorKind: 'manual' },
  'batch/CronJob': {
    template: ['spec', 'jobTemplate', 'spec', 'template'],
    selector: ['spec', 'jobTemplate', 'spec', 'selector'],
    selectorKind: 'manual',
  },
  'argoproj.io/Rollout': SELECTED,
  'apps.openshift.io/DeploymentConfig': { ...SELECTED, selectorKind: 'map' },
}

/** Kinds whose containers are known, as `apps/Deployment`. */
export const POD_KINDS: readonly string[] = ['/Pod', ...Object.keys(WORKLOADS)]

/** Whether the kind is one whose pod template the API server insists on. */
export const isWorkload = ({ group, kind }: Resource): boolean => `${group}/${kind}` in WORKLOADS

/** The pod template of a resource; a Pod is its own. Undefined for kinds without pods. */
export function podTemplateOf(resource: Resource): PodTemplate | undefined {
  const { object, group, kind } = resource
  if (group === '' && kind === 'Pod') {
    const labels = pairsAt(object, ['metadata', 'labels'])
    return { resource, labels, labelsPath: ['metadata', 'labels'], specPath: ['spec'], selector: undefined }
  }
  const workload = Object.hasOwn(WORKLOADS, `${group}/${kind}`) ? WORKLOADS[`${group}/${kind}`] : undefined
  // Other kinds count when they look like a workload: custom controllers follow the same shape.
  const template = workload?.template ?? ['spec', 'template']
  if (!workload && !mappingAt(object, [...template, 'spec'])?.containers) return undefined
  if (!mappingAt(object, template)) return undefined
  return {
    resource,
    labels: pairsAt(object, [...template, 'metadata', 'labels']),
    labelsPath: [...template, 'metadata', 'labels'],
    specPath: [...template, 'spec'],
    selector: workload ? readSelector(object, workload) : undefined,
  }
}

function readSelector(object: Resource['object'], workload: Workload): PodTemplate['selector'] {
  const path = workload.selector
  const value = path ? valueAt(object, path) : undefined
  if (!path || typeof value !== 'object' || value === null) return undefined
  if (workload.selectorKind === 'map') return { path, requirements: readPairs(value) }
  if (workload.selectorKind === 'manual' && valueAt(object, [...path.slice(0, -1), 'manualSelector']) !== true)
    return undefined
  return { path, requirements: readRequirements(value) }
}

/** The labels the workload's own selector asks for, laid over the template's. */
export function intendedLabels(template: PodTemplate): Readonly<Record<string, string>> {
  const wanted = template.selector?.requirements.filter(
    ({ operator, values }) => operator === 'In' && values.length === 1,
  )
  return { ...template.labels, ...Object.fromEntries((wanted ?? []).map(({ key, values }) => [key, values[0] ?? ''])) }
}
