// Keeps renderings by the content of everything a build reads, so that a tree that did not change renders nothing.
import { hash } from 'node:crypto'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { keep, readKept } from '../../kept.ts'
import type { KubernetesObject } from '../../model/resource.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Sources } from '../../source/sources.ts'
import type { Graph, Kustomization } from '../graph/kustomization.ts'
import type { Kustomize } from './binary.ts'
import { canonicalText } from './copy.ts'

/** Grows when the meaning of a kept rendering changes. */
const FORMAT = 5

/** What the folder may hold once a run has ended. */
const MOST_BYTES = 512 * 1024 * 1024

/** Milliseconds after which a file that no run has finished is nobody's any more. */
const ABANDONED = 10 * 60_000

export interface RenderCache {
  /** Whether there is something to read, be it whole or not. */
  has(root: string): boolean
  read(root: string): readonly KubernetesObject[] | undefined
  write(root: string, resources: readonly KubernetesObject[]): void
  /** Removes the oldest renderings when the folder is too large, but none of this run. */
  trim(): void
  /** Trims after some renderings, of which one in sixteen is enough: to look at every file of the folder takes its time. */
  tidy(rendered: readonly string[]): void
}

/**
 * A cache in a folder, which several runs and machines may use at once: a rendering is named by what it was made of and
 * appears whole or not at all. A folder that cannot be read or written is neither a cache nor a fault.
 */
export function openRenderCache(
  folder: string,
  { sources, graph, kustomize }: { sources: Sources; graph: Graph; kustomize: Kustomize },
): RenderCache {
  const keys = new Map<string, string>()
  const keyOf = (root: string): string => {
    let key = keys.get(root)
    if (key === undefined) {
      key = hashBuild(root, sources, graph, kustomize)
      keys.set(root, key)
    }
    return key
  }
  const pathOf = (root: string): string => join(folder, `${keyOf(root)}.json`)
  const trim = (): void => trimFolder(folder, new Set(keys.values()))
  return {
    has: root => existsSync(pathOf(root)),
    read(root) {
      const kept = readKept<readonly KubernetesObject[]>(pathOf(root))
      return Array.isArray(kept) ? kept : undefined
    },
    write: (root, resources) => keep(pathOf(root), resources),
    trim,
    tidy(rendered) {
      if (rendered.some(root => keyOf(root).startsWith('0'))) trim()
    },
  }
}

/** Removes what is oldest in a cache that is too large, but nothing whose name begins with one of `kept`. */
function trimFolder(folder: string, kept: ReadonlySet<string>): void {
  try {
    const files = readdirSync(folder).map(name => {
      const { mtimeMs, size } = statSync(join(folder, name))
      return { name, time: mtimeMs, size }
    })
    let total = files.reduce((sum, { size }) => sum + size, 0)
    for (const { name, time, size } of files.sort((a, b) => a.time - b.time)) {
      const isAbandoned = !name.endsWith('.json') && Date.now() - time > ABANDONED
      if (!isAbandoned && (total <= MOST_BYTES || kept.has(name.split('.')[0] ?? ''))) continue
      rmSync(join(folder, name), { force: true })
      total -= size
    }
  } catch {
    // Another run trims it.
  }
}

type Renderer = Pick<Kustomize, 'version' | 'source' | 'isPinned' | 'command'>

/** What is known of the builds of a graph, which does not change and is asked for each root more than once. */
interface Hashes {
  readonly builds: Map<string, string>
  /** What kustomizations and their files are, which several roots may read. */
  readonly texts: Map<Kustomization, string>
}

const hashes = new WeakMap<Graph, WeakMap<Renderer, Hashes>>()

/** What names a build by everything that it is made of. */
export function hashBuild(root: string, sources: Sources, graph: Graph, kustomize: Renderer): string {
  const ofGraph = hashes.get(graph) ?? new WeakMap<Renderer, Hashes>()
  hashes.set(graph, ofGraph)
  const known = ofGraph.get(kustomize) ?? { builds: new Map(), texts: new Map() }
  ofGraph.set(kustomize, known)
  const content = known.builds.get(root) ?? hashContent(root, sources, graph, kustomize, known.texts)
  known.builds.set(root, content)
  return content
}

/** Everything kustomize could see: paths, contents, the root that is built, and which kustomize it is. */
function hashContent(
  root: string,
  sources: Sources,
  graph: Graph,
  kustomize: Renderer,
  texts: Hashes['texts'],
): string {
  const { version, source, isPinned } = kustomize
  const parts = [frame([String(FORMAT), version, source, isPinned ? '' : kustomize.command, root])]
  if (graph.isUnrestricted(root)) parts.push(frame(['unrestricted']))
  for (const kustomization of graph.reach(root)) {
    const text = texts.get(kustomization) ?? describe(kustomization, sources)
    texts.set(kustomization, text)
    parts.push(text)
  }
  return hash('sha256', parts.join(''), 'hex')
}

function describe(kustomization: Kustomization, sources: Sources): string {
  const files = kustomization.files.flatMap(({ path, reference }) => {
    const file = sources.read(path)
    return [path, reference.content, file instanceof SourceFile ? file.hash : 'unread']
  })
  return frame([kustomization.folder, canonicalText(kustomization), ...files])
}

/** Texts as one that no others make. */
const frame = (texts: readonly string[]): string => texts.map(text => `${text.length}:${text}`).join('')
