// Files that are written to be read by a test or shown on a page: what is wrong in them may be meant, and nothing sends
// them to an API server.
import { posix } from 'node:path'
import { SourceFile } from './source-file.ts'
import type { Sources } from './sources.ts'

/** Sources of tests, by the names that their runners look for. */
const TEST_SOURCE =
  /(?:_test\.(?:go|py|rb|exs?)|(?:^|\/)(?:test_[^/]*|conftest)\.py|\.(?:test|spec)\.[cm]?[jt]sx?|(?:Test|Tests|IT)\.(?:java|kt)|_spec\.rb|\.bats)$/
const PAGE = /\.(?:mdx?|rst|adoc)$/
/** How generators of pages take in another file: `{% include 'a.yaml' %}`, `--8<-- "a.yaml"`, `.. literalinclude:: a.yaml`. */
const INCLUDE = /--8<--|\b(?:literal)?include(?:::|\b)|\breadfile\b/
/** A path in a text, with or without its extension. */
const PATH = /[\w.@-]+(?:\/[\w.@-]+)*/g

/** Read for this, and no more: what tests say beyond it is not known. */
const MOST_BYTES = 64 * 1024 * 1024

/** Says of a path why what stands there is not meant to be deployed; undefined where nothing says so. */
export type ReadByTests = (path: string) => 'an input of a test' | 'an example that a page shows' | undefined

/** `list` is called, and sources of tests are read, when a path is asked for that its own name does not tell of. */
export function openTestInputs(sources: Sources, list: () => readonly string[]): ReadByTests {
  let mentions: Mentions | undefined
  return path => {
    if (isKeptForTests(path, sources)) return 'an input of a test'
    mentions ??= readMentions(sources, list())
    const name = posix.basename(path)
    if (isNamedAbove(path, mentions.tests)) return 'an input of a test'
    return mentions.shown.has(name) ? 'an example that a page shows' : undefined
  }
}

/** Go passes over folders of the name `testdata`; runners of JavaScript keep snapshots and stand-ins between underscores. */
function isKeptForTests(path: string, sources: Sources): boolean {
  const segments = posix.dirname(path).split('/')
  if (segments.some(segment => /^__[a-z]+__$/.test(segment))) return true
  const at = segments.indexOf('testdata')
  if (at < 0) return false
  for (let depth = at; depth >= 0; depth--)
    if (sources.resolve(posix.join(...segments.slice(0, depth), 'go.mod')).kind === 'file') return true
  return false
}

/** A test names what lies in its own folder or below it: what lies elsewhere is the program itself. */
function isNamedAbove(path: string, tests: Mentions['tests']): boolean {
  const folder = posix.dirname(path)
  const name = posix.basename(path)
  const pairs = [name, name.replace(/\.[^.]+$/, '')].map(one => posix.join(posix.basename(folder), one))
  for (let at = folder; at !== '.'; at = posix.dirname(at)) {
    const named = tests.get(at)
    if (named && pairs.some(pair => named.has(pair))) return true
    if (named?.has(name) && (at === folder || at === posix.dirname(folder))) return true
  }
  return false
}

interface Mentions {
  /** What the tests of a folder name: `folder/name`, or a name with the extension of a manifest. */
  readonly tests: ReadonlyMap<string, ReadonlySet<string>>
  /** Names of files that pages take in. */
  readonly shown: ReadonlySet<string>
}

function readMentions(sources: Sources, paths: readonly string[]): Mentions {
  const tests = new Map<string, Set<string>>()
  const shown = new Set<string>()
  let left = MOST_BYTES
  for (const path of paths) {
    const isTest = TEST_SOURCE.test(path)
    if (left <= 0 || (!isTest && !PAGE.test(path))) continue
    const file = sources.read(path)
    if (!(file instanceof SourceFile)) continue
    left -= file.bytes.length
    if (isTest) readTest(file, tests)
    else readPage(file, shown)
  }
  return { tests, shown }
}

function readTest({ path, text }: SourceFile, tests: Map<string, Set<string>>): void {
  const folder = posix.dirname(path)
  const named = tests.get(folder) ?? new Set()
  tests.set(folder, named)
  for (const [token] of text.matchAll(PATH)) {
    const [name = '', parent] = token.split('/').reverse()
    if (parent !== undefined) named.add(`${parent.replace(/^@/, '')}/${name}`)
    else if (/\.(?:ya?ml|json)$/.test(name)) named.add(name)
  }
}

function readPage({ text }: SourceFile, shown: Set<string>): void {
  if (!INCLUDE.test(text)) return
  for (const line of text.split('\n')) {
    if (!INCLUDE.test(line)) continue
    for (const [token] of line.matchAll(PATH)) if (/\.(?:ya?ml|json)$/.test(token)) shown.add(posix.basename(token))
  }
}
