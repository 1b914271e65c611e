// The pipeline: discover, read, screen, parse, graph, copy, render, index, check, locate. Returns data, prints nothing.
import { join, resolve } from 'node:path'
import { checkRules, checkSchemas, createSoundness } from './check.ts'
import { checkKinds, explainFromSources, findFile, listAllSources, type SourceDocument } from './check-sources.ts'
import { Collector } from './findings/collect.ts'
import { type Config, DEFAULT_CONFIG, readConfig } from './config.ts'
import { deploy, findApplicationRoots, listUnjudged, type RenderPlan, renderTree } from '../tree/deploy.ts'
import { findKustomize, type Machine } from '../tree/kustomize/build/binary.ts'
import { createLocator } from '../tree/kustomize/trace/locate.ts'
import { renderOrigins } from '../tree/kustomize/trace/origins.ts'
import type { Repository } from '../tree/argocd/applications.ts'
import type { Finding, NotExamined, Report } from './findings/finding.ts'
import type { KubernetesObject } from '../tree/model/resource.ts'
import { openSchemas } from './schema/index.ts'
import { narrow } from './scope.ts'
import { readCheckout } from '../tree/source/git-remote.ts'
import { SourceFile, Sources } from '../tree/source/sources.ts'
import { readTree, type Tree } from '../tree/read-tree.ts'
import { UsageError } from './usage-error.ts'

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
  readonly tool: { readonly name: string; readonly version: string }
  readonly onProgress?: (done: number, total: number) => void
}

export interface Validation {
  readonly report: Report
  /** Said once to the user, about the machine and not about the tree. */
  readonly warnings: readonly string[]
  /** The text of a file a finding stands in; undefined for files that were not read. */
  textOf(file: string): string | undefined
}

/**
 * Validates a tree. Throws UsageError, ConfigError and NoKustomizeError for what is not the tree's fault; everything
 * else that is thrown is a fault of this program.
 */
export async function validate(options: ValidateOptions): Promise<Validation> {
  const sources = openSources(options.root)
  const config = loadConfig(sources, options)
  const tree = readTree(sources, config.exclude)
  const scope = narrow(tree, options.paths)
  if (scope.roots.length === 0 && scope.loose.length === 0 && scope.faults.length === 0) {
    throw new UsageError(
      options.paths.length
        ? `nothing to validate: no build and no manifest reads ${options.paths.join(', ')}`
        : `nothing to validate: ${options.root} has no kustomization, no Application and no manifest`,
    )
  }
  const kustomize = scope.roots.length ? findKustomize(options.machine) : undefined
  const plan: RenderPlan = {
    tree,
    config,
    repository: decideRepository(options.root, config),
    kustomize,
    parallelism: options.parallelism,
    cacheFolder: options.cache === false ? undefined : join(options.machine.cacheFolder, 'renderings'),
    roots: [...new Set([...scope.roots, ...(scope.isWhole ? [] : findApplicationRoots(tree))])],
    onProgress: options.onProgress,
  }
  const renderings = await renderTree(plan)
  const collector = new Collector(config.rules)

  const builtSources = listAllSources(tree, plan.roots, [...renderings.built.keys()])
  const objects = [...renderings.built.values()].flat()
  const schemas = await openSchemas({
    kinds: [...objects, ...builtSources.map(({ one }) => one.object), ...tree.loose.map(({ object }) => object)],
    customResourceDefinitions: collectDefinitions(tree, objects, builtSources),
    cacheFolder: options.machine.cacheFolder,
    modulesFolder: options.machine.modulesFolder,
  })
  const notExamined: NotExamined[] = [...tree.notExamined]
  addGraphFaults(tree, plan.roots, collector)
  checkKinds(tree, builtSources, schemas, config, collector, notExamined)
  const deployment = deploy(plan, renderings, kind => schemas.scopeOf(kind))
  const faults = checkSchemas(deployment.builds, schemas, collector)
  for (const [root, { fault, text }] of renderings.failed) {
    if (!explainFromSources(tree, root, text, schemas, collector)) collector.addStage(fault, [root])
  }
  for (const { object, reason } of schemas.notExamined) {
    const file = findFile(object, builtSources, tree.loose)
    if (file) notExamined.push({ ...file, reason })
  }
  checkRules(deployment, createSoundness(faults), collector)
  for (const { object, reason } of listUnjudged(deployment)) {
    const file = findFile(object, builtSources, tree.loose)
    if (file) notExamined.push({ ...file, reason })
  }
  const builds = [...collector.pendingBuilds]
  const origins = kustomize
    ? await renderOrigins(builds, { ...plan, sources, graph: tree.graph, kustomize })
    : new Map()
  collector.locateAll(createLocator(sources, tree.graph, origins))

  const findings = scope.isWhole ? collector.list() : collector.list().filter(finding => scope.includes(finding))
  const count = (severity: Finding['severity']): number => findings.filter(one => one.severity === severity).length
  const examined = scope.isWhole ? plan.roots.length + added(renderings.built, plan.roots) : scope.roots.length
  const report: Report = {
    version: 1,
    tool: { ...options.tool, kustomize: kustomize?.version ?? '', kubernetes: KUBERNETES_VERSION },
    summary: {
      errors: count('error'),
      warnings: count('warning'),
      suppressed: collector.suppressed,
      notExamined: notExamined.length,
      files: sources.readPaths.length,
      builds: examined + renderings.folders.size,
      resources: deployment.builds.reduce((sum, { resources }) => sum + resources.length, 0),
    },
    findings,
    notExamined: notExamined.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line)),
  }
  const textOf = (path: string): string | undefined => {
    const file = sources.read(path)
    return file instanceof SourceFile ? file.text : undefined
  }
  return { report, warnings: kustomize?.warning ? [kustomize.warning] : [], textOf }
}

