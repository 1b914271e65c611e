// What kustomize asks helm for an entry of `helmCharts`, where the chart lies in the tree.
import { posix } from 'node:path'
import { readChart } from '../../argocd/source/helm-source.ts'
import type { ChartRequest } from '../../helm/template.ts'
import { listAt, mappingAt, stringAt, valueAt } from '../../model/build.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Sources } from '../../source/sources.ts'

export interface ChartEntry {
  /** The chart's folder in the tree. */
  readonly folder: string
  /** The same for each namespace that the builds of the kustomization have. */
  readonly requests: readonly ChartRequest[]
  readonly skipHooks: boolean
  /** Why kustomize refuses the entry. */
  readonly refusal?: string | undefined
}

export interface ChartContext {
  readonly sources: Sources
  /** All files of the tree. */
  readonly files: readonly string[]
  /** Of the kustomization. */
  readonly folder: string
  /** Those that the builds of the kustomization give a chart that names none. */
  readonly namespaces: ReadonlySet<string | undefined>
}

/**
 * Source: kustomize api/internal/builtins/HelmChartInflationGenerator.go. Undefined for a chart, or values, that are not
 * in the tree; `helmGlobals` of the kustomization says where charts are.
 */
export function readChartEntry(
  entry: unknown,
  helmGlobals: unknown,
  { sources, files, folder, namespaces }: ChartContext,
): ChartEntry | undefined {
  const name = stringAt(entry, ['name'])
  if (!name || name.includes('..')) return undefined
  const home = posix.join(folder, stringAt(helmGlobals, ['chartHome']) || 'charts')
  const [version, repo] = [stringAt(entry, ['version']), stringAt(entry, ['repo'])]
  // What is pulled is kept by its version; what was put there by hand is not.
  const chart = posix.join(home, version && repo ? `${name}-${version}` : '', name)
  if (posix.normalize(chart).startsWith('..') || sources.resolve(posix.join(chart, 'Chart.yaml')).kind !== 'file') {
    return undefined
  }
  const own = stringAt(entry, ['namespace'])
  const content = readChart(sources, files, chart)
  const values = readValues(entry, { sources, folder, chart })
  if (!content || !values) return undefined
  const [release, template] = [stringAt(entry, ['releaseName']), stringAt(entry, ['nameTemplate'])]
  const request: ChartRequest = {
    files: content,
    release: release || template || 'release-name',
    kubeVersion: stringAt(entry, ['kubeVersion']),
    apiVersions: listAt(entry, ['apiVersions']).filter(one => typeof one === 'string'),
    values: values.texts,
    skipCrds: valueAt(entry, ['includeCRDs']) !== true,
    skipTests: valueAt(entry, ['skipTests']) === true,
  }
  return {
    folder: chart,
    requests: (own ? [own] : [...namespaces]).map(namespace => ({ ...request, namespace })),
    skipHooks: valueAt(entry, ['skipHooks']) === true,
    refusal: release && template ? 'releaseName and nameTemplate: helm takes one of them' : values.refusal,
  }
}

interface ValuesContext extends Pick<ChartContext, 'sources' | 'folder'> {
  readonly chart: string
}

/** The texts of values, the last one wins. Undefined where a file is not in the tree. */
function readValues(
  entry: unknown,
  { sources, folder, chart }: ValuesContext,
): { readonly texts: readonly (Uint8Array | string)[]; readonly refusal?: string } | undefined {
  const find = (path: string): SourceFile | undefined => {
    const local = posix.normalize(posix.join(folder, path))
    const file = local.startsWith('..') || posix.isAbsolute(path) ? undefined : sources.read(local)
    return file instanceof SourceFile ? file : undefined
  }
  const named = stringAt(entry, ['valuesFile'])
  const own = named ? find(named) : sources.read(posix.join(chart, 'values.yaml'))
  const more = listAt(entry, ['additionalValuesFiles']).map(path => find(String(path))?.bytes)
  const inline = mappingAt(entry, ['valuesInline']) ?? {}
  const merge = stringAt(entry, ['valuesMerge']) || 'override'
  const hasInline = Object.keys(inline).length > 0
  const all = (first: readonly (Uint8Array | string)[]): readonly (Uint8Array | string)[] | undefined => {
    const texts = [...first, ...more]
    return texts.every(text => text !== undefined) ? texts : undefined
  }
  const found = ((): readonly (Uint8Array | string)[] | undefined => {
    if (hasInline && merge === 'replace') return all([JSON.stringify(inline)])
    if (!(own instanceof SourceFile)) return named ? undefined : all([])
    if (!hasInline) return all([own.bytes])
    const values = own.parse('kustomize').documents[0] ?? {}
    return all([JSON.stringify(merge === 'merge' ? mergeOver(inline, values) : mergeOver(values, inline))])
  })()
  const isMissing = !named && !(own instanceof SourceFile) && !(hasInline && merge === 'replace')
  const refusal = 'it has no values.yaml, which kustomize asks for: add one, or name a valuesFile'
  return found && { texts: found, ...(isMissing ? { refusal } : {}) }
}

/** As kustomize merges them: a null takes a value away, and a chart's own default is back. */
function mergeOver(below: unknown, above: unknown): unknown {
  const [lower, upper] = [mappingAt(below, []), mappingAt(above, [])]
  if (!upper) return above
  const result: Record<string, unknown> = { ...lower }
  for (const [key, value] of Object.entries(upper)) {
    if (value === null) delete result[key]
    else result[key] = mergeOver(result[key], value)
  }
  return result
}
