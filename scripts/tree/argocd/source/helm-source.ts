// Turns a helm source of an Application into what helm is asked for: files of the chart, values, parameters.
import { posix } from 'node:path'
import type { ChartFiles, ChartParameter, ChartRequest } from '../../helm/template.ts'
import { listAt, mappingAt, stringAt, valueAt } from '../../model/build.ts'
import type { About, FieldPath } from '../../model/place.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Sources } from '../../source/sources.ts'
import { compileDoublestar } from '../path-pattern.ts'
import { type BuildEnvironment, substitute } from './environment.ts'

export type HelmSource =
  /** `files` are those of values, in the order in which they count. */
  | { readonly kind: 'request'; readonly request: ChartRequest; readonly files: readonly string[] }
  | { readonly kind: 'fault'; readonly fieldPath: FieldPath; readonly message: string; readonly values: About }
  | { readonly kind: 'unknown'; readonly reason: string; readonly which?: string }

export interface HelmContext {
  readonly sources: Sources
  /** All files of the tree. */
  readonly files: readonly string[]
  /** The chart's folder in the tree. */
  readonly folder: string
  /** The tree's folder in its repository; empty at the top. */
  readonly prefix: string
  readonly application: { readonly name: string; readonly namespace: string }
  readonly environment: BuildEnvironment
  /** Names of `ref` sources: true where the source is this tree. */
  readonly references: ReadonlyMap<string, boolean>
}

/** What `helm.NewCmd` of Argo CD takes beside nothing at all. */
const HELM_VERSIONS = ['v3', 'v4']

/** Bytes and files of one chart. */
const MAX_BYTES = 32 * 1024 * 1024
const MAX_FILES = 5_000

/** Reads `settings` (`source.helm`); paths of faults are relative to it. */
export function readHelmSource(settings: unknown, context: HelmContext): HelmSource {
  const { environment, application } = context
  const version = stringAt(settings, ['version'])
  if (version && !HELM_VERSIONS.includes(version)) {
    const message = `helm ${version} is not supported: leave it out, or say ${HELM_VERSIONS.join(' or ')}`
    return { kind: 'fault', fieldPath: ['version'], message, values: ['unknown-version', version] }
  }
  const files = readChart(context.sources, context.files, context.folder)
  if (!files) return { kind: 'unknown', reason: 'a chart that is too large' }
  const values: (Uint8Array | string)[] = []
  const valueFiles: string[] = []
  for (const [index, written] of listAt(settings, ['valueFiles']).entries()) {
    if (typeof written !== 'string') continue
    const fieldPath: FieldPath = ['valueFiles', index]
    const found = resolveFile(written, context, valueAt(settings, ['ignoreMissingValueFiles']) === true)
    if (found.kind === 'fault') return { ...found, fieldPath, values: ['no-file', written] }
    if (found.kind === 'unknown') return found
    for (const { path, bytes } of found.contents) {
      values.push(bytes)
      valueFiles.push(path)
    }
  }
  const own = mappingAt(settings, ['valuesObject'])
  const text = stringAt(settings, ['values'])
  if (own) values.push(JSON.stringify(own))
  else if (text) values.push(text)
  const parameters: ChartParameter[] = listAt(settings, ['parameters']).map(one => ({
    name: stringAt(one, ['name']) ?? '',
    kind: valueAt(one, ['forceString']) === true ? 'string' : 'value',
    value: substitute(stringAt(one, ['value']) ?? '', environment),
  }))
  for (const [index, one] of listAt(settings, ['fileParameters']).entries()) {
    const written = stringAt(one, ['path']) ?? ''
    const found = resolveFile(written, context, false)
    if (found.kind === 'fault')
      return { ...found, fieldPath: ['fileParameters', index, 'path'], values: ['no-file', written] }
    if (found.kind === 'unknown') return found
    parameters.push({ name: stringAt(one, ['name']) ?? '', kind: 'file', value: found.contents[0]?.bytes ?? '' })
  }
  const request: ChartRequest = {
    files,
    release: stringAt(settings, ['releaseName']) || application.name,
    namespace: stringAt(settings, ['namespace']) || application.namespace || undefined,
    kubeVersion: stringAt(settings, ['kubeVersion']) || undefined,
    apiVersions: listAt(settings, ['apiVersions']).filter((one): one is string => typeof one === 'string'),
    values,
    parameters,
    skipCrds: valueAt(settings, ['skipCrds']) === true,
    skipTests: valueAt(settings, ['skipTests']) === true,
    skipSchemaValidation: valueAt(settings, ['skipSchemaValidation']) === true,
  }
  return { kind: 'request', request, files: valueFiles }
}

