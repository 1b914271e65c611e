// Reads a whole tree up to the point where something must be rendered: its graph, its roots, its loose manifests.
import { posix } from 'node:path'
import type { PathState } from './argocd/applications.ts'
import { readBuildOptions } from './build-options.ts'
import { describeTextFault } from './kustomize/graph/contents.ts'
import { buildGraph } from './kustomize/graph/graph.ts'
import type { Graph } from './kustomize/graph/kustomization.ts'
import { type Fault, faultAt, fileOf, type NotExamined, type Stage } from './model/place.ts'
import { findMade } from './recipes.ts'
import { type Listing, type LooseDocument, readLooseManifests } from './source/manifests.ts'
import { SourceFile } from './source/source-file.ts'
import { isKustomizationName, type Sources } from './source/sources.ts'

export interface Tree {
  readonly sources: Sources
  /** Every file of it, without what is excluded. */
  readonly paths: readonly string[]
  readonly graph: Graph
  /** Folders that are built: kustomizations that no other one reads. */
  readonly roots: readonly string[]
  readonly loose: readonly LooseDocument[]
  /** Manifests beside a kustomization that does not list them: nothing deploys them. */
  readonly unlisted: readonly LooseDocument[]
  /** Loose files that look like manifests, and of which nothing could be read. */
  readonly unread: readonly string[]
  /** The template of a chart in the tree, for each file that stands for what it renders in a kustomization. */
  readonly templates?: ReadonlyMap<string, string>
  /** Whether Argo CD lets kustomize inflate charts here, as the tree itself says. */
  readonly inflatesCharts?: boolean
  /** Whether a script of the tree makes what is at a path. */
  makes(path: string): boolean
  /** What an Application's path means here. */
  stateOf(path: string): PathState
}

/**
 * Walks and reads the tree. Starts no process. Where it is not judged, the faults of kustomizations are left out: who renders
 * some builds of many asks these alone.
 */
export function readTree(sources: Sources, exclude: readonly string[], isJudged = true): Stage<Tree> {
  const paths = sources.list(exclude)
  const folders = new Set(
    paths.filter(path => isKustomizationName(posix.basename(path))).map(path => posix.dirname(path)),
  )
  const { isUnrestricted, inflatesCharts } = readBuildOptions(sources, paths)
  const makes = findMade(sources, paths)
  const graph = buildGraph(sources, folders, { isUnrestricted, makes })
  const loose = readLooseManifests(sources, paths, describeListing(graph))
  const notExamined: NotExamined[] = [...loose.notExamined]
  const listed = new Set(notExamined.map(({ place }) => ('range' in place ? place.range.file : '')))
  for (const { path, reason } of sources.unreadable) {
    if (!listed.has(path)) notExamined.push({ place: fileOf(path), reason })
  }
  const roots: string[] = []
  for (const [folder, kustomization] of graph.kustomizations) {
    if (graph.referenced.has(folder)) continue
    if (kustomization.kind === 'Kustomization') roots.push(folder)
    else notExamined.push({ place: fileOf(kustomization.file.path), reason: 'a Component that no build uses' })
  }
  const charts = new Set(paths.filter(path => posix.basename(path) === 'Chart.yaml').map(path => posix.dirname(path)))
  const faults = [
    ...loose.faults.map(({ file, fault }) => describeTextFault(file, fault)),
    ...loose.booleanKeys.map(({ file, offset, key, meaning }) => {
      const message = `key ${key} is not a string for kubectl and Argo CD: they send "${meaning}" to the cluster`
      return faultAt('boolean-key', message, file.rangeAt(offset), [], [key])
    }),
  ]
  for (const kustomization of graph.kustomizations.values()) notExamined.push(...kustomization.notExamined)
  const value = {
    sources,
    paths,
    graph,
    roots: roots.sort(),
    loose: loose.documents,
    unlisted: loose.unlisted,
    unread: loose.unread,
    inflatesCharts,
    makes,
    stateOf: judgePaths(sources, graph, charts),
  }
  return { value, faults: isJudged ? [...faults, ...listGraphFaults(graph)] : faults, notExamined }
}

/** Reads what some folders build, and nothing else of the tree. */
export function readFolders(sources: Sources, folders: readonly string[]): Stage<Tree> {
  const graph = buildGraph(sources, folders)
  const roots = folders.filter(folder => graph.kustomizations.get(folder)?.kind === 'Kustomization')
  const value = {
    sources,
    paths: [],
    graph,
    roots,
    loose: [],
    unlisted: [],
    unread: [],
    makes: () => false,
    stateOf: judgePaths(sources, graph, new Set()),
  }
  return { value, faults: listGraphFaults(graph), notExamined: [] }
}

