// What configMapGenerator and secretGenerator make: literals, files and env files, joined with what is there already.
import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { SourceFile } from '../../source/source-file.ts'
import type { Sources } from '../../source/sources.ts'
import {
  currentId,
  findByAnyId,
  isSameId,
  kindOf,
  makeObject,
  nameOf,
  namespaceOf,
  rememberName,
  setMetadata,
  type TracedObject,
} from './object.ts'
import { overwrite, StepError } from './step.ts'
import { textOfFile, textWithin, type TracedText } from './text.ts'
import {
  emptyMapping,
  fieldOf,
  type Mapping,
  type Origin,
  scalar,
  setField,
  textAt,
  textOf,
  toValue,
  type Traced,
} from './value.ts'

export interface GeneratorStep {
  readonly kind: 'ConfigMap' | 'Secret'
  /** The entry of the kustomization. */
  readonly entry: Traced
  /** The kustomization's generatorOptions. */
  readonly options: Traced | undefined
  readonly folder: string
  readonly sources: Sources
}

interface Pair {
  readonly key: string
  readonly bytes: Buffer
  readonly origin: Origin
}

/** Makes the object of one entry and puts it among the others, as its behavior says. */
export function applyGenerator(objects: TracedObject[], step: GeneratorStep): TracedObject {
  const made = generate(step)
  const id = currentId(made)
  const matches = findByAnyId(objects, one => isSameId(one, id))
  const behavior = textAt(step.entry, 'behavior') || 'create'
  const [old] = matches
  if (matches.length > 1) throw new StepError(`more than one ${id.kind} is called ${id.name}`)
  if (!old) {
    if (behavior === 'merge' || behavior === 'replace')
      throw new StepError(`there is no ${id.kind} ${id.name} to ${behavior}`)
    objects.push(made)
    return made
  }
  if (behavior === 'create') throw new StepError(`there is a ${id.kind} ${id.name} already`)
  copyMetadata(made, old)
  if (behavior === 'merge') {
    mergeData(made.root, old.root, 'data')
    mergeData(made.root, old.root, 'binaryData')
  } else {
    // What a replacement writes anew was something before.
    for (const field of ['data', 'binaryData']) {
      const before = fieldOf(old.root, field)
      const now = fieldOf(made.root, field)
      if (before?.kind !== 'mapping' || now?.kind !== 'mapping') continue
      for (const [key, { value }] of now.entries) {
        const past = before.entries.get(key)?.value
        if (past) value.origin = { ...value.origin, before: past.origin }
      }
    }
  }
  made.previous = old.previous
  made.prefixes = old.prefixes
  made.suffixes = old.suffixes
  made.vars.push(...old.vars)
  // A hash is put behind the name only where both want one.
  made.needsHash = made.needsHash && old.needsHash
  objects[objects.indexOf(old)] = made
  return made
}

function generate(step: GeneratorStep): TracedObject {
  const { entry, kind } = step
  const name = fieldOf(entry, 'name')
  const origin = entry.origin
  const root = emptyMapping(origin)
  const object = makeObject(root)
  setField(root, 'apiVersion', scalar('v1', origin))
  setField(root, 'kind', scalar(kind, origin))
  setMetadata(object, 'name', textOf(name), name?.origin ?? origin)
  const namespace = fieldOf(entry, 'namespace')
  if (textOf(namespace) !== '') setMetadata(object, 'namespace', textOf(namespace), namespace?.origin ?? origin)
  if (kind === 'Secret') {
    const type = fieldOf(entry, 'type')
    setField(root, 'type', scalar(textOf(type) || 'Opaque', textOf(type) ? (type?.origin ?? origin) : origin))
  }
  if (kind === 'Secret') setField(root, 'data', emptyMapping(origin))
  for (const pair of readPairs(step)) {
    const isText = isUtf8(pair.bytes)
    if (kind === 'Secret' || !isText) {
      const text = pair.bytes.toString('base64')
      setPair(
        root,
        kind === 'Secret' ? 'data' : 'binaryData',
        pair.key,
        kind === 'Secret' ? wrap(text) : wrap(text),
        pair.origin,
      )
    } else setPair(root, 'data', pair.key, pair.bytes.toString('utf8'), pair.origin)
  }
  object.isGenerated = true
  applyOptions(object, step)
  return object
}

/** kustomize breaks base64 into lines of 70 letters where it is longer. */
function wrap(text: string): string {
  if (text.length <= 70) return text
  return `${text.match(/.{1,70}/g)?.join('\n') ?? ''}\n`
}

