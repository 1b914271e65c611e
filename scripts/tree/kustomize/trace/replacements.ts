// `replacements`: values that are copied from one field into others.
import { allIds, effectiveNamespace, isSelectedKind, labelsOf, type TracedObject } from './object.ts'
import { splitPath } from './field-spec.ts'
import { matchesLabelSelector } from './label-query.ts'
import { matchesKind, matchesPattern, readSelector } from './selector.ts'
import { StepError } from './step.ts'
import {
  clone,
  emptyMapping,
  fieldOf,
  type Origin,
  replaceIn,
  type Scalar,
  scalar,
  setField,
  textAt,
  textOf,
  toValue,
  type Traced,
} from './value.ts'

export interface ReplacementEffect {
  /** The source was found. */
  readonly source: boolean
  /** For each target how many objects it selected. */
  readonly targets: readonly number[]
}

export function applyReplacement(objects: readonly TracedObject[], replacement: Traced): ReplacementEffect {
  const targets = fieldOf(replacement, 'targets')
  const value = readSource(objects, replacement)
  const counts: number[] = []
  for (const target of targets?.kind === 'sequence' ? targets.items : []) {
    counts.push(applyTarget(objects, target, value, replacement.origin))
  }
  return { source: true, targets: counts }
}

function readSource(objects: readonly TracedObject[], replacement: Traced): Traced {
  const literal = fieldOf(replacement, 'sourceValue')
  if (literal) return literal
  const source = fieldOf(replacement, 'source')
  if (!source) throw new StepError('a replacement needs a source')
  const selector = readSelector(source)
  const found = objects.filter(object =>
    allIds(object).some(
      id =>
        (selector.name === '' || selector.name === id.name) &&
        (selector.namespace === '' ||
          effectiveNamespace({ ...id, namespace: selector.namespace }) === effectiveNamespace(id)) &&
        isSelectedKind(id, selector),
    ),
  )
  const [object] = found
  if (!object || found.length > 1) throw new StepError('the source of a replacement is not one object')
  const path = splitSmart(textAt(source, 'fieldPath') || 'metadata.name')
  const value = lookUp(object.root, path)
  if (value === undefined) throw new StepError('the source of a replacement lacks the field')
  const options = fieldOf(source, 'options')
  const delimiter = textAt(options, 'delimiter')
  if (delimiter === '') return value
  const index = Number(textAt(options, 'index') || '0')
  const part = textOf(value).split(delimiter)[index]
  if (part === undefined || value.kind !== 'scalar') throw new StepError('the source of a replacement lacks the part')
  return { ...value, text: part, origin: narrow(value, part, delimiter, index) }
}

/** A part of a text is written where it stands in it. */
function narrow({ text, origin }: Scalar, part: string, delimiter: string, index: number): Origin {
  const { at } = origin
  const start = at.text.text.slice(at.start, at.end).indexOf(text)
  if (start < 0 || origin.keeps || origin.from?.length) return origin
  const offset = text.split(delimiter).slice(0, index).join(delimiter).length + (index > 0 ? delimiter.length : 0)
  const from = at.start + start + offset
  return { ...origin, at: { ...at, start: from, end: from + part.length } }
}

/** Splits at dots; what stands in brackets is one part. */
export function splitSmart(path: string): readonly string[] {
  const parts: string[] = []
  const split = splitPath(path, '.')
  for (let index = 0; index < split.length; index++) {
    let part = split[index] ?? ''
    if (part.startsWith('[') && !part.endsWith(']')) {
      while (index < split.length - 1 && !part.endsWith(']')) part += `.${split[++index]}`
      parts.push(part.includes('=') ? part : part.replace(/^\[+|\]+$/g, ''))
    } else parts.push(part)
  }
  return parts
}

const readIndex = (part: string): { key: string; value: string } | undefined => {
  const [, key, value] = /^\[([^=]*)=(.*)\]$/.exec(part) ?? []
  return key === undefined || value === undefined ? undefined : { key, value }
}

