// Two controllers that claim one pod get in each other's way.
import { type Resource, valueAt } from '../../../../tree/model/build.ts'
import { readRequirements } from '../../../../tree/model/label-selector.ts'
import { POD_KINDS, type PodTemplate, podTemplateOf } from '../../../../tree/model/pod-template.ts'
import { readReferences } from '../../../../tree/model/references/read.ts'
import { isSelected, type ResourceIndex } from '../../../../tree/model/resource-index.ts'
import { defineRule, type ResourceContext, type RuleFinding } from '../../rule.ts'
import { isSameObject, isTogether, LASTING } from '../together.ts'

export default defineRule({
  scope: 'resource',
  id: 'overlapping-selectors',
  severity: 'error',
  summary: 'Two workloads, two budgets or two autoscalers claim the same pods.',
  why: 'A pod of two budgets cannot be evicted; two autoscalers of one workload scale nothing; of two workloads each is counted with the pods of the other.',
  remediation: 'Give each its own pods: a label that only one workload has, one budget and one autoscaler for each.',
  source:
    'eviction API: a pod with more than one PodDisruptionBudget; horizontal pod autoscaler: AmbiguousSelector; Kubernetes Deployment: do not overlap labels or selectors',
  kinds: [
    ...POD_KINDS.filter(kind => LASTING.has(kind.split('/')[1] ?? '')),
    'policy/PodDisruptionBudget',
    'autoscaling/HorizontalPodAutoscaler',
    'keda.sh/ScaledObject',
  ],
  *check(context) {
    const { kind } = context.resource
    if (kind === 'PodDisruptionBudget') yield* findBudgets(context)
    else if (kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject') yield* findScalers(context)
    else yield* findWorkloads(context)
  },
})

function* findWorkloads({ resource, index, isSound }: ResourceContext): Generator<RuleFinding> {
  const own = podTemplateOf(resource)
  const selector = own?.selector
  if (!own || !selector || selector.requirements.length === 0 || !isSound(resource, selector.path)) return
  const other = index.selectTemplates(resource.namespace, selector.requirements).find(
    one =>
      isLasting(one) &&
      isTogether(resource, one.resource) &&
      !isSameObject(resource, one.resource) &&
      // Of two that claim each other it is told once, of the later one.
      (!claims(one, own) || isLater(resource, one.resource, index)),
  )
  if (!other) return
  yield {
    message: `the selector fits the pods of ${nameOf(other.resource)} too`,
    values: [nameOf(other.resource)],
    places: [{ resource, fieldPath: selector.path }],
    severity: 'warning',
  }
}

const isLasting = ({ resource }: PodTemplate): boolean => LASTING.has(resource.kind)

const claims = ({ selector }: PodTemplate, other: PodTemplate): boolean =>
  selector !== undefined && selector.requirements.length > 0 && isSelected(other, selector.requirements)

function* findBudgets({ resource, index, isSound }: ResourceContext): Generator<RuleFinding> {
  const path = ['spec', 'selector']
  if (!isSound(resource, path)) return
  const own = selectPods(resource, index)
  for (const other of index.ofKind('policy', 'PodDisruptionBudget')) {
    if (isSameObject(other, resource) || !isTogether(other, resource) || !isLater(resource, other, index)) continue
    const theirs = selectPods(other, index)
    const shared = own.find(template => theirs.includes(template) && isTogether(template.resource, resource))
    if (!shared || !isSound(other, path)) continue
    yield {
      message: `the budget selects the pods of ${nameOf(shared.resource)}, and so does ${nameOf(other)}: they cannot be evicted`,
      values: [nameOf(other), nameOf(shared.resource)],
      places: [{ resource, fieldPath: path }],
    }
    return
  }
}

function selectPods(budget: Resource, index: ResourceIndex): readonly PodTemplate[] {
  const selector = valueAt(budget.object, ['spec', 'selector'])
  if (selector === undefined || selector === null) return []
  return index.selectTemplates(budget.namespace, readRequirements(selector))
}

function* findScalers({ resource, index }: ResourceContext): Generator<RuleFinding> {
  const target = readReferences(resource).find(({ field }) => field.at === 'spec/scaleTargetRef')
  if (!target) return
  const scalers = [
    ...index.ofKind('autoscaling', 'HorizontalPodAutoscaler'),
    ...index.ofKind('keda.sh', 'ScaledObject'),
  ]
  const other = scalers.find(
    one =>
      !isSameObject(one, resource) &&
      isTogether(one, resource) &&
      isLater(resource, one, index) &&
      readReferences(one).some(
        ({ field, to, name }) => field.at === 'spec/scaleTargetRef' && to === target.to && name === target.name,
      ),
  )
  if (!other) return
  yield {
    message: `the autoscaler scales ${target.to.split('/')[1]} ${target.name}, and so does ${nameOf(other)}`,
    values: [nameOf(other), target.name],
    places: [{ resource, fieldPath: target.fieldPath }],
  }
}

const nameOf = ({ kind, name }: Resource): string => `${kind} ${name}`

/** Whether a resource comes after another in what lives together. */
const isLater = (one: Resource, other: Resource, index: ResourceIndex): boolean =>
  index.resources.indexOf(one) > index.resources.indexOf(other)