function setPair(root: Mapping, field: string, key: string, text: string, origin: Origin): void {
  const data = fieldOf(root, field)
  const mapping = data?.kind === 'mapping' ? data : emptyMapping(origin)
  if (mapping !== data) setField(root, field, mapping)
  setField(mapping, key, scalar(text, origin))
}

const isUtf8 = (bytes: Buffer): boolean => Buffer.compare(Buffer.from(bytes.toString('utf8'), 'utf8'), bytes) === 0

function applyOptions(object: TracedObject, { entry, options }: GeneratorStep): void {
  const own = fieldOf(entry, 'options')
  for (const field of ['labels', 'annotations'] as const) {
    const pairs = new Map<string, Traced>()
    for (const source of [options, own]) {
      const found = fieldOf(source, field)
      if (found?.kind === 'mapping') for (const [key, { value }] of found.entries) pairs.set(key, value)
    }
    const metadata = fieldOf(object.root, 'metadata')
    if (pairs.size === 0 || metadata?.kind !== 'mapping') continue
    const first = [...pairs.values()][0]
    const mapping = emptyMapping(first?.origin ?? entry.origin)
    for (const [key, value] of pairs) setField(mapping, key, scalar(textOf(value), value.origin))
    setField(metadata, field, mapping)
  }
  const isSet = (field: string): Traced | undefined =>
    [own, options].map(one => fieldOf(one, field)).find(one => /^t/i.test(textOf(one)))
  const immutable = isSet('immutable')
  if (immutable) setField(object.root, 'immutable', scalar('true', immutable.origin, 'bool'))
  object.needsHash = isSet('disableNameSuffixHash') === undefined
}

function* readPairs(step: GeneratorStep): Generator<Pair> {
  const { entry } = step
  const envs = fieldOf(entry, 'envs')
  const env = fieldOf(entry, 'env')
  const paths = [...(envs?.kind === 'sequence' ? envs.items : []), ...(textOf(env) !== '' && env ? [env] : [])]
  for (const path of paths) yield* readEnvFile(openFile(step, textOf(path)), path.origin)
  const literals = fieldOf(entry, 'literals')
  for (const literal of literals?.kind === 'sequence' ? literals.items : []) yield readLiteral(literal)
  const files = fieldOf(entry, 'files')
  for (const item of files?.kind === 'sequence' ? files.items : []) {
    const text = textOf(item)
    const equals = text.indexOf('=')
    const path = equals < 0 ? text : text.slice(equals + 1)
    const file = openFile(step, path)
    const traced = textOfFile(file)
    yield {
      key: equals < 0 ? posix.basename(path) : text.slice(0, equals),
      bytes: Buffer.from(file.bytes),
      origin: {
        at: { text: traced, role: 'generator', rank: item.origin.at.rank, start: 0, end: traced.text.length },
        before: item.origin,
      },
    }
  }
}

function openFile({ sources, folder }: GeneratorStep, path: string): SourceFile {
  const file = sources.read(posix.join(folder, path))
  if (!(file instanceof SourceFile)) throw new StepError(`${path} cannot be read`)
  return file
}

function* readEnvFile(file: SourceFile, entry: Origin): Generator<Pair> {
  const text = textOfFile(file)
  const lines = /[^\n]*(?:\n|$)/g
  for (const match of text.text.matchAll(lines)) {
    if (match[0] === '') continue
    const line = match[0].replace(/\r?\n$/, '')
    const trimmed = line.replace(/^[\s\uFEFF]+/, '')
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const equals = trimmed.indexOf('=')
    const key = equals < 0 ? trimmed : trimmed.slice(0, equals)
    const value = equals < 0 ? '' : trimmed.slice(equals + 1)
    const start = match.index + line.length - trimmed.length
    const end = match.index + line.length
    yield {
      key,
      bytes: Buffer.from(value, 'utf8'),
      origin: {
        at: {
          text,
          role: 'generator',
          rank: entry.at.rank,
          start: end - value.length,
          end,
          keyStart: start,
          keyEnd: start + key.length,
        },
        before: entry,
      },
    }
  }
}

/** The value of `key=value`, shown where it stands in the scalar. */
function readLiteral(literal: Traced): Pair {
  const text = textOf(literal)
  const equals = text.indexOf('=')
  if (equals <= 0) throw new StepError(`the literal ${text} is not key=value`)
  const raw = text.slice(equals + 1)
  const isQuoted = raw.length >= 2 && (raw[0] === '"' || raw[0] === "'") && raw.at(-1) === raw[0]
  const value = isQuoted ? raw.slice(1, -1) : raw
  const { at } = literal.origin
  const inner = textWithin(at.text, at.start, at.end, text)
  const origin: Origin = inner.isExact ? { at: spanIn(inner, at.rank, equals, text.length) } : literal.origin
  return { key: text.slice(0, equals), bytes: Buffer.from(value, 'utf8'), origin }
}

