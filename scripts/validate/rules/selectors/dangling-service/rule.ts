// A Service without pods accepts connections and answers none of them.
import { mappingAt, stringAt } from '../../../../tree/model/build.ts'
import { readPairs } from '../../../../tree/model/label-selector.ts'
import { defineRule } from '../../rule.ts'
import { describeMiss, isOfController } from '../selecting.ts'

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
    const requirements = readPairs(selector).filter(one => !isOfController(one))
    if (requirements.length === 0) return
    if (index.selectTemplates(resource.namespace, requirements).length > 0) return
    const templates = index.podTemplates(resource.namespace)
    if (templates.some(template => !isSound(template.resource, template.labelsPath))) return
    const path = ['spec', 'selector']
    const miss = describeMiss({ resource, path, requirements, what: 'pod template' }, templates, () =>
      index.mayHoldUnseenPodsBeside(resource),
    )
    if (miss) yield miss
  },
})
