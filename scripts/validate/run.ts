// A run: whose policy holds, what is judged (or was judged before), what counts. Returns data, prints nothing.
import { join, resolve } from 'node:path'
import { Problem } from '../command/problem.ts'
import type { Repository } from '../tree/argocd/applications.ts'
import type { Machine } from '../tree/bundled.ts'
import type { Settings } from '../tree/engine.ts'
import { refuseChanged } from '../tree/file-index.ts'
import { findHelm } from '../tree/helm/binary.ts'
import { findKustomize, prepareKustomize } from '../tree/kustomize/build/binary.ts'
import { GitError } from '../tree/source/commit.ts'
import { type Learned, openFolder } from '../tree/source/folder.ts'
import { readCheckout } from '../tree/source/git-remote.ts'
import type { Revision } from '../tree/source/revision.ts'
import type { Sources } from '../tree/source/sources.ts'
import { withTracked } from '../tree/source/tracked.ts'
import { Watched } from '../tree/source/watched.ts'
import type { Pack } from '../tree/pack.ts'
import { countStopped } from '../tree/stopped.ts'
import type { Config } from './config.ts'
import { applyBaseline, type BaselineEntry } from './findings/baseline.ts'
import { compareFindings, hasExcuses, listBroken, refuseExcuses } from './findings/compare.ts'
import { countFindings } from './findings/count.ts'
import type { PolicyReport, Report } from './findings/finding.ts'
import { showText } from './findings/hide.ts'
import { type Outcome, openOutcome } from './outcome.ts'
import { openTreeIndex, openTreePack, rememberParsed } from './tree-pack.ts'
import { decidePolicy, type GivenFile, type Policy } from './policy.ts'
import type { Shard, ShardRendering } from './shard.ts'

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
  const cacheFolder = cacheFolderOf(options)
  const pack = openTreePack(root, cacheFolder)
  const index = cacheFolder === undefined ? undefined : openTreeIndex(root, cacheFolder)
  const folder = openRoot(root, { refuse: refuseChanged, ...(index && { index, before: rememberParsed(pack) }) })
  const sources = since || policyFrom ? withTracked(folder, root) : withTrackedIfAny(folder, root)
  const policy = decidePolicy(sources, options)
  const head = await judgeOnce(sources, policy, options, pack)
  if (!head) throw nothingToValidate(options, sources)
  index?.save()
  const sides = new Map<string, Promise<Judged | undefined>>()
  const judgeAt = (revision: Revision): Promise<Judged | undefined> => {
    const side = sides.get(revision.commit) ?? judgeRevision(revision, sources, policy, options, pack)
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
  // Of a part of the tree nobody can say what is found no more, nor of one with a build that hides what is in it.
  const isPart = options.paths.length > 0 || listBroken(head.report.findings).size > 0
  return { ...head, report, fixed: isPart ? [] : judged.fixed }
}

/** One side of a comparison, by the same policy; undefined where the commit has nothing of what is asked for. */
async function judgeRevision(
  revision: Revision,
  head: Sources,
  policy: Policy,
  options: ValidateOptions,
  pack: Pack,
): Promise<Judged | undefined> {
  const sources = revision.open(head)
  const paths = options.paths.filter(path => sources.resolve(path).kind !== 'missing')
  if (options.paths.length && paths.length === 0) return undefined
  const onStep = (title: string): void => options.onStep?.(`${revision.commit.slice(0, 10)}: ${title}`)
  return judgeOnce(sources, policy, { ...options, paths, onStep }, pack, revision.commit)
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

/** Judges a tree, or says what was found in it before. Undefined where there is nothing to judge. */
async function judgeOnce(
  given: Sources,
  policy: Policy,
  options: ValidateOptions,
  pack: Pack,
  commit?: string,
): Promise<Judged | undefined> {
  const sources = policy.apply(given)
  const settings = makeSettings(options, policy.config)
  const asked = { ...options, today: options.today ?? new Date().toISOString().slice(0, 10) }
  const place = openOutcome({ policy, options: asked, settings, commit })
  options.onStep?.('reading')
  const kept = place?.recall(sources)
  if (kept) return describeJudged(kept, sources)
  prepareKustomize(options.machine)
  const watched = new Watched(sources)
  const stopped = countStopped()
  const { judge } = await import('./judge.ts')
  const judged = await judge(watched, policy, asked, settings, pack)
  if (!judged) return undefined
  pack.save()
  if (judged.isLasting && countStopped() === stopped) place?.keep(watched, judged)
  return describeJudged(judged, sources)
}

const describeJudged = ({ report, warnings }: Outcome, sources: Sources): Judged => ({
  ...{ report, warnings },
  textOf: path => showText(sources, path, report.findings),
  has: path => sources.resolve(path).kind === 'file',
})

/** Renders a share of a tree into the cache and judges nothing. Throws a Problem as validate does. */
export async function renderOnly(options: ValidateOptions, shard: Shard): Promise<ShardRendering> {
  const sources = openRoot(options.root)
  const settings = makeSettings(options, decidePolicy(sources, options).config)
  const { renderShard } = await import('./shard.ts')
  const rendering = await renderShard(sources, { ...settings, salvage: true }, shard)
  if (rendering.total === 0) throw nothingToValidate(options, sources)
  return rendering
}

const cacheFolderOf = ({ cache, cacheFolder, machine }: ValidateOptions): string | undefined =>
  cache === false ? undefined : (cacheFolder ?? join(machine.cacheFolder, 'renderings'))

function makeSettings(options: ValidateOptions, config: Config): Settings {
  return {
    exclude: config.exclude,
    repository: decideRepository(options.root, config),
    kustomize: () => findKustomize(options.machine),
    helm: () => findHelm(options.machine),
    inflatesCharts: config.kustomize.enableHelm,
    parallelism: options.parallelism,
    cacheFolder: cacheFolderOf(options),
    onProgress: options.onProgress,
  }
}

function nothingToValidate({ paths, root }: ValidateOptions, sources: Sources): Problem {
  const charts = sources.list([]).filter(path => /(?:^|\/)Chart\.yaml$/.test(path)).length
  const lie = charts === 1 ? 'the Helm chart in it is' : `the ${charts} Helm charts in it are`
  const more = charts
    ? `; ${lie} rendered with the values that an Application or a kustomization (helmCharts) of the tree gives`
    : ''
  const reason = paths.length
    ? `no build and no manifest reads ${paths.join(', ')}`
    : `${root} has no kustomization, no Application and no manifest${more}`
  return new Problem(`nothing to validate: ${reason}`, { exitCode: 2 })
}

/** What Git tracks is deployed, whatever a `.gitignore` says. */
function withTrackedIfAny(folder: Sources, root: string): Sources {
  try {
    return withTracked(folder, root)
  } catch (error) {
    if (error instanceof GitError) return folder
    throw error
  }
}

function openRoot(root: string, learned?: Learned): Sources {
  try {
    return openFolder(root, learned)
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
