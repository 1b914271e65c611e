// Writes what a build reads into a private folder: kustomize never sees the tree itself, and reads what the screen read.
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join, posix } from 'node:path'
import type { Value } from '../../model/resource.ts'
import type { Sources } from '../../source/sources.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Graph, Kustomization } from '../graph/kustomization.ts'

/** The folder of a private copy; kustomizations are written anew as JSON, so no second parser has an opinion on them. */
export class PrivateCopy {
  readonly folder: string
  readonly #sources: Sources
  readonly #graph: Graph
  readonly #written = new Set<string>()
  readonly #folders = new Set<string>()

  #batches = 0

  constructor(folder: string, sources: Sources, graph: Graph) {
    this.folder = folder
    this.#sources = sources
    this.#graph = graph
  }

  /** Makes sure that everything the build of a root reads is there; returns the root's folder in the copy. */
  add(root: string): string {
    for (const kustomization of this.#graph.reach(root)) this.#addKustomization(kustomization)
    return join(this.folder, root)
  }

  /** Makes a folder that builds several roots in one process; returns it. */
  addBatch(roots: readonly string[]): string {
    for (const root of roots) this.add(root)
    const folder = join(this.folder, '..', `batch-${this.#batches++}`)
    mkdirSync(folder)
    const resources = roots.map(root => posix.join('..', basename(this.folder), root))
    writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify({ resources }))
    return folder
  }

  #addKustomization(kustomization: Kustomization): void {
    if (this.#written.has(kustomization.folder)) return
    this.#written.add(kustomization.folder)
    const text = canonicalText(kustomization)
    this.#write(posix.join(kustomization.folder, 'kustomization.yaml'), text)
    for (const { path, reference } of kustomization.files) {
      if (this.#written.has(path)) continue
      this.#written.add(path)
      const source = this.#sources.read(path)
      if (!(source instanceof SourceFile)) throw new Error(`${path} was read before and cannot be read now`)
      if (reference.content !== 'plugin') this.#write(path, source.bytes)
      else
        this.#write(
          path,
          source
            .parse('kustomize')
            .documents.map(value => JSON.stringify(value))
            .join('\n---\n'),
        )
    }
  }

  #write(path: string, content: string | Uint8Array): void {
    const target = join(this.folder, path)
    const folder = posix.dirname(path)
    if (!this.#folders.has(folder)) {
      mkdirSync(join(this.folder, folder), { recursive: true })
      this.#folders.add(folder)
    }
    writeFileSync(target, content)
  }
}

/** The text of a kustomization in the copy. */
export const canonicalText = (kustomization: Kustomization): string => JSON.stringify(rewrite(kustomization))

/** The kustomization as kustomize shall read it: with folders by their path without links. */
function rewrite({ folder, value, folders }: Kustomization): Readonly<Record<string, Value>> {
  const copy = structuredClone(value) as Record<string, Value>
  for (const { path, reference } of folders) {
    const [field, index] = reference.fieldPath
    const list = copy[String(field)] as Value[]
    list[Number(index)] = posix.relative(folder, path) || '.'
  }
  return copy
}
