// Finds the line that wrote a field of a resource, and says whether that is proved. Works only when it is asked.
import { type Origin, type Resource, valueAt } from '../../model/build.ts'
import type { ChainLink, FieldPath, SourceRange } from '../../model/place.ts'
import { readFolders, type Tree } from '../../read-tree.ts'
import { layOver } from '../../source/edit.ts'
import { SourceFile } from '../../source/source-file.ts'
import { findNode, rangeOf } from '../../source/yaml/position.ts'
import type { Graph } from '../graph/kustomization.ts'
import { isSameScalar, keyOfRendered, indexObjects } from './compare.ts'
import { Evaluator } from './evaluate.ts'
import { inTemplate, locateInTemplate, locateUnderSettings } from './locate-elsewhere.ts'
import type { TracedObject } from './object.ts'
import { readFile } from './read.ts'
import { StepError } from './step.ts'
import { rangeOfSpan } from './text.ts'
import { type Entry, fieldOf, itemsOf, type Origin as History, type Traced, type Written } from './value.ts'

export interface Located {
  readonly range: SourceRange
  /** From who wrote the field first to who wrote it last. */
  readonly chain: readonly ChainLink[]
  /** Grows with the step that wrote the field; 0 for what a resource says by itself. */
  readonly rank: number
  /** True when the trace and kustomize agree on the value. */
  readonly proved: boolean
  /** Why it is not proved. */
  readonly reason?: string
  /** Everything that the value is made of; a change of any of it changes the value. */
  readonly madeOf?: readonly SourceRange[]
  /** What copied the value here from another field. */
  readonly via?: 'var' | 'replacement'
  /** A number as it is written: 7712940e5, not 771294000000. */
  readonly written?: string
}

export type Locate = (resource: Resource, path: FieldPath) => Located

interface BuildTrace {
  readonly objects: ReadonlyMap<string, TracedObject>
  readonly error?: string
}

/**
 * Locates fields of the resources of a tree. A build is traced when the first of its fields is asked for. `partial` are
 * the graphs of builds that were rendered without some of what they name.
 */
export function createLocator({
  tree: { sources, graph, templates },
  partial = new Map(),
}: {
  readonly tree: Pick<Tree, 'sources' | 'graph' | 'templates'>
  readonly partial?: ReadonlyMap<string, Graph>
}): Locate {
  const evaluator = new Evaluator(sources, graph)
  const traces = new Map<string, BuildTrace>()
  const traceOf = (build: string): BuildTrace => {
    let trace = traces.get(build)
    if (!trace) {
      const own = partial.get(build)
      trace = traceBuild(own ? new Evaluator(sources, own) : evaluator, build)
      traces.set(build, trace)
    }
    return trace
  }
  /** What an Application says, as a value that remembers where it is written; undefined for one that is generated. */
  const applicationOf = ({ origin, build, object }: Resource): Traced | undefined => {
    if (origin.kind === 'rendered') return traceOf(build).objects.get(keyOfRendered(object))?.root
    const file = origin.kind === 'document' ? sources.read(origin.file) : undefined
    if (origin.kind !== 'document' || !(file instanceof SourceFile)) return undefined
    const document = readFile(file, 'transformer', 0)[origin.document ?? 0]
    return origin.item === undefined ? document : itemsOf(document, 'items')[origin.item]
  }
  const traceOfSettings = ({ build }: Resource, origin: Settings): BuildTrace | undefined => {
    const { folder, edited, by, fieldPath } = origin
    const file = graph.kustomizations.get(folder)?.file
    let settings = applicationOf(by)
    for (const segment of fieldPath)
      settings = settings?.kind === 'sequence' ? settings.items[Number(segment)] : fieldOf(settings, String(segment))
    if (!file || !settings) return undefined
    const known = traces.get(`${build}\n${folder}`)
    if (known) return known
    const laid = layOver(sources, new Map([[file.path, new TextEncoder().encode(JSON.stringify(edited))]]))
    const over = { folder, file, edited, settings }
    const made = traceBuild(new Evaluator(laid, readFolders(laid, [folder]).value.graph, { over }), folder)
    traces.set(`${build}\n${folder}`, made)
    return made
  }
  /** Of what a chart made the template; what was written over it stands where it is. */
  const inTemplates = (located: Located, path: FieldPath): Located => {
    const find = (file: string): Located | undefined => {
      const template = templates?.get(file)
      return template === undefined ? undefined : locateInTemplate(sources.read(template), template, path)
    }
    const chain = located.chain.map(link => ({ ...link, ...find(link.file)?.range }))
    return find(located.range.file) ?? { ...located, chain }
  }
  const locate = (resource: Resource, path: FieldPath): Located => {
    const { origin } = resource
    if (origin.kind === 'generated') return locate(origin.by, inTemplate(path))
    if (origin.kind === 'template') return locateInTemplate(sources.read(origin.file), origin.file, path)
    if (origin.kind === 'settings') {
      const traced = traceOfSettings(resource, origin)?.objects.get(keyOfRendered(resource.object))
      if (!traced) return locateUnderSettings(resource, path, origin, locate)
      return inTemplates(locateInTrace(traced, resource.object, path), path)
    }
    if (origin.kind !== 'rendered') return locateInDocument(origin, path, { sources })
    const { objects, error } = traceOf(resource.build)
    const traced = objects.get(keyOfRendered(resource.object))
    const located = traced
      ? locateInTrace(traced, resource.object, path)
      : locateNear(resource, path, { sources, graph }, error ?? 'the trace does not have the object')
    return inTemplates(located, path)
  }
  return locate
}

