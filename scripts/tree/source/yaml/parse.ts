// Turns bytes into YAML documents, or into one fault with its position. Nothing is guessed, nothing is resolved twice.
import { constructFromEvents, type Event, EVENT_ID, parseEvents, type Schema, YAMLException } from 'js-yaml'
import type { Value } from '../../model/resource.ts'
import { LIMITS } from '../limits.ts'
import { cut } from './pieces.ts'
import { buildTrees, type Node } from './position.ts'
import { readEvents } from './read-events.ts'
import { goYaml1Schema, goYaml3Schema, readYesNo } from './scalars.ts'

/** A fault of the text itself; `offset` counts UTF-16 units from the start. */
export interface TextFault {
  readonly kind: 'syntax' | 'limit'
  readonly message: string
  readonly offset: number
}

export interface Parsed {
  /** One value a document; empty documents are null. Empty when there is a fault. */
  readonly documents: readonly Value[]
  /** Whether JSON gives the documents back as they are. */
  readonly isPlain?: boolean
  readonly fault?: TextFault
  /** Faults that do not keep the readers from reading the text: a key that is written twice. */
  readonly blemishes?: readonly TextFault[]
}

/**
 * Who reads the text. `kustomize` keeps `yes` a string and reads 0644 as an octal number; `kubectl` and Argo CD's
 * directory sources read `yes` as true as well (sigs.k8s.io/yaml).
 */
export type Dialect = 'kustomize' | 'kubectl' | 'rendered'

const SCHEMAS: Readonly<Record<Dialect, Schema>> = {
  kustomize: goYaml3Schema,
  kubectl: goYaml1Schema,
  rendered: goYaml3Schema,
}

const BYTE_ORDER_MARK = '\uFEFF'
const CONFLICT = /^(?:<{7} |={7}$|>{7} )/m

/** Strict UTF-8, or UTF-16 with a mark, which go-yaml reads as well: Node's own decoder would replace what it cannot read. */
export function decodeText(bytes: Uint8Array): string | TextFault {
  const wide =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : ''
  if (wide) {
    try {
      return new TextDecoder(wide, { fatal: true }).decode(bytes)
    } catch {
      return { kind: 'syntax', message: 'the file is not valid UTF-16; save it as UTF-8', offset: 0 }
    }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    const valid = new TextDecoder('utf-8').decode(bytes)
    const offset = valid.indexOf('\uFFFD')
    return { kind: 'syntax', message: 'the file is not valid UTF-8', offset: Math.max(offset, 0) }
  }
}

