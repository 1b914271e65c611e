// A tree with a change laid over it: what a command is about to write is judged before it is written.
import { posix } from 'node:path'
import ignore from 'ignore'
import { SourceFile } from './source-file.ts'
import { type Entry, normalizePath, REASONS, type Sources, type Unreadable } from './sources.ts'

/** New contents by path; null is a file that is gone. */
export type Edits = ReadonlyMap<string, Uint8Array | null>

/** The sources with the edits laid over them. */
export const layOver = (sources: Sources, edits: Edits): Sources => new Edited(sources, edits)

class Edited implements Sources {
  readonly #below: Sources
  readonly #edits: Edits
  readonly #folders = new Set<string>()
  readonly #read = new Map<string, SourceFile>()

  constructor(below: Sources, edits: Edits) {
    this.#below = below
    this.#edits = edits
    for (const [path, content] of edits) {
      if (content === null) continue
      for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder)) this.#folders.add(folder)
    }
  }

  list(exclude: readonly string[]): readonly string[] {
    const excluded = ignore().add([...exclude])
    const kept = this.#below.list(exclude).filter(path => this.#edits.get(path) !== null)
    const written = [...this.#edits].flatMap(([path, content]) =>
      content === null || excluded.ignores(path) ? [] : [path],
    )
    return [...new Set([...kept, ...written])].sort()
  }

  resolve(path: string): Entry {
    const normal = normalizePath(path)
    const edit = this.#edits.get(normal)
    if (edit !== undefined) return { kind: edit === null ? 'missing' : 'file', path: normal }
    if (this.#folders.has(normal)) return { kind: 'folder', path: normal }
    return this.#below.resolve(path)
  }

  read(path: string): SourceFile | Unreadable {
    const edit = this.#edits.get(path)
    if (edit === undefined) return this.#below.read(path)
    if (edit === null) return { path, reason: REASONS.missing }
    const file = this.#read.get(path) ?? new SourceFile(path, edit)
    this.#read.set(path, file)
    return file
  }

  fork(): Sources {
    return new Edited(this.#below.fork(), this.#edits)
  }

  get readPaths(): readonly string[] {
    return [...new Set([...this.#below.readPaths, ...this.#read.keys()])].sort()
  }

  get unreadable(): readonly Unreadable[] {
    return this.#below.unreadable.filter(({ path }) => !this.#edits.has(path))
  }
}
