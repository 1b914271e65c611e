// The pipeline: read and render, then check kinds, schemas and rules, locate, report. Returns data, prints nothing.
import { join, resolve } from 'node:path'
import { Problem } from '../command/problem.ts'
import type { Repository } from '../tree/argocd/applications.ts'
import { checkIgnoreDifferences, type IsField } from '../tree/argocd/ignore-differences.ts'
import { deploy } from '../tree/deploy.ts'
import { readDeclaration } from '../tree/environments/declared.ts'
import { openEnvironments } from '../tree/environments/open.ts'
import { findApplicationRoots, readAndRender, type Renderings, type Settings } from '../tree/engine.ts'
import { findHelm } from '../tree/helm/binary.ts'
import { listFiles } from '../tree/read-tree.ts'
import { findKustomize, type Machine } from '../tree/kustomize/build/binary.ts'
import { createLocator } from '../tree/kustomize/trace/locate.ts'
import type { Fault, NotExamined } from '../tree/model/place.ts'
import type { KubernetesObject } from '../tree/model/resource.ts'
import { openFolder } from '../tree/source/folder.ts'
import { readCheckout } from '../tree/source/git-remote.ts'
import { SourceFile } from '../tree/source/source-file.ts'
import type { Sources } from '../tree/source/sources.ts'
import { checkRules } from './check.ts'
import { checkSchemas, withoutTold } from './check-schemas.ts'
import { checkKinds, withoutMissed } from './check-kinds.ts'
import { explainFailures, listAllSources, type SourceDocument } from './check-sources.ts'
import { type Config, DEFAULT_CONFIG, readConfig } from './config.ts'
import type { Coverage, Finding, Report } from './findings/finding.ts'
import { applyBaseline, type BaselineEntry } from './findings/baseline.ts'
import { decide } from './findings/decide.ts'
import { gatherFindings, gatherNotExamined, mergeFindings } from './findings/gather.ts'
import { isAsked, RULES } from './rules/index.ts'
import { openSchemas, type Schemas } from './schema/index.ts'
import { readNamedDefinitions } from './schema/named.ts'
import { narrow } from './scope.ts'
import { renderShard, type Shard, type ShardRendering } from './shard.ts'

export const KUBERNETES_VERSION = '1.36'
const CONFIG_NAME = 'validation.yaml'

export interface ValidateOptions {
  readonly root: string
  /** Relative to the root; empty: everything. */
  readonly paths: readonly string[]
  /** A configuration file instead of the root's validation.yaml. */
  readonly config?: { readonly path: string; readonly bytes: Uint8Array }
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
  readonly baseline?: readonly BaselineEntry[]
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
  const sources = openRoot(options.root)
  const { config, file: configFile } = loadConfig(sources, options)
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
  if (!scope.hasMatter(rendered)) throw nothingToValidate(options)
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
  const differences = await checkIgnoreDifferences(
    deployed.value.applications,
    deployed.value.builds.flatMap(({ resources }) => resources),
    createFieldTest(schemas),
  )
  const shapes = checkSchemas(deployed.value.builds, schemas)
  const failures = explainFailures(renderings, schemas)
  const environments = await openEnvironments(readDeclaration(configFile), deployed.value, renderings, options.root)
  step('checking the rules')
  const chosen = { rules: config.rules, preset: options.preset ?? config.preset }
  const asked = { rules: RULES.filter(rule => isAsked(rule, chosen)), environments: environments.value }
  const found = withoutMissed(checkRules(renderings, deployed.value, shapes.isSound, asked), kinds.faults)

  const faults = [
    ...rendered.faults,
    ...deployed.faults,
    ...describeDifferences(differences),
    ...kinds.faults,
    ...withoutTold(shapes.faults, found),
    ...failures,
    ...found,
  ]
  const unexamined: readonly NotExamined[] = [
    ...rendered.notExamined,
    ...kinds.notExamined,
    ...placeObjects(schemas.notExamined, deployed.value.builds, documents),
    ...deployed.notExamined,
    ...environments.notExamined,
  ]
  step('looking for the lines')
  const locate = createLocator(renderings)
  const roots = new Set(scope.rootsOf(renderings.tree))
  const how = { locate, ...chosen }
  const today = options.today ?? new Date().toISOString().slice(0, 10)
  const decided = decide(gatherFindings(faults, how), { config, configFile, sources, today })
  const judged = applyBaseline(
    // Of a part of the tree nobody can say what suppresses nothing.
    scope.isWhole ? mergeFindings(decided.findings, gatherFindings(decided.faults, how)) : decided.findings,
    options.baseline ?? [],
  )
  const findings = judged.findings.filter(finding => scope.isWhole || scope.includes(finding, roots))
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
      resources: deployed.value.builds.reduce((sum, { resources }) => sum + resources.length, 0),
    },
    coverage: measureCoverage(renderings, scope.rootsOf(renderings.tree)),
    findings,
    notExamined,
  }
  return { report, warnings: warningsOf(renderings), textOf: path => textOf(sources, path), fixed: judged.fixed }
}

