// Files that are written to be read by a test or shown on a page: what is wrong in them may be meant, and nothing sends
// them to an API server.
import { posix } from 'node:path'
import { findLatest, isOfEarlier } from './earlier-versions.ts'
import { SourceFile } from './source-file.ts'
import { isKustomizationName, KUSTOMIZATION_NAMES, type Sources } from './sources.ts'

/** Sources of tests, by the names that their runners look for. */
const TEST_SOURCE =
  /(?:_test\.(?:go|py|rb|exs?)|(?:^|\/)(?:test_[^/]*|conftest)\.py|\.(?:test|spec|stories)\.[cm]?[jt]sx?|(?:Test|Tests|IT)\.(?:java|kt)|_spec\.rb|\.bats)$/
const PAGE = /\.(?:mdx?|rst|adoc)$/
/** How generators of pages take in another file: `{% include 'a.yaml' %}`, `--8<-- "a.yaml"`, `{!a.yaml!}`, `.. literalinclude:: a.yaml`, `import a from './a.yaml'`. */
const INCLUDE = /--8<--|\{![^{}!]+!\}|\b(?:literal)?include(?:::|\b)|\breadfile\b|^[ \t]*import\b.*\bfrom\b/m
/** A folder in a text, to which the name of a file is added: `"./cases/" + name`. */
const FOLDER = /["'`](?:\.\/)?([\w@-][\w.@-]*(?:\/[\w.@-]+)*)\/["'`]/g
/** A path in a text, with or without its extension. */
const PATH = /[\w.@-]+(?:\/[\w.@-]+)*/g

/** Read for this, and no more: what tests say beyond it is not known. */
const MOST_BYTES = 64 * 1024 * 1024

/** Says of a path why what stands there is not meant to be deployed; undefined where nothing says so. */
export type ReadByTests = (path: string) => Reader | undefined
export type Reader =
  | 'an input of a test'
  | 'an example that a page shows'
  | 'what a generator of a program writes for another one'
  | 'a part of a vendored program'
  | 'an earlier version that a catalog keeps'
  | 'an earlier version beside later ones'
  | 'in a hidden folder, of which nothing is deployed'

/** `list` is called, and sources of tests are read, when a path is asked for that its own name does not tell of. */
export function openTestInputs(sources: Sources, list: () => readonly string[]): ReadByTests {
  let mentions: Mentions | undefined
  return path => {
    if (/(?:^|\/)\.[^./][^/]*\//.test(path)) return 'in a hidden folder, of which nothing is deployed'
    if (isVendored(path, sources)) return 'a part of a vendored program'
    if (/(?:^|\/)zz_generated[^/]*\//.test(path)) return 'what a generator of a program writes for another one'
    if (isKeptForTests(path, sources)) return 'an input of a test'
    // Whoever looks into a file for this does not examine it.
    mentions ??= readMentions(sources.fork(), list())
    if (isNamedAbove(path, mentions.tests, sources) || isBelowOne(path, mentions.cases)) return 'an input of a test'
    if (isBelowOne(path, mentions.suites)) return 'an input of a test'
    if (isEarlier(path, mentions.catalogs)) return 'an earlier version that a catalog keeps'
    if (isOfEarlier(path, mentions.latest)) return 'an earlier version beside later ones'
    return isShown(path, mentions) ? 'an example that a page shows' : undefined
  }
}

/** By the end of its path; a name alone tells of a file only where no other has it. */
function isShown(path: string, { shown, counts }: Mentions): boolean {
  const name = posix.basename(path)
  if (isKustomizationName(name)) return false
  return (shown.get(name) ?? []).some(one =>
    one.includes('/') ? path === one || path.endsWith(`/${one}`) : counts.get(name) === 1,
  )
}

/** Where Go, and jsonnet-bundler, keep copies of what a program is made of. */
function isVendored(path: string, sources: Sources): boolean {
  const [, folder] = /^((?:.*\/)?vendor)\//.exec(path) ?? []
  if (folder === undefined) return false
  return ['modules.txt', '../jsonnetfile.json'].some(name => sources.resolve(posix.join(folder, name)).kind === 'file')
}

/** A program that checks what it is given has files, and folders, that are wrong, and called so. */
const INVALID = /(?:^|[-_.])(?:[Ii]nvalid|[Mm]alformed)(?=[A-Z\d_.-]|$)|^bad$/
/** `testdata`, `testutils`, `fake`, `golden`, `e2e`, `mock_data`, `scale-test`; `test` alone may be an environment. */
const TESTS =
  /^(?:_?test-?(?:data|utils?)|testing|fakes?|golden(?:s|[-_]?files?)?)$|(?:^|[-_.])(?:e2e|mocks?|conformance)(?:[-_.]|$)|[-_.]test(?:s|ing)?$|^test(?:s|ing)?[-_.]/i

/**
 * Go passes over folders of the name `testdata`, and keeps what tests of several packages have in folders like `testutils`
 * or `internal/test`, which other trees may call a cluster; Maven and Gradle keep what only tests have in `src/test`, runners of
 * JavaScript snapshots and stand-ins between underscores, and everybody `fixtures`.
 */
function isKeptForTests(path: string, sources: Sources): boolean {
  const segments = posix.dirname(path).split('/')
  if (segments.some(segment => /^__[a-z]+__$/.test(segment))) return true
  if (segments.some((segment, index) => segment === 'test' && segments[index - 1] === 'src')) return true
  if (path.split('/').some(segment => INVALID.test(segment))) return true
  if (segments.includes('fixtures')) return true
  const at = segments.findIndex(
    (segment, index) => TESTS.test(segment) || (segment === 'test' && segments[index - 1] === 'internal'),
  )
  if (at < 0) return false
  for (let depth = at; depth >= 0; depth--)
    if (sources.resolve(posix.join(...segments.slice(0, depth), 'go.mod')).kind === 'file') return true
  return false
}

/**
 * A test names what lies in its own folder or below it: what lies elsewhere is the program itself, and what lies in the
 * folder of a kustomization is what that builds.
 */
function isNamedAbove(path: string, tests: Mentions['tests'], sources: Sources): boolean {
  const folder = posix.dirname(path)
  const name = posix.basename(path)
  const pairs = [name, name.replace(/\.[^.]+$/, '')].map(one => posix.join(posix.basename(folder), one))
  for (let at = folder; at !== '.'; at = posix.dirname(at)) {
    const named = isKustomized(at, sources) ? undefined : tests.get(at)
    if (named && (named.has(`${folder}/`) || pairs.some(pair => named.has(pair)))) return true
    if (named?.has(name) && (at === folder || at === posix.dirname(folder))) return true
  }
  return false
}

const isKustomized = (folder: string, sources: Sources): boolean =>
  KUSTOMIZATION_NAMES.some(name => sources.resolve(posix.join(folder, name)).kind === 'file')

/** Folders of what people read and copy. */
const SHOWN = /(?:^|\/)_?(?:samples?|examples?|demos?|tutorials?|docs?|documentation)\//i
/** Folders in which a program keeps its sources, what it carries and what its developers need. */
const CARRIED = /(?:^|\/)_?(?:hack|internal|pkg|cmd|tools?|assets|contrib)\//i

/** Folders of what was deployed once. */
const RETIRED =
  /(?:^|\/)(?:[_.]?(?:archived?|attic|deprecated|disabled|graveyard|legacy|obsolete|old|retired|unused)|[^/]+[-_.](?:archived?|deprecated|disabled|obsolete|old|retired|unused))\//i

export const isRetired = (path: string): boolean => RETIRED.test(path)

/** Whether a path says that what lies there is shown to people. */
export const isShownAside = (path: string): boolean => SHOWN.test(path)

/** Whether what lies there is a part of a program, which knows what it does with it. */
export function isCarriedAside(path: string, sources: Sources): boolean {
  const at = CARRIED.exec(path)?.index
  if (at === undefined) return false
  const above = path.slice(0, at).split('/')
  return ['', ...above].some((_, depth) => holdsProgram(above.slice(0, depth).join('/'), sources))
}

const holdsProgram = (folder: string, sources: Sources): boolean =>
  PROGRAM.some(name => sources.resolve(posix.join(folder, name)).kind === 'file')

interface Mentions {
  /** What the tests of a folder name: `folder/name`, a name with the extension of a manifest, a whole path of a folder with `/`. */
  readonly tests: ReadonlyMap<string, ReadonlySet<string>>
  /** Files that pages take in, as they are written there, by their names. */
  readonly shown: ReadonlyMap<string, readonly string[]>
  /** How many files have a name. */
  readonly counts: ReadonlyMap<string, number>
  /** Folders that programs are told to test with. */
  readonly cases: ReadonlySet<string>
  /** The tests of a program, beside its sources: `test/` beside a `go.mod`. */
  readonly suites: ReadonlySet<string>
  /** Folders with a folder for each version of an operator, and the names of those that are current. */
  readonly catalogs: ReadonlyMap<string, readonly string[]>
  /** The last version in each folder that keeps several. */
  readonly latest: ReadonlyMap<string, string>
}

/** What kuttl holds against a cluster is told by its name alone. */
const ASSERTION = /^\d+-(?:assert|errors?)(?:-[\w-]+)?\.ya?ml$/
/** What tells kuttl, chainsaw or the program of Kyverno to make a test of a folder. */
const CASE = /^apiVersion:\s*["']?(?:kuttl\.dev|(?:chainsaw|cli)\.kyverno\.io)\/\S+\s*$/m

function isBelowOne(path: string, folders: ReadonlySet<string>): boolean {
  for (let at = posix.dirname(path); at !== '.'; at = posix.dirname(at)) if (folders.has(at)) return true
  return false
}

/** What says that the sources of a program lie here, and not the environments of a cluster. */
const PROGRAM = [
  'go.mod',
  'package.json',
  'pom.xml',
  'build.gradle',
  'build.gradle.kts',
  'Cargo.toml',
  'pyproject.toml',
  'setup.py',
  'Gemfile',
]

/** `test`, `e2e`, `integration-tests`. */
const SUITE = /^(?:(?:e2e|integration|acceptance|smoke|system|functional|unit)[-_]?)?tests?$|^e2e$/
/** `test` may be an environment, which has scripts as well. */
const ENVIRONMENT = /^tests?$/
const SCRIPT = /\.(?:sh|bash)$|(?:^|\/)[a-z][\w-]*$/

/** The folders of tests above a source of a test or a script, where a program lies in or beside them. */
function* listSuites(path: string, sources: Sources, programs: Map<string, boolean>): Generator<string> {
  const isTest = TEST_SOURCE.test(path)
  if (!isTest && !SCRIPT.test(path)) return
  const isOne = (folder: string): boolean => {
    const known = programs.get(folder) ?? holdsProgram(folder, sources)
    programs.set(folder, known)
    return known
  }
  // What Go tests is a module, wherever that begins.
  const isGo = path.endsWith('_test.go')
  const isInModule = (folder: string): boolean => {
    for (let at = folder; ; at = posix.dirname(at)) {
      if (sources.resolve(posix.join(at, 'go.mod')).kind === 'file') return true
      if (at === '.') return false
    }
  }
  for (let at = posix.dirname(path); at !== '.'; at = posix.dirname(at)) {
    const name = posix.basename(at)
    if (!SUITE.test(name) || (!isTest && ENVIRONMENT.test(name))) continue
    if (isOne(at) || isOne(posix.dirname(at)) || (isGo && isInModule(at))) yield at
  }
}

/** The page of a package of OLM, which names the current version of each channel. */
const CATALOG = /\.package\.ya?ml$/

/** Whether a path lies in the folder of a version that is no longer the current one. */
function isEarlier(path: string, catalogs: Mentions['catalogs']): boolean {
  if (catalogs.size === 0) return false
  for (let at = posix.dirname(path); at !== '.'; at = posix.dirname(at)) {
    const current = catalogs.get(posix.dirname(at))
    const version = posix.basename(at)
    if (current && /^v?\d/.test(version)) return !current.some(name => name.endsWith(`.v${version.replace(/^v/, '')}`))
  }
  return false
}

function readMentions(sources: Sources, paths: readonly string[]): Mentions {
  const tests = new Map<string, Set<string>>()
  const shown = new Map<string, string[]>()
  const counts = new Map<string, number>()
  const cases = new Set<string>()
  const suites = new Set<string>()
  const programs = new Map<string, boolean>()
  const catalogs = new Map<string, readonly string[]>()
  let left = MOST_BYTES
  for (const path of paths) {
    counts.set(posix.basename(path), (counts.get(posix.basename(path)) ?? 0) + 1)
    if (/\.ya?ml$/.test(path)) {
      if (ASSERTION.test(posix.basename(path))) cases.add(posix.dirname(path))
      const file = sources.read(path)
      if (!(file instanceof SourceFile)) continue
      if (CASE.test(file.text)) cases.add(posix.dirname(path))
      const name = posix.basename(path)
      if (isExplained(file)) shown.set(name, [...(shown.get(name) ?? []), path])
      const current = CATALOG.test(path) ? [...file.text.matchAll(/\bcurrentCSV:\s*["']?([^\s"']+)/g)] : []
      if (current.length)
        catalogs.set(
          posix.dirname(path),
          current.map(([, name = '']) => name),
        )
      continue
    }
    const isTest = TEST_SOURCE.test(path)
    for (const suite of listSuites(path, sources, programs)) suites.add(suite)
    if (left <= 0 || (!isTest && !PAGE.test(path))) continue
    const file = sources.read(path)
    if (!(file instanceof SourceFile)) continue
    left -= file.size
    if (isTest) readTest(file, tests)
    else readPage(file, shown)
  }
  return { tests, shown, counts, cases, suites, catalogs, latest: findLatest(paths) }
}

/** A manual that is written as a manifest: it has every field that there is, and says on nearly each line what it is for. */
function isExplained({ path, text }: SourceFile): boolean {
  if (!/(?:^|\/)docs?\//.test(path)) return false
  const lines = text.split('\n').filter(line => line.trim() !== '')
  const notes = lines.filter(line => line.includes(' # ')).length
  return notes >= FEWEST_NOTES && notes >= lines.length * 0.75
}

const FEWEST_NOTES = 30

function readTest({ path, text }: SourceFile, tests: Map<string, Set<string>>): void {
  const folder = posix.dirname(path)
  const named = tests.get(folder) ?? new Set()
  tests.set(folder, named)
  for (const [, name = ''] of text.matchAll(FOLDER)) named.add(`${posix.join(folder, name)}/`)
  for (const [token] of text.matchAll(PATH)) {
    const [name = '', parent] = token.split('/').reverse()
    if (parent !== undefined) named.add(`${parent.replace(/^@/, '')}/${name}`)
    else if (/\.(?:ya?ml|json)$/.test(name)) named.add(name)
  }
}

function readPage({ text }: SourceFile, shown: Map<string, string[]>): void {
  if (!INCLUDE.test(text)) return
  for (const line of text.split('\n')) {
    if (!INCLUDE.test(line)) continue
    for (const [token] of line.matchAll(PATH)) {
      if (!/\.(?:ya?ml|json)$/.test(token)) continue
      const name = posix.basename(token)
      shown.set(name, [...(shown.get(name) ?? []), token.replace(/^(?:\.{1,2}\/)+/, '')])
    }
  }
}
