// Writes what a build reads into a private folder: kustomize never sees the tree itself, and reads what the screen read.
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join, posix } from 'node:path'
import type { Value } from '../../model/resource.ts'
import type { Sources } from '../../source/sources.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Graph, Kustomization } from '../graph/kustomization.ts'
import type { Batch } from './batch.ts'
import type { Slice } from './slices.ts'

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

  /** Makes a folder that builds several roots in one process, each in a namespace of its own; returns it. */
  addBatch(batch: Batch): string {
    const folder = `../batch-${this.#batches++}`
    const toTree = posix.join('..', basename(this.folder))
    const resources = [...batch].map(([place, { root, namespace }]) => {
      this.add(root)
      if (place === namespace) return posix.join(toTree, root)
      const wrapper = { namespace: place, resources: [posix.join('..', toTree, root)] }
      this.#write(posix.join(folder, place, 'kustomization.yaml'), JSON.stringify(wrapper))
      return place
    })
    this.#write(posix.join(folder, 'kustomization.yaml'), JSON.stringify({ resources }))
    return join(this.folder, folder)
  }

  /** Makes a folder that builds some files of a root as the root would; returns it. */
  addSlice({ root, paths }: Slice): string {
    const kustomization = this.#graph.kustomizations.get(root)
    const folder = `../slice-${this.#batches++}`
    const resources = paths.map((path, index) => {
      const name = `${index}.yaml`
      this.#copy(path, posix.join(folder, name))
      return name
    })
    this.#write(posix.join(folder, 'kustomization.yaml'), JSON.stringify({ ...kustomization?.value, resources }))
    return join(this.folder, folder)
  }

  #addKustomization(kustomization: Kustomization): void {
    if (this.#written.has(kustomization.folder)) return
    this.#written.add(kustomization.folder)
    const text = canonicalText(kustomization)
    this.#write(posix.join(kustomization.folder, 'kustomization.yaml'), text)
    for (const { path, reference } of kustomization.files) {
      if (this.#written.has(path)) continue
      this.#written.add(path)
      this.#copy(path, path, reference.content === 'plugin')
    }
  }

  #copy(path: string, target: string, isPlugin = false): void {
    const source = this.#sources.read(path)
    if (!(source instanceof SourceFile)) throw new Error(`${path} was read before and cannot be read now`)
    const rewritten = (): string =>
      source
        .parse('kustomize')
        .documents.map(value => JSON.stringify(value))
        .join('\n---\n')
    this.#write(target, isPlugin ? rewritten() : source.bytes)
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

const texts = new WeakMap<Kustomization, string>()

/** The text of a kustomization in the copy. It is asked for by each root that reads the kustomization. */
export function canonicalText(kustomization: Kustomization): string {
  const text = texts.get(kustomization) ?? JSON.stringify(rewrite(kustomization))
  texts.set(kustomization, text)
  return text
}

/** The kustomization as kustomize shall read it: with folders by their path without links. */
function rewrite({ folder, value, folders }: Kustomization): Readonly<Record<string, Value>> {
  const lists = new Map<string, Value[]>()
  for (const { path, reference } of folders) {
    const [field, index] = reference.fieldPath
    const name = String(field)
    const list = lists.get(name) ?? [...(value[name] as readonly Value[])]
    list[Number(index)] = posix.relative(folder, path) || '.'
    lists.set(name, list)
  }
  return { ...value, ...Object.fromEntries(lists) }
}
