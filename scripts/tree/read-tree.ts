// Reads a whole tree up to the point where something must be rendered: its graph, its roots, its loose manifests.
import { posix } from 'node:path'
import { buildGraph, describeTextFault } from './kustomize/graph/graph.ts'
import type { Graph, StageFault } from './kustomize/graph/kustomization.ts'
import type { NotExamined } from '../validate/findings/finding.ts'
import type { PathState } from './argocd/applications.ts'
import { type LooseDocument, readLooseManifests } from './source/manifests.ts'
import { KUSTOMIZATION_NAMES, SourceFile, type Sources } from './source/sources.ts'

export interface Tree {
  readonly sources: Sources
  readonly graph: Graph
  /** Folders that are built: kustomizations that no other one reads. */
  readonly roots: readonly string[]
  readonly loose: readonly LooseDocument[]
  readonly looseFaults: readonly StageFault[]
  readonly notExamined: readonly NotExamined[]
  /** What an Application's path means here. */
  stateOf(path: string): PathState
}

/** Walks and reads the tree. Starts no process. */
export function readTree(sources: Sources, exclude: readonly string[]): Tree {
  const paths = sources.walk(exclude)
  const names = new Set<string>(KUSTOMIZATION_NAMES)
  const folders = new Set(paths.filter(path => names.has(posix.basename(path))).map(path => posix.dirname(path)))
  const graph = buildGraph(sources, folders)
  const read = new Set<string>()
  for (const kustomization of graph.kustomizations.values()) {
    read.add(kustomization.file.path)
    for (const { path } of kustomization.files) read.add(path)
  }
  // What a kustomization with a fault would have read is not known: nothing below it counts as a loose manifest.
  const unsure = [...graph.kustomizations.values()]
    .filter(({ faults }) => faults.length > 0)
    .map(({ folder }) => folder)
  const isRead = (path: string): boolean =>
    read.has(path) ||
    names.has(posix.basename(path)) ||
    unsure.some(folder => folder !== '.' && path.startsWith(`${folder}/`))
  const loose = readLooseManifests(sources, paths, isRead)
  const notExamined: NotExamined[] = [...loose.notExamined]
  for (const { path, reason } of sources.unreadable) {
    if (!notExamined.some(({ file }) => file === path)) notExamined.push({ file: path, line: 1, reason })
  }
  const roots: string[] = []
  for (const [folder, kustomization] of graph.kustomizations) {
    if (graph.referenced.has(folder)) continue
    if (kustomization.kind === 'Kustomization') roots.push(folder)
    else notExamined.push({ file: kustomization.file.path, line: 1, reason: 'a Component that no build uses' })
  }
  const charts = new Set(paths.filter(path => posix.basename(path) === 'Chart.yaml').map(path => posix.dirname(path)))
  const stateOf = (path: string): PathState => {
    const entry = sources.resolve(path)
    if (entry.kind !== 'folder') return entry.kind === 'file' || entry.kind === 'outside' ? entry.kind : 'missing'
    if (graph.kustomizations.has(entry.path)) return 'kustomization'
    return charts.has(entry.path) ? 'chart' : 'directory'
  }
  const looseFaults = loose.faults.map(({ file, fault }) => describeTextFault(file, fault))
  return { sources, graph, roots: roots.sort(), loose: loose.documents, looseFaults, notExamined, stateOf }
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
