// All rules of risk, and the one door from a comparison to its risks: the worst first, each with the line that brings it.
import { isDeepStrictEqual } from 'node:util'
import type { Comparison, Location, Risk } from '../model.ts'
import { rbacGained, roleGranted } from './access.ts'
import { automationChanged, finalizerRemoved } from './argocd.ts'
import { evictionsBlocked, limitBlocks, quotaBlocks } from './blocked.ts'
import { claimMoves, claimShrinks } from './claims.ts'
import { definitionVersionRemoved } from './definitions.ts'
import { applicationDeleted, claimDeleted, definitionDeleted, manyDeleted, namespaceDeleted } from './deletions.ts'
import { downtime, graceShortened, probeRemoved, stopsAll, workloadReplaced } from './downtime.ts'
import { productionWithOthers } from './environments.ts'
import { imageGoesBack, imageNotPinned, imageOfAnotherRegistry } from './images.ts'
import { imageSkipsEnvironment } from './promotion.ts'
import { immutableField } from './immutable.ts'
import { policyRemoved, policyWidened, serviceExposed } from './network.ts'
import { podSecurityLowered, privilegesGained } from './privileges.ts'
import type { Level, RiskRule, TreeFound } from './risk.ts'

export const RISK_RULES: readonly RiskRule[] = [
  namespaceDeleted,
  claimDeleted,
  definitionDeleted,
  applicationDeleted,
  manyDeleted,
  immutableField,
  claimShrinks,
  claimMoves,
  downtime,
  workloadReplaced,
  stopsAll,
  probeRemoved,
  graceShortened,
  privilegesGained,
  podSecurityLowered,
  rbacGained,
  roleGranted,
  policyRemoved,
  policyWidened,
  serviceExposed,
  quotaBlocks,
  limitBlocks,
  evictionsBlocked,
  imageGoesBack,
  imageSkipsEnvironment,
  imageNotPinned,
  imageOfAnotherRegistry,
  automationChanged,
  finalizerRemoved,
  definitionVersionRemoved,
  productionWithOthers,
]

/** Dangers first, then as the rules stand above, then as the objects come. */
export async function judgeRisks(comparison: Comparison): Promise<readonly Risk[]> {
  const risks: Risk[] = []
  for (const rule of RISK_RULES) {
    const found: readonly TreeFound[] =
      'checkAll' in rule
        ? [...(await rule.checkAll(comparison))]
        : comparison.objects.flatMap(of => [...rule.check(of, comparison)].map(one => ({ ...one, of })))
    for (const one of found) risks.push(describe(rule, one, comparison))
  }
  const rank = ({ level }: Risk): number => (level === 'danger' ? 0 : 1)
  return risks.sort((a, b) => rank(a) - rank(b))
}

function describe(rule: RiskRule, found: TreeFound, comparison: Comparison): Risk {
  const { of, says, subject, level, fieldPath } = found
  const { change } = of
  const location = locate(found, comparison)
  const isOne = subject === undefined
  return {
    ruleId: rule.id,
    level: level ?? rule.level,
    message: `${subject ?? nameOf(found)} ${says}`,
    ...(change.environment === undefined ? {} : { environment: change.environment }),
    ...(isOne && change.application !== undefined ? { application: change.application } : {}),
    ...(isOne ? { object: change.object } : {}),
    ...(fieldPath?.length ? { fieldPath } : {}),
    ...(location ? { location } : {}),
  }
}

/** What is gone is called as it was. */
function nameOf({ of: { change, before }, side, isOld }: TreeFound): string {
  const { kind, name } = (isOld || side === 'base') && before ? before : change.object
  return `${kind} ${name}`
}

/** The line of the field, else that of the change: what is no longer written has no line but in the base. */
function locate({ of, fieldPath, side }: TreeFound, { locate: find, locateRemoved }: Comparison): Location | undefined {
  const { before, after, change } = of
  const wanted = side ?? (after ? 'head' : 'base')
  const resource = wanted === 'head' ? after : before
  const path = fieldPath ?? change.fields[0]?.fieldPath ?? []
  const told = change.fields.find(one => isDeepStrictEqual(one.fieldPath, path))?.location
  if (told) return told
  // What is deleted is deleted where the change says so, under whatever name it comes back.
  if (wanted === 'base' && resource)
    return locateRemoved(resource, path, path.length ? after : undefined) ?? change.location
  return (resource && find(wanted, resource, path)) ?? change.location
}

/** Whether risks fail a run. */
export const isAtLeast = (risks: readonly Risk[], level: Level | 'never'): boolean =>
  level !== 'never' && risks.some(risk => risk.level === 'danger' || level === 'caution')
