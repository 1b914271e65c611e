// A folder as Git has it: what is tracked is deployed, whatever a .gitignore says.
import ignore from 'ignore'
import { git } from './commit.ts'
import type { SourceFile } from './source-file.ts'
import type { Entry, Sources, Unreadable } from './sources.ts'

/** Lists also what a `.gitignore` names, where Git tracks it: so does the same tree of a commit. Throws GitError. */
export function withTracked(sources: Sources, folder: string): Sources {
  const listed = git(folder, ['ls-files', '-z', '--cached', '--stage']).toString('utf8').split('\0')
  // Links are followed where something refers to them, and are not files of their own.
  const files = listed.flatMap(line => /^100\d+ [0-9a-f]+ \d\t([\s\S]+)$/.exec(line)?.[1] ?? [])
  return new Tracked(sources, [...new Set(files)])
}

class Tracked implements Sources {
  readonly #below: Sources
  readonly #tracked: readonly string[]

  constructor(below: Sources, tracked: readonly string[]) {
    this.#below = below
    this.#tracked = tracked
  }

  list(exclude: readonly string[]): readonly string[] {
    const listed = this.#below.list(exclude)
    const known = new Set(listed)
    const excluded = ignore().add([...exclude])
    // Nor does a list go through a folder that has become a link.
    const isPlain = (path: string): boolean => {
      const entry = this.#below.resolve(path)
      return entry.kind === 'file' && entry.target === undefined
    }
    const more = this.#tracked.filter(path => !known.has(path) && !excluded.ignores(path) && isPlain(path))
    return more.length ? [...listed, ...more].sort() : listed
  }

  resolve(path: string): Entry {
    return this.#below.resolve(path)
  }

  read(path: string): SourceFile | Unreadable {
    return this.#below.read(path)
  }

  fork(): Sources {
    return new Tracked(this.#below.fork(), this.#tracked)
  }

  get readPaths(): readonly string[] {
    return this.#below.readPaths
  }

  get unreadable(): readonly Unreadable[] {
    return this.#below.unreadable
  }
}
