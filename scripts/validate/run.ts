// The pipeline: read and render, then check kinds, schemas and rules, locate, report. Returns data, prints nothing.
import { join, resolve } from 'node:path'
import { Problem } from '../command/problem.ts'
import type { Repository } from '../tree/argocd/applications.ts'
import { checkIgnoreDifferences } from '../tree/argocd/ignore-differences.ts'
import { deploy } from '../tree/deploy.ts'
import { readDeclaration } from '../tree/environments/declared.ts'
import { openEnvironments } from '../tree/environments/open.ts'
import { findApplicationRoots, readAndRender, type Renderings, type Settings } from '../tree/engine.ts'
import { findHelm } from '../tree/helm/binary.ts'
import { findKustomize, type Machine } from '../tree/kustomize/build/binary.ts'
import { createLocator } from '../tree/kustomize/trace/locate.ts'
import type { NotExamined } from '../tree/model/place.ts'
import { openFolder } from '../tree/source/folder.ts'
import { readCheckout } from '../tree/source/git-remote.ts'
import type { Revision } from '../tree/source/revision.ts'
import type { Sources } from '../tree/source/sources.ts'
import { withTracked } from '../tree/source/tracked.ts'
import { checkRules, isLookUp } from './check.ts'
import { checkSchemas, withoutRefused, withoutTold } from './check-schemas.ts'
import { checkCustomObjects } from './custom-objects/check.ts'
import { checkKinds, withoutMissed } from './check-kinds.ts'
import { explainFailures, listAllSources } from './check-sources.ts'
import type { Config } from './config.ts'
import { applyBaseline, type BaselineEntry } from './findings/baseline.ts'
import { compareFindings, hasExcuses, refuseExcuses } from './findings/compare.ts'
import { countFindings, measureCoverage } from './findings/count.ts'
import type { PolicyReport, Report } from './findings/finding.ts'
import { listUnusedAnnotations } from './findings/annotations.ts'
import { decide } from './findings/decide.ts'
import { showText } from './findings/hide.ts'
import { gatherFindings, gatherNotExamined, mergeFindings } from './findings/gather.ts'
import { isAsked, RULES } from './rules/index.ts'
import { openSchemas } from './schema/index.ts'
import { readNamedDefinitions } from './schema/named.ts'
import { createFieldTest, describeDifferences, describeObjects, placeObjects } from './objects.ts'
import { checkAdmission } from './policies/admission.ts'
import { checkOwnPolicies } from './policies/own.ts'
import { decidePolicy, type GivenFile, type Policy } from './policy.ts'
import { withoutPlaceholders } from './placeholders.ts'
import { narrow } from './scope.ts'
import { renderShard, type Shard, type ShardRendering } from './shard.ts'

export const KUBERNETES_VERSION = '1.36'

export interface ValidateOptions {
  readonly root: string
  /** Relative to the root; empty: everything. */
  readonly paths: readonly string[]
  /** A configuration file instead of the root's validation.yaml. */
  readonly config?: GivenFile
  readonly machine: Machine
  readonly parallelism: number
  /** False: every build is rendered anew, and nothing is kept. */
  readonly cache?: boolean
  /** Where renderings are kept, instead of the folder of this checkout. */
  readonly cacheFolder?: string
  readonly tool: { readonly name: string; readonly version: string }
  readonly onProgress?: (done: number, total: number) => void
  /** Instead of the configuration's. */
  readonly preset?: Config['preset']
  /** Findings that are known, and do not count. */
  readonly baseline?: GivenFile
  /** What it finds, too, does not count. */
  readonly since?: Revision
  /** Its policy holds, and not that of the tree. */
  readonly policyFrom?: Revision
  /** As `2026-11-26`; a suppression may have an end. */
  readonly today?: string
  /** Called when a step of the run begins, with what is being done. */
  readonly onStep?: (title: string) => void
}

export interface Validation {
  readonly report: Report
  /** Said once to the user, about the machine and not about the tree. */
  readonly warnings: readonly string[]
  /** The text of a file a finding stands in; undefined for files that were not read. */
  textOf(file: string): string | undefined
  /** Entries of the baseline of which nothing is found any more. */
  readonly fixed: readonly BaselineEntry[]
}

/**
 * Validates a tree. Throws a Problem for what is not the tree's fault; everything else that is thrown is a fault of this
 * program.
 */
