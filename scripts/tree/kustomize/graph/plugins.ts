// Screens the configurations that `generators`, `transformers` and `validators` name: only kustomize's own plugins that
// neither run a program nor fetch anything are let through.
import { type Fault, faultAt, type FieldPath, type NotExamined } from '../../model/place.ts'
import type { Value } from '../../model/resource.ts'
import type { SourceFile } from '../../source/source-file.ts'

/** kustomize 5.8.1's builtin plugins, without HelmChartInflationGenerator. */
const ALLOWED = new Set([
  'AnnotationsTransformer',
  'ConfigMapGenerator',
  'HashTransformer',
  'IAMPolicyGenerator',
  'ImageTagTransformer',
  'LabelTransformer',
  'NamespaceTransformer',
  'PatchJson6902Transformer',
  'PatchStrategicMergeTransformer',
  'PatchTransformer',
  'PrefixSuffixTransformer',
  'PrefixTransformer',
  'ReplacementTransformer',
  'ReplicaCountTransformer',
  'SecretGenerator',
  'SortOrderTransformer',
  'SuffixTransformer',
  'ValueAddTransformer',
])

/** Fields of builtin plugins that name further files, which the screen would not have seen. */
const FILE_FIELDS = ['path', 'paths', 'files', 'envs', 'env'] as const

/** Yields a refusal for every document of a file that could make kustomize run or read something unseen. */
export function* checkPlugins(source: SourceFile): Generator<Fault> {
  for (const [index, document] of source.parse('kustomize').documents.entries()) {
    for (const { message, fieldPath, chart } of checkPlugin(document)) {
      const ruleId = chart === undefined ? 'refused-input' : 'remote-reference'
      const values = chart === undefined ? [] : [chart]
      yield faultAt(ruleId, message, source.rangeOf(index, fieldPath), fieldPath, values)
    }
  }
}

/** The charts that the plugins of a file inflate. */
export function* listPluginCharts(source: SourceFile): Generator<NotExamined> {
  for (const [index, document] of source.parse('kustomize').documents.entries()) {
    const chart = readChart(document)
    if (chart === undefined) continue
    const place = { range: source.rangeOf(index, ['kind']), fieldPath: ['kind'] }
    yield { place, reason: CHART_ELSEWHERE, detail: chart }
  }
}

export const CHART_ELSEWHERE = 'a chart: what it brings is not here'

/** What kustomize's own plugin for charts names, as `name of repository`: ordinary, as `helmCharts` is, which became of it. */
function readChart(document: Value): string | undefined {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return undefined
  const { apiVersion, kind, name, chartName, repo, chartRepoUrl } = document as Readonly<Record<string, Value>>
  if (apiVersion !== 'builtin' || kind !== 'HelmChartInflationGenerator') return undefined
  const [chart, repository] = [name ?? chartName, repo ?? chartRepoUrl]
  return `${typeof chart === 'string' ? chart : '?'}${typeof repository === 'string' ? ` of ${repository}` : ''}`
}

export interface Refusal {
  readonly message: string
  readonly fieldPath: FieldPath
  /** Set where it is a chart, which is not a fault. */
  readonly chart?: string
}

/** Checks one plugin configuration, from a file or written inline. */
export function* checkPlugin(document: Value): Generator<Refusal> {
  if (document === null) return
  const chart = readChart(document)
  if (chart !== undefined) {
    yield { message: `${chart} is a chart, which is not rendered here`, fieldPath: ['kind'], chart }
    return
  }
  const refuse = (message: string, fieldPath: FieldPath) => ({ message, fieldPath })
  const value = document as { readonly [key: string]: unknown }
  if (typeof document !== 'object' || Array.isArray(document)) {
    yield refuse('a plugin configuration must be a mapping', [])
  } else if (value.apiVersion !== 'builtin' || !ALLOWED.has(String(value.kind))) {
    yield refuse(`plugin ${value.apiVersion}/${value.kind} would run a program; only builtin plugins are allowed`, [
      'kind',
    ])
  } else {
    const field = FILE_FIELDS.find(name => namesFile(value[name]))
    if (field)
      yield refuse(`${field} in a plugin configuration is not followed: use the kustomization's own field`, [field])
    const annotations = (value.metadata as { annotations?: Record<string, unknown> } | null | undefined)?.annotations
    const runs = Object.keys(annotations ?? {}).find(key => key.endsWith('/function'))
    if (runs) yield refuse('a function annotation would run a program', ['metadata', 'annotations', runs])
  }
}

function namesFile(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : typeof value === 'string' && value !== ''
}
