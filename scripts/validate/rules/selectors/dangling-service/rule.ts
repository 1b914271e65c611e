// A Service without pods accepts connections and answers none of them.
import { mappingAt, stringAt } from '../../../../tree/model/build.ts'
import { closest } from '../../../../tree/model/closest.ts'
import { describeRequirement, isMet, readPairs, type Requirement } from '../../../../tree/model/label-selector.ts'
import type { PodTemplate } from '../../../../tree/model/pod-template.ts'
import { defineRule, type ResourcePlace } from '../../rule.ts'

/** Labels that controllers give to pods; they are in no template. */
export const CONTROLLER_LABELS: ReadonlySet<string> = new Set([
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/job-completion-index',
  'batch.kubernetes.io/job-name',
  'batch.kubernetes.io/controller-uid',
  'job-name',
  'controller-uid',
  'pod-template-hash',
  'controller-revision-hash',
  'rollouts-pod-template-hash',
])

export default defineRule({
  scope: 'resource',
  id: 'dangling-service',
  severity: 'error',
  summary: 'A Service selects no pod template in its namespace.',
  why: 'The Service gets no endpoints: every connection to it is refused or times out, and nothing reports it.',
  remediation: 'Make spec.selector a subset of the labels of a pod template in the same namespace.',
  source: 'Kubernetes Service: endpoints are the pods that match spec.selector in the namespace of the Service',
  kinds: ['/Service'],
  *check({ resource, index, isSound }) {
    const selector = mappingAt(resource.object, ['spec', 'selector'])
    if (!selector || stringAt(resource.object, ['spec', 'type']) === 'ExternalName') return
    if (!isSound(resource, ['spec', 'selector'])) return
    const requirements = readPairs(selector).filter(({ key }) => !CONTROLLER_LABELS.has(key))
    if (requirements.length === 0) return
    if (index.selectTemplates(resource.namespace, requirements).length > 0) return
    if (index.mayHoldUnseenPods(resource.namespace)) return
    const templates = index.podTemplates(resource.namespace)
    if (templates.some(template => !isSound(template.resource, template.labelsPath))) return
    const nearest = findNearest(templates, requirements)
    const failing = requirements.filter(one => !nearest || !isMet(one, nearest.labels))
    const [first] = failing
    const path = failing.length === 1 && first ? ['spec', 'selector', ...first.path] : ['spec', 'selector']
    const places: [ResourcePlace, ...ResourcePlace[]] = [{ resource, fieldPath: path }]
    if (nearest && first) places.push({ resource: nearest.resource, fieldPath: [...nearest.labelsPath, first.key] })
    const wanted = requirements.map(describeRequirement).join(', ')
    yield {
      message: `no pod template matches the selector ${wanted}${suggest(nearest, first)}`,
      values: [wanted],
      places,
    }
  },
})

/** The template that meets most of the selector. */
function findNearest(templates: readonly PodTemplate[], requirements: readonly Requirement[]): PodTemplate | undefined {
  let best: PodTemplate | undefined
  let bestScore = 0
  for (const template of templates) {
    let score = 0.1
    for (const one of requirements) {
      if (isMet(one, template.labels)) score += 2
      else if (one.key in template.labels && closest(one.values[0] ?? '', [template.labels[one.key] ?? ''])) score += 1
    }
    if (score > bestScore) {
      best = template
      bestScore = score
    }
  }
  return best
}

function suggest(nearest: PodTemplate | undefined, failing: Requirement | undefined): string {
  if (!nearest) return ': there is no pod template in its namespace'
  if (!failing) return ''
  const { kind, name } = nearest.resource
  const value = nearest.labels[failing.key]
  if (value !== undefined) return `: ${kind} ${name} has ${failing.key}=${value}`
  const key = closest(failing.key, Object.keys(nearest.labels))
  if (key !== undefined) return `: ${kind} ${name} has ${key}=${nearest.labels[key]}`
  return `: ${kind} ${name} has no label ${failing.key}`
}
