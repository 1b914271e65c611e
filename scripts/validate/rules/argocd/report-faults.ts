// Makes findings of what the knowledge of Argo CD says about one object.
import type { ArgocdFault } from '../../../tree/argocd/fault.ts'
import type { Build, Resource } from '../../../tree/model/build.ts'
import type { RuleFinding } from '../rule.ts'

export function* reportFaults(resource: Resource, faults: Iterable<ArgocdFault>): Generator<RuleFinding> {
  for (const { message, severity, fieldPath } of faults) {
    yield { message, severity, values: [message], places: [{ resource, fieldPath }] }
  }
}

/** All objects of one of Argo CD's kinds. */
export const listOfKind = (builds: readonly Build[], kind: string): readonly Resource[] =>
  builds
    .flatMap(build => build.resources)
    .filter(resource => resource.group === 'argoproj.io' && resource.kind === kind)
