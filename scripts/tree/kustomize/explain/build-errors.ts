// Turns what kustomize says of a failed build into a finding with a place: its own text names an id, seldom a file.
import { type Fault, faultAt, type FieldPath } from '../../model/place.ts'
import { parseText } from '../../source/yaml/parse.ts'
import { findNode, findPair, type Node } from '../../source/yaml/position.ts'
import type { Sources } from '../../source/sources.ts'
import { SourceFile } from '../../source/source-file.ts'
import { listAt, valueAt } from '../../model/build.ts'
import type { Graph, Kustomization } from '../graph/kustomization.ts'
import { allReplacementsOf, explainReplacement, type Replacement } from './replacements.ts'

export interface BuildFailure {
  readonly graph: Graph
  readonly sources: Sources
  readonly root: string
  /** The private copy's folder, which kustomize's text names. */
  readonly copy: string
}

/** The fault at the best place that can be known; at the root's kustomization when nothing better is. */
export function explainBuildError(error: string, build: BuildFailure): Fault {
  const text = clean(error, build)
  const reach = build.graph.reach(build.root)
  const fault = (message: string, kustomization: Kustomization | undefined, fieldPath: FieldPath): Fault => {
    const file = kustomization?.file ?? reach[0]?.file
    if (!file) throw new Error(`build ${build.root} has no kustomization`)
    return faultAt('kustomize-build', message, file.rangeOf(0, fieldPath), fieldPath)
  }
  const twin = /may not add resource with an already registered id: ([^\s']+)/.exec(text)?.[1]
  if (twin) return explainTwin(twin, build) ?? fault(`${readId(twin)} is written twice`, undefined, ['resources'])
  const unmatched = /no (?:resource )?matches for Id (\S+?);? failed to find unique target for patch (\S+)/.exec(
    text,
  )?.[2]
  if (unmatched) {
    const place = findPatch(unmatched, build)
    const message = `the patch is for ${readId(unmatched)}, and no resource of that kind and name is there`
    if (place) return faultAt('kustomize-build', message, place, ['metadata', 'name'])
    return fault(message, undefined, ['patches'])
  }
  const replicas = /resource with name (\S+) does not match a config with the following GVK/.exec(text)?.[1]
  if (replicas) {
    const found = findEntry(reach, 'replicas', 'name', replicas)
    return fault(`replicas: no workload is named ${replicas}`, found?.kustomization, [
      ...(found?.path ?? ['replicas']),
      'name',
    ])
  }
  const merged =
    /id resid\.ResId\{.*Name:"([^"]+)".*\} (?:does not exist; cannot merge or replace|exists; behavior must be merge or replace)/.exec(
      text,
    )
  if (merged?.[1]) {
    const found =
      findEntry(reach, 'configMapGenerator', 'name', merged[1]) ??
      findEntry(reach, 'secretGenerator', 'name', merged[1])
    const message = text.includes('does not exist')
      ? `no ${merged[1]} is there to merge into: a base must generate it first`
      : `${merged[1]} is generated already: say behavior: merge or replace`
    return fault(message, found?.kustomization, found?.path ?? [])
  }
  const selector = explainSelector(text, reach, build.sources)
  if (selector) return selector
  const replacement = explainReplacement(text, reach, build.sources)
  if (replacement) return replacement
  const operation = findOperation(text, build)
  if (operation) return faultAt('kustomize-build', shorten(text), operation)
  // The innermost file or folder that the text names.
  for (const path of [...text.matchAll(/(?:^|[\s'"(])((?:[\w.@+-]+\/)*[\w.@+-]+)/g)]
    .map(match => match[1] ?? '')
    .reverse()) {
    const file = build.sources.resolve(path).kind === 'file' ? build.sources.read(path) : undefined
    const isPart = reach.some(one => one.file.path === path || one.files.some(read => read.path === path))
    if (file instanceof SourceFile && isPart) {
      return faultAt('kustomize-build', shorten(text), file.rangeAt(0))
    }
  }
  const field = reach.length === 1 ? guessField(text) : undefined
  const named = [...reach].reverse().find(one => one.folder !== '.' && text.includes(`'${one.folder}'`))
  return fault(shorten(text), named, field && named === undefined ? [field] : [])
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
    .replace(/accumulation err='.*?': /g, '')
    .replace(/recursed (?:accumulation|merging) (?:of|from) path '[^']*': /g, '')
    .replace(/trouble configuring builtin (\w+) with config: `[^`]*`: /g, '$1: ')
  return cause.length > 400 ? `${cause.slice(0, 397)}...` : cause
}

function guessField(text: string): string | undefined {
  if (/patch|json6902|doc is missing|testing (?:path|value)/i.test(text)) return 'patches'
  return /replacement/i.test(text) ? 'replacements' : undefined
}

/** `Deployment.v1.apps/web.ns` as people say it. */
function readId(id: string): string {
  const [, kind, name] = /^([^.]+)\.[^/]*\/(.+?)(?:\.\[?[\w-]*\]?)?$/.exec(id) ?? []
  return kind && name ? `${kind} ${name}` : id
}

function explainTwin(id: string, { graph, sources, root }: BuildFailure): Fault | undefined {
  const [kind, name] = readId(id).split(' ')
  const places: { file: SourceFile; document: number }[] = []
  for (const kustomization of graph.reach(root)) {
    for (const { path, reference } of kustomization.files) {
      const file = sources.read(path)
      if (reference.content !== 'resource' || !(file instanceof SourceFile)) continue
      for (const [document, value] of file.parse('kustomize').documents.entries()) {
        if (valueAt(value, ['kind']) === kind && valueAt(value, ['metadata', 'name']) === name)
          places.push({ file, document })
      }
    }
  }
  const [first, second] = [places[0], places.at(-1)]
  if (!first || !second) return undefined
  const fieldPath = ['metadata', 'name']
  const where = first === second ? 'is reached twice by this build' : `is written in ${first.file.path} as well`
  return faultAt(
    'duplicate-resource',
    `${kind} ${name} ${where}`,
    second.file.rangeOf(second.document, fieldPath),
    fieldPath,
  )
}

function findPatch(id: string, { graph, sources, root }: BuildFailure) {
  const [kind, name] = readId(id).split(' ')
  const isIt = (tree: Node | undefined): tree is Node => {
    if (!tree || findPair(tree, 'kind')?.value.text !== kind) return false
    return findNode(tree, ['metadata', 'name']).value.text === name
  }
  for (const kustomization of graph.reach(root)) {
    for (const { path, reference } of kustomization.files) {
      const file = sources.read(path)
      if (reference.content !== 'patch' || !(file instanceof SourceFile)) continue
      const index = file.trees.findIndex(isIt)
      if (index >= 0) return file.rangeOf(index, ['metadata', 'name'])
    }
    for (const field of ['patches', 'patchesStrategicMerge']) {
      const entries = valueAt(kustomization.value, [field])
      for (const [index, entry] of (Array.isArray(entries) ? entries : []).entries()) {
        const text = typeof entry === 'string' ? entry : valueAt(entry, ['patch'])
        if (typeof text !== 'string') continue
        const { documents } = parseText(text, 'kustomize')
        const isHere = documents.some(
          one => valueAt(one, ['kind']) === kind && valueAt(one, ['metadata', 'name']) === name,
        )
        if (isHere)
          return kustomization.file.rangeOf(0, [field, index, ...(typeof entry === 'string' ? [] : ['patch'])])
      }
    }
  }
  return undefined
}

/** The operation of a JSON patch whose path the text names. */
function findOperation(text: string, { graph, sources, root }: BuildFailure) {
  const pointers = new Set([...text.matchAll(/(?:^|[\s'":])(\/[^\s'",:]+)/g)].map(match => match[1]))
  if (pointers.size === 0) return undefined
  const isIt = (operation: unknown): boolean => pointers.has(String(valueAt(operation, ['path'])))
  for (const kustomization of graph.reach(root)) {
    for (const { path, reference } of kustomization.files) {
      const file = sources.read(path)
      if (reference.content !== 'patch' || !(file instanceof SourceFile)) continue
      for (const [index, document] of file.parse('kustomize').documents.entries()) {
        const position = Array.isArray(document) ? document.findIndex(isIt) : -1
        if (position >= 0) return file.rangeOf(index, [position, 'path'])
      }
    }
    for (const field of ['patches', 'patchesJson6902']) {
      const entries = valueAt(kustomization.value, [field])
      for (const [index, entry] of (Array.isArray(entries) ? entries : []).entries()) {
        const patch = valueAt(entry, ['patch'])
        const { documents } = typeof patch === 'string' ? parseText(patch, 'kustomize') : { documents: [] }
        if (documents.some(one => Array.isArray(one) && one.some(isIt))) {
          return kustomization.file.rangeOf(0, [field, index, 'patch'])
        }
      }
    }
  }
  return undefined
}

function findEntry(reach: readonly Kustomization[], field: string, key: string, value: string) {
  for (const kustomization of reach) {
    const entries = valueAt(kustomization.value, [field])
    const index = (Array.isArray(entries) ? entries : []).findIndex(entry => valueAt(entry, [key]) === value)
    if (index >= 0) return { kustomization, path: [field, index] as FieldPath }
  }
  return undefined
}

/** A selector that kustomize cannot read; its text shows a part of the value at most. */
function explainSelector(text: string, reach: readonly Kustomization[], sources: Sources): Fault | undefined {
  const find = (message: string, fields: readonly string[], isIt: (value: string) => boolean) => {
    for (const { value: selector, rangeOf } of reach.flatMap(one => [...selectorsOf(one, sources)])) {
      for (const field of fields) {
        const value = valueAt(selector, [field])
        if (typeof value !== 'string' || !isIt(value)) continue
        return faultAt('kustomize-build', message, rangeOf([field]), [field])
      }
    }
    return undefined
  }
  const [, reason, part] = /error parsing regexp: (.*?): `(.*?)`/.exec(text) ?? []
  if (part !== undefined) {
    const message = `not a regular expression of Go (RE2): ${reason}`
    const isIt = (value: string) => `^(?:${value})$`.includes(part)
    return find(message, ['group', 'version', 'kind', 'name', 'namespace'], isIt)
  }
  const unreadable = /unable to parse requirement: (.*)/.exec(text)?.[1]
  if (unreadable === undefined) return undefined
  const isIt = (value: string) => !isLabelSelector(value)
  return find(`not a label selector: ${unreadable}`, ['labelSelector', 'annotationSelector'], isIt)
}

function* selectorsOf(kustomization: Kustomization, sources: Sources): Generator<Replacement> {
  for (const field of ['patches', 'patchesJson6902']) {
    for (const [index, entry] of listAt(kustomization.value, [field]).entries()) {
      const path: FieldPath = [field, index, 'target']
      const rangeOf = (inner: FieldPath) => kustomization.file.rangeOf(0, [...path, ...inner])
      yield { value: valueAt(entry, ['target']), rangeOf }
    }
  }
  for (const { value, rangeOf } of allReplacementsOf(kustomization, sources)) {
    for (const [index, target] of listAt(value, ['targets']).entries()) {
      const at = (path: FieldPath) => ({
        value: valueAt(target, path),
        rangeOf: (inner: FieldPath) => rangeOf(['targets', index, ...path, ...inner]),
      })
      yield at(['select'])
      for (const position of listAt(target, ['reject']).keys()) yield at(['reject', position])
    }
  }
}

const requirement = /^\s*(?:!?\s*[\w./-]+|[\w./-]+\s*(?:==?|!=)\s*[\w.-]*|[\w./-]+\s+(?:not)?in\s*\([\w.,\s-]*\))\s*$/

function isLabelSelector(value: string): boolean {
  // The expressions below take their time over a text made for it.
  if (value.length > 2_000) return false
  // A comma within parentheses separates values.
  return value === '' || value.split(/,(?![^(]*\))/).every(part => requirement.test(part))
}
