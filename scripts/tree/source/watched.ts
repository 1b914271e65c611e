// Sources that remember what was asked of them: where every answer is the same, so is what came of it.
import { hash } from 'node:crypto'
import { posix } from 'node:path'
import { SourceFile } from './source-file.ts'
import { type Entry, isKustomizationName, type Sources, type Unreadable } from './sources.ts'

/** What was asked of some sources, and a hash of what they said. */
export interface Trace {
  /** Patterns that lists were asked without. */
  readonly lists: readonly (readonly string[])[]
  readonly entries: readonly string[]
  readonly files: readonly string[]
  readonly answers: string
}

/** What was asked so far, by whoever reads the same tree. */
class Asked {
  /** A walk sees the folder as it is at that moment: what it said is hashed at once. All else is said once. */
  readonly lists = new Map<string, string>()
  readonly listed = new Set<string>()
  readonly entries = new Set<string>()
  readonly files = new Set<string>()
}

export class Watched implements Sources {
  readonly #below: Sources
  readonly #asked: Asked
  /** What was said: many ask for the same. */
  readonly #entries = new Map<string, Entry>()
  readonly #files = new Map<string, SourceFile | Unreadable>()

  constructor(below: Sources, asked = new Asked()) {
    this.#below = below
    this.#asked = asked
  }

  list(exclude: readonly string[]): readonly string[] {
    const paths = this.#below.list(exclude)
    const key = JSON.stringify(exclude)
    const said = hashList(paths)
    for (const path of paths) this.#asked.listed.add(path)
    // A tree that changes under a run is not the same for anybody.
    this.#asked.lists.set(key, (this.#asked.lists.get(key) ?? said) === said ? said : 'changing')
    return paths
  }

  resolve(path: string): Entry {
    const known = this.#entries.get(path)
    if (known) return known
    this.#asked.entries.add(path)
    const entry = this.#below.resolve(path)
    this.#entries.set(path, entry)
    return entry
  }

  read(path: string): SourceFile | Unreadable {
    const known = this.#files.get(path)
    if (known) return known
    this.#asked.files.add(path)
    const file = this.#below.read(path)
    this.#files.set(path, file)
    return file
  }

  fork(): Sources {
    return new Watched(this.#below.fork(), this.#asked)
  }

  /** Whether a list says what stands at a path: it has plain files alone, and kustomizations that may be links. */
  #isKnown(path: string): boolean {
    return this.#asked.listed.has(path) && !isKustomizationName(posix.basename(path))
  }

  get readPaths(): readonly string[] {
    return this.#below.readPaths
  }

  get unreadable(): readonly Unreadable[] {
    return this.#below.unreadable
  }

  get trace(): Trace {
    const asked = {
      lists: [...this.#asked.lists.keys()].map(key => JSON.parse(key) as readonly string[]),
      entries: [...this.#asked.entries].filter(path => !this.#isKnown(path)),
      files: [...this.#asked.files],
    }
    return { ...asked, answers: hashAnswers(this.#below, asked, [...this.#asked.lists.values()]) }
  }
}

/** Whether some sources say all that a trace says. */
export function isSameAs(trace: Trace, sources: Sources): boolean {
  const lists = trace.lists.map(exclude => hashList(sources.list(exclude)))
  return hashAnswers(sources, trace, lists) === trace.answers
}

function hashAnswers(sources: Sources, { entries, files }: Omit<Trace, 'answers'>, lists: readonly string[]): string {
  const answers = [...lists]
  for (const path of entries) {
    const entry = sources.resolve(path)
    answers.push(path, entry.kind, entry.path, entry.kind === 'file' ? (entry.target ?? '') : '')
  }
  for (const path of files) {
    const file = sources.read(path)
    if (file instanceof SourceFile) answers.push(path, file.hash)
    else answers.push(path, file.path, file.reason)
  }
  // What a walk could not open shows here alone.
  for (const { path, reason } of sources.unreadable.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
    answers.push(path, reason)
  answers.push(String(sources.readPaths.length))
  // No path has the character 0.
  return hash('sha256', answers.join('\0'), 'base64url')
}

const hashList = (paths: readonly string[]): string => hash('sha256', JSON.stringify(paths), 'base64url')
