// Turns bytes into YAML documents, or into one fault with its position. Nothing is guessed, nothing is resolved twice.
import { constructFromEvents, type Event, EVENT_ID, parseEvents, type Schema, YAMLException } from 'js-yaml'
import type { Value } from '../../model/resource.ts'
import { LIMITS } from '../limits.ts'
import { goYaml1Schema, goYaml3Schema } from './scalars.ts'

/** A fault of the text itself; `offset` counts UTF-16 units from the start. */
export interface TextFault {
  readonly kind: 'syntax' | 'limit'
  readonly message: string
  readonly offset: number
}

export interface Parsed {
  /** One value a document; empty documents are null. Empty when there is a fault. */
  readonly documents: readonly Value[]
  readonly events: Event[]
  readonly fault?: TextFault
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

/** Strict UTF-8: Node's own decoder would replace what it cannot read. */
export function decodeText(bytes: Uint8Array): string | TextFault {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return { kind: 'syntax', message: 'the file is UTF-16; save it as UTF-8', offset: 0 }
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
  const failed = (kind: TextFault['kind'], message: string, offset: number, events: Event[] = []): Parsed => ({
    documents: [],
    events,
    fault: { kind, message, offset },
  })
  const mark = text.indexOf(BYTE_ORDER_MARK, 1)
  if (mark > 0) return failed('syntax', 'a byte order mark inside the file becomes part of a key; delete it', mark)
  const conflict = text.includes('<<<<<<<') || text.includes('>>>>>>>') ? CONFLICT.exec(text) : null
  if (conflict) return failed('syntax', 'a merge conflict was left in the file', conflict.index)
  let events: Event[] = []
  try {
    events = parseEvents(text, { maxDepth: LIMITS.depth })
    const excess = findExcess(events, text)
    if (excess) return failed('limit', excess.message, excess.offset, events)
    const documents = constructFromEvents(events, { source: text, schema: SCHEMAS[dialect] }) as Value[]
    return { documents, events }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const reason = error.reason ?? error.message
    const position = error.mark?.position ?? 0
    const offset =
      position > 0 && /["']/.test(text[position - 1] ?? '') && /\w/.test(text[position] ?? '') ? position - 1 : position
    if (/nesting|depth/i.test(reason)) return failed('limit', `nested more than ${LIMITS.depth} levels deep`, offset)
    return failed('syntax', explain(reason, text, offset), offset)
  }
}

/** The parser's words for the two faults people meet most say little about what to do. */
function explain(reason: string, text: string, offset: number): string {
  if (reason === 'duplicated mapping key') {
    const key = /^(?:"[^"\n]*"|'[^'\n]*'|[^:\n]*)/.exec(text.slice(offset, offset + 200))?.[0] ?? ''
    return `key ${key.trim()} is written twice in one mapping`
  }
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
function findExcess(events: readonly Event[], text: string): { message: string; offset: number } | undefined {
  let documents = 0
  let added = 0
  let total = 0
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
        if (++documents > LIMITS.documents) {
          return { message: `more than ${LIMITS.documents} documents in one file`, offset: 0 }
        }
        anchors = new Map()
        stack.push({ nodes: 0, anchor: undefined, mapping: false })
        break
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE:
        total++
        stack.push({ nodes: 1, anchor: anchorOf(event), mapping: event.type === EVENT_ID.MAPPING })
        break
      case EVENT_ID.SCALAR: {
        total++
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
        added += nodes
        total += nodes
        if (added > LIMITS.aliasNodes) {
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
    if (total > LIMITS.expandedNodes)
      return { message: `more than ${LIMITS.expandedNodes} values in one file`, offset: 0 }
  }
  return undefined
}
