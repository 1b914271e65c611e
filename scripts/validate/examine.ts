// What is found in what was rendered: kinds, schemas, rules, then the lines, and what counts. Returns data, prints nothing.
import { checkIgnoreDifferences } from '../tree/argocd/ignore-differences.ts'
import { deploy } from '../tree/deploy.ts'
import type { Renderings, Settings } from '../tree/engine.ts'
import { readDeclaration } from '../tree/environments/declared.ts'
import { openEnvironments } from '../tree/environments/open.ts'
import { tellInTemplates } from '../tree/kustomize/charts/in-templates.ts'
import { createLocator } from '../tree/kustomize/trace/locate.ts'
import type { NotExamined, Stage } from '../tree/model/place.ts'
import type { Pack } from '../tree/pack.ts'
import type { Sources } from '../tree/source/sources.ts'
import { openTestInputs } from '../tree/source/test-inputs.ts'
import { checkRules, isLookUp } from './check.ts'
import { checkCustomObjects } from './custom-objects/check.ts'
import { checkKinds, withoutMissed } from './check-kinds.ts'
import { checkLostPatches } from './check-patches.ts'
import { checkSchemas, withoutRefused, withoutTold } from './check-schemas.ts'
import { explainFailures, listAllSources, withoutUnreadable } from './check-sources.ts'
import { softenExamples } from './examples.ts'
import { listUnusedAnnotations } from './findings/annotations.ts'
import { countFindings } from './findings/count.ts'
import { measureCoverage } from './findings/coverage.ts'
import { decide } from './findings/decide.ts'
import type { Report } from './findings/finding.ts'
import { gatherFindings, gatherNotExamined, mergeFindings } from './findings/gather.ts'
import { createFieldTest, describeDifferences, describeObjects, placeObjects } from './objects.ts'
import { openMemory } from './memory.ts'
import { foldMissingPaths } from './missing-paths.ts'
import type { Judged } from './judge.ts'
import { withoutPlaceholders } from './placeholders.ts'
import { listDeployedObjects, withoutUndeployed } from './undeployed-definitions.ts'
import { checkAdmission } from './policies/admission.ts'
import { checkOwnPolicies } from './policies/own.ts'
import type { Policy } from './policy.ts'
import { isAsked, RULES } from './rules/index.ts'
import type { Rule } from './rules/rule.ts'
import type { ValidateOptions } from './run.ts'
import { openSchemas } from './schema/index.ts'
import { readNamedDefinitions } from './schema/named.ts'
import type { Scope } from './scope.ts'

export const KUBERNETES_VERSION = '1.36'

/** What the tree is judged by. */
export interface Asked {
  readonly policy: Policy
  readonly options: ValidateOptions & { readonly today: string }
  readonly settings: Settings
  readonly pack: Pack
  readonly scope: Scope
}