/** Files count for what is deployed from the tree itself: those that its roots read, and loose manifests. */
function measureCoverage({ tree, built, partial, salvaged }: Renderings, roots: readonly string[]): Coverage {
  const loose = tree.loose.map(({ file }) => file.path)
  const rendered = roots.filter(root => built.has(root))
  const files = new Set([...loose, ...roots.flatMap(root => [...listFiles(tree.graph, root)])])
  // What was left out of a build was not read by it.
  const read = [...rendered, ...salvaged].flatMap(root => [...listFiles(partial.get(root) ?? tree.graph, root)])
  const examined = new Set([...loose, ...read])
  return {
    roots: roots.length,
    rendered: rendered.length,
    partial: rendered.filter(root => partial.has(root)).length,
    files: files.size,
    examined: [...examined].filter(file => files.has(file)).length,
  }
}

const warningsOf = ({ kustomize }: Renderings): readonly string[] => (kustomize?.warning ? [kustomize.warning] : [])

function textOf(sources: Sources, path: string): string | undefined {
  const file = sources.read(path)
  return file instanceof SourceFile ? file.text : undefined
}

/** Renders a share of a tree into the cache and judges nothing. Throws a Problem as validate does. */
export async function renderOnly(options: ValidateOptions, shard: Shard): Promise<ShardRendering> {
  const sources = openRoot(options.root)
  const settings = makeSettings(options, loadConfig(sources, options).config)
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
    parallelism: options.parallelism,
    cacheFolder:
      options.cache === false ? undefined : (options.cacheFolder ?? join(options.machine.cacheFolder, 'renderings')),
    onProgress: options.onProgress,
  }
}

function countFindings(findings: readonly Finding[]): { errors: number; warnings: number; suppressed: number } {
  const counted = findings.filter(({ suppression }) => !suppression)
  const errors = counted.filter(({ severity }) => severity === 'error').length
  return { errors, warnings: counted.length - errors, suppressed: findings.length - counted.length }
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

function loadConfig(sources: Sources, options: ValidateOptions): { config: Config; file: SourceFile | undefined } {
  const open = (file: SourceFile) => ({ config: readConfig(file), file })
  if (options.config) return open(new SourceFile(options.config.path, options.config.bytes))
  if (sources.resolve(CONFIG_NAME).kind === 'missing') return { config: DEFAULT_CONFIG, file: undefined }
  const file = sources.read(CONFIG_NAME)
  if (file instanceof SourceFile) return open(file)
  throw new Problem(`${CONFIG_NAME}: ${file.reason}`, { exitCode: 2 })
}

function decideRepository(root: string, config: Config): Repository | undefined {
  if (config.repository.urls.length) return { urls: config.repository.urls, prefix: '', isDeclared: true }
  const checkout = readCheckout(resolve(root))
  return checkout && { ...checkout, isDeclared: false }
}

/** Whether a kind has a field, asked by an object that has nothing else. */
function createFieldTest(schemas: Pick<Schemas, 'validate'>): IsField {
  return ({ apiVersion, kind }, path) => {
    const nested = path.reduceRight<unknown>(
      (below, name) => (typeof name === 'number' ? [below] : { [name]: below }),
      {},
    )
    const faults = schemas.validate({ ...(nested as object), apiVersion, kind })
    return !faults?.some(
      ({ keyword, fieldPath }) => keyword === 'additionalProperties' && fieldPath.length === path.length,
    )
  }
}

const describeDifferences = (found: Awaited<ReturnType<typeof checkIgnoreDifferences>>): readonly Fault[] =>
  found.map(({ resource, fieldPath, message, severity }) => ({
    ruleId: 'ignore-differences-without-effect',
    message,
    severity,
    values: [message],
    places: [{ resource, fieldPath }],
  }))

/** What the schemas must know of: every object, and the definitions among them. */
function describeObjects({ built, tree, sources, expansions }: Renderings, documents: readonly SourceDocument[]) {
  const ofSources = [...sources.values()]
    .flat()
    .flatMap(({ state }) => (state.kind === 'objects' ? state.objects.map(({ object }) => object) : []))
  const made = [...ofSources, ...[...expansions.values()].flatMap(({ applications }) => applications)]
  // What nothing deploys may still define what is deployed.
  const written = [...documents.map(({ one }) => one), ...tree.unlisted].map(({ object }) => object)
  const kinds = [...[...built.values()].flat(), ...made, ...written]
  const customResourceDefinitions = kinds.filter(
    ({ kind, apiVersion }) =>
      kind === 'CustomResourceDefinition' && `${apiVersion}`.startsWith('apiextensions.k8s.io/'),
  )
  return { kinds, customResourceDefinitions }
}

/** Where the objects stand that a schema could not judge: among the resources, else among the sources. */
function placeObjects(
  entries: readonly { readonly object: KubernetesObject; readonly reason: string }[],
  builds: Parameters<typeof checkSchemas>[0],
  documents: readonly SourceDocument[],
): readonly NotExamined[] {
  if (entries.length === 0) return []
  const resources = new Map(builds.flatMap(build => build.resources.map(one => [one.object, one] as const)))
  const written = new Map(documents.map(({ one }) => [one.object, one]))
  return entries.flatMap(({ object, reason }): readonly NotExamined[] => {
    const resource = resources.get(object)
    if (resource) return [{ place: { resource, fieldPath: [] }, reason }]
    const one = written.get(object)
    return one ? [{ place: { range: one.file.rangeOf(one.document, []), fieldPath: [] }, reason }] : []
  })
}