/** The plain files of a chart, with those of local dependencies; undefined for one that is too large. */
export function readChart(sources: Sources, files: readonly string[], folder: string): ChartFiles | undefined {
  const chart = new Map<string, Uint8Array>()
  let bytes = 0
  const addAll = (from: string, to: string): boolean => {
    const prefix = from === '.' ? '' : `${from}/`
    for (const path of files) {
      if (!path.startsWith(prefix)) continue
      const file = sources.read(path)
      if (!(file instanceof SourceFile)) continue
      bytes += file.bytes.length
      if (bytes > MAX_BYTES || chart.size >= MAX_FILES) return false
      chart.set(posix.join(to, path.slice(prefix.length)), file.bytes)
    }
    return true
  }
  if (!addAll(folder, '')) return undefined
  // The lock would make helm ask for the registry; the repo-server puts it away as well.
  chart.delete('Chart.lock')
  for (const { name, repository } of listDependencies(sources, folder)) {
    const local = /^file:\/\/(.+)$/.exec(repository)?.[1]
    const isThere = [...chart.keys()].some(
      path => path === `charts/${name}` || path.startsWith(`charts/${name}/`) || path.startsWith(`charts/${name}-`),
    )
    // A name with a path in it would write anywhere; helm takes none either.
    if (!local || isThere || !/^[\w-][\w.-]*$/.test(name) || chart.has('charts')) continue
    const from = posix.normalize(posix.join(folder, local)).replace(/\/$/, '')
    if (!from.startsWith('..') && !addAll(from, `charts/${name}`)) return undefined
  }
  return chart
}

function listDependencies(sources: Sources, folder: string): readonly { name: string; repository: string }[] {
  const file = sources.read(posix.join(folder, 'Chart.yaml'))
  const chart = file instanceof SourceFile ? file.parse('kubectl').documents[0] : undefined
  return listAt(chart, ['dependencies']).map(one => ({
    name: stringAt(one, ['name']) ?? '',
    repository: stringAt(one, ['repository']) ?? '',
  }))
}

interface Content {
  readonly path: string
  readonly bytes: Uint8Array
}

type FoundFile =
  | { readonly kind: 'contents'; readonly contents: readonly Content[] }
  | { readonly kind: 'fault'; readonly message: string }
  | { readonly kind: 'unknown'; readonly reason: string; readonly which?: string }

/** A file that a source names: relative to the chart, with a slash to the repository, with `$ref/` to another source. */
function resolveFile(written: string, context: HelmContext, mayMiss: boolean): FoundFile {
  const reference = /^\$([a-zA-Z0-9_-]+)(?:\/|$)/.exec(written)?.[1]
  const isOwn = reference === undefined ? undefined : context.references.get(reference)
  if (isOwn === false) return { kind: 'unknown', reason: 'values of another repository', which: written }
  let path = substitute(written, context.environment)
  let base = posix.join(context.prefix, context.folder)
  if (isOwn) {
    path = substitute(written.slice(1 + (reference?.length ?? 0)), context.environment)
    if (path === '' || path === '/') return { kind: 'fault', message: `${written} names no file` }
    base = ''
  }
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(path)?.[1]
  if (scheme !== undefined) {
    if (/^https?$/.test(scheme)) return { kind: 'unknown', reason: 'values of a URL', which: written }
    return { kind: 'fault', message: `${written}: Argo CD takes values from http and https only` }
  }
  const full = posix.normalize(path.startsWith('/') ? path.slice(1) : posix.join(base, path))
  if (full === '..' || full.startsWith('../') || (isOwn && posix.normalize(`.${path}`).startsWith('..'))) {
    return { kind: 'fault', message: `${written} leads out of the repository` }
  }
  const local = context.prefix === '' ? full : posix.relative(context.prefix, full)
  if (local.startsWith('..'))
    return { kind: 'unknown', reason: 'values outside of the validated folder', which: written }
  if (/[*?[]/.test(local)) return matchFiles(written, local, context, mayMiss)
  const entry = context.sources.resolve(local || '.')
  if (entry.kind === 'missing' || entry.kind === 'dangling') {
    if (mayMiss) return { kind: 'contents', contents: [] }
    return { kind: 'fault', message: `value file ${written} does not exist` }
  }
  if (entry.kind === 'folder') return { kind: 'fault', message: `value file ${JSON.stringify(written)} is a folder` }
  const file = context.sources.read(local)
  if (!(file instanceof SourceFile)) return { kind: 'fault', message: `value file ${written}: ${file.reason}` }
  return { kind: 'contents', contents: [{ path: file.path, bytes: file.bytes }] }
}

function matchFiles(written: string, pattern: string, { files, sources }: HelmContext, mayMiss: boolean): FoundFile {
  const matches = compileDoublestar(pattern)
  if (!matches) return { kind: 'fault', message: `${written} is not a pattern` }
  const found = files.filter(matches).sort()
  if (found.length === 0 && !mayMiss) return { kind: 'fault', message: `no file fits the pattern ${written}` }
  const contents = found.flatMap(path => {
    const file = sources.read(path)
    return file instanceof SourceFile ? [{ path, bytes: file.bytes }] : []
  })
  return { kind: 'contents', contents }
}
