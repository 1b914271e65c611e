// The line of a chart's values behind a change of what its templates make, where the change of the values explains it.
import { posix } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { listLeaves } from '../tree/kustomize/trace/compare.ts'
import { listAt, mappingAt, type Resource, stringAt, valueAt } from '../tree/model/build.ts'
import type { FieldPath } from '../tree/model/place.ts'
import type { Tree } from '../tree/read-tree.ts'
import { SourceFile } from '../tree/source/source-file.ts'
import type { LocateOn } from './compare/compare.ts'
import type { Location, Side } from './model.ts'

/** A value of a field before and after; without it the object as a whole is meant. */
export interface Changed {
  readonly before?: unknown
  readonly after?: unknown
}

/** Undefined where nothing, or more than one value, may be behind it. */
export type LocateValue = (
  before: Resource | undefined,
  after: Resource | undefined,
  change: Changed | undefined,
  template: Location | undefined,
) => Location | undefined

/** What one chart is rendered from. */
interface Chart {
  readonly folder: string
  /** Files of values, with the place in them: all of a file, or what a kustomization says in itself. */
  readonly values: readonly { readonly path: string; readonly at: FieldPath }[]
  /** What an Application says beside files. */
  readonly settings?: { readonly resource: Resource; readonly at: FieldPath }
}

/** One value that is another one. */
interface Leaf extends Changed {
  readonly location: Location | undefined
}

interface Causes {
  readonly leaves: readonly Leaf[]
  /** Files of the chart itself, without its values, that are others. */
  readonly files: ReadonlySet<string>
}

const MOST_LEAVES = 2_000

export function createValuesLocator(base: Side, head: Side, locate: LocateOn): LocateValue {
  const charts = { base: listCharts(base), head: listCharts(head) }
  const known = new Map<string, Causes>()
  const causesOf = (old: Chart, next: Chart): Causes => {
    const key = JSON.stringify(
      [old, next].map(({ folder, values, settings }) => [folder, values, settings?.resource.build]),
    )
    const found = known.get(key) ?? compareCharts([old, base], [next, head], locate)
    known.set(key, found)
    return found
  }
  return (before, after, change, template) => {
    const old = chartOf(before ?? after, base, charts.base, template)
    const next = chartOf(after ?? before, head, charts.head, template)
    if (!old || !next) return undefined
    const { leaves, files } = causesOf(old, next)
    // One value alone is behind whatever changes.
    if (files.size === 0 && leaves.length === 1) return leaves[0]?.location
    if (!change || (template && files.has(template.file))) return undefined
    const same = leaves.filter(leaf => isSameChange(leaf, change))
    const [only, ...others] = same.length ? same : leaves.filter(leaf => isPartOf(leaf, change))
    return others.length ? undefined : only?.location
  }
}

/** By the build of a source of an Application. */
function listCharts({ deployment }: Side): ReadonlyMap<string, Chart> {
  const found = new Map<string, Chart>()
  for (const { resource, sources } of deployment.applications) {
    for (const { chart, state, fieldPath } of sources) {
      if (!chart || state.kind !== 'builds') continue
      const own = { path: posix.join(chart.folder, 'values.yaml'), at: [] }
      const values = [own, ...chart.valueFiles.map(path => ({ path, at: [] }))]
      const settings = { resource, at: [...fieldPath, 'helm'] }
      for (const { id } of state.builds) found.set(id, { folder: chart.folder, values, settings })
    }
  }
  return found
}

function chartOf(
  resource: Resource | undefined,
  { renderings }: Side,
  charts: ReadonlyMap<string, Chart>,
  template: Location | undefined,
): Chart | undefined {
  if (resource?.origin.kind === 'template') return charts.get(resource.build)
  const { tree } = renderings
  const folder = findChart(template?.file ?? '', tree)
  if (resource?.origin.kind !== 'rendered' || folder === undefined || !tree.templates) return undefined
  // A chart that a kustomization inflates.
  const values = tree.graph.reach(resource.build).flatMap(({ folder: home, file }) => {
    const written = file.parse('kustomize').documents[0]
    return listAt(written, ['helmCharts']).flatMap((entry, index) => {
      const texts = [stringAt(entry, ['valuesFile']), ...listAt(entry, ['additionalValuesFiles'])]
      const files = texts.flatMap(path => (typeof path === 'string' ? [posix.join(home, path)] : []))
      const inline = { path: file.path, at: ['helmCharts', index, 'valuesInline'] }
      return [...files.map(path => ({ path, at: [] })), ...(mappingAt(entry, ['valuesInline']) ? [inline] : [])]
    })
  })
  return { folder, values: [{ path: posix.join(folder, 'values.yaml'), at: [] }, ...values] }
}