/** What is found in what was rendered of a tree, as the policy sees it. */
export async function examine(
  sources: Sources,
  rendered: Stage<Renderings>,
  { policy, options, settings, pack, scope }: Asked,
): Promise<Judged> {
  const { config, file: configFile } = policy
  const step = (title: string): void => options.onStep?.(title)
  const renderings = rendered.value
  const documents = listAllSources(renderings)
  step('checking against schemas')
  const described = describeObjects(renderings, documents)
  // The last one wins: that of the tree.
  const named = readNamedDefinitions(sources, config.schemas)
  const definitions = [...named, ...described.customResourceDefinitions]
  const schemas = await openSchemas({ ...described, customResourceDefinitions: definitions })
  const deployed = deploy(renderings, kind => schemas.scopeOf(kind))
  const locate = createLocator(renderings)
  const kinds = checkKinds(deployed.value.builds, renderings, schemas, config, locate)
  const isField = createFieldTest(schemas)
  const differences = await checkIgnoreDifferences(
    deployed.value.applications,
    deployed.value.builds.flatMap(({ resources }) => resources),
    isField,
  )
  const memory = openMemory({ pack, renderings, definitions })
  const shapes = checkSchemas(deployed.value.builds, schemas, memory)
  const failures = [...explainFailures(renderings, schemas), ...checkLostPatches(renderings, schemas)]
  const environments = await openEnvironments(readDeclaration(configFile), deployed.value, renderings, options.root)
  step('checking the rules')
  const chosen = { rules: config.rules, preset: options.preset ?? config.preset }
  const { cacheFolder } = settings
  const asked = {
    rules: RULES.filter(rule => isAsked(rule, chosen)),
    environments: environments.value,
    cacheFolder,
    memory,
  }
  const ruled = checkRules(renderings, deployed.value, shapes.isSound, asked)
  const looked = withoutRefused(withoutMissed(ruled, [...kinds.faults, ...shapes.faults]), shapes.faults, isLookUp)
  const { faults: refusals, found } = withoutTold(shapes.faults, looked)

  const admission = checkAdmission(deployed.value, shapes.isSound)
  const custom = checkCustomObjects(deployed.value.builds, schemas, shapes.isSound)
  const written = { policies: config.policies, file: configFile }
  const own = checkOwnPolicies(written, deployed.value, shapes.isSound, isField, definitions)

  const known = [
    ...rendered.faults,
    ...withoutUnreadable(deployed.faults, rendered.faults),
    ...describeDifferences(differences),
    ...kinds.faults,
    ...refusals,
    ...failures,
    ...found,
    ...custom.faults,
    ...own.faults,
    ...admission.faults,
  ]
  const { builds } = deployed.value
  const listDeployed = () => [...named, ...listDeployedObjects(builds, documents)]
  const certain = await withoutUndeployed(known, builds, definitions, listDeployed)
  const told = tellInTemplates(certain.faults, renderings.tree)
  const filled = withoutPlaceholders(told, deployed.value, renderings)
  const readByTests = openTestInputs(sources, () => sources.list(config.exclude))
  const folded = foldMissingPaths(filled.faults, renderings.tree.graph)
  const meant = softenExamples(folded, deployed.value, readByTests, renderings.tree, locate)
  const unexamined: readonly NotExamined[] = [
    ...rendered.notExamined,
    ...kinds.notExamined,
    ...placeObjects(schemas.notExamined, deployed.value.builds, documents),
    ...deployed.notExamined,
    ...differences.notExamined,
    ...environments.notExamined,
    ...certain.notExamined,
    ...filled.notExamined,
    ...custom.notExamined,
    ...own.notExamined,
    ...admission.notExamined,
  ]
  step('looking for the lines')
  const roots = new Set(scope.rootsOf(renderings.tree))
  const how = { locate, ...chosen }
  const isSilent = (rule: Rule): boolean => !isAsked(rule, chosen) || (rule.scope !== 'file' && isBroken(renderings))
  const silent = new Set(RULES.filter(isSilent).map(({ id }) => id))
  const decided = decide(gatherFindings(meant, how), {
    ...{ config, configFile, sources, silent },
    today: options.today,
  })
  const resources = deployed.value.builds.flatMap(build => build.resources)
  const ran = new Set(asked.rules.map(({ id }) => id).filter(id => !silent.has(id)))
  const idle = [...decided.faults, ...listUnusedAnnotations(resources, decided.findings, ran)]
  // Of a part of the tree nobody can say what suppresses nothing.
  const findings = scope.isWhole
    ? mergeFindings(decided.findings, gatherFindings(idle, how))
    : decided.findings.filter(finding => scope.includes(finding, roots))
  const notExamined = gatherNotExamined(unexamined, locate)
  const report: Report = {
    version: 1,
    tool: { ...options.tool, kustomize: renderings.kustomize?.version ?? '', kubernetes: KUBERNETES_VERSION },
    summary: {
      ...countFindings(findings),
      notExamined: notExamined.length,
      files: sources.readPaths.length,
      builds:
        [...renderings.built.keys()].filter(root => scope.isWhole || roots.has(root)).length + renderings.folders.size,
      resources: resources.length,
    },
    coverage: measureCoverage(renderings, scope.rootsOf(renderings.tree)),
    findings,
    notExamined,
  }
  return {
    report,
    warnings: warningsOf(renderings),
    isLasting: environments.value.skipped.every(({ past }) => past !== 'unknown'),
  }
}

/** Whether a build fails: what would be found in it, or beside it, nobody can say. A URL that is not read is not a failure. */
const isBroken = ({ tree, failed, refused, partial }: Renderings): boolean =>
  failed.size + refused.size > 0 ||
  [...partial.keys()].some(root =>
    tree.graph.reach(root).some(({ faults }) => faults.some(({ ruleId }) => ruleId !== 'remote-reference')),
  )

const warningsOf = ({ kustomize }: Renderings): readonly string[] => (kustomize?.warning ? [kustomize.warning] : [])
