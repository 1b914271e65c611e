// Reads Applications: which folder of this tree each source means, and where its manifests go.
import { posix } from 'node:path'
import type { Application, ApplicationSource } from './application.ts'
import type { RenderedSource } from './source/rendered.ts'
import { normalizeRepositoryUrl } from './repository-url.ts'
import { type Build, listAt, mappingAt, type Resource, stringAt } from '../model/build.ts'
import type { FieldPath } from '../model/place.ts'

/** What the tree knows of its own repository. */
export interface Repository {
  readonly urls: readonly string[]
  /** The validated folder relative to the top of the repository; empty at the top. */
  readonly prefix: string
  /** The branch that is checked out. */
  readonly branch?: string
  /** True when the configuration says so, false when it was read from Git. */
  readonly isDeclared: boolean
}

/** What stands at a path of the tree. */
export type PathState = 'kustomization' | 'directory' | 'chart' | 'file' | 'missing' | 'outside'

export interface RawSource {
  readonly fieldPath: FieldPath
  readonly repoUrl: string | undefined
  readonly path: string | undefined
  readonly revision: string
  /** Set where the source itself changes the namespace of what it renders. */
  readonly namespace: string | undefined
  readonly isChart: boolean
  /** The source as it is written. */
  readonly value: unknown
}

export const isApplication = ({ group, kind }: { group: string; kind: string }): boolean =>
  group === 'argoproj.io' && kind === 'Application'

/** The sources of an Application, whether it has one or several, or a dry one that is hydrated. */
export function readSources(object: unknown): readonly RawSource[] {
  const read = (source: unknown, fieldPath: FieldPath): RawSource => ({
    fieldPath,
    repoUrl: stringAt(source, ['repoURL']),
    path: stringAt(source, ['path']) || undefined,
    revision: stringAt(source, ['targetRevision']) ?? '',
    namespace: stringAt(source, ['kustomize', 'namespace']) || undefined,
    isChart: Boolean(stringAt(source, ['chart'])),
    value: source,
  })
  const dry = mappingAt(object, ['spec', 'sourceHydrator', 'drySource'])
  if (dry) return [read(dry, ['spec', 'sourceHydrator', 'drySource'])]
  const sources = listAt(object, ['spec', 'sources'])
  // Argo CD ignores spec.source where spec.sources is given.
  if (sources.length) return sources.map((source, index) => read(source, ['spec', 'sources', index]))
  const source = mappingAt(object, ['spec', 'source'])
  return source ? [read(source, ['spec', 'source'])] : []
}

/** The URLs that mean this tree, and where in their repository it stands. */
export interface OwnRepository {
  readonly urls: ReadonlySet<string>
  readonly prefix: string
  /** Revisions that mean what is checked out here. */
  readonly revisions: ReadonlySet<string>
}

/**
 * Which repository URLs mean this tree: those of validation.yaml; else the remotes of the checkout, where Applications
 * use one of them; else (in a fork, in a folder without Git) the URL whose Applications point to folders that are mostly
 * here.
 */
export function decideOwnRepository(
  sources: readonly RawSource[],
  repository: Repository | undefined,
  stateOf: (path: string) => PathState,
): OwnRepository {
  const prefix = repository?.prefix ?? ''
  const revisions = decideRevisions(sources, repository)
  const known = new Set((repository?.urls ?? []).map(normalizeRepositoryUrl))
  const isUsed = sources.some(({ repoUrl }) => repoUrl !== undefined && known.has(normalizeRepositoryUrl(repoUrl)))
  if (isUsed || repository?.isDeclared) return { urls: known, prefix, revisions }
  for (const candidate of new Set(['', prefix])) {
    const urls = electUrls(sources, candidate, stateOf)
    if (urls.size > 0) return { urls, prefix: candidate, revisions }
  }
  return { urls: known, prefix, revisions }
}

/**
 * The branch of a pull request is not the one that Argo CD follows: what most sources follow is meant, unless it is a fixed
 * version.
 */
