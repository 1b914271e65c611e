// Reads a whole tree up to the point where something must be rendered: its graph, its roots, its loose manifests.
import { posix } from 'node:path'
import type { PathState } from './argocd/applications.ts'
import { buildGraph, describeTextFault } from './kustomize/graph/graph.ts'
import type { Graph } from './kustomize/graph/kustomization.ts'
import { type Fault, fileOf, type NotExamined, type Stage } from './model/place.ts'
import { type LooseDocument, readLooseManifests } from './source/manifests.ts'
import { SourceFile } from './source/source-file.ts'
import { isKustomizationName, type Sources } from './source/sources.ts'

export interface Tree {
  readonly sources: Sources
  readonly graph: Graph
  /** Folders that are built: kustomizations that no other one reads. */
  readonly roots: readonly string[]
  readonly loose: readonly LooseDocument[]
  /** What an Application's path means here. */
  stateOf(path: string): PathState
}

/** Walks and reads the tree. Starts no process. */
export function readTree(sources: Sources, exclude: readonly string[]): Stage<Tree> {
  const paths = sources.list(exclude)
  const folders = new Set(
    paths.filter(path => isKustomizationName(posix.basename(path))).map(path => posix.dirname(path)),
  )
  const graph = buildGraph(sources, folders)
  const loose = readLooseManifests(sources, paths, pathsRead(graph))
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
  const faults = loose.faults.map(({ file, fault }) => describeTextFault(file, fault))
  const value = {
    sources,
    graph,
    roots: roots.sort(),
    loose: loose.documents,
    stateOf: judgePaths(sources, graph, charts),
  }
  return { value, faults: [...faults, ...listGraphFaults(graph)], notExamined }
}

/** Reads what some folders build, and nothing else of the tree. */
export function readFolders(sources: Sources, folders: readonly string[]): Stage<Tree> {
  const graph = buildGraph(sources, folders)
  const roots = folders.filter(folder => graph.kustomizations.get(folder)?.kind === 'Kustomization')
  const value = { sources, graph, roots, loose: [], stateOf: judgePaths(sources, graph, new Set()) }
  return { value, faults: listGraphFaults(graph), notExamined: [] }
}

/** Says which paths a kustomization takes. */
function pathsRead(graph: Graph): (path: string) => boolean {
  const read = new Set<string>()
  // What a kustomization with a fault would have read is not known: nothing below it counts as a loose manifest.
  const unsure = new Set<string>()
  for (const kustomization of graph.kustomizations.values()) {
    read.add(kustomization.file.path)
    for (const { path } of kustomization.files) read.add(path)
    if (kustomization.faults.length > 0 && kustomization.folder !== '.') unsure.add(kustomization.folder)
  }
  const isUnsure = (path: string): boolean => {
    for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder)) {
      if (unsure.has(folder)) return true
    }
    return false
  }
  return path => read.has(path) || isKustomizationName(posix.basename(path)) || (unsure.size > 0 && isUnsure(path))
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
  const faulty = [...graph.kustomizations.values()].filter(({ faults }) => faults.length > 0)
  if (faulty.length === 0) return []
  const readers = new Map<string, string[]>(faulty.map(({ folder }) => [folder, []]))
  for (const root of graph.kustomizations.keys()) {
    if (graph.referenced.has(root)) continue
    for (const { folder } of graph.reach(root)) readers.get(folder)?.push(root)
  }
  return faulty.flatMap(({ folder, faults }) =>
    faults.map(fault => ({ ...fault, builds: (readers.get(folder) ?? []).sort() })),
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

/** The source documents of resources that a root reads, before anything is changed in them. */
export function* listSourceDocuments(graph: Graph, sources: Sources, root: string): Generator<LooseDocument> {
  for (const kustomization of graph.reach(root)) {
    for (const { path, reference } of kustomization.files) {
      const file = sources.read(path)
      if (reference.content === 'resource' && file instanceof SourceFile) yield* readDocuments(file)
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