function traceBuild(evaluator: Evaluator, build: string): BuildTrace {
  try {
    return { objects: indexObjects(evaluator.evaluate(build).objects) }
  } catch (error) {
    if (error instanceof StepError) return { objects: new Map(), error: error.message }
    throw error
  }
}

type Settings = Extract<Origin, { kind: 'settings' }>
type WrittenOrigin = Extract<Origin, { kind: 'document' | 'generator' }>

function locateInDocument(origin: WrittenOrigin, path: FieldPath, { sources }: Pick<Tree, 'sources'>): Located {
  const file = sources.read(origin.file)
  const prefix: FieldPath = origin.kind === 'document' && origin.item !== undefined ? ['items', origin.item] : []
  const document = origin.kind === 'document' ? (origin.document ?? 0) : 0
  if (!(file instanceof SourceFile)) {
    const range = startOf(origin.file)
    return { range, chain: [linkTo(range, 'resource')], rank: 0, proved: true }
  }
  const range = file.rangeOf(document, [...prefix, ...path])
  const tree = file.trees[document]
  const { text, isPlain } = (tree && findNode(tree, [...prefix, ...path]).value) ?? {}
  const written = isPlain && text !== undefined ? { written: text } : {}
  return { range, chain: [linkTo(range, 'resource')], rank: 0, proved: true, ...written }
}

/** The field in the trace; where it is not there, what holds it. */
export function locateInTrace(traced: TracedObject, object: unknown, path: FieldPath): Located {
  let node: Traced = traced.root
  let entry: Entry | undefined
  let depth = 0
  for (const segment of path) {
    const next: Traced | undefined =
      node.kind === 'sequence'
        ? node.items[Number(segment)]
        : node.kind === 'mapping'
          ? node.entries.get(String(segment))?.value
          : undefined
    if (!next) break
    entry = node.kind === 'mapping' ? node.entries.get(String(segment)) : undefined
    node = next
    depth++
  }
  const rendered = valueAt(object, path)
  const reason = explainDifference(node, rendered, depth === path.length)
  const isScalar = node.kind === 'scalar'
  // A mapping or a list is shown where it was first written, a scalar where it was written last.
  const history = isScalar ? node.origin : (entry?.origin ?? oldest(node.origin))
  const { at } = history
  return {
    range: rangeOfSpan(at.text, at, isScalar),
    chain: chainOf(history, isScalar),
    rank: at.rank,
    proved: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
    ...(history.via === undefined ? {} : { via: history.via }),
    ...(node.kind === 'scalar' && (node.tag === 'int' || node.tag === 'float') ? { written: node.text } : {}),
    madeOf: isScalar ? [...madeOf(history)].map(one => rangeOfSpan(one.text, one, true)) : [],
  }
}