/** Parses every document of a text. Bounded in depth, documents and alias expansion. */
export function parseText(text: string, dialect: Dialect): Parsed {
  const failed = (kind: TextFault['kind'], message: string, offset: number): Parsed => ({
    documents: [],
    fault: { kind, message, offset },
  })
  // Inside a value it is a character like others.
  const mark = text.indexOf(`\n${BYTE_ORDER_MARK}`) + 1
  if (mark > 0) return failed('syntax', 'a byte order mark inside the file becomes part of a key; delete it', mark)
  const conflict = text.includes('<<<<<<<') || text.includes('>>>>>>>') ? CONFLICT.exec(text) : null
  if (conflict) return failed('syntax', 'a merge conflict was left in the file', conflict.index)
  const pieces = parseInPieces(text, dialect)
  if (pieces) return pieces
  try {
    const events = readEvents(text, dialect)
    const excess = findExcess(events, text)
    if (excess) return failed('limit', excess.message, excess.offset)
    const schema = SCHEMAS[dialect]
    try {
      return pack(constructFromEvents(events, { source: text, schema }) as Value[], text)
    } catch (error) {
      if (!(error instanceof YAMLException) || error.reason !== 'duplicated mapping key') throw error
      // Some readers take the last one, some the first: a find, and no reason to look at nothing else of the file.
      const documents = constructFromEvents(events, { source: text, schema, json: true }) as Value[]
      return { documents, blemishes: [...findTwins(buildTrees(text, events), dialect)] }
    }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const reason = error.reason ?? error.message
    const position = error.mark?.position ?? 0
    const offset =
      position > 0 && /["']/.test(text[position - 1] ?? '') && /\w/.test(text[position] ?? '') ? position - 1 : position
    if (/nesting|depth/i.test(reason)) return failed('limit', `nested more than ${LIMITS.depth} levels deep`, offset)
    return failed('syntax', explain(reason), offset)
  }
}

/** Undefined for a text that is not cut, and for what is not plainly right: that is read as a whole, and told. */
function parseInPieces(text: string, dialect: Dialect): Parsed | undefined {
  const documents: Value[] = []
  const counts = { documents: 0, added: 0, total: 0 }
  let isPlain = true
  try {
    for (const piece of cut(text) ?? []) {
      const events = parseEvents(piece, { maxDepth: LIMITS.depth })
      if (findExcess(events, piece, counts)) return undefined
      const values = constructFromEvents(events, { source: piece, schema: SCHEMAS[dialect] }) as Value[]
      if (values.some(value => typeof value !== 'object')) return undefined
      const packed = pack(values, piece)
      for (const document of packed.documents) documents.push(document)
      isPlain &&= packed.isPlain === true
    }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    return undefined
  }
  return documents.length === 0 ? undefined : { documents, ...(isPlain ? { isPlain } : {}) }
}

/** What JSON might not give back as it was: values that are shared, numbers that it does not have, a name that is not one. */
const ODD = [/[&*]/, /\.(?:inf|nan)\b/i, /[\s:,[-]-[0.]/, /\de\+?\d{3}/i, /\d{300}/, /__proto__/]

/**
 * The same values in less than half the memory. The texts that a parser gives are pieces of what it has read, and hold all of
 * it; its mappings have room for more keys. What JSON reads has neither.
 */
function pack(documents: Value[], text: string): Parsed {
  if (ODD.some(one => one.test(text))) return { documents: structuredClone(documents) }
  return { documents: JSON.parse(JSON.stringify(documents)) as Value[], isPlain: true }
}

/** The keys of one mapping that are one key for the reader, each but the first; of two objects in one document only one. */
function* findTwins(trees: readonly (Node | undefined)[], dialect: Dialect): Generator<TextFault> {
  const roots = new Set(trees)
  const pending = trees.filter(tree => tree !== undefined)
  for (let node = pending.pop(); node; node = pending.pop()) {
    const twins = [...listTwins(node, dialect)]
    const joined = roots.has(node) ? findJoined(twins) : undefined
    if (joined) yield joined
    else yield* twins.map(({ message, offset }) => ({ kind: 'syntax' as const, message, offset }))
    pending.push(...(node.pairs ?? []).map(({ value }) => value), ...(node.items ?? []))
  }
}

interface Twin {
  readonly name: string
  readonly message: string
  readonly offset: number
}

function* listTwins({ pairs = [] }: Node, dialect: Dialect): Generator<Twin> {
  const seen = new Map<string, string>()
  for (const { key } of pairs) {
    const text = key.text ?? ''
    const name = dialect === 'kubectl' && key.isPlain ? (readYesNo(text) ?? text) : text
    const first = seen.get(name)
    if (first === undefined) seen.set(name, text)
    else if (key.kind === 'scalar' && text !== '<<') {
      const message =
        first === text
          ? `key ${text} is written twice in one mapping`
          : `keys ${first} and ${text} are one key for kubectl and Argo CD: both mean ${name}`
      yield { name, message, offset: key.start }
    }
  }
}

/** A document that begins anew in its middle: what says which object it is stands there a second time. */
function findJoined(twins: readonly Twin[]): TextFault | undefined {
  const [first] = twins
  const names = new Set(twins.map(({ name }) => name))
  if (!first || !names.has('apiVersion') || !names.has('kind')) return undefined
  const message = `keys ${[...names].join(', ')} are written twice in one mapping: is a line --- missing above?`
  return { kind: 'syntax', message, offset: first.offset }
}

/** Plain keys that YAML 1.1 takes for a boolean: kubectl and Argo CD turn `on` into "true", and say nothing. */
export function* findBooleanKeys(
  trees: readonly (Node | undefined)[],
): Generator<{ readonly key: Node; readonly meaning: 'true' | 'false' }> {
  const pending = trees.filter(tree => tree !== undefined)
  for (let node = pending.pop(); node; node = pending.pop()) {
    for (const { key, value } of node.pairs ?? []) {
      const meaning = key.isPlain ? readYesNo(key.text ?? '') : undefined
      if (meaning !== undefined && key.text?.toLowerCase() !== meaning) yield { key, meaning }
      pending.push(value)
    }
    pending.push(...(node.items ?? []))
  }
}

/** The parser's words for the faults people meet most say little about what to do. */
function explain(reason: string): string {
  if (reason.startsWith('object-based map does not support complex keys')) {
    return 'a mapping is used as a key; quote templates such as "{{ value }}"'
  }
  const tag = /^unknown (?:scalar|sequence|mapping) tag !<(.+)>$/.exec(reason)?.[1]
  if (tag) return `unknown tag ${tag.replace('tag:yaml.org,2002:', '!!')}`
  return reason
}

interface Frame {
  nodes: number
  readonly anchor: string | undefined
  readonly mapping: boolean
}

/**
 * Counts the nodes that a reader without sharing would build. kustomize is such a reader: 287 bytes of aliases cost it
 * 1.6 GB. An alias inside its own anchor is a cycle and refused.
 */
function findExcess(
  events: readonly Event[],
  text: string,
  counts = { documents: 0, added: 0, total: 0 },
): { message: string; offset: number } | undefined {
  let anchors = new Map<string, number>()
  const stack: Frame[] = []
  const close = (frame: Frame): void => {
    if (frame.anchor !== undefined) anchors.set(frame.anchor, frame.nodes)
    const parent = stack.at(-1)
    if (parent) parent.nodes += frame.nodes
  }
  const anchorOf = (event: { anchorStart: number; anchorEnd: number }): string | undefined =>
    event.anchorStart < 0 ? undefined : text.slice(event.anchorStart, event.anchorEnd)
  for (const event of events) {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        if (++counts.documents > LIMITS.documents) {
          return { message: `more than ${LIMITS.documents} documents in one file`, offset: 0 }
        }
        anchors = new Map()
        stack.push({ nodes: 0, anchor: undefined, mapping: false })
        break
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE:
        counts.total++
        stack.push({ nodes: 1, anchor: anchorOf(event), mapping: event.type === EVENT_ID.MAPPING })
        break
      case EVENT_ID.SCALAR: {
        counts.total++
        const anchor = anchorOf(event)
        if (anchor !== undefined) anchors.set(anchor, 1)
        const parent = stack.at(-1)
        if (parent) parent.nodes++
        break
      }
      case EVENT_ID.ALIAS: {
        const name = text.slice(event.anchorStart, event.anchorEnd)
        if (stack.some(frame => frame.anchor === name) && !anchors.has(name)) {
          return { message: `alias *${name} stands inside the value it names`, offset: event.anchorStart }
        }
        const nodes = anchors.get(name) ?? 1
        counts.added += nodes
        counts.total += nodes
        if (counts.added > LIMITS.aliasNodes) {
          return { message: `aliases write out to more than ${LIMITS.aliasNodes} values`, offset: event.anchorStart }
        }
        const parent = stack.at(-1)
        if (parent) parent.nodes += nodes
        break
      }
      case EVENT_ID.POP: {
        const frame = stack.pop()
        if (frame) close(frame)
        break
      }
    }
    if (counts.total > LIMITS.expandedNodes)
      return { message: `more than ${LIMITS.expandedNodes} values in one file`, offset: 0 }
  }
  return undefined
}
