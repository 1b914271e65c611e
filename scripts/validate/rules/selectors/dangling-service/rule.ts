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
    const templates = index.podTemplates(resource.namespace)
    if (templates.some(template => !isSound(template.resource, template.labelsPath))) return
    // Of loose manifests only those of one folder belong together.
    const isLoose = resource.origin.kind === 'document'
    const together = isLoose ? templates.filter(one => one.resource.build === resource.build) : templates
    const nearest = findNearest(together, requirements)
    if (!nearest) {
      // Nothing resembles the selector. It proves a mistake only where nothing else can bring pods: a folder without a
      // namespace may be a base that somebody completes.
      if (resource.namespace === undefined || index.mayHoldUnseenPods(resource.namespace)) return
    } else if (index.mayHoldUnseenPods(resource.namespace) && !isSlip(nearest, requirements)) return
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

/** The template that meets most of the selector, or has a near value for a key of it; undefined where none resembles it. */
function findNearest(templates: readonly PodTemplate[], requirements: readonly Requirement[]): PodTemplate | undefined {
  let best: PodTemplate | undefined
  let bestScore = 0
  for (const template of templates) {
    let score = 0
    for (const one of requirements) {
      if (isMet(one, template.labels)) score += 2
      else if (isNear(one, template)) score += 1
    }
    if (score > bestScore) {
      best = template
      bestScore = score
    }
  }
  return best
}

const isNear = ({ key, values }: Requirement, { labels }: PodTemplate): boolean => {
  const own = labels[key]
  if (own === undefined)
    return closest(key, Object.keys(labels)) !== undefined && Object.values(labels).includes(values[0] ?? '')
  return closest(values[0] ?? '', [own]) !== undefined
}

/** Whether all of the selector is met but for one slip of the keyboard: then it is this template that is meant. */
const isSlip = (template: PodTemplate, requirements: readonly Requirement[]): boolean => {
  const failing = requirements.filter(one => !isMet(one, template.labels))
  return failing.length === 1 && failing.every(one => isNear(one, template))
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
