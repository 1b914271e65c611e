// Renders environments as they are and as they would be, from the tree with a change laid over it, or from a commit.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { findKustomize, type Kustomize, NoKustomizeError } from '../tree/kustomize/build/binary.ts'
import { PrivateCopy } from '../tree/kustomize/build/copy.ts'
import { buildGraph } from '../tree/kustomize/graph/graph.ts'
import { render } from '../tree/kustomize/build/render.ts'
import type { KubernetesObject } from '../tree/model/resource.ts'
import { type Entry, KUSTOMIZATION_NAMES, SourceFile, Sources, type Unreadable } from '../tree/source/sources.ts'
import { listFiles } from '../tree/read-tree.ts'
import { Refusal } from './refusal.ts'

/** New contents by path; null is a file that is gone. */
export type Edits = ReadonlyMap<string, Uint8Array | null>

/** Whether two contents are the same bytes; null is a file that is not there. */
export const isSame = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a === null || b === null ? a === b : Buffer.compare(a, b) === 0

/** An environment rendered, or why it cannot be. */
export interface RenderedEnvironment {
  readonly text: string
  readonly objects: readonly KubernetesObject[]
  readonly error?: string
}

export interface RenderedTree {
  readonly environments: ReadonlyMap<string, RenderedEnvironment>
  /** Every file that the renderings read. */
  readonly readPaths: readonly string[]
}

/** Files of a tree that lie over the files of a folder. */
class EditedSources extends Sources {
  readonly #edits: Edits
  readonly #folders = new Set<string>()
  readonly #read = new Map<string, SourceFile>()

  constructor(root: string, edits: Edits) {
    super(root)
    this.#edits = edits
    for (const [path, content] of edits) {
      if (content === null) continue
      for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder)) this.#folders.add(folder)
    }
  }

  override get readPaths(): readonly string[] {
    return [...new Set([...super.readPaths, ...this.#read.keys()])].sort()
  }

  override resolve(path: string): Entry {
    const normal = posix.normalize(path).replace(/(.)\/$/, '$1')
    const edit = this.#edits.get(normal)
    if (edit !== undefined) return { kind: edit === null ? 'missing' : 'file', path: normal }
    if (this.#folders.has(normal)) return { kind: 'folder', path: normal }
    return super.resolve(path)
  }

  override read(path: string): SourceFile | Unreadable {
    const edit = this.#edits.get(path)
    if (edit === undefined) return super.read(path)
    if (edit === null) return { path, reason: 'it does not exist' }
    const file = this.#read.get(path) ?? new SourceFile(path, edit)
    this.#read.set(path, file)
    return file
  }
}

/** Renders folders (as `overlays/prod`) of the tree below `root` with `edits` laid over it. */
export async function renderTree(root: string, edits: Edits, folders: readonly string[]): Promise<RenderedTree> {
  const sources = new EditedSources(root, edits)
  const graph = buildGraph(sources, folders)
  const home = mkdtempSync(join(tmpdir(), 'edit-'))
  try {
    const copy = new PrivateCopy(join(home, 'tree'), sources, graph, 'as written')
    const environments = new Map<string, RenderedEnvironment>()
    for (const folder of folders) {
      const fault = graph.reach(folder).flatMap(({ faults }) => faults)[0]
      if (!graph.kustomizations.has(folder)) {
        environments.set(folder, { text: '', objects: [], error: `${folder} has no kustomization.yaml` })
      } else if (fault) {
        const { file, line, column } = fault.location
        environments.set(folder, { text: '', objects: [], error: `${file}:${line}:${column}: ${fault.message}` })
      } else {
        environments.set(folder, await renderOne(copy.add(folder), home))
      }
    }
    return { environments, readPaths: sources.readPaths }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

async function renderOne(folder: string, home: string): Promise<RenderedEnvironment> {
  const rendering = await render(kustomize(), folder, home)
  if ('error' in rendering) return { text: '', objects: [], error: rendering.error }
  const objects = rendering.resources
  return { objects, text: objects.map(object => stringify(object, { lineWidth: 0 })).join('---\n') }
}

/** The files that each of the folders reads when it is built, of the tree with `edits` laid over it. Renders nothing. */
export function listReads(
  root: string,
  edits: Edits,
  folders: readonly string[],
): ReadonlyMap<string, { readonly isBuild: boolean; readonly paths: ReadonlySet<string> }> {
  const graph = buildGraph(new EditedSources(root, edits), folders)
  const known = [...graph.kustomizations].filter(([folder]) => folders.includes(folder))
  return new Map(
    known.map(([folder, { kind }]) => [folder, { isBuild: kind === 'Kustomization', paths: listFiles(graph, folder) }]),
  )
}

let found: Kustomize | undefined

function kustomize(): Kustomize {
  if (found) return found
  const modulesFolder = fileURLToPath(new URL('../../node_modules', import.meta.url))
  const machine = { platform: `${process.platform}-${process.arch}`, environment: process.env, modulesFolder }
  try {
    found = findKustomize({ ...machine, cacheFolder: join(modulesFolder, '.cache', 'validate') })
  } catch (error) {
    if (error instanceof NoKustomizeError) throw new Refusal(error.message, 2)
    throw error
  }
  return found
}

/** The kustomization file of a folder, by whichever of its three names; undefined when there is none. */
export function findKustomizationFile(root: string, folder: string): string | undefined {
  const sources = new Sources(root)
  return KUSTOMIZATION_NAMES.map(name => posix.join(folder, name)).find(path => sources.resolve(path).kind === 'file')
}
