// Lays a strategic merge patch over an object, as kustomize's own merge does: by merge keys, with `$patch`, nulls delete.
import {
  appendItems,
  findItem,
  isEmptyItem,
  keepValid,
  type ListWatch,
  listTexts,
  listValues,
  setItem,
  unite,
} from './merge-items.ts'
import { type MergeShape, mergeKeysOf, shapeOfField, shapeOfKind } from './merge-shapes.ts'
import type { Shapes } from './openapi.ts'
import { StepError } from './step.ts'
import {
  fieldOf,
  isAbsent,
  isNull,
  type Origin,
  replaceIn,
  type Scalar,
  type Sequence,
  scalar,
  type Traced,
  textAt,
  textOf,
} from './value.ts'

const DIRECTIVE = '$patch'

type Directive = 'delete' | 'replace' | 'merge'

export interface MergeWatch extends ListWatch {
  /** How lists are merged where the build has a schema of its own. */
  readonly shapes?: Shapes | undefined
}

/** The merged value; undefined when the patch deletes it. The patch may be changed: give it a copy. */
export function mergePatch(target: Traced, patch: Traced, watch: MergeWatch = {}): Traced | undefined {
  return walk(target, patch, undefined, watch)
}

/** A null that was written and is kept, unlike one that a patch deletes by. */
const kept = new WeakSet<Traced>()

function walk(
  target: Traced | undefined,
  patch: Traced | undefined,
  known: MergeShape | undefined,
  watch: MergeWatch,
): Traced | undefined {
  const shape = known ?? shapeOf(target, watch) ?? shapeOf(patch, watch)
  const kind = !isAbsent(target) ? target?.kind : !isAbsent(patch) ? patch?.kind : undefined
  for (const one of [target, patch]) {
    if (kind !== undefined && one && !isNull(one) && one.kind !== kind) {
      throw new StepError(`a ${one.kind} is merged with a ${kind}`)
    }
  }
  if (kind === 'sequence') {
    const keys = mergeKeysOf(shape)
    return keys ? walkList(target as Sequence, patch as Sequence, keys, shape, watch) : overwriteWith(target, patch)
  }
  if (kind === 'scalar') return overwriteWith(target, patch)
  return walkMapping(target, patch, shape, watch)
}

function shapeOf(node: Traced | undefined, { shapes = shapeOfKind }: MergeWatch): MergeShape | undefined {
  if (node?.kind !== 'mapping') return undefined
  const kind = textAt(node, 'kind')
  const apiVersion = textAt(node, 'apiVersion')
  return kind === '' || apiVersion === '' ? undefined : shapes(apiVersion, kind)
}

function overwriteWith(target: Traced | undefined, patch: Traced | undefined): Traced | undefined {
  if (patch === undefined || patch === target) return target
  if (target) patch.origin = { ...patch.origin, before: target.origin }
  inheritOrigins(target, patch)
  return patch
}

/** A list or mapping that is replaced: what stood at the same place is its history. */
function inheritOrigins(target: Traced | undefined, patch: Traced): void {
  if (!target || target === patch || target.kind !== patch.kind) return
  if (target.kind === 'sequence' && patch.kind === 'sequence') {
    for (const [index, item] of patch.items.entries()) {
      const old = target.items[index]
      if (old && old.kind === item.kind && old !== item) {
        item.origin = { ...item.origin, before: old.origin }
        inheritOrigins(old, item)
      }
    }
  } else if (target.kind === 'mapping' && patch.kind === 'mapping') {
    for (const [key, entry] of patch.entries) {
      const old = target.entries.get(key)?.value
      if (old && old !== entry.value) {
        entry.value.origin = { ...entry.value.origin, before: old.origin }
        inheritOrigins(old, entry.value)
      }
    }
  }
}

function visitMapping(target: Traced | undefined, patch: Traced | undefined): Traced | undefined {
  if (isAbsent(target)) {
    if (patch && !isNull(patch) && takeDirective(patch) === 'delete') return undefined
    if (patch === undefined && target?.kind === 'scalar' && target.text !== '') {
      const same: Scalar = { ...target }
      kept.add(same)
      return same
    }
    return patch
  }
  if (isNull(patch)) return undefined
  switch (patch ? takeDirective(patch) : 'merge') {
    case 'delete':
      return undefined
    case 'replace':
      return patch
    default:
      return target
  }
}

