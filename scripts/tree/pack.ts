// Many small values in one file: a tree of thousands of files would else keep thousands of its own. Each is named by all that
// it was made of, so that a value that is there is right, whatever tree it was made for.
import { digest, keepText, readKeptText } from './kept.ts'

export interface Pack {
  get<Value>(name: string): Value | undefined
  has(name: string): boolean
  set(name: string, value: unknown): void
  /** Keeps what this run has asked for or made, and nothing else. */
  save(): void
}

/** What one pack may weigh: beyond that, values are made anew in each run. */
const MOST_CHARACTERS = 24 * 1024 * 1024

/** Undefined: nothing is kept. A pack that is not whole is empty. It is read once somebody asks. */
export function openPack(path: string | undefined): Pack {
  if (path === undefined) return { get: () => undefined, has: () => false, set: () => {}, save: () => {} }
  let values: ReadonlyMap<string, string> | undefined
  const used = new Map<string, string>()
  let weight = 0
  let isChanged = false
  const use = (name: string, text: string): void => {
    if (used.has(name)) return
    weight += name.length + text.length + 2
    if (weight <= MOST_CHARACTERS) used.set(name, text)
  }
  const find = (name: string): string | undefined => {
    values ??= read(path)
    const text = used.get(name) ?? values.get(name)
    if (text !== undefined) use(name, text)
    return text
  }
  return {
    get<Value>(name: string) {
      const text = find(name)
      return text === undefined ? undefined : (JSON.parse(text) as Value)
    },
    has: name => find(name) !== undefined,
    set(name, value) {
      if (weight > MOST_CHARACTERS) return
      isChanged = true
      use(name, JSON.stringify(value))
    },
    save() {
      if (isChanged) keepText(path, [...used].map(([name, text]) => `${name} ${text}\n`).join(''))
      isChanged = false
    },
  }
}

function read(path: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const line of lines(readKeptText(path) ?? '')) {
    const end = line.indexOf(' ')
    values.set(line.slice(0, end), line.slice(end + 1))
  }
  return values
}

function* lines(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start)
    yield text.slice(start, end)
    start = end + 1
  }
}

/** A name for what is made of some parts. */
export const nameOf = (...parts: readonly unknown[]): string => digest(JSON.stringify(parts))