/** Says which paths kustomizations take, and which they pass over. */
function describeListing(graph: Graph): Listing {
  const read = new Set<string>()
  // What a kustomization that cannot be read would have read is not known: nothing below it counts as a loose manifest.
  const unsure = new Set<string>()
  /** A kustomization file for each folder that it takes files from. */
  const listers = new Map<string, string>()
  for (const { folder, file, files, ownFaults, value } of graph.kustomizations.values()) {
    read.add(file.path)
    // Under a key that is wrong a path is not a reference, and the file is still not one to be deployed as it is.
    if (ownFaults.length > 0) for (const text of listTexts(value)) read.add(posix.join(folder, text))
    for (const { path, reference } of files) {
      read.add(path)
      // Files for a ConfigMap lie anywhere.
      if (reference.content !== 'data' && !listers.has(posix.dirname(path))) listers.set(posix.dirname(path), file.path)
    }
    if (ownFaults.length > 0 && Object.keys(value).length === 0 && folder !== '.') unsure.add(folder)
  }
  for (const { folder, file } of graph.kustomizations.values()) listers.set(folder, file.path)
  const passedOverBy = (path: string): string | undefined => {
    const lister = listers.get(posix.dirname(path))
    return lister ?? (PATCH.test(path) ? path : commentedOutBy(path, graph))
  }
  const isUnsure = (path: string): boolean => {
    for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder)) {
      if (unsure.has(folder)) return true
    }
    return false
  }
  return {
    isRead: path => read.has(path) || isKustomizationName(posix.basename(path)) || (unsure.size > 0 && isUnsure(path)),
    passedOverBy,
  }
}

/** `# - web/web.yaml`, `# - path: "./web/web.yaml" # not yet`: a line that is a comment, and the last word that it was. */
const COMMENT = /^\s*#(?:.*?\s)?["']?([^\s"'#]+)["']?\s*(?:\s#.*)?$/

/** The kustomization above that has files of this folder in comments: somebody chose not to deploy them. */
function commentedOutBy(path: string, { kustomizations }: Graph): string | undefined {
  for (let folder = posix.dirname(posix.dirname(path)); ; folder = posix.dirname(folder)) {
    const file = kustomizations.get(folder)?.file
    const own = posix.relative(folder, posix.dirname(path))
    const isComment = (line: string): boolean => {
      const [, entry] = COMMENT.exec(line) ?? []
      return entry !== undefined && posix.dirname(posix.normalize(entry)) === own
    }
    if (file?.text.includes(`${own}/`) && file.text.split('\n').some(isComment)) return file.path
    if (folder === '.') return undefined
  }
}

/** A file that by its name, or its folder's, is laid over others and is nothing by itself. */
const PATCH = /(?:^|[/_.-])patch(?:es)?(?:[/_.-]|$)/i

function* listTexts(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) yield* listTexts(one)
}

function judgePaths(sources: Sources, graph: Graph, charts: ReadonlySet<string>): (path: string) => PathState {
  return path => {
    const entry = sources.resolve(path)
    if (entry.kind !== 'folder') return entry.kind === 'file' || entry.kind === 'outside' ? entry.kind : 'missing'
    if (graph.kustomizations.has(entry.path)) return 'kustomization'
    return charts.has(entry.path) ? 'chart' : 'directory'
  }
}

/** The faults of all kustomizations, each with the roots that read it. */
function listGraphFaults(graph: Graph): readonly Fault[] {
  const all = [...graph.kustomizations.values()]
  const faulty = all.filter(({ faults, blemishes }) => faults.length > 0 || blemishes.length > 0)
  if (faulty.length === 0) return []
  const readers = new Map<string, string[]>(faulty.map(({ folder }) => [folder, []]))
  for (const root of graph.kustomizations.keys()) {
    if (graph.referenced.has(root)) continue
    for (const { folder } of graph.reach(root)) readers.get(folder)?.push(root)
  }
  return faulty.flatMap(({ folder, faults, blemishes }) =>
    [...faults, ...blemishes].map(fault => ({ ...fault, builds: (readers.get(folder) ?? []).sort() })),
  )
}

/** Paths of all files that the build of a root reads. */
export function listFiles(graph: Graph, root: string): ReadonlySet<string> {
  const files = new Set<string>()
  for (const kustomization of graph.reach(root)) {
    files.add(kustomization.file.path)
    for (const { path } of kustomization.files) files.add(path)
  }
  return files
}

/** The source documents of resources that a root reads, before anything is changed in them; of files that may hold what is asked for. */
export function* listSourceDocuments(
  graph: Graph,
  sources: Sources,
  root: string,
  mayHold: (file: SourceFile) => boolean = () => true,
): Generator<LooseDocument> {
  for (const kustomization of graph.reach(root)) {
    for (const { path, reference } of kustomization.files) {
      const file = sources.read(path)
      if (reference.content === 'resource' && file instanceof SourceFile && mayHold(file)) yield* readDocuments(file)
    }
  }
}

function* readDocuments(file: SourceFile): Generator<LooseDocument> {
  for (const [document, value] of file.parse('kustomize').documents.entries()) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue
    const object = value as unknown as LooseDocument['object']
    const { items, kind } = object
    if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)) {
      for (const [item, one] of items.entries())
        if (typeof one === 'object' && one) yield { file, document, item, object: one }
    } else yield { file, document, object }
  }
}
