// Many small values in one file: a tree of thousands of files would else keep thousands of its own. Each is named by all that
// it was made of, so that a value that is there is right, whatever tree it was made for.
import { digest, keepText, readKeptText } from './kept.ts'

export interface Pack {
  get<Value>(name: string): Value | undefined
  has(name: string): boolean
  set(name: string, value: unknown): void
  /** Keeps what this run has asked for or made, and nothing else. A little that is new in a large pack is not worth its writing. */
  save(): void
}

/** What one pack may weigh: beyond that, values are made anew in each run. */
const MOST_CHARACTERS = 24 * 1024 * 1024

/** One of so many, which the next run makes anew in no time. */
const LITTLE = 200

/** Undefined: nothing is kept. A pack that is not whole is empty. It is read once somebody asks. */
export function openPack(path: string | undefined): Pack {
  if (path === undefined) return { get: () => undefined, has: () => false, set: () => {}, save: () => {} }
  let known: Map<string, Entry> | undefined
  let weight = 0
  let used = 0
  let made = 0
  const use = (name: string, entry: Entry): void => {
    weight += name.length + entry.text.length + 2
    if (weight > MOST_CHARACTERS) return
    entry.isUsed = true
    used++
  }
  const entries = (): Map<string, Entry> => {
    known ??= read(path)
    return known
  }
  const find = (name: string): string | undefined => {
    const entry = entries().get(name)
    if (entry && !entry.isUsed) use(name, entry)
    return entry?.text
  }
  return {
    get<Value>(name: string) {
      const text = find(name)
      return text === undefined ? undefined : (JSON.parse(text) as Value)
    },
    has: name => find(name) !== undefined,
    set(name, value) {
      if (weight > MOST_CHARACTERS) return
      made++
      const entry = { text: JSON.stringify(value), isUsed: false }
      entries().set(name, entry)
      use(name, entry)
    },
    save() {
      if (made * LITTLE > used) keepText(path, format(entries()))
      made = 0
    },
  }
}

interface Entry {
  readonly text: string
  isUsed: boolean
}

function format(entries: ReadonlyMap<string, Entry>): string {
  let text = ''
  for (const [name, entry] of entries) if (entry.isUsed) text += `${name} ${entry.text}\n`
  return text
}

function read(path: string): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  for (const line of lines(readKeptText(path) ?? '')) {
    const end = line.indexOf(' ')
    entries.set(line.slice(0, end), { text: line.slice(end + 1), isUsed: false })
  }
  return entries
}

function* lines(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start)
    // What follows the last end of a line was not written whole.
    if (end < 0) return
    yield text.slice(start, end)
    start = end + 1
  }
}

/** A name for what is made of some parts. */
export const nameOf = (...parts: readonly unknown[]): string => digest(JSON.stringify(parts))
