// Finds, sets and joins the items of a list by the merge keys that tell which of them are one.
import { fieldOf, isAbsent, type Sequence, type Traced, textOf } from './value.ts'

/** What is told to whoever wants to know what a merge did to a list. */
export interface ListWatch {
  /** Two items of one list that became one. */
  onCollapse?(kept: Traced, lost: Traced, keys: readonly string[]): void
}

export const isEmptyItem = (item: Traced): boolean =>
  isAbsent(item) || (item.kind === 'mapping' && item.entries.size === 0)

export function listValues(lists: readonly (Sequence | undefined)[], keys: readonly string[]): string[][] {
  const found: string[][] = []
  for (const list of lists) {
    for (const item of list?.items ?? []) {
      const values = keys.map(key => {
        const field = fieldOf(item, key)
        return isAbsent(field) ? '' : textOf(field)
      })
      if (!found.some(one => isSameList(one, values))) found.push(values)
    }
  }
  return found
}

export function listTexts(lists: readonly (Sequence | undefined)[]): string[][] {
  const seen = new Set<string>()
  for (const list of lists) for (const item of list?.items ?? []) seen.add(textOf(item))
  return [...seen].map(text => [text])
}

const isSameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.every((value, index) => value === b[index])

/** Values that differ only where one of them is empty are the same. */
export function unite(listed: string[][]): string[][] {
  for (let a = 0; a < listed.length; a++) {
    for (let b = 0; b < listed.length; b++) {
      const united = uniteTwo(listed[a] ?? [], listed[b] ?? [])
      if (united) {
        listed[a] = united
        listed[b] = united
      }
    }
  }
  return listed
}

function uniteTwo(a: readonly string[], b: readonly string[]): string[] | undefined {
  let hasCommon = false
  const united: string[] = []
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? ''
    if (value === other) hasCommon = true
    else if (value !== '' && other !== '') return undefined
    united.push(value === '' ? other : value)
  }
  return hasCommon ? united : undefined
}

/** Drops the keys that no item has. */
export function keepValid(
  listed: readonly (readonly string[])[],
  values: readonly string[],
  keys: readonly string[],
): { keys: readonly string[]; values: readonly string[] } {
  const used = new Set<string>()
  for (const one of listed) {
    for (const [index, value] of one.entries()) if (value !== '') used.add(keys[index] ?? '')
  }
  if (used.size === 0) return { keys, values }
  return {
    keys: keys.filter(key => used.has(key)),
    values: values.filter((value, index) => value !== '' || used.has(keys[index] ?? '')),
  }
}

/** The value of a key as kustomize compares it; undefined where an item does not have it. */
function hasValue(item: Traced, key: string, value: string): boolean {
  if (key === '') return item.kind === 'scalar' && item.text === value
  if (item.kind !== 'mapping') return false
  const field = item.entries.get(key)?.value
  if (field === undefined) return false
  // An empty text asks for nothing but the field.
  return value === '' || textOf(field) === value
}

export function findItem(
  list: Sequence,
  { keys, values }: { keys: readonly string[]; values: readonly string[] },
): Traced | undefined {
  if (keys.length === 0) return undefined
  if (keys[0] === '') return list.items.find(item => item.kind === 'scalar' && item.text === values[0])
  return list.items.find(
    item =>
      item.kind === 'mapping' &&
      keys.every((key, index) => !isAbsent(fieldOf(item, key)) && hasValue(item, key, values[index] ?? '')),
  )
}

/** Replaces the items that match, or adds one; without an item it takes those away. */
export function setItem(
  list: Sequence,
  element: Traced | undefined,
  keys: readonly string[],
  values: readonly string[],
  watch?: ListWatch,
): void {
  const items: Traced[] = []
  let isFound = false
  for (const item of list.items) {
    if (isEmptyItem(item)) continue
    if (item.kind !== 'mapping' && element?.kind === 'mapping') {
      items.push(item)
      continue
    }
    const matches = keys.every((key, index) =>
      index < values.length ? hasValue(item, key, values[index] ?? '') : true,
    )
    if (!matches) {
      if (values.length > 0) items.push(item)
      continue
    }
    if (element !== undefined) {
      if (element !== item) watch?.onCollapse?.(element, item, keys)
      items.push(element)
    }
    isFound = true
  }
  if (element !== undefined && !isFound) items.push(element)
  list.items = items
}

export function appendItems(into: Sequence, from: Sequence, keys: readonly string[], watch: ListWatch): Traced {
  for (const item of [...from.items]) {
    if (keys[0] === '') {
      setItem(into, item, [''], [textOf(item)])
      continue
    }
    const values: string[] = []
    for (const key of keys) {
      const field = fieldOf(item, key)
      if (field === undefined) into.items.push(item)
      else values.push(textOf(field))
    }
    // With more than one key an item takes the place of all that have its values.
    if (keys.length > 1) {
      const isTwin = (one: Traced): boolean =>
        one !== item && values.every((value, at) => hasValue(one, keys[at] ?? '', value))
      for (const lost of into.items.filter(isTwin)) watch.onCollapse?.(item, lost, keys)
      setItem(into, undefined, keys, values)
    }
    setItem(into, item, keys, values, watch)
  }
  return into
}
