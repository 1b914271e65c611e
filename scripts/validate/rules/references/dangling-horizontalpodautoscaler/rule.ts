// An autoscaler without its target, or without the numbers that it divides by, scales nothing.
import { listAt, type Resource, stringAt, valueAt } from '../../../../tree/model/build.ts'
import { closest } from '../../../../tree/model/closest.ts'
import type { FieldPath } from '../../../../tree/model/place.ts'
import { type PodTemplate, podTemplateOf } from '../../../../tree/model/pod-template.ts'
import { lookUp } from '../../../../tree/model/references/look-up.ts'
import { type Reference, readReferences } from '../../../../tree/model/references/read.ts'
import { isSameNamespace } from '../../../../tree/model/resource-index.ts'
import { defineRule, type ResourceContext, type RuleFinding } from '../../rule.ts'
import { findDangling } from '../dangling.ts'

/** Kinds that can be scaled, with the group that serves them. */
const SCALABLE: Readonly<Record<string, string>> = {
  Deployment: 'apps',
  StatefulSet: 'apps',
  ReplicaSet: 'apps',
  ReplicationController: '',
  Rollout: 'argoproj.io',
}

/** Where an autoscaler names its target: the last one is that of a VerticalPodAutoscaler. */
const TARGETS: ReadonlySet<string> = new Set(['spec/scaleTargetRef', 'spec/targetRef'])

const isScalable = ({ field, to }: Reference): boolean => {
  const [group, kind = ''] = to.split('/')
  return TARGETS.has(field.at) && SCALABLE[kind] === group
}

export default defineRule({
  scope: 'resource',
  id: 'dangling-horizontalpodautoscaler',
  severity: 'error',
  summary: 'An autoscaler names a workload that is not there, or measures what its containers do not request.',
  why: 'The autoscaler reports FailedGetScale or FailedGetResourceMetric and never changes the number of pods.',
  remediation: 'Name a workload of the same namespace, and set the request of the resource in each of its containers.',
  source: 'horizontal pod autoscaler: scaleTargetRef; utilization is a part of the request of every container of a pod',
  kinds: ['autoscaling/HorizontalPodAutoscaler', 'autoscaling.k8s.io/VerticalPodAutoscaler', 'keda.sh/ScaledObject'],
  *check(context) {
    const { resource, index, isSound } = context
    yield* findDangling(context, isScalable)
    for (const reference of readReferences(resource)) {
      const [group, kind = ''] = reference.to.split('/')
      const served = Object.hasOwn(SCALABLE, kind) ? SCALABLE[kind] : undefined
      if (!TARGETS.has(reference.field.at) || served === undefined) continue
      if (group !== served) {
        yield {
          message: `${kind} is not of the group "${group}" but of "${served}": the target is never found`,
          values: [reference.to],
          places: [{ resource, fieldPath: [...reference.fieldPath.slice(0, -1), 'apiVersion'] }],
        }
        continue
      }
      const target = lookUp(reference, index)
      const template = target.state === 'there' && target.resource && podTemplateOf(target.resource)
      if (template && isSound(template.resource, template.specPath)) yield* findUnmeasured(context, template)
    }
  },
})

interface Metric {
  readonly name: string
  /** Undefined: all containers. */
  readonly container: string | undefined
  readonly isUtilization: boolean
  readonly fieldPath: FieldPath
}

function listMetrics({ object }: Resource): readonly Metric[] {
  const percentage = ['spec', 'targetCPUUtilizationPercentage']
  if (typeof valueAt(object, percentage) === 'number') {
    return [{ name: 'cpu', container: undefined, isUtilization: true, fieldPath: percentage }]
  }
  const metrics = listAt(object, ['spec', 'metrics'])
  // The API server writes a target for the CPU where none is written; in v1 the controller takes the same.
  if (metrics.length === 0 && stringAt(object, ['kind']) === 'HorizontalPodAutoscaler') {
    return [{ name: 'cpu', container: undefined, isUtilization: true, fieldPath: ['spec'] }]
  }
  return metrics.flatMap((metric, index): readonly Metric[] => {
    const type = stringAt(metric, ['type'])
    const field = type === 'Resource' ? 'resource' : type === 'ContainerResource' ? 'containerResource' : undefined
    const name = field === undefined ? undefined : stringAt(metric, [field, 'name'])
    if (field === undefined || name === undefined) return []
    const container = stringAt(metric, [field, 'container'])
    const isUtilization =
      stringAt(metric, [field, 'target', 'type']) === 'Utilization' ||
      typeof valueAt(metric, [field, 'targetAverageUtilization']) === 'number'
    return [{ name, container, isUtilization, fieldPath: ['spec', 'metrics', index, field] }]
  })
}

function* findUnmeasured(context: ResourceContext, template: PodTemplate): Generator<RuleFinding> {
  const { resource, index } = context
  const containers = listAt(template.resource.object, [...template.specPath, 'containers'])
  const names = containers.flatMap(one => stringAt(one, ['name']) ?? [])
  const owner = `${template.resource.kind} ${template.resource.name}`
  for (const { name, container, isUtilization, fieldPath } of listMetrics(resource)) {
    if (container !== undefined && !names.includes(container)) {
      const near = closest(container, names)
      const message = `${owner} has no container ${container}${near ? `; did you mean ${near}?` : `; it has ${names.join(', ')}`}`
      yield { message, values: [container], places: [{ resource, fieldPath: [...fieldPath, 'container'] }] }
      continue
    }
    if (!isUtilization) continue
    const without = containers.filter(
      one =>
        (container === undefined || stringAt(one, ['name']) === container) &&
        valueAt(one, ['resources', 'requests', name]) === undefined &&
        valueAt(one, ['resources', 'limits', name]) === undefined,
    )
    if (without.length === 0 || mayBeDefaulted(context, name)) continue
    const which = without.map(one => stringAt(one, ['name'])).join(', ')
    const isOwn = index.elsewhere?.isSynced(resource.build) === true
    yield {
      message: `container ${which} of ${owner} requests no ${name}, of which the target is a part`,
      values: [name, which],
      places: [{ resource, fieldPath: fieldPath.length <= 2 ? fieldPath : [...fieldPath, 'name'] }],
      // An administrator may have made a LimitRange that requests it.
      ...(isOwn ? {} : { severity: 'warning' as const }),
    }
  }
}

/** Whether a LimitRange of the namespace requests the resource for containers that say nothing. */
const mayBeDefaulted = ({ resource, index }: ResourceContext, name: string): boolean =>
  (resource.namespace !== undefined && index.whyIncomplete(resource.namespace) !== undefined) ||
  index
    .ofKind('', 'LimitRange')
    .some(
      range =>
        isSameNamespace(range.namespace, resource.namespace) &&
        listAt(range.object, ['spec', 'limits']).some(
          limit =>
            valueAt(limit, ['defaultRequest', name]) !== undefined || valueAt(limit, ['default', name]) !== undefined,
        ),
    )
