// Values that remember who wrote them: what a build is carried out on when somebody asks where a field comes from.
import type { ChainLink } from '../../model/place.ts'
import type { Value } from '../../model/resource.ts'
import { type TracedText, textWithin } from './text.ts'

export type Role = ChainLink['role']

/** Where something was written: offsets into a text, the end exclusive. */
export interface Written {
  readonly text: TracedText
  readonly role: Role
  /** Grows with each step of a build; 0 for what a resource or generator says by itself. */
  readonly rank: number
  readonly start: number
  readonly end: number
  /** The key before the value, where there is one. */
  readonly keyStart?: number
  readonly keyEnd?: number
}

/** How a value came to be: who wrote it, what stood there before, and what else it was made of. */
export interface Origin {
  readonly at: Written
  readonly before?: Origin | undefined
  /** True when what stood before is still a part of the value: a prefix keeps the name that it is put before. */
  readonly keeps?: boolean
  /** What the value was made of besides what is written at this place. */
  readonly from?: readonly Origin[]
  /** What copied the value here from another field. */
  readonly via?: 'var' | 'replacement'
}

export type Tag = 'str' | 'int' | 'float' | 'bool' | 'null' | 'timestamp'

export interface Scalar {
  readonly kind: 'scalar'
  text: string
  tag: Tag
  origin: Origin
  /** True for a scalar that several fields of an object share, as kustomize's label transformers make them. */
  isShared?: boolean
}

export interface Entry {
  value: Traced
  /** Where the field as such was written first. */
  origin: Origin
}

export interface Mapping {
  readonly kind: 'mapping'
  readonly entries: Map<string, Entry>
  origin: Origin
}

export interface Sequence {
  readonly kind: 'sequence'
  items: Traced[]
  origin: Origin
}

/** A long mapping of a file that is read once somebody looks into it: most of what stands in a build nobody asks for. */
export class ClosedMapping implements Mapping {
  readonly kind = 'mapping'
  origin: Origin
  readonly #read: () => Map<string, Entry>
  #entries: Map<string, Entry> | undefined

  /** `read` makes them anew each time: a copy has entries of its own. */
  constructor(origin: Origin, read: () => Map<string, Entry>) {
    this.origin = origin
    this.#read = read
  }

  get entries(): Map<string, Entry> {
    this.#entries ??= this.#read()
    return this.#entries
  }

  get isOpen(): boolean {
    return this.#entries !== undefined
  }

