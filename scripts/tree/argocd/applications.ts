// Reads Applications: which folder of this tree each source means, and where its manifests go.
import { posix } from 'node:path'
import type { Application, ApplicationSource } from './application.ts'
import { normalizeRepositoryUrl } from './repository-url.ts'
import { type Build, listAt, mappingAt, type Resource, stringAt, valueAt } from '../model/build.ts'
import type { FieldPath } from '../model/place.ts'

/** What the tree knows of its own repository. */
export interface Repository {
  readonly urls: readonly string[]
  /** The validated folder relative to the top of the repository; empty at the top. */
  readonly prefix: string
  /** True when the configuration says so, false when it was read from Git. */
  readonly isDeclared: boolean
}

/** What stands at a path of the tree. */
export type PathState = 'kustomization' | 'directory' | 'chart' | 'file' | 'missing' | 'outside'

export interface RawSource {
  readonly fieldPath: FieldPath
  readonly repoUrl: string | undefined
  readonly path: string | undefined
  readonly isHelm: boolean
  readonly recurse: boolean
  readonly namespace: string | undefined
}

export const isApplication = ({ group, kind }: { group: string; kind: string }): boolean =>
  group === 'argoproj.io' && kind === 'Application'

/** The sources of an Application, whether it has one or several. */
export function readSources(object: unknown): readonly RawSource[] {
  const read = (source: unknown, fieldPath: FieldPath): RawSource => ({
    fieldPath,
    repoUrl: stringAt(source, ['repoURL']),
    path: stringAt(source, ['path']),
    isHelm: valueAt(source, ['chart']) !== undefined || valueAt(source, ['helm']) !== undefined,
    recurse: valueAt(source, ['directory', 'recurse']) === true,
    namespace: stringAt(source, ['kustomize', 'namespace']),
  })
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
  const known = new Set((repository?.urls ?? []).map(normalizeRepositoryUrl))
  const isUsed = sources.some(({ repoUrl }) => repoUrl !== undefined && known.has(normalizeRepositoryUrl(repoUrl)))
  if (isUsed || repository?.isDeclared) return { urls: known, prefix }
  for (const candidate of new Set(['', prefix])) {
    const urls = electUrls(sources, candidate, stateOf)
    if (urls.size > 0) return { urls, prefix: candidate }
  }
  return { urls: known, prefix }
}

function electUrls(
  sources: readonly RawSource[],
  prefix: string,
  stateOf: (path: string) => PathState,
): ReadonlySet<string> {
  const votes = new Map<string, Map<string, boolean>>()
  for (const { repoUrl, path, isHelm } of sources) {
    if (repoUrl === undefined || path === undefined || isHelm) continue
    const url = normalizeRepositoryUrl(repoUrl)
    const paths = votes.get(url) ?? new Map<string, boolean>()
    const local = localPath(path, prefix)
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

export interface ApplicationLookup {
  readonly own: OwnRepository
  stateOf(path: string): PathState
  /** Builds of a folder; with `recurse` those of the folders below as well. */
  buildsOf(path: string, recurse: boolean): readonly Build[]
}

/** The cluster of a destination; the two names of Argo CD's own cluster are one. */
export function clusterOf(destination: unknown): string | undefined {
  const server = stringAt(destination, ['server'])
  const cluster = server ?? stringAt(destination, ['name'])
  return cluster === 'in-cluster' ? 'https://kubernetes.default.svc' : cluster?.replace(/\/$/, '')
}

export function resolveApplication(resource: Resource, lookup: ApplicationLookup): Application {
  const destination = mappingAt(resource.object, ['spec', 'destination'])
  return {
    resource,
    destination: {
      cluster: clusterOf(destination),
      namespace: stringAt(destination, ['namespace']) || undefined,
    },
    sources: readSources(resource.object).flatMap(source => {
      const resolved = resolveSource(source, lookup)
      return resolved ? [resolved] : []
    }),
  }
}

/** The path of a source relative to the validated folder; undefined when the source is not of this tree. */
export function pathInTree(source: RawSource, { urls, prefix }: OwnRepository): string | undefined {
  if (source.path === undefined || source.repoUrl === undefined || source.path.includes('{{')) return undefined
  return urls.has(normalizeRepositoryUrl(source.repoUrl)) ? localPath(source.path, prefix) : undefined
}

function resolveSource(source: RawSource, lookup: ApplicationLookup): ApplicationSource | undefined {
  const path = pathInTree(source, lookup.own)
  if (path === undefined || source.path === undefined) return undefined
  const { fieldPath, namespace } = source
  const base = { fieldPath, path: source.path, ...(namespace === undefined ? {} : { namespace }) }
  if (posix.isAbsolute(source.path)) {
    return {
      ...base,
      state: { kind: 'missing', reason: 'is absolute: Argo CD takes paths relative to the repository' },
    }
  }
  switch (lookup.stateOf(path)) {
    case 'outside':
      return { ...base, state: { kind: 'missing', reason: 'leads out of the repository' } }
    case 'missing':
      return { ...base, state: { kind: 'missing', reason: 'does not exist in this repository' } }
    case 'file':
      return { ...base, state: { kind: 'missing', reason: 'is a file; Argo CD takes a folder' } }
    case 'chart':
      return { ...base, state: { kind: 'unknown' } }
    default: {
      const builds = source.isHelm ? [] : lookup.buildsOf(path, source.recurse)
      return { ...base, state: builds.length ? { kind: 'builds', builds } : { kind: 'unknown' } }
    }
  }
}
