// Turns what kustomize says of a failed build into a finding with a place: its own text names an id, seldom a file. The
// tables say which words mean what, where that is written, and how it is told.
import type { Fault } from '../../model/place.ts'
import { listAt, valueAt } from '../../model/build.ts'
import { closest } from '../../model/closest.ts'
import type { Sources } from '../../source/sources.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Graph } from '../graph/kustomization.ts'
import { type Explanation, explainBy, type Failure, readId, type Spot, spotIn } from './explanation.ts'
import { GENERATOR_ERRORS } from './generators.ts'
import { PATCH_ERRORS } from './patches.ts'
import { REPLACEMENT_ERRORS } from './replacements.ts'
import { SETTING_ERRORS } from './settings.ts'
import { SHAPE_ERRORS } from './shapes.ts'
import { VAR_ERRORS } from './vars.ts'
import { isNamed, resourceDocuments } from './written.ts'

export interface BuildFailure {
  readonly graph: Graph
  readonly sources: Sources
  readonly root: string
  /** The private copy's folder, which kustomize's text names. */
  readonly copy: string
}

const WORKLOADS = ['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet']

const BUILD_ERRORS: readonly Explanation[] = [
  {
    pattern: /may not add resource with an already registered id: ([^\s']+)/,
    rule: 'duplicate-resource',
    find: ([, id = ''], failure) => findTwin(id, failure),
    say: ([, id = ''], { note }) => `${readId(id)} ${note}`,
  },
  {
    pattern: /may not add resource with an already registered id: ([^\s']+)/,
    find: (_, { reach: [top] }) => top && spotIn(top, ['resources']),
    say: ([, id = '']) => `${readId(id)} is written twice`,
  },
  {
    pattern:
      /namespace transformation produces ID conflict: \[\{.*?"kind":"([^"]+)".*?previousNames":"([^",]+)(?:.*previousNames":"([^",]+))?/,
    rule: 'namespace-conflict',
    find: ([, kind, name], failure) => findNamespace(kind, name, failure),
    say: ([, kind, name, other], { note }) =>
      other === undefined || other === name
        ? `${kind} ${name} is there in more than one namespace, and all of them become ${note}`
        : `${kind} ${name} and ${kind} ${other} both become ${note}`,
  },
  {
    pattern: /resource with name (\S+) does not match a config with the following GVK/,
    rule: 'unmatched-replica',
    find: ([, name], { reach }) => {
      for (const kustomization of reach) {
        const entries = listAt(kustomization.value, ['replicas'])
        const index = entries.findIndex(entry => valueAt(entry, ['name']) === name)
        if (index >= 0) return spotIn(kustomization, ['replicas', index, 'name'])
      }
      return undefined
    },
    say([, name = ''], _, failure) {
      const documents = [...resourceDocuments(failure)]
      const other = documents.find(({ value }) => valueAt(value, ['metadata', 'name']) === name)?.value
      const kinds = `${WORKLOADS.slice(0, -1).join(', ')} or ${WORKLOADS.at(-1)}`
      if (other)
        return `replicas: ${String(valueAt(other, ['kind']))} ${name} is not a ${kinds}: it has no replica count`
      const names = documents
        .filter(({ value }) => WORKLOADS.includes(String(valueAt(value, ['kind']))))
        .map(({ value }) => String(valueAt(value, ['metadata', 'name'])))
      const near = closest(name, names)
      return `replicas: no workload is named ${name}${near && near !== name ? `; did you mean ${near}?` : ''}`
    },
  },
  ...GENERATOR_ERRORS,
  ...VAR_ERRORS,
  ...PATCH_ERRORS,
  ...REPLACEMENT_ERRORS,
  ...SHAPE_ERRORS,
  ...SETTING_ERRORS,
  {
    // The innermost file that the text names.
    pattern: /^.*$/s,
    find([text = ''], { reach, sources }) {
      for (const path of [...text.matchAll(/(?:^|[\s'"(])((?:[\w.@+-]+\/)*[\w.@+-]+)/g)]
        .map(match => match[1] ?? '')
        .reverse()) {
        const file = sources.resolve(path).kind === 'file' ? sources.read(path) : undefined
        const isPart = reach.some(one => one.file.path === path || one.files.some(read => read.path === path))
        if (file instanceof SourceFile && isPart) return { range: file.rangeAt(0), fieldPath: [] }
      }
      return undefined
    },
    say: ([text = '']) => shorten(text),
  },
  {
    // The innermost folder, else the field that the words are about.
    pattern: /^.*$/s,
    find([text = ''], { reach }) {
      const named = [...reach].reverse().find(one => one.folder !== '.' && text.includes(`'${one.folder}'`))
      const field = reach.length === 1 ? guessField(text) : undefined
      const at = named ?? reach[0]
      return at && spotIn(at, field !== undefined && !named ? [field] : [])
    },
    say: ([text = '']) => shorten(text),
  },
]

/** The fault at the best place that can be known; at the root's kustomization when nothing better is. */
export function explainBuildError(error: string, build: BuildFailure): Fault {
  const text = clean(error, build)
  const failure = { root: build.root, reach: build.graph.reach(build.root), sources: build.sources }
  const fault = explainBy(BUILD_ERRORS, text, failure)
  if (!fault) throw new Error(`build ${build.root} has no kustomization`)
  return fault
}

/** What a name of a megabyte adds to the text explains nothing, and is much to search. */
const longest = 20_000

/** Paths of the private copy become paths of the tree. */
function clean(error: string, { copy, root }: BuildFailure): string {
  const text = error.length > longest ? `${error.slice(0, longest / 2)} ... ${error.slice(-longest / 2)}` : error
  const plain = text
    .replaceAll(`${copy}/`, '')
    .replaceAll(copy, root)
    .replace(/^error: /i, '')
    .trim()
  return unquote(plain).replace(/\s*\n\s*/g, ' ')
}

const quoting = 'accumulateDirectory: "'

/** What a component said is quoted (Go's %q) to the end of the text, once more for each component on the way. */
function unquote(text: string): string {
  let plain = text
  for (let at = plain.indexOf(quoting); at >= 0 && plain.endsWith('"'); at = plain.indexOf(quoting)) {
    const inner = plain.slice(at + quoting.length, -1)
    const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t' }
    plain = plain.slice(0, at) + inner.replace(/\\(.)/g, (_, letter: string) => escapes[letter] ?? letter)
  }
  return plain
}

/** kustomize wraps the cause in a sentence for each folder on the way; the last part says what is wrong. */
function shorten(text: string): string {
  const cause = text
    .replace(/accumulating (?:resources|components): /g, '')
    .replace(/accumulation err='(?:(?:accumulating|merging) resources from '[^']*': )?/g, '')
    .replace(/loading \w+ plugins: /g, '')
    .replace(/'[^']*' must resolve to a file': /g, '')
    .replace(/couldn't make target for path '[^']*': /g, '')
    .replace(/recursed (?:accumulation|merging) (?:of|from) path '[^']*': /g, '')
    .replace(/merging from generator &\{[^}]*\}: /g, '')
    .replace(/trouble configuring builtin (\w+) with config: `[^`]*`: /g, '$1: ')
    .replace(/'+: must build at directory: .*$/, '')
  return cause.length > 400 ? `${cause.slice(0, 397)}...` : cause
}

function guessField(text: string): string | undefined {
  if (/patch|json6902|doc is missing|testing (?:path|value)/i.test(text)) return 'patches'
  return /replacement/i.test(text) ? 'replacements' : undefined
}

function findTwin(id: string, failure: Failure): Spot | undefined {
  const [kind, name] = readId(id).split(' ')
  const places = [...resourceDocuments(failure)].filter(({ value }) => isNamed(value, kind, name))
  const [first, second] = [places[0], places.at(-1)]
  if (!first || !second) return undefined
  const fieldPath = ['metadata', 'name']
  const range = second.rangeOf(fieldPath)
  const isOne = first.file === second.file && first.rangeOf(fieldPath).line === range.line
  const way = isOne ? findSecondWay(first.file, failure) : undefined
  const note = isOne ? 'is reached twice by this build' : `is written in ${first.file} as well`
  return way ?? { range, fieldPath, note }
}

/** The entry that brings a file which another entry brings already, in the innermost kustomization that has two of them. */
function findSecondWay(path: string, failure: Failure): Spot | undefined {
  const holder = failure.reach.find(({ files }) => files.some(read => read.path === path))
  for (const kustomization of [...failure.reach].reverse()) {
    const ways = [...kustomization.files, ...kustomization.folders].filter(
      read => read.path === path || (holder && isBelow(holder.folder, read.path, failure)),
    )
    const [first, second] = [ways[0], ways.at(-1)]
    if (!first || !second || first === second) continue
    const note =
      first.path === second.path
        ? `is in ${first.path}, which is listed twice`
        : `is in ${path}, which ${first.path} brings as well`
    return spotIn(kustomization, second.reference.fieldPath, note)
  }
  return undefined
}

/** The innermost kustomization that has a namespace and reads the objects. */
function findNamespace(kind: string | undefined, name: string | undefined, failure: Failure): Spot | undefined {
  for (const kustomization of [...failure.reach].reverse()) {
    const { namespace } = kustomization.value
    if (typeof namespace !== 'string' || namespace === '') continue
    const below = {
      ...failure,
      reach: failure.reach.filter(one => one === kustomization || isBelow(one.folder, kustomization.folder, failure)),
    }
    const found = [...resourceDocuments(below)].filter(({ value }) => isNamed(value, kind, name))
    if (found.length > 1) return spotIn(kustomization, ['namespace'], namespace)
  }
  const top = failure.reach.find(({ value }) => typeof value.namespace === 'string')
  return top && spotIn(top, ['namespace'], String(top.value.namespace))
}

/** Whether one folder is read from another one. */
function isBelow(folder: string, from: string, { reach }: Failure): boolean {
  const byFolder = new Map(reach.map(one => [one.folder, one]))
  const seen = new Set([from])
  for (const at of seen) for (const { path } of byFolder.get(at)?.folders ?? []) seen.add(path)
  return seen.has(folder)
}