export async function validate(options: ValidateOptions): Promise<Validation> {
  const { root, since, policyFrom } = options
  const folder = openRoot(root)
  const sources = since || policyFrom ? withTracked(folder, root) : folder
  const policy = decidePolicy(sources, options)
  const head = await judge(sources, policy, options)
  if (!head) throw nothingToValidate(options)
  const sides = new Map<string, Promise<Judged | undefined>>()
  const judgeAt = (revision: Revision): Promise<Judged | undefined> => {
    const side = sides.get(revision.commit) ?? judgeRevision(revision, sources, policy, options)
    sides.set(revision.commit, side)
    return side
  }
  const isExcused = policyFrom !== undefined && hasExcuses(head.report.findings)
  const trusted = isExcused
    ? refuseExcuses(head.report.findings, (await judgeAt(policyFrom))?.report.findings ?? [])
    : { findings: head.report.findings, refused: 0 }
  const judged = applyBaseline(trusted.findings, policy.baseline)
  const base = since && (await judgeAt(since))
  const compared = compareFindings(judged.findings, base?.report.findings ?? [], {
    hasBase: file => base?.has(file) === true,
    hasHead: file => head.has(file),
  })
  const report: Report = {
    ...head.report,
    summary: { ...head.report.summary, ...countFindings(compared.findings) },
    ...(since ? { since: { commit: since.commit, known: compared.known, fixed: compared.fixed } } : {}),
    ...(since || policyFrom ? { policy: describePolicy(policy, options, trusted.refused) } : {}),
    findings: compared.findings,
  }
  // Of a part of the tree nobody can say what is found no more.
  return { ...head, report, fixed: options.paths.length ? [] : judged.fixed }
}

/** One side of a comparison, by the same policy; undefined where the commit has nothing of what is asked for. */
async function judgeRevision(
  revision: Revision,
  head: Sources,
  policy: Policy,
  options: ValidateOptions,
): Promise<Judged | undefined> {
  const sources = revision.open(head)
  const paths = options.paths.filter(path => sources.resolve(path).kind !== 'missing')
  if (options.paths.length && paths.length === 0) return undefined
  const onStep = (title: string): void => options.onStep?.(`${revision.commit.slice(0, 10)}: ${title}`)
  return judge(sources, policy, { ...options, paths, onStep })
}

const describePolicy = ({ changed }: Policy, { policyFrom }: ValidateOptions, refused: number): PolicyReport => ({
  ...(policyFrom ? { commit: policyFrom.commit } : {}),
  changed,
  refused,
})

/** What is found in one tree. */
interface Judged extends Omit<Validation, 'fixed'> {
  has(file: string): boolean
}

