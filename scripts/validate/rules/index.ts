// The catalogue: every rule that runs and every fault a stage may find, in the order they are documented.
import applicationNamespaceMismatch from './argocd/application-namespace-mismatch/rule.ts'
import applicationPathMissing from './argocd/application-path-missing/rule.ts'
import duplicateResource from './identity/duplicate-resource/rule.ts'
import type { Rule } from './rule.ts'
import danglingService from './selectors/dangling-service/rule.ts'
import danglingTargetPort from './selectors/dangling-target-port/rule.ts'
import mismatchingSelector from './selectors/mismatching-selector/rule.ts'
import { STAGES } from './stages/stages.ts'
import invalidImage from './workloads/invalid-image/rule.ts'

export const RULES: readonly Rule[] = [
  ...STAGES,
  mismatchingSelector,
  danglingService,
  danglingTargetPort,
  invalidImage,
  duplicateResource,
  applicationPathMissing,
  applicationNamespaceMismatch,
]

const BY_ID = new Map(RULES.map(rule => [rule.id, rule]))

/** Throws for an id that is not in the catalogue. */
export function describeRule(id: string): Rule {
  const rule = BY_ID.get(id)
  if (!rule) throw new Error(`rule ${id} is not in the catalogue`)
  return rule
}
