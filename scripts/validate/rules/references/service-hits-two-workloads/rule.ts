// A Service whose selector also fits the pods of another workload sends a part of its requests to the wrong program.
import { mappingAt, stringAt } from '../../../../tree/model/build.ts'
import { readPairs } from '../../../../tree/model/label-selector.ts'
import type { PodTemplate } from '../../../../tree/model/pod-template.ts'
import { defineRule } from '../../rule.ts'
import { isOfController } from '../../selectors/selecting.ts'
import { isTogether, LASTING } from '../together.ts'

/** Labels by which people tell versions or members of one program apart: a Service for all of them is meant. */
const VARIANTS =
  /(?:^|[./-])(?:version|track|release|colou?r|slot|variant|stage|canary|revision|zone|shard|role|member|instance|component)$/

export default defineRule({
  scope: 'resource',
  id: 'service-hits-two-workloads',
  severity: 'warning',
  summary: 'A Service selects the pods of two workloads.',
  why: 'Each gets a part of the requests; where only one of them is meant, the others fail now and then.',
  remediation: 'Add a label to the selector that only the pods of one workload have.',
  source: 'Kubernetes Service: endpoints are all pods that match spec.selector, whoever made them',
  kinds: ['/Service'],
  *check({ resource, index, isSound }) {
    const selector = mappingAt(resource.object, ['spec', 'selector'])
    if (!selector || !isSound(resource, ['spec', 'selector'])) return
    // Members of a cluster find each other by one headless Service.
    if (stringAt(resource.object, ['spec', 'clusterIP']) === 'None') return
    const requirements = readPairs(selector)
    if (requirements.length === 0 || requirements.some(isOfController)) return
    const hit = index
      .selectTemplates(resource.namespace, requirements)
      .filter(one => LASTING.has(one.resource.kind) && isTogether(resource, one.resource))
    const [first] = hit
    const other = hit.find(
      one => one.resource.kind !== first?.resource.kind || one.resource.name !== first.resource.name,
    )
    if (!first || !other || areVariants(first, other)) return
    const [one, two] = [first, other].map(({ resource: { kind, name } }) => `${kind} ${name}`)
    yield {
      message: `the selector fits the pods of ${one} and of ${two}`,
      values: Object.entries(selector).map(([key, value]) => `${key}=${value}`),
      places: [{ resource, fieldPath: ['spec', 'selector'] }],
    }
  },
})

const areVariants = (one: PodTemplate, other: PodTemplate): boolean =>
  Object.keys(one.labels).some(key => VARIANTS.test(key) && one.labels[key] !== other.labels[key]) ||
  Object.keys(other.labels).some(key => VARIANTS.test(key) && !(key in one.labels))