/** The pipeline. Undefined where there is nothing to judge. */
async function judge(given: Sources, policy: Policy, options: ValidateOptions): Promise<Judged | undefined> {
  const sources = policy.apply(given)
  const { config, file: configFile } = policy
  const scope = narrow(sources, options.paths)
  const settings = makeSettings(options, config)

  const step = (title: string): void => options.onStep?.(title)
  step('reading and rendering')
  const rendered = await readAndRender(sources, {
    ...settings,
    salvage: true,
    choose: tree =>
      scope.isWhole ? tree.roots : [...new Set([...scope.rootsOf(tree), ...findApplicationRoots(tree)])],
  })
  if (!scope.hasMatter(rendered)) return undefined
  const renderings = rendered.value
  const documents = listAllSources(renderings)
  step('checking against schemas')
  const described = describeObjects(renderings, documents)
  const schemas = await openSchemas({
    ...described,
    // The last one wins: that of the tree.
    customResourceDefinitions: [
      ...readNamedDefinitions(sources, config.schemas),
      ...described.customResourceDefinitions,
    ],
  })
  const deployed = deploy(renderings, kind => schemas.scopeOf(kind))
  const kinds = checkKinds(deployed.value.builds, renderings, schemas, config)
  const isField = createFieldTest(schemas)
  const differences = await checkIgnoreDifferences(
    deployed.value.applications,
    deployed.value.builds.flatMap(({ resources }) => resources),
    isField,
  )
  const shapes = checkSchemas(deployed.value.builds, schemas)
  const failures = explainFailures(renderings, schemas)
  const environments = await openEnvironments(readDeclaration(configFile), deployed.value, renderings, options.root)
  step('checking the rules')
  const chosen = { rules: config.rules, preset: options.preset ?? config.preset }
  const { cacheFolder } = settings
  const asked = {
    rules: RULES.filter(rule => isAsked(rule, chosen)),
    environments: environments.value,
    cacheFolder,
  }
  const ruled = checkRules(renderings, deployed.value, shapes.isSound, asked)
  const looked = withoutRefused(withoutMissed(ruled, kinds.faults), shapes.faults, isLookUp)
  const { faults: refusals, found } = withoutTold(shapes.faults, looked)

  const admission = checkAdmission(deployed.value, shapes.isSound)
  const custom = checkCustomObjects(deployed.value.builds, schemas, shapes.isSound)
  const own = checkOwnPolicies({ policies: config.policies, file: configFile }, deployed.value, shapes.isSound, isField)

  const known = [
    ...rendered.faults,
    ...deployed.faults,
    ...describeDifferences(differences),
    ...kinds.faults,
    ...refusals,
    ...failures,
    ...found,
    ...custom.faults,
    ...own.faults,
    ...admission.faults,
  ]
  const filled = withoutPlaceholders(known, deployed.value, renderings)
  const unexamined: readonly NotExamined[] = [
    ...rendered.notExamined,
    ...kinds.notExamined,
    ...placeObjects(schemas.notExamined, deployed.value.builds, documents),
    ...deployed.notExamined,
    ...environments.notExamined,
    ...filled.notExamined,
    ...custom.notExamined,
    ...own.notExamined,
    ...admission.notExamined,
  ]
  step('looking for the lines')
  const locate = createLocator(renderings)
  const roots = new Set(scope.rootsOf(renderings.tree))
  const how = { locate, ...chosen }
  const today = options.today ?? new Date().toISOString().slice(0, 10)
  const unasked = new Set(RULES.filter(rule => !isAsked(rule, chosen)).map(({ id }) => id))
  const decided = decide(gatherFindings(filled.faults, how), { config, configFile, sources, today, unasked })
  const resources = deployed.value.builds.flatMap(build => build.resources)
  const ran = new Set(asked.rules.map(({ id }) => id))
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
    textOf: path => showText(sources, path, findings),
    has: path => sources.resolve(path).kind === 'file',
  }
}

const warningsOf = ({ kustomize }: Renderings): readonly string[] => (kustomize?.warning ? [kustomize.warning] : [])

/** Renders a share of a tree into the cache and judges nothing. Throws a Problem as validate does. */
export async function renderOnly(options: ValidateOptions, shard: Shard): Promise<ShardRendering> {
  const sources = openRoot(options.root)
  const settings = makeSettings(options, decidePolicy(sources, options).config)
  const rendering = await renderShard(sources, { ...settings, salvage: true }, shard)
  if (rendering.total === 0) throw nothingToValidate(options)
  return rendering
}

function makeSettings(options: ValidateOptions, config: Config): Settings {
  return {
    exclude: config.exclude,
    repository: decideRepository(options.root, config),
    kustomize: () => findKustomize(options.machine),
    helm: () => findHelm(options.machine),
    inflatesCharts: config.kustomize.enableHelm,
    parallelism: options.parallelism,
    cacheFolder:
      options.cache === false ? undefined : (options.cacheFolder ?? join(options.machine.cacheFolder, 'renderings')),
    onProgress: options.onProgress,
  }
}

function nothingToValidate({ paths, root }: ValidateOptions): Problem {
  const reason = paths.length
    ? `no build and no manifest reads ${paths.join(', ')}`
    : `${root} has no kustomization, no Application and no manifest`
  return new Problem(`nothing to validate: ${reason}`, { exitCode: 2 })
}

function openRoot(root: string): Sources {
  try {
    return openFolder(root)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    const reasons: Readonly<Record<string, string>> = { ENOENT: 'it does not exist', ENOTDIR: 'it is not a folder' }
    throw new Problem(`root ${root}: ${reasons[String(code)] ?? `it cannot be read (${code})`}`, { exitCode: 2 })
  }
}

function decideRepository(root: string, config: Config): Repository | undefined {
  if (config.repository.urls.length) return { urls: config.repository.urls, prefix: '', isDeclared: true }
  const checkout = readCheckout(resolve(root))
  return checkout && { ...checkout, isDeclared: false }
}