function openSources(root: string): Sources {
  try {
    return new Sources(root)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    const reason =
      code === 'ENOENT'
        ? 'it does not exist'
        : code === 'ENOTDIR'
          ? 'it is not a folder'
          : `it cannot be read (${code})`
    throw new UsageError(`root ${root}: ${reason}`)
  }
}

function loadConfig(sources: Sources, options: ValidateOptions): Config {
  if (options.config) return readConfig(new SourceFile(options.config.path, options.config.bytes))
  if (sources.resolve(CONFIG_NAME).kind === 'missing') return DEFAULT_CONFIG
  const file = sources.read(CONFIG_NAME)
  if (file instanceof SourceFile) return readConfig(file)
  throw new UsageError(`${CONFIG_NAME}: ${file.reason}`)
}

function decideRepository(root: string, config: Config): Repository | undefined {
  if (config.repository.urls.length) return { urls: config.repository.urls, prefix: '', isDeclared: true }
  const checkout = readCheckout(resolve(root))
  return checkout && { ...checkout, isDeclared: false }
}

const added = (built: ReadonlyMap<string, unknown>, roots: readonly string[]): number =>
  [...built.keys()].filter(root => !roots.includes(root)).length

function collectDefinitions(
  tree: Tree,
  objects: readonly KubernetesObject[],
  builtSources: readonly SourceDocument[],
): readonly KubernetesObject[] {
  const all = [...objects, ...tree.loose.map(({ object }) => object), ...builtSources.map(({ one }) => one.object)]
  return all.filter(
    ({ kind, apiVersion }) =>
      kind === 'CustomResourceDefinition' && `${apiVersion}`.startsWith('apiextensions.k8s.io/'),
  )
}

function addGraphFaults(tree: Tree, roots: readonly string[], collector: Collector): void {
  for (const fault of tree.looseFaults) collector.addStage(fault, [])
  const readers = new Map<string, string[]>()
  for (const root of roots) {
    for (const { folder } of tree.graph.reach(root)) readers.set(folder, [...(readers.get(folder) ?? []), root])
  }
  for (const { folder, faults } of tree.graph.kustomizations.values()) {
    for (const fault of faults) collector.addStage(fault, readers.get(folder) ?? [])
  }
}