const spanIn = (text: TracedText, rank: number, equals: number, end: number): Origin['at'] => ({
  text,
  role: 'generator',
  rank,
  start: equals + 1,
  end,
  keyStart: 0,
  keyEnd: equals,
})

function copyMetadata(made: TracedObject, old: TracedObject): void {
  const metadata = fieldOf(made.root, 'metadata')
  const before = fieldOf(old.root, 'metadata')
  if (metadata?.kind !== 'mapping' || before?.kind !== 'mapping') return
  for (const field of ['labels', 'annotations']) {
    const theirs = fieldOf(before, field)
    if (theirs?.kind !== 'mapping') continue
    const mine = fieldOf(metadata, field)
    const mapping = mine?.kind === 'mapping' ? mine : emptyMapping(theirs.origin)
    for (const [key, { value }] of theirs.entries) {
      const own = mapping.entries.get(key)
      if (own) own.value.origin = { ...own.value.origin, before: value.origin }
      else setField(mapping, key, value)
    }
    setField(metadata, field, mapping)
  }
  const name = fieldOf(before, 'name')
  if (name) setField(metadata, 'name', name)
  const namespace = fieldOf(before, 'namespace')
  if (namespaceOf(old) !== '' && namespace) setField(metadata, 'namespace', namespace)
  else metadata.entries.delete('namespace')
}

function mergeData(made: Mapping, old: Mapping, field: string): void {
  const theirs = fieldOf(old, field)
  if (theirs?.kind !== 'mapping') return
  const mine = fieldOf(made, field)
  const merged = emptyMapping(theirs.origin)
  for (const [key, { value }] of theirs.entries) setField(merged, key, value)
  if (mine?.kind === 'mapping') {
    for (const [key, { value }] of mine.entries) {
      const past = merged.entries.get(key)?.value
      if (past) value.origin = { ...value.origin, before: past.origin }
      setField(merged, key, value)
    }
  }
  setField(made, field, merged)
}

/** Puts the hashes of their content behind the names of what generators made. */
export function addHashes(objects: readonly TracedObject[]): void {
  for (const object of objects) {
    if (!object.needsHash) continue
    const metadata = fieldOf(object.root, 'metadata')
    const name = fieldOf(metadata, 'name')
    if (metadata?.kind !== 'mapping' || !name) continue
    const hash = hashOf(object)
    rememberName(object)
    const content = ['data', 'binaryData', 'stringData', 'type'].flatMap(field =>
      leafOrigins(fieldOf(object.root, field)),
    )
    setField(
      metadata,
      'name',
      scalar(`${nameOf(object)}-${hash}`, {
        ...overwrite(name.origin, name, true, content),
        at: name.origin.at,
        ...(name.origin.before ? { before: name.origin.before } : { before: undefined }),
      }),
    )
  }
}

function leafOrigins(node: Traced | undefined): readonly Origin[] {
  if (!node) return []
  if (node.kind === 'scalar') return [node.origin]
  if (node.kind === 'sequence') return node.items.flatMap(leafOrigins)
  return [...node.entries.values()].flatMap(({ value }) => leafOrigins(value))
}

const LETTERS: Readonly<Record<string, string>> = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' }

function hashOf(object: TracedObject): string {
  const { root } = object
  const kind = kindOf(object)
  const plain = (field: string): unknown => {
    const node = fieldOf(root, field)
    return node === undefined ? '' : node.kind === 'scalar' ? node.text : toValue(node)
  }
  // kustomize means to take the name as well, and looks for it in a field that is called `metadata/name`.
  const content: Record<string, unknown> = { kind, name: '', data: plain('data') }
  if (kind === 'Secret') {
    content.type = plain('type')
    if (fieldOf(root, 'stringData')?.kind === 'mapping') content.stringData = plain('stringData')
  } else if (fieldOf(root, 'binaryData')?.kind === 'mapping') content.binaryData = plain('binaryData')
  const digest = createHash('sha256').update(goJson(content)).digest('hex').slice(0, 10)
  return [...digest].map(letter => LETTERS[letter] ?? letter).join('')
}

/** JSON as Go writes it: keys sorted, and the letters of HTML escaped. */
function goJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    return `{${pairs.map(([key, one]) => `${goJson(key)}:${goJson(one)}`).join(',')}}`
  }
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
