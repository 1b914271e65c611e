// The catalogue: every rule that runs and every fault a stage may find, in the order they are documented.
import type { Config } from '../config.ts'
import applicationNamespaceMismatch from './argocd/application-namespace-mismatch/rule.ts'
import applicationPathMissing from './argocd/application-path-missing/rule.ts'
import applicationProjectMismatch from './argocd/application-project-mismatch/rule.ts'
import invalidApplication from './argocd/invalid-application/rule.ts'
import invalidAppproject from './argocd/invalid-appproject/rule.ts'
import unknownSyncOption from './argocd/unknown-sync-option/rule.ts'
import invalidHook from './argocd/invalid-hook/rule.ts'
import invalidSyncWave from './argocd/invalid-sync-wave/rule.ts'
import sharedResource from './argocd/shared-resource/rule.ts'
import replicasWithHpa from './argocd/replicas-with-hpa/rule.ts'
import selfHealFightsHpa from './argocd/self-heal-fights-hpa/rule.ts'
import pruneDeletesNamespace from './argocd/prune-deletes-namespace/rule.ts'
import pruneDeletesData from './argocd/prune-deletes-data/rule.ts'
import applicationCycle from './argocd/application-cycle/rule.ts'
import definitionAfterItsObjects from './argocd/definition-after-its-objects/rule.ts'
import { ARGOCD_STAGES } from './argocd/stages.ts'
import promotionOrder from './environments/promotion-order/rule.ts'
import environmentDrift from './environments/environment-drift/rule.ts'
import environmentParity from './environments/environment-parity/rule.ts'
import environmentNameLeak from './environments/environment-name-leak/rule.ts'
import replicasOutOfBounds from './environments/replicas-out-of-bounds/rule.ts'
import resourcesOutOfBounds from './environments/resources-out-of-bounds/rule.ts'
import unexpectedRegistry from './environments/unexpected-registry/rule.ts'
import fluxPathMissing from './flux/flux-path-missing/rule.ts'
import limitRangeExceeded from './namespace/limit-range-exceeded/rule.ts'
import podSecurity from './namespace/pod-security/rule.ts'
import quotaExceeded from './namespace/quota-exceeded/rule.ts'
import duplicateResource from './identity/duplicate-resource/rule.ts'
import ambiguousScalar from './kustomize/ambiguous-scalar/rule.ts'
import deprecatedKustomizationField from './kustomize/deprecated-kustomization-field/rule.ts'
import environmentCrossing from './kustomize/environment-crossing/rule.ts'
import lostNameReference from './kustomize/lost-name-reference/rule.ts'
import mergedListEntries from './kustomize/merged-list-entries/rule.ts'
import namespaceConflict from './kustomize/namespace-conflict/rule.ts'
import orphanFile from './kustomize/orphan-file/rule.ts'
import redundantEntry from './kustomize/redundant-entry/rule.ts'
import unmatchedImage from './kustomize/unmatched-image/rule.ts'
import unmatchedLabelField from './kustomize/unmatched-label-field/rule.ts'
import unmatchedPatchTarget from './kustomize/unmatched-patch-target/rule.ts'
import unmatchedReplica from './kustomize/unmatched-replica/rule.ts'
import unmatchedReplacement from './kustomize/unmatched-replacement/rule.ts'
import { POLICIES } from './policies/stages.ts'
import { PRACTICES } from './practice/index.ts'
import { REFERENCES } from './references/index.ts'
import type { Rule, RuleDescription } from './rule.ts'
import danglingService from './selectors/dangling-service/rule.ts'
import danglingTargetPort from './selectors/dangling-target-port/rule.ts'
import mismatchingSelector from './selectors/mismatching-selector/rule.ts'
import { STAGES } from './stages/stages.ts'
import invalidImage from './workloads/invalid-image/rule.ts'

export const RULES: readonly Rule[] = [
  ...STAGES,
  ...ARGOCD_STAGES,
  mismatchingSelector,
  danglingService,
  danglingTargetPort,
  ...REFERENCES,
  invalidImage,
  podSecurity,
  quotaExceeded,
  limitRangeExceeded,
  duplicateResource,
  unmatchedImage,
  unmatchedPatchTarget,
  unmatchedReplacement,
  unmatchedReplica,
  unmatchedLabelField,
  redundantEntry,
  lostNameReference,
  mergedListEntries,
  namespaceConflict,
  orphanFile,
  environmentCrossing,
  deprecatedKustomizationField,
  ambiguousScalar,
  applicationPathMissing,
  applicationNamespaceMismatch,
  applicationProjectMismatch,
  sharedResource,
  replicasWithHpa,
  selfHealFightsHpa,
  pruneDeletesNamespace,
  pruneDeletesData,
  applicationCycle,
  definitionAfterItsObjects,
  fluxPathMissing,
  invalidApplication,
  invalidAppproject,
  unknownSyncOption,
  invalidHook,
  invalidSyncWave,
  ...PRACTICES,
  ...POLICIES,
  promotionOrder,
  environmentDrift,
  environmentParity,
  environmentNameLeak,
  replicasOutOfBounds,
  resourcesOutOfBounds,
  unexpectedRegistry,
]

const BY_ID = new Map(RULES.map(rule => [rule.id, rule]))

/** Whether a run reports what a rule finds. */
export const isAsked = (
  { id, preset }: RuleDescription,
  { preset: chosen = 'recommended', rules }: Partial<Pick<Config, 'preset'>> & Pick<Config, 'rules'>,
): boolean => preset !== 'strict' || chosen === 'strict' || rules[id] !== undefined

/** Throws for an id that is not in the catalogue. */
export function describeRule(id: string): Rule {
  const rule = BY_ID.get(id)
  if (!rule) throw new Error(`rule ${id} is not in the catalogue`)
  return rule
}