function explainDifference(node: Traced, rendered: unknown, isThere: boolean): string | undefined {
  if (!isThere) return rendered === undefined ? undefined : 'the trace does not have this field'
  if (rendered === undefined) return 'kustomize did not render this field'
  const kind = Array.isArray(rendered)
    ? 'sequence'
    : typeof rendered === 'object' && rendered !== null
      ? 'mapping'
      : 'scalar'
  if (node.kind !== kind) return `kustomize rendered a ${kind}`
  if (kind === 'scalar' && !isSameScalar(node, rendered)) return 'kustomize rendered another value'
  if (Array.isArray(rendered) && node.kind === 'sequence' && node.items.length !== rendered.length)
    return 'kustomize rendered another list'
  return undefined
}

function oldest(history: History): History {
  let found = history
  while (found.before) found = found.before
  return found
}

const MOST_LINKS = 30

function chainOf(history: History, isScalar: boolean): readonly ChainLink[] {
  const links: ChainLink[] = []
  const seen = new Set<History>()
  const visit = (one: History): void => {
    if (seen.has(one) || seen.size > MOST_LINKS) return
    seen.add(one)
    if (one.before) visit(one.before)
    for (const other of one.from ?? []) visit(other)
    const link = linkTo(rangeOfSpan(one.at.text, one.at, isScalar), one.at.role)
    const isKnown = links.findIndex(
      ({ file, line, column }) => file === link.file && line === link.line && column === link.column,
    )
    if (isKnown >= 0) links.splice(isKnown, 1)
    links.push(link)
  }
  visit(history)
  return links
}

/** Everything that is still in the value. */
export function madeOf(history: History): ReadonlySet<Written> {
  const found = new Set<Written>()
  const seen = new Set<History>()
  const visit = (one: History): void => {
    if (seen.has(one)) return
    seen.add(one)
    found.add(one.at)
    if (one.keeps && one.before) visit(one.before)
    for (const other of one.from ?? []) visit(other)
  }
  visit(history)
  return found
}

/** Without a trace: the document that looks like the resource, for a person to look. */
function locateNear(
  { build, object, kind, name }: Resource,
  path: FieldPath,
  { sources, graph }: Pick<Tree, 'sources' | 'graph'>,
  reason: string,
): Located {
  let best: { file: SourceFile; document: number; length: number } | undefined
  for (const { files } of graph.reach(build)) {
    for (const { path: read, reference } of files) {
      const file = reference.content === 'resource' ? sources.read(read) : undefined
      if (!(file instanceof SourceFile)) continue
      for (const [document, value] of file.parse('kustomize').documents.entries()) {
        const known = valueAt(value, ['metadata', 'name'])
        if (valueAt(value, ['kind']) !== kind || typeof known !== 'string' || !name.includes(known)) continue
        if (!best || known.length > best.length) best = { file, document, length: known.length }
      }
    }
  }
  const generator = graph.kustomizations.get(build)?.file
  const tree = best?.file.trees[best.document]
  const range =
    best && tree
      ? rangeOf(
          best.file.path,
          best.file.text,
          findNode(tree, valueAt(object, path) === undefined ? path.slice(0, -1) : path),
        )
      : startOf(generator?.path ?? build)
  return { range, chain: [linkTo(range, best ? 'resource' : 'generator')], rank: 0, proved: false, reason }
}

const linkTo = ({ file, line, column, endLine, endColumn }: SourceRange, role: ChainLink['role']): ChainLink => ({
  file,
  line,
  column,
  endLine,
  endColumn,
  role,
})

const startOf = (file: string): SourceRange => ({ file, line: 1, column: 1, endLine: 1, endColumn: 1 })
