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

interface Shape {
  readonly template: FieldPath
  readonly labelsPath: FieldPath
  readonly specPath: FieldPath
  readonly selector?: FieldPath
  /** `map`: a plain map of labels; `manual`: only with spec.manualSelector, else the API server makes it. */
  readonly selectorKind?: 'map' | 'manual'
}

const shapeAt = (...template: readonly string[]): Shape => ({
  template,
  labelsPath: [...template, 'metadata', 'labels'],
  specPath: [...template, 'spec'],
})

const POD = shapeAt()
const LIKE_WORKLOADS = shapeAt('spec', 'template')
const SELECTED: Shape = { ...LIKE_WORKLOADS, selector: ['spec', 'selector'] }
const WORKLOADS: Readonly<Record<string, Shape>> = {
  'apps/Deployment': SELECTED,
  'apps/StatefulSet': SELECTED,
  'apps/DaemonSet': SELECTED,
  'apps/ReplicaSet': SELECTED,
  '/ReplicationController': { ...SELECTED, selectorKind: 'map' },
  'batch/Job': { ...SELECTED, selectorKind: 'manual' },
  'batch/CronJob': {
    ...shapeAt('spec', 'jobTemplate', 'spec', 'template'),
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
  if (group === '' && kind === 'Pod') return new Template(resource, POD)
  const id = `${group}/${kind}`
  const workload = Object.hasOwn(WORKLOADS, id) ? WORKLOADS[id] : undefined
  // Other kinds count when they look like a workload: custom controllers follow the same shape.
  const shape = workload ?? LIKE_WORKLOADS
  if (!workload && !mappingAt(object, shape.specPath)?.containers) return undefined
  return mappingAt(object, shape.template) && new Template(resource, shape)
}

/** A large tree has thousands: what can be read from the object again is not kept. */
class Template implements PodTemplate {
  readonly resource: Resource
  readonly labels: Readonly<Record<string, string>>
  readonly #shape: Shape

  constructor(resource: Resource, shape: Shape) {
    this.resource = resource
    this.labels = pairsAt(resource.object, shape.labelsPath)
    this.#shape = shape
  }

  get labelsPath(): FieldPath {
    return this.#shape.labelsPath
  }

  get specPath(): FieldPath {
    return this.#shape.specPath
  }

  get selector(): PodTemplate['selector'] {
    return readSelector(this.resource.object, this.#shape)
  }
}

function readSelector(object: Resource['object'], { selector: path, selectorKind }: Shape): PodTemplate['selector'] {
  const value = path ? valueAt(object, path) : undefined
  if (!path || typeof value !== 'object' || value === null) return undefined
  if (selectorKind === 'map') return { path, requirements: readPairs(value) }
  if (selectorKind === 'manual' && valueAt(object, [...path.slice(0, -1), 'manualSelector']) !== true) return undefined
  return { path, requirements: readRequirements(value) }
}

/** The labels the workload's own selector asks for, laid over the template's. */
export function intendedLabels(template: PodTemplate): Readonly<Record<string, string>> {
  const wanted = template.selector?.requirements.filter(
    ({ operator, values }) => operator === 'In' && values.length === 1,
  )
  return { ...template.labels, ...Object.fromEntries((wanted ?? []).map(({ key, values }) => [key, values[0] ?? ''])) }
}
