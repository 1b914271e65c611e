// A workload whose selector does not match its own pods is refused by the API server, or never becomes ready.
import { describeRequirement, findRequirementFault, isMet, readPairs } from '../../../../tree/model/label-selector.ts'
import { intendedLabels, type PodTemplate, podTemplateOf } from '../../../../tree/model/pod-template.ts'
import { mappingAt } from '../../../../tree/model/build.ts'
import { defineRule, type ResourcePlace, type ResourceContext } from '../../rule.ts'

export default defineRule({
  scope: 'resource',
  id: 'mismatching-selector',
  severity: 'error',
  summary: 'A workload selects other labels than its own pod template has.',
  why: 'The API server refuses the object: its controller would make pods without end and never count one of them.',
  remediation: 'Give spec.selector and spec.template.metadata.labels the same values.',
  source: 'Kubernetes API validation of apps/v1 and core/v1: `selector` does not match template `labels`',
  kinds: [
    'apps/Deployment',
    'apps/StatefulSet',
    'apps/DaemonSet',
    'apps/ReplicaSet',
    '/ReplicationController',
    'batch/Job',
    'batch/CronJob',
    'argoproj.io/Rollout',
    'apps.openshift.io/DeploymentConfig',
  ],
  *check(context) {
    const { resource } = context
    const template = podTemplateOf(resource)
    const selector = template?.selector
    if (!template || !selector) return
    if (!context.isSound(resource, selector.path) || !context.isSound(resource, template.labelsPath)) return
    const place = (path: readonly (string | number)[]): ResourcePlace => ({ resource, fieldPath: path })
    if (selector.requirements.length === 0) {
      yield { message: 'the selector is empty, which selects every pod', values: [], places: [place(selector.path)] }
      return
    }
    for (const requirement of selector.requirements) {
      const path = [...selector.path, ...requirement.path]
      const fault = findRequirementFault(requirement)
      if (fault) {
        yield { message: `the selector cannot be read: ${fault}`, values: [requirement.key], places: [place(path)] }
        continue
      }
      if (isMet(requirement, template.labels)) continue
      const label = template.labels[requirement.key]
      const has = label === undefined ? `no label ${requirement.key}` : `${requirement.key}=${label}`
      const places: [ResourcePlace, ...ResourcePlace[]] = [
        place(path),
        place([...template.labelsPath, requirement.key]),
      ]
      if (isServedAsIntended(context, template)) places.reverse()
      yield {
        message: `the selector asks for ${describeRequirement(requirement)}, the pod template has ${has}`,
        values: [requirement.key],
        places,
      }
    }
  },
})

/** A Service that asks for what the selector asks for tells that the template's label is the one mistyped. */
function isServedAsIntended({ index }: ResourceContext, template: PodTemplate): boolean {
  const intended = intendedLabels(template)
  return index.ofKind('', 'Service').some(service => {
    const requirements = readPairs(mappingAt(service.object, ['spec', 'selector']))
    const meets = (labels: Readonly<Record<string, string>>): boolean => requirements.every(one => isMet(one, labels))
    return requirements.length > 0 && meets(intended) && !meets(template.labels)
  })
}
