// How kustomize merges the lists of a kind: by which keys, or not at all.
import { MERGE_SHAPES, SHAPES_OF_KINDS } from './tables/merge-keys.ts'

/** What is known of a value: the shape of its fields, and for a list how it is merged. */
export interface MergeShape {
  readonly fields?: Readonly<Record<string, string>>
  /** As `fields`, where a schema of the build's own says it. */
  readonly field?: (name: string) => MergeShape | undefined
  /** The shape of a list's items or a mapping's values. */
  readonly items?: MergeShape
  /** Set where a list is merged; empty for scalars. */
  readonly keys?: readonly string[]
  /** True for a list that is replaced as a whole. */
  readonly isReplaced?: boolean
}

const byKind = new Map<string, MergeShape>()
for (const [shape, kinds] of Object.entries(SHAPES_OF_KINDS)) {
  for (const entry of kinds) {
    const words = entry.split(' ')
    const kind = words.pop()
    for (const version of words) byKind.set(`${version} ${kind}`, { fields: MERGE_SHAPES[shape] ?? {} })
  }
}

export const shapeOfKind = (apiVersion: string, kind: string): MergeShape | undefined =>
  byKind.get(`${apiVersion} ${kind}`)

const read = new Map<string, MergeShape>()

/** The shape of a field; undefined where nothing below it is merged. */
export function shapeOfField(shape: MergeShape | undefined, name: string): MergeShape | undefined {
  if (shape?.field) return shape.field(name)
  if (shape?.items && !shape.fields && !shape.keys && !shape.isReplaced) return shape.items
  const text = shape?.fields && Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined
  if (text === undefined) return undefined
  let found = read.get(text)
  if (!found) {
    found = readShape(text)
    read.set(text, found)
  }
  return found
}

function readShape(text: string): MergeShape {
  const [, keys, rest = ''] = /^\[([^\]]*)\]\s*(.*)$/.exec(text) ?? []
  if (keys !== undefined) return { keys: keys === '' ? [] : keys.split(' '), ...itemsOf(rest) }
  if (text.startsWith('* ')) return { ...itemsOf(text.slice(2)), isReplaced: true }
  if (text.startsWith('{} ')) return itemsOf(text.slice(3))
  return { fields: MERGE_SHAPES[text] ?? {} }
}

const itemsOf = (name: string): { items?: MergeShape } =>
  name === '' ? {} : { items: { fields: MERGE_SHAPES[name] ?? {} } }

/** The keys by which a list is merged; undefined for a list that is replaced. */
export const mergeKeysOf = (shape: MergeShape | undefined): readonly string[] | undefined =>
  shape?.isReplaced ? undefined : shape?.keys