function lookUp(root: Traced, path: readonly string[]): Traced | undefined {
  let node: Traced | undefined = root
  for (const raw of path) {
    const part = raw.trim()
    if (part === '') continue
    const index = readIndex(part)
    if (node?.kind === 'sequence') {
      if (index) {
        node = node.items.find(item =>
          index.key === '' ? textOf(item) === index.value : textAt(item, index.key) === index.value,
        )
      } else node = part === '-' ? node.items.at(-1) : node.items[Number(part)]
    } else node = fieldOf(node, part)
  }
  return node
}

function applyTarget(objects: readonly TracedObject[], target: Traced, value: Traced, entry: Origin): number {
  const select = fieldOf(target, 'select')
  if (!select) throw new StepError('a target of a replacement selects nothing')
  const selector = readSelector(select)
  const rejects = fieldOf(target, 'reject')
  const rejected = (rejects?.kind === 'sequence' ? rejects.items : []).map(readSelector)
  const paths = fieldOf(target, 'fieldPaths')
  const fieldPaths = paths?.kind === 'sequence' && paths.items.length ? paths.items.map(textOf) : ['metadata.name']
  const matches = (one: typeof selector, object: TracedObject): boolean =>
    allIds(object).some(
      id =>
        matchesPattern(one.name, id.name) &&
        matchesPattern(one.namespace, effectiveNamespace(id)) &&
        matchesKind(one, id),
    )
  const matchesLabels = (one: typeof selector, object: TracedObject): boolean =>
    matchesLabelSelector(one.labelSelector, labelsOf(object, 'labels')) &&
    matchesLabelSelector(one.annotationSelector, labelsOf(object, 'annotations'))
  const hasLabels = (one: typeof selector): boolean => one.labelSelector !== '' || one.annotationSelector !== ''
  let selected = 0
  for (const object of objects) {
    if (!matchesLabels(selector, object) || rejected.some(one => hasLabels(one) && matchesLabels(one, object))) continue
    const isNamed = (one: typeof selector): boolean =>
      [one.name, one.namespace, one.kind, one.group, one.version].some(text => text !== '')
    if (rejected.some(one => isNamed(one) && matches(one, object))) continue
    if (!matches(selector, object)) continue
    selected++
    for (const path of fieldPaths) writePath(object.root, splitSmart(path), value, fieldOf(target, 'options'), entry)
  }
  return selected
}

function writePath(
  root: Traced,
  path: readonly string[],
  value: Traced,
  options: Traced | undefined,
  entry: Origin,
): void {
  const isCreated = /^t/i.test(textAt(options, 'create'))
  let found = 0
  const set = (old: Traced, put: (made: Traced) => void): void => {
    found++
    put(combine(old, value, options, entry))
  }
  visit(root, path, isCreated, value, entry, set, () => {})
  if (found === 0) throw new StepError(`a target of a replacement lacks ${path.join('.')}`)
}

type Set = (old: Traced, put: (made: Traced) => void) => void

