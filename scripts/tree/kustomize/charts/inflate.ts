// Renders the charts that kustomizations inflate and that lie in the tree, and puts what helm makes in their place.
import { posix } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Helm } from '../../helm/binary.ts'
import { type ChartObject, type ChartRendering, inOneLine, renderChart } from '../../helm/template.ts'
import { stringAt } from '../../model/build.ts'
import { type Fault, faultAt, isResourcePlace, type NotExamined, type Place } from '../../model/place.ts'
import type { KubernetesObject, Value } from '../../model/resource.ts'
import type { Stage } from '../../model/place.ts'
import type { Tree } from '../../read-tree.ts'
import { layOver } from '../../source/edit.ts'
import type { FileRead, Kustomization } from '../graph/kustomization.ts'
import { withKustomizations } from '../graph/prune.ts'
import { PLACE } from './in-templates.ts'
import { type ChartEntry, readChartEntry } from './request.ts'

/** Charts of one tree: each may take seconds. */
const MOST_CHARTS = 100

/** The tree with charts rendered. Kustomizations with charts from elsewhere stay as they are. */
export async function inflateCharts(
  read: Stage<Tree>,
  { helm, exclude, cacheFolder }: { helm: Helm; exclude: readonly string[]; cacheFolder: string | undefined },
): Promise<Stage<Tree>> {
  const { graph, sources } = read.value
  const files = sources.list(exclude)
  const edits = new Map<string, Uint8Array>()
  const templates = new Map<string, string>()
  const changed = new Map<string, Kustomization>()
  const faults: Fault[] = []
  let count = 0
  for (const kustomization of graph.kustomizations.values()) {
    const { folder, file, value } = kustomization
    const charts = value.helmCharts
    if (!Array.isArray(charts) || charts.length === 0) continue
    const namespaces = findNamespaces(read.value, folder)
    const entries = charts.map(entry =>
      readChartEntry(entry, value.helmGlobals, { sources, files, folder, namespaces }),
    )
    if (!entries.every(entry => entry !== undefined)) continue
    count += entries.length
    if (count > MOST_CHARTS) break
    const added: string[] = []
    let isComplete = true
    for (const [index, entry] of entries.entries()) {
      const { folder: chart, skipHooks } = entry
      const rendering = await renderEntry(entry, helm, cacheFolder)
      if (rendering.kind !== 'objects') {
        isComplete = false
        const path = ['helmCharts', index]
        const message = `the chart ${chart} cannot be rendered: ${inOneLine(rendering.message)}`
        if (rendering.kind === 'error') faults.push(faultAt('kustomize-build', message, file.rangeOf(0, path), path))
        continue
      }
      const kept = rendering.objects.filter(one => !skipHooks || !isHook(one))
      for (const [template, objects] of Map.groupBy(kept, one => one.template)) {
        // By number: what a template is called is for the chart to say.
        const path = posix.join(folder, PLACE, `${added.length}.yaml`)
        edits.set(path, Buffer.from(objects.map(({ object }) => JSON.stringify(mark(object))).join('\n---\n')))
        templates.set(path, posix.join(chart, template))
        added.push(path)
      }
    }
    if (isComplete) changed.set(folder, replaceCharts(kustomization, added))
  }
  if (changed.size === 0 && faults.length === 0) return read
  const isSettled = ({ range, fieldPath }: Exclude<Place, { resource: unknown }>): boolean =>
    fieldPath[0] === 'helmCharts' && [...changed.values()].some(({ file }) => file.path === range.file)
  const isOpen = ({ places: [place] }: Fault): boolean => isResourcePlace(place) || !isSettled(place)
  const isUnseen = ({ place }: NotExamined): boolean => isResourcePlace(place) || !isSettled(place)
  const value: Tree = {
    ...read.value,
    sources: layOver(sources, edits),
    graph: withKustomizations(graph, new Map([...graph.kustomizations, ...changed])),
    templates,
  }
  return {
    value,
    faults: [...read.faults.filter(isOpen), ...faults],
    notExamined: read.notExamined.filter(isUnseen),
  }
}

/** One rendering stands for builds into several namespaces where the chart does not ask for its own. */
async function renderEntry(
  { requests, refusal }: ChartEntry,
  helm: Helm,
  cacheFolder?: string,
): Promise<ChartRendering> {
  if (refusal !== undefined) return { kind: 'error', message: refusal }
  let first: ChartRendering | undefined
  for (const request of requests) {
    const rendering = await renderChart(helm, request, cacheFolder)
    first ??= rendering
    if (!isDeepStrictEqual(first, rendering)) return { kind: 'incomplete', message: 'it differs between namespaces' }
  }
  return first ?? { kind: 'incomplete', message: 'nothing builds it' }
}

/**
 * The namespace that helm is told where an entry says none: that of the kustomization, else of whoever reads it. Several
 * readers may each have their own. Source: kustomize 5.8.1, helmRootNamespace.
 */
function findNamespaces({ graph }: Tree, start: string): ReadonlySet<string | undefined> {
  const found = new Set<string | undefined>()
  const seen = new Set<string>()
  const pending = [start]
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    if (seen.has(folder)) continue
    seen.add(folder)
    const own = stringAt(graph.kustomizations.get(folder)?.value, ['namespace'])
    const readers = [...graph.kustomizations.values()].filter(one => one.folders.some(({ path }) => path === folder))
    if (own) found.add(own)
    else if (readers.length === 0) found.add(undefined)
    else pending.push(...readers.map(one => one.folder))
  }
  return found
}

/** kustomize's own sign for what helm made: it leaves the namespace to helm, and takes the sign away. */
const mark = ({ metadata, ...object }: KubernetesObject): unknown => ({
  ...object,
  metadata: {
    ...metadata,
    annotations: { ...metadata?.annotations, 'internal.config.kubernetes.io/helm-generated': 'true' },
  },
})

const isHook = ({ object }: ChartObject): boolean =>
  stringAt(object, ['metadata', 'annotations', 'helm.sh/hook']) !== undefined

/** The kustomization with the files in the place of its charts. */
function replaceCharts(kustomization: Kustomization, paths: readonly string[]): Kustomization {
  const { folder, files, faults, notExamined } = kustomization
  const { helmCharts: _, helmGlobals: __, ...value } = kustomization.value
  const own = Array.isArray(value.resources) ? value.resources : []
  const resources: Value[] = [...own, ...paths.map(path => posix.relative(folder, path))]
  const reads = paths.map((path, index): FileRead => {
    const fieldPath = ['resources', own.length + index]
    const reference = {
      path: posix.relative(folder, path),
      fieldPath,
      content: 'resource',
      mayBeFolder: false,
      mayBeFile: true,
    } as const
    return { path, reference }
  })
  const isChart = (place: Place): boolean => place.fieldPath[0] === 'helmCharts'
  return {
    ...kustomization,
    value: { ...value, resources },
    files: [...files, ...reads],
    faults: faults.filter(({ places: [place] }) => !isChart(place)),
    notExamined: notExamined.filter(({ place }) => !isChart(place)),
    leftOut: [...(kustomization.leftOut ?? []), [['helmCharts'], ['helmGlobals']]],
  }
}
