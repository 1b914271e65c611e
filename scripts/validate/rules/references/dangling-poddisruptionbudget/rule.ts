// A budget for no pod protects none.
import { valueAt } from '../../../../tree/model/build.ts'
import { readRequirements } from '../../../../tree/model/label-selector.ts'
import { defineRule } from '../../rule.ts'
import { describeMiss, isOfController } from '../../selectors/selecting.ts'

export default defineRule({
  scope: 'resource',
  id: 'dangling-poddisruptionbudget',
  severity: 'warning',
  summary: 'A PodDisruptionBudget selects no pod.',
  why: 'The budget is accepted and protects nothing: a drained node takes all pods of the workload at once.',
  remediation: 'Make spec.selector match the labels of a pod template in the same namespace.',
  source: 'Kubernetes PodDisruptionBudget: spec.selector; an empty one selects every pod, none at all selects nothing',
  kinds: ['policy/PodDisruptionBudget'],
  *check({ resource, index, isSound }) {
    const path = ['spec', 'selector']
    const selector = valueAt(resource.object, path)
    // Of a version that is gone another rule speaks.
    if (resource.object.apiVersion !== 'policy/v1' || !isSound(resource, path)) return
    if (selector === undefined || selector === null) {
      const places = [{ resource, fieldPath: ['spec'] }] as const
      yield { message: 'a budget without a selector selects no pod', values: [], places }
      return
    }
    const requirements = readRequirements(selector).filter(one => !isOfController(one))
    if (requirements.length === 0 || index.selectTemplates(resource.namespace, requirements).length > 0) return
    const templates = index.podTemplates(resource.namespace)
    if (templates.some(template => !isSound(template.resource, template.labelsPath))) return
    const miss = describeMiss({ resource, path, requirements, what: 'pod template' }, templates, () =>
      index.mayHoldUnseenPodsBeside(resource),
    )
    if (miss) yield miss
  },
})