function visit(
  node: Traced,
  path: readonly string[],
  isCreated: boolean,
  value: Traced,
  entry: Origin,
  set: Set,
  put: (made: Traced) => void,
): void {
  const [part, ...rest] = path
  if (part === undefined) {
    set(node, put)
    return
  }
  const index = readIndex(part)
  const visitItem = (list: Traced & { kind: 'sequence' }, at: number): void => {
    const item = list.items[at]
    if (item)
      visit(item, rest, isCreated, value, entry, set, made => {
        list.items[at] = made
      })
  }
  if (node.kind === 'sequence') {
    if (part === '*') for (const at of node.items.keys()) visitItem(node, at)
    else if (index) {
      const matching = [...node.items.keys()].filter(at => {
        const item = node.items[at]
        const text =
          index.key === '' ? textOf(item) : fieldOf(item, index.key) === undefined ? undefined : textAt(item, index.key)
        return text !== undefined && new RegExp(index.value).test(text)
      })
      for (const at of matching) visitItem(node, at)
      if (matching.length === 0 && isCreated) {
        const made = index.key === '' ? scalar(index.value, entry) : emptyMapping(entry)
        if (made.kind === 'mapping') setField(made, index.key, scalar(index.value, entry))
        node.items.push(made)
        visitItem(node, node.items.length - 1)
      }
    } else if (/^\d+$/.test(part)) {
      const at = Number(part)
      if (at === node.items.length && isCreated) node.items.push(makeNext(rest[0], value, entry))
      visitItem(node, at)
    }
    return
  }
  if (node.kind !== 'mapping') throw new StepError('a replacement into structured text is not followed')
  let known = node.entries.get(part)
  if (!known) {
    if (!isCreated) return
    known = { value: makeNext(rest[0], value, entry), origin: entry }
    node.entries.set(part, known)
  }
  const found = known
  if (found.value.kind === 'scalar' && rest.length > 0)
    throw new StepError('a replacement into structured text is not followed')
  visit(found.value, rest, isCreated, value, entry, set, made => replaceIn(found, made))
}

function makeNext(next: string | undefined, value: Traced, entry: Origin): Traced {
  if (next === undefined) {
    return value.kind === 'scalar'
      ? scalar('', entry)
      : value.kind === 'mapping'
        ? emptyMapping(entry)
        : { kind: 'sequence', items: [], origin: entry }
  }
  return readIndex(next) ? { kind: 'sequence', items: [], origin: entry } : emptyMapping(entry)
}

function combine(old: Traced, value: Traced, options: Traced | undefined, entry: Origin): Traced {
  const delimiter = textAt(options, 'delimiter')
  // The chain is what stood there, the entry that copies, and at last the line that is copied from.
  const via: Origin = {
    at: entry.at,
    ...(old.origin.at === entry.at ? {} : { before: old.origin }),
    keeps: delimiter !== '',
  }
  if (delimiter !== '') {
    if (old.kind !== 'scalar' || value.kind !== 'scalar') throw new StepError('a delimiter divides a string')
    const parts = old.text.split(delimiter)
    const index = Number(textAt(options, 'index') || '0')
    if (index < 0) parts.unshift(value.text)
    else if (index >= parts.length) parts.push(value.text)
    else parts[index] = value.text
    return { kind: 'scalar', text: parts.join(delimiter), tag: old.tag, origin: join(value.origin, via, true) }
  }
  if (old.kind === 'scalar' && value.kind === 'scalar') {
    return { kind: 'scalar', text: value.text, tag: fits(value.text, old), origin: join(value.origin, via, false) }
  }
  const copy = clone(value)
  relink(copy, via)
  return copy
}

/** A number stays one only where the text is one. */
const fits = (text: string, old: Traced & { kind: 'scalar' }): (typeof old)['tag'] => {
  if (old.tag === 'null') return 'str'
  if (old.tag === 'str') return 'str'
  const value = toValue({ ...old, text })
  return typeof value === 'string' ? 'str' : old.tag
}

function relink(node: Traced, via: Origin): void {
  node.origin = join(node.origin, via, false)
  if (node.kind === 'sequence') for (const item of node.items) relink(item, via)
  if (node.kind === 'mapping') for (const { value } of node.entries.values()) relink(value, via)
}

/** The source is the last link; its own history is part of what the value is made of. */
function join(source: Origin, via: Origin, keeps: boolean): Origin {
  const before: Origin = { ...via, from: source.before ? [{ ...source.before }] : [] }
  const history = source.keeps && source.before ? [source.before] : []
  const from = [...history, ...(source.from ?? [])]
  return { at: source.at, before, keeps, via: 'replacement', ...(from.length ? { from } : {}) }
}