  copy(): ClosedMapping {
    return new ClosedMapping(this.origin, this.#read)
  }
}

/** The entries, for somebody who only looks at them: nothing is kept open for it. */
export const entriesOf = (mapping: Mapping): ReadonlyMap<string, Entry> =>
  mapping instanceof ClosedMapping && !mapping.isOpen ? mapping.copy().entries : mapping.entries

export type Traced = Scalar | Mapping | Sequence

export const isNull = (node: Traced | undefined): node is Scalar & { tag: 'null' } =>
  node?.kind === 'scalar' && node.tag === 'null'
export const isAbsent = (node: Traced | undefined): boolean => node === undefined || isNull(node)

export const scalar = (text: string, origin: Origin, tag: Tag = 'str'): Scalar => ({
  kind: 'scalar',
  text,
  tag,
  origin,
})

/** Copies of shared scalars, where they shall be shared in the copy as well. */
export type Twins = Map<Scalar, Scalar>

/** A copy with nothing shared but the history, which never changes; with `twins` the scalars that are shared stay so. */
export function clone<Node extends Traced>(node: Node, twins?: Twins): Node
export function clone(node: Traced, twins?: Twins): Traced {
  switch (node.kind) {
    case 'scalar': {
      const { text, tag, origin } = node
      if (!node.isShared || !twins) return { kind: 'scalar', text, tag, origin }
      const known = twins.get(node)
      if (known) return known
      const twin: Scalar = { kind: 'scalar', text, tag, origin, isShared: true }
      twins.set(node, twin)
      return twin
    }
    case 'sequence':
      return { kind: 'sequence', items: node.items.map(item => clone(item, twins)), origin: node.origin }
    case 'mapping': {
      if (node instanceof ClosedMapping && !node.isOpen) return node.copy()
      const entries = new Map<string, Entry>()
      for (const [key, { value, origin }] of node.entries) entries.set(key, { value: clone(value, twins), origin })
      return { kind: 'mapping', entries, origin: node.origin }
    }
  }
}

export function fieldOf(node: Traced | undefined, name: string): Traced | undefined {
  return node?.kind === 'mapping' ? node.entries.get(name)?.value : undefined
}

export function textOf(node: Traced | undefined): string {
  return node?.kind === 'scalar' ? node.text : ''
}

/** The text at a path of fields; empty where there is none. */
export function textAt(node: Traced | undefined, ...path: readonly string[]): string {
  let found = node
  for (const name of path) found = fieldOf(found, name)
  return textOf(found)
}

/** Puts a value in the place of another one. What is shared changes wherever it is shared: kustomize writes into it. */
export function replaceIn(entry: Entry, value: Traced): void {
  const old = entry.value
  if (old.kind === 'scalar' && old.isShared && value.kind === 'scalar' && old !== value) {
    old.text = value.text
    old.tag = value.tag
    old.origin = value.origin
  } else entry.value = value
}

export function itemsOf(node: Traced | undefined, field: string): readonly Traced[] {
  const found = fieldOf(node, field)
  return found?.kind === 'sequence' ? found.items : []
}

/** The text within a scalar, to be read once more. */
export function textInside(node: Traced): TracedText {
  const { at } = node.origin
  const inner = textWithin(at.text, at.start, at.end, textOf(node))
  // kustomize trims what is inline, and so takes the last line break off a block at its end.
  return { ...inner, text: inner.text.trimEnd() }
}

/** Sets a field as kustomize does: an existing field keeps its place and its history. */
export function setField(mapping: Mapping, name: string, value: Traced): void {
  const known = mapping.entries.get(name)
  if (known) replaceIn(known, value)
  else mapping.entries.set(name, { value, origin: value.origin })
}

export const emptyMapping = (origin: Origin): Mapping => ({ kind: 'mapping', entries: new Map(), origin })

/** The value that a scalar renders to. */
export function valueOfScalar({ text, tag }: Scalar): Value {
  switch (tag) {
    case 'null':
      return null
    case 'bool':
      return /^t/i.test(text)
    case 'int':
    case 'float':
      return readNumber(text)
    case 'timestamp':
      return readDate(text)
    default:
      return text
  }
}

/** A day alone becomes a point in time where kustomize writes it: 2026-1-2 is 2026-01-02T00:00:00Z. */
function readDate(text: string): string {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text) ?? []
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}T00:00:00Z`
}

/** What a number is, however it is written; the text itself where it is not one. */
export function readNumber(text: string): number | string {
  const plain = text.replaceAll('_', '')
  const sign = plain.startsWith('-') ? -1 : 1
  const digits = plain.replace(/^[-+]/, '')
  if (/^0[xXbB]/.test(digits) || /^0o/.test(digits)) return sign * Number(digits)
  if (/^0[0-7]+$/.test(digits)) return sign * Number.parseInt(digits, 8)
  if (/^\.inf$/i.test(digits)) return sign * Number.POSITIVE_INFINITY
  if (/^\.nan$/i.test(digits)) return Number.NaN
  const value = Number(plain)
  return Number.isNaN(value) ? text : value
}

/** The plain value, as it would be rendered. */
export function toValue(node: Traced): Value {
  switch (node.kind) {
    case 'scalar':
      return valueOfScalar(node)
    case 'sequence':
      return node.items.map(toValue)
    case 'mapping': {
      const value: Record<string, Value> = Object.create(null)
      for (const [key, entry] of entriesOf(node)) value[key] = toValue(entry.value)
      return value
    }
  }
}