function decideRevisions(sources: readonly RawSource[], repository: Repository | undefined): ReadonlySet<string> {
  const revisions = new Set(['', 'HEAD', 'main', 'master'])
  if (repository?.branch) revisions.add(repository.branch)
  const counts = new Map<string, number>()
  for (const { revision, isChart, path } of sources) {
    const isFixed = /^(?:refs\/tags\/|v?\d|[0-9a-f]{7,40}$)/.test(revision)
    if (!isChart && path !== undefined && !isFixed) counts.set(revision, (counts.get(revision) ?? 0) + 1)
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a)
  if (most) revisions.add(most[0])
  return revisions
}

function electUrls(
  sources: readonly RawSource[],
  prefix: string,
  stateOf: (path: string) => PathState,
): ReadonlySet<string> {
  const votes = new Map<string, Map<string, boolean>>()
  for (const { repoUrl, path, isChart } of sources) {
    if (repoUrl === undefined || path === undefined || isChart || path.includes('{{')) continue
    const url = normalizeRepositoryUrl(repoUrl)
    const paths = votes.get(url) ?? new Map<string, boolean>()
    const local = localPath(path, prefix)
    // Every repository has a top.
    if (local === '.' && prefix === '') continue
    const state = local === undefined ? 'missing' : stateOf(local)
    votes.set(url, paths.set(path, state !== 'missing' && state !== 'outside'))
  }
  const own = [...votes].filter(([, paths]) => {
    const here = [...paths.values()].filter(Boolean).length
    return here > 0 && here * 2 >= paths.size
  })
  return new Set(own.map(([url]) => url))
}

/** A path of the repository relative to the validated folder; undefined when it lies outside of that. */
function localPath(path: string, prefix: string): string | undefined {
  const normal = posix.normalize(path).replace(/(.)\/$/, '$1')
  if (prefix === '') return normal
  const local = posix.relative(prefix, normal)
  return local.startsWith('..') ? undefined : local || '.'
}

/** The cluster of a destination; the two names of Argo CD's own cluster are one. */
export function clusterOf(destination: unknown): string | undefined {
  const server = stringAt(destination, ['server'])
  const cluster = server ?? stringAt(destination, ['name'])
  return cluster === 'in-cluster' ? 'https://kubernetes.default.svc' : cluster?.replace(/\/$/, '')
}

/** `builds` finds those of a rendered source; `isPartial` says whether more is rendered than they have. */
export function resolveApplication(
  resource: Resource,
  rendered: readonly RenderedSource[],
  builds: (source: RenderedSource) => readonly Build[],
  isPartial: (source: RenderedSource) => boolean,
): Application {
  const destination = mappingAt(resource.object, ['spec', 'destination'])
  const raw = readSources(resource.object)
  return {
    resource,
    destination: {
      cluster: clusterOf(destination),
      namespace: stringAt(destination, ['namespace']) || undefined,
    },
    sources: rendered.map(source => {
      const { fieldPath, path } = source
      const written = raw.find(one => one.fieldPath.join() === fieldPath.join())
      // What is rendered with the settings has the namespace already.
      const namespace = source.state.kind === 'folder' ? written?.namespace : undefined
      return {
        fieldPath,
        path,
        state: describeState(source, builds(source), isPartial(source)),
        ...(namespace ? { namespace } : {}),
        ...(source.chart === undefined ? {} : { chart: { folder: source.chart, valueFiles: source.valueFiles ?? [] } }),
      }
    }),
  }
}

function describeState(
  source: RenderedSource,
  builds: readonly Build[],
  isPartial: boolean,
): ApplicationSource['state'] {
  if (source.state.kind === 'missing') return source.state
  if (builds.length === 0) return { kind: 'unknown' }
  return { kind: 'builds', builds, ...(isPartial ? { isPartial } : {}) }
}

/** The path of a source relative to the validated folder; undefined when the source is not of this tree. */
export function pathInTree(source: RawSource, { urls, prefix, revisions }: OwnRepository): string | undefined {
  if (source.path === undefined || source.repoUrl === undefined || source.path.includes('{{')) return undefined
  if (!revisions.has(source.revision)) return undefined
  return urls.has(normalizeRepositoryUrl(source.repoUrl)) ? localPath(source.path, prefix) : undefined
}
