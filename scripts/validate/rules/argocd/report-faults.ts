// Makes findings of what the knowledge of Argo CD says about one object.
import type { ArgocdFault } from '../../../tree/argocd/fault.ts'
import type { Resource } from '../../../tree/model/build.ts'
import type { RuleFinding } from '../rule.ts'

export function* reportFaults(resource: Resource, faults: Iterable<ArgocdFault>): Generator<RuleFinding> {
  for (const { message, values, severity, fieldPath } of faults) {
    yield { message, severity, values, places: [{ resource, fieldPath }] }
  }
}
