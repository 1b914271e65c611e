// A value of an object together with its place, so that a check names the field it judges without carrying paths along.
import type { FieldPath } from '../../../tree/model/place.ts'

/** `value` is undefined where the field is not there. Checks read it through the functions below, which trust no shape. */
export interface Node {
  readonly value: unknown
  readonly up: Node | undefined
  readonly key: string | number
}

export type Mapping = Readonly<Record<string, unknown>>

export const rootNode = (object: unknown): Node => ({ value: object, up: undefined, key: '' })

export const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A field, there or not. */
export function get(node: Node, ...keys: readonly string[]): Node {
  let at = node
  for (const key of keys) {
    const { value } = at
    at = { value: isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined, up: at, key }
  }
  return at
}

/** The same value at the same place, as if some fields of its fields were not there. */
export function without(node: Node, ...paths: readonly (readonly [string, string])[]): Node {
  let { value } = node
  for (const [holder, field] of paths) {
    if (!isMapping(value) || !isMapping(value[holder]) || !Object.hasOwn(value[holder], field)) continue
    const { [field]: _, ...rest } = value[holder]
    value = { ...value, [holder]: rest }
  }
  return { ...node, value }
}

/** The items of a list; of anything else none. */
export function itemsOf(node: Node): readonly Node[] {
  return Array.isArray(node.value) ? node.value.map((value, key) => ({ value, up: node, key })) : []
}

/** The entries of a mapping; of anything else none. */
export function entriesOf(node: Node): readonly Node[] {
  return isMapping(node.value) ? Object.entries(node.value).map(([key, value]) => ({ value, up: node, key })) : []
}

/** Null is decoded as if the field were not there. */
export const isSet = ({ value }: Node): boolean => value !== undefined && value !== null

/** An entry of a map of quantities is there even where it is null: it is 0. */
export const isEntry = ({ value }: Node): boolean => value !== undefined

/** As Go's `len() == 0` sees it: not there, or an empty text, list or mapping. */
export function isEmpty({ value }: Node): boolean {
  if (value === undefined || value === null || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** The text, empty where there is none. */
export const textOf = ({ value }: Node): string => (typeof value === 'string' ? value : '')

export const numberOf = ({ value }: Node): number | undefined => (typeof value === 'number' ? value : undefined)

export const isTrue = ({ value }: Node): boolean => value === true

export const lengthOf = ({ value }: Node): number => (Array.isArray(value) ? value.length : 0)

export const textsOf = (node: Node): readonly string[] => itemsOf(node).map(textOf)

export function pathOf(node: Node): FieldPath {
  const path: (string | number)[] = []
  for (let at = node; at.up; at = at.up) path.push(at.key)
  return path.reverse()
}

export function rootOf(node: Node): Node {
  let at = node
  while (at.up) at = at.up
  return at
}

/** The bytes of a text, which is what the API server counts. */
export const bytesOf = (text: string): number => Buffer.byteLength(text)

/** How many steps lead to it from the object. */
export function depthOf(node: Node): number {
  let depth = 0
  for (let at = node; at.up; at = at.up) depth++
  return depth
}
