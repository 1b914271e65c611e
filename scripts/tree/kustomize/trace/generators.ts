// What configMapGenerator and secretGenerator make: literals, files and env files, joined with what is there already.
import { type GeneratorStep, readPairs } from './generated-pairs.ts'
import { currentId, findByAnyId, isSameId, makeObject, namespaceOf, setMetadata, type TracedObject } from './object.ts'
import { StepError } from './step.ts'
import {
  emptyMapping,
  fieldOf,
  type Mapping,
  type Origin,
  scalar,
  setField,
  type Traced,
  textAt,
  textOf,
} from './value.ts'

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
      setPair(root, kind === 'Secret' ? 'data' : 'binaryData', pair.key, wrap(text), pair.origin)
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
