// Reads Applications: which folder of this tree each source means, and where its manifests go.
import { posix } from 'node:path'
import type { Application, ApplicationSource } from '../rules/rule.ts'
import { normalizeRepositoryUrl } from '../source/git-remote.ts'
import { type Build, listAt, mappingAt, type Resource, stringAt, valueAt } from './build.ts'
import type { FieldPath } from './finding.ts'

/** What the tree knows of its own repository. */
export interface Repository {
  readonly urls: readonly string[]
  /** The validated folder relative to the top of the repository; empty at the top. */
  readonly prefix: string
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

/**
 * Which repository URLs mean this tree. Where nobody says it, the URL whose Applications point to folders that are
 * mostly here is taken for it.
 */
export function decideOwnUrls(
  sources: readonly RawSource[],
  repository: Repository | undefined,
  stateOf: (path: string) => PathState,
): ReadonlySet<string> {
  if (repository?.urls.length) return new Set(repository.urls.map(normalizeRepositoryUrl))
  const votes = new Map<string, Map<string, boolean>>()
  for (const { repoUrl, path, isHelm } of sources) {
    if (repoUrl === undefined || path === undefined || isHelm) continue
    const url = normalizeRepositoryUrl(repoUrl)
    const paths = votes.get(url) ?? new Map<string, boolean>()
    const state = stateOf(posix.normalize(path))
    votes.set(url, paths.set(path, state !== 'missing' && state !== 'outside'))
  }
  const own = [...votes].filter(([, paths]) => {
    const here = [...paths.values()].filter(Boolean).length
    return here > 0 && here * 2 >= paths.size
  })
  return new Set(own.map(([url]) => url))
}

export interface ApplicationLookup {
  readonly ownUrls: ReadonlySet<string>
  readonly prefix: string
  stateOf(path: string): PathState
  /** Builds of a folder; with `recurse` those of the folders below as well. */
  buildsOf(path: string, recurse: boolean): readonly Build[]
}

export function readApplication(resource: Resource, lookup: ApplicationLookup): Application {
  const destination = mappingAt(resource.object, ['spec', 'destination'])
  return {
    resource,
    destination: {
      cluster: stringAt(destination, ['server']) ?? stringAt(destination, ['name']),
      namespace: stringAt(destination, ['namespace']) || undefined,
    },
    sources: readSources(resource.object).flatMap(source => {
      const resolved = resolveSource(source, lookup)
      return resolved ? [resolved] : []
    }),
  }
}

/** The path of a source relative to the validated folder; undefined when the source is not of this tree. */
export function pathInTree(
  source: RawSource,
  lookup: Pick<ApplicationLookup, 'ownUrls' | 'prefix'>,
): string | undefined {
  if (source.path === undefined || source.repoUrl === undefined || source.path.includes('{{')) return undefined
  if (!lookup.ownUrls.has(normalizeRepositoryUrl(source.repoUrl))) return undefined
  const path = posix.normalize(source.path).replace(/(.)\/$/, '$1')
  if (lookup.prefix === '') return path
  const local = posix.relative(lookup.prefix, path)
  return local.startsWith('..') ? undefined : local || '.'
}

function resolveSource(source: RawSource, lookup: ApplicationLookup): ApplicationSource | undefined {
  const path = pathInTree(source, lookup)
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
