// Pods of a StatefulSet have names in DNS by its governing Service alone, and only by a headless one.
import { mappingAt, stringAt } from '../../../../tree/model/build.ts'
import { isMet, readPairs } from '../../../../tree/model/label-selector.ts'
import { intendedLabels, podTemplateOf } from '../../../../tree/model/pod-template.ts'
import { lookUp } from '../../../../tree/model/references/look-up.ts'
import { readReferences } from '../../../../tree/model/references/read.ts'
import { defineRule, type ResourcePlace } from '../../rule.ts'
import { findDangling } from '../dangling.ts'

export default defineRule({
  scope: 'resource',
  id: 'statefulset-without-headless-service',
  severity: 'warning',
  summary: 'A StatefulSet names a governing Service that is not there, is not headless or selects other pods.',
  why: 'The pods run, and have no names in DNS: members of a cluster do not find each other.',
  remediation: 'Name a Service of the same namespace with `clusterIP: None` that selects the pods.',
  source: 'Kubernetes StatefulSet: spec.serviceName must be a headless Service for the DNS names of the pods',
  kinds: ['apps/StatefulSet'],
  *check(context) {
    const { resource, index, isSound } = context
    for (const finding of findDangling(context, ({ field }) => field.name === 'serviceName')) {
      yield { ...finding, severity: 'warning' }
    }
    const reference = readReferences(resource).find(({ field }) => field.name === 'serviceName')
    const answer = reference && lookUp(reference, index)
    const service = answer?.state === 'there' ? answer.resource : undefined
    if (!reference || !service || !isSound(service, ['spec'])) return
    const places = (...path: readonly string[]): [ResourcePlace, ResourcePlace] => [
      { resource, fieldPath: reference.fieldPath },
      { resource: service, fieldPath: path },
    ]
    if (stringAt(service.object, ['spec', 'clusterIP']) !== 'None') {
      const message = `Service ${service.name} is not headless: it has no clusterIP: None`
      yield { message, values: [service.name], places: places('spec') }
      return
    }
    const selector = mappingAt(service.object, ['spec', 'selector'])
    const template = podTemplateOf(resource)
    // Of a template that its own selector does not fit another rule speaks.
    const labels = template ? [template.labels, intendedLabels(template)] : []
    if (!selector || labels.some(own => readPairs(selector).every(one => isMet(one, own)))) return
    // Of a Service without any pods another rule speaks.
    if (index.selectTemplates(service.namespace, readPairs(selector)).length === 0) return
    const message = `Service ${service.name} does not select the pods of the StatefulSet`
    yield { message, values: [service.name], places: places('spec', 'selector') }
  },
})
