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
  readonly request: ChartRequest
  readonly skipHooks: boolean
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
  // One rendering cannot stand for builds into several namespaces.
  if (!own && namespaces.size > 1) return undefined
  const content = readChart(sources, files, chart)
  const values = readValues(entry, sources, folder)
  if (!content || !values) return undefined
  const request: ChartRequest = {
    files: content,
    release: stringAt(entry, ['releaseName']) || stringAt(entry, ['nameTemplate']) || 'release-name',
    namespace: own || [...namespaces][0],
    kubeVersion: stringAt(entry, ['kubeVersion']),
    apiVersions: listAt(entry, ['apiVersions']).filter(one => typeof one === 'string'),
    values,
    skipCrds: valueAt(entry, ['includeCRDs']) !== true,
    skipTests: valueAt(entry, ['skipTests']) === true,
  }
  return { folder: chart, request, skipHooks: valueAt(entry, ['skipHooks']) === true }
}

/** The texts of values, the last one wins. */
function readValues(entry: unknown, sources: Sources, folder: string): readonly (Uint8Array | string)[] | undefined {
  const read = (path: unknown): Uint8Array | undefined => {
    const local = posix.normalize(posix.join(folder, String(path)))
    const file = local.startsWith('..') || posix.isAbsolute(String(path)) ? undefined : sources.read(local)
    return file instanceof SourceFile ? file.bytes : undefined
  }
  const named = stringAt(entry, ['valuesFile'])
  const own = named ? [read(named)] : []
  const inline = mappingAt(entry, ['valuesInline'])
  const merge = stringAt(entry, ['valuesMerge']) || 'override'
  const written = inline ? [JSON.stringify(inline)] : []
  const base = merge === 'merge' ? [...written, ...own] : merge === 'replace' && inline ? written : [...own, ...written]
  const all = [...base, ...listAt(entry, ['additionalValuesFiles']).map(read)]
  return all.every(text => text !== undefined) ? all : undefined
}