function walkMapping(
  target: Traced | undefined,
  patch: Traced | undefined,
  shape: MergeShape | undefined,
  watch: MergeWatch,
): Traced | undefined {
  const made = visitMapping(target, patch)
  if (made?.kind !== 'mapping') return made
  const other = patch?.kind === 'mapping' ? patch : undefined
  const names = new Set([...made.entries.keys(), ...(other?.entries.keys() ?? [])])
  for (const name of [...names].sort()) {
    const old = made.entries.get(name)
    const next = other?.entries.get(name)
    const value = walk(old?.value, next?.value, shapeOfField(shape, name), watch)
    if (value === undefined || (isNull(value) && !kept.has(value))) made.entries.delete(name)
    else if (old) replaceIn(old, value)
    else made.entries.set(name, { value, origin: next?.origin ?? value.origin })
  }
  return made
}

/** Reads `$patch` and takes it away. */
function takeDirective(patch: Traced): Directive {
  if (patch.kind === 'mapping') {
    const text = fieldOf(patch, DIRECTIVE)
    if (text === undefined) return 'merge'
    const directive = readDirective(textOf(text))
    patch.entries.delete(DIRECTIVE)
    return directive
  }
  if (patch.kind === 'sequence') {
    const item = patch.items.find(one => fieldOf(one, DIRECTIVE) !== undefined)
    if (item?.kind !== 'mapping' || item.entries.size > 1) return 'merge'
    const directive = readDirective(textAt(item, DIRECTIVE))
    const text = textAt(item, DIRECTIVE)
    patch.items = patch.items.filter(one => textAt(one, DIRECTIVE) !== text && !isEmptyItem(one))
    return directive
  }
  return 'merge'
}

function readDirective(text: string): Directive {
  if (text === 'delete' || text === 'replace' || text === 'merge') return text
  throw new StepError(`$patch: ${text} is not known`)
}

function walkList(
  target: Sequence | Scalar | undefined,
  patch: Sequence | Scalar | undefined,
  keys: readonly string[],
  shape: MergeShape | undefined,
  watch: MergeWatch,
): Traced | undefined {
  let made: Traced | undefined
  if (isAbsent(target)) made = patch
  else if (isNull(patch)) return undefined
  else {
    const directive = patch ? takeDirective(patch) : 'merge'
    if (directive === 'delete') return undefined
    made = directive === 'replace' ? patch : target
  }
  if (made?.kind !== 'sequence') return made
  const sources = [made, patch?.kind === 'sequence' ? patch : undefined] as const
  // What the patch adds comes first.
  const ordered = [sources[1], sources[0]]
  if (keys.length === 0) return mergeItems(made, sources, listTexts(ordered), [''], shape, watch)
  return mergeItems(made, sources, listValues(ordered, keys), keys, shape, watch)
}

function mergeItems(
  made: Sequence,
  sources: readonly [Sequence, Sequence | undefined],
  listed: string[][],
  keys: readonly string[],
  shape: MergeShape | undefined,
  watch: MergeWatch,
): Traced | undefined {
  const wanted = keys.length > 1 ? unite(listed) : listed
  const added: Sequence = { kind: 'sequence', items: [], origin: made.origin }
  let validKeys: readonly string[] = []
  for (const values of wanted) {
    const valid = keepValid(wanted, values, keys)
    validKeys = valid.keys
    const [first, second] = sources.map(
      list => list && findItem(list, keepValid([valid.values], valid.values, valid.keys)),
    )
    const value = walk(first, second, shape?.items, watch)
    if (value === undefined || isEmptyItem(value)) {
      setItem(made, undefined, valid.keys, valid.values)
      continue
    }
    for (const [index, key] of valid.keys.entries()) {
      const text = valid.values[index] ?? ''
      if (value.kind === 'mapping' && !value.entries.has(key) && text !== '') {
        const from = (first && fieldOf(first, key)) ?? (second && fieldOf(second, key))
        const origin: Origin = from?.origin ?? value.origin
        value.entries.set(key, { value: scalar(text, origin), origin })
      }
    }
    setItem(added, value, valid.keys, valid.values)
  }
  if (wanted.length === 0) return made
  // An item that gave way to another one on the way may be back at the end.
  const collapses: Parameters<NonNullable<MergeWatch['onCollapse']>>[] = []
  const merged = appendItems(added, made, validKeys, { ...watch, onCollapse: (...one) => collapses.push(one) })
  for (const [kept, lost, by] of collapses) if (!added.items.includes(lost)) watch.onCollapse?.(kept, lost, by)
  return merged
}