/** The chart that a template belongs to: of a chart within a chart, the outer one. */
function findChart(template: string, { sources }: Tree): string | undefined {
  let folder = /^(.+)\/(?:templates|crds)\//.exec(template)?.[1]
  while (folder !== undefined && posix.basename(posix.dirname(folder)) === 'charts') {
    const outer = posix.dirname(posix.dirname(folder))
    if (sources.resolve(posix.join(outer, 'Chart.yaml')).kind !== 'file') break
    folder = outer
  }
  return folder
}

type Sided = readonly [chart: Chart, side: Side]

function compareCharts([old, base]: Sided, [next, head]: Sided, locate: LocateOn): Causes {
  const [was, is] = [base.renderings.tree, head.renderings.tree]
  const places = new Map([...old.values, ...next.values].map(one => [JSON.stringify(one), one]))
  const leaves = [...places.values()].flatMap(({ path, at }) =>
    compareFiles(readFile(was, path), readFile(is, path), at),
  )
  if (old.settings && next.settings) leaves.push(...compareSettings(old.settings, next.settings, locate))
  const values = new Set([...places.values()].map(({ path }) => path))
  const files = new Set(
    [...was.sources.list([]), ...is.sources.list([])]
      .filter(path => path.startsWith(`${next.folder}/`) && !values.has(path))
      .filter(path => textOf(was, path) !== textOf(is, path)),
  )
  return { leaves, files }
}

const readFile = ({ sources }: Tree, path: string): SourceFile | undefined => {
  const file = sources.resolve(path).kind === 'file' ? sources.read(path) : undefined
  return file instanceof SourceFile ? file : undefined
}

const textOf = (tree: Tree, path: string): string | undefined => readFile(tree, path)?.text

function compareFiles(old: SourceFile | undefined, next: SourceFile | undefined, at: FieldPath): readonly Leaf[] {
  if (old === next) return []
  const [was, is] = [old, next].map(file => valueAt(file?.parse('kubectl').documents[0], at))
  return compareValues(was, is, at, (path, isNew) => {
    const file = isNew ? next : old
    return file && { file: file.path, line: file.rangeOf(0, path).line, ...(isNew ? {} : { side: 'base' as const }) }
  })
}

type Settings = NonNullable<Chart['settings']>

function compareSettings(old: Settings, next: Settings, locate: LocateOn): readonly Leaf[] {
  const [was, is] = [old, next].map(({ resource, at }) => valueAt(resource.object, at))
  return compareValues(was, is, [], (path, isNew) => {
    const { resource, at } = isNew ? next : old
    return locate(isNew ? 'head' : 'base', resource, [...at, ...path])
  })
}

function compareValues(
  old: unknown,
  next: unknown,
  at: FieldPath,
  locate: (path: FieldPath, isNew: boolean) => Location | undefined,
): readonly Leaf[] {
  if (isDeepStrictEqual(old, next)) return []
  const paths = new Map(
    [...listLeaves(next, at), ...listLeaves(old, at)].slice(0, MOST_LEAVES).map(one => [JSON.stringify(one), one]),
  )
  const leafOf = (root: unknown, path: FieldPath): unknown => valueAt(root, path.slice(at.length))
  return [...paths.values()].flatMap(path => {
    const [before, after] = [leafOf(old, path), leafOf(next, path)]
    // What holds other values now is told by them, and a parameter by its value.
    const isName = at.length === 0 && path[0] === 'parameters' && path.at(-1) === 'name'
    if (isName || isDeepStrictEqual(before, after) || [before, after].some(holdsMore)) return []
    return [{ before, after, location: locate(path, after !== undefined) }]
  })
}

const holdsMore = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0

/** Whether a value changes as the field does. */
function isSameChange(leaf: Leaf, { before, after }: Changed): boolean {
  if ([leaf.before, leaf.after, before, after].some(holdsMore)) {
    return isDeepStrictEqual(leaf.before, before) && isDeepStrictEqual(leaf.after, after)
  }
  return asText(leaf.before) === asText(before) && asText(leaf.after) === asText(after)
}

/** Whether the change of a value is a part of the field's: within its text, or as one that is laid over another. */
function isPartOf(leaf: Leaf, { before, after }: Changed): boolean {
  if ([leaf.before, leaf.after, before, after].some(holdsMore)) return false
  const [from, to, old, next] = [asText(leaf.before), asText(leaf.after), asText(before), asText(after)]
  if (leaf.before === undefined) return to !== '' && holdsWord(next, to) && !holdsWord(old, to)
  if (leaf.after === undefined) return from !== '' && holdsWord(old, from) && !holdsWord(next, from)
  return from !== '' && to !== '' && old.includes(from) && old.split(from).join(to) === next
}

const asText = (value: unknown): string => (value === undefined || value === null ? '' : String(value))

/** Whether a text is a value, or has it between marks: `1.0` in `web:1.0`, not in `11.0`. */
function holdsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!/\w$/.test(text.slice(0, at)) && !/^\w/.test(text.slice(at + word.length))) return true
  }
  return false
}
