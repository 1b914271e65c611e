// Reads YAML into traced values, with the meaning that kustomize gives to plain scalars, anchors and merge keys.
import { type Event, EVENT_ID, getScalarValue, SCALAR_STYLE } from 'js-yaml'
import type { SourceFile } from '../../source/source-file.ts'
import { parseText } from '../../source/yaml/parse.ts'
import { readEvents } from '../../source/yaml/read-events.ts'
import { readPlainScalar, readYesNo } from '../../source/yaml/scalars.ts'
import { textOfFile, type TracedText } from './text.ts'
import {
  clone,
  ClosedMapping,
  type Entry,
  type Mapping,
  type Origin,
  type Role,
  type Tag,
  type Traced,
} from './value.ts'

/** The documents of a file; an empty document is undefined. */
export function readFile(file: SourceFile, role: Role, rank: number): (Traced | undefined)[] {
  return file.parse('kustomize').fault
    ? []
    : buildValues(
        textOfFile(file),
        file.text.length < LONG_TEXT ? readEvents(file.text, 'kustomize') : eventsOf(file),
        role,
        rank,
      )
}

/** What is read for longer than it takes to keep it; the values of such a file keep its events anyway. */
const LONG_TEXT = 200_000

const kept = new WeakMap<SourceFile, readonly Event[]>()

/** As readFile, for a file that every step reads anew: a kustomization. */
export function readAgain(file: SourceFile, role: Role, rank: number): (Traced | undefined)[] {
  return buildValues(textOfFile(file), eventsOf(file), role, rank)
}

function eventsOf(file: SourceFile): readonly Event[] {
  let events = kept.get(file)
  if (!events) {
    events = file.parse('kustomize').fault ? [] : readEvents(file.text, 'kustomize')
    kept.set(file, events)
  }
  return events
}

/** The documents of a text within a file. */
export function readInner(text: TracedText, role: Role, rank: number): (Traced | undefined)[] {
  const { fault } = parseText(text.text, 'kustomize')
  return fault ? [] : buildValues(text, readEvents(text.text, 'kustomize'), role, rank)
}

/** A list of operations in YAML goes through another reader on its way to JSON: `yes` is true to it. */
export function readAsOperations(node: Traced): void {
  if (node.kind === 'scalar') {
    const { at } = node.origin
    const isPlain = at.text.text.slice(at.start, at.end) === node.text
    if (node.tag === 'timestamp') node.tag = 'str'
    const word = node.tag === 'str' && isPlain ? readYesNo(node.text) : undefined
    if (word !== undefined) [node.text, node.tag] = [word, 'bool']
  } else if (node.kind === 'sequence') {
    for (const item of node.items) readAsOperations(item)
  } else {
    for (const [key, entry] of [...node.entries]) {
      readAsOperations(entry.value)
      const { keyStart, keyEnd, text } = entry.origin.at
      const isPlain = keyStart !== undefined && text.text.slice(keyStart, keyEnd) === key
      const word = isPlain ? readYesNo(key) : undefined
      if (word === undefined || word === key) continue
      node.entries.delete(key)
      node.entries.set(word, entry)
    }
  }
}

/** Events of a file and of a mapping from which on the mapping is read only once somebody looks into it. */
const LONG_FILE = 20_000
const LONG_MAPPING = 2_000

function buildValues(text: TracedText, events: readonly Event[], role: Role, rank: number): (Traced | undefined)[] {
  const documents: (Traced | undefined)[] = []
  let anchors = new Map<string, Traced>()
  let index = 0
  let lastEnd = 0
  const source = text.text

  /** Reads one value; `key` is where its key stands. */
  const read = (key?: { start: number; end: number }): Traced => {
    const event = events[index++]
    if (!event) throw new Error('the event stream ends inside a value')
    const written = (start: number, end: number): Origin => ({
      at: { text, role, rank, start, end, ...(key ? { keyStart: key.start, keyEnd: key.end } : {}) },
    })
    switch (event.type) {
      case EVENT_ID.SCALAR: {
        const { start, end } = spanOf(event, key?.end ?? lastEnd)
        lastEnd = end
        const value = readText(source, event)
        const tagName = event.tagStart >= 0 ? source.slice(event.tagStart, event.tagEnd) : ''
        const node: Traced = {
          kind: 'scalar',
          text: value,
          tag: tagOf(value, event.style, tagName),
          origin: written(start, end),
        }
        remember(event, node)
        return node
      }
      case EVENT_ID.ALIAS: {
        const target = anchors.get(source.slice(event.anchorStart, event.anchorEnd))
        // What an alias stands for is written at its anchor.
        return target
          ? clone(target)
          : { kind: 'scalar', text: '', tag: 'null', origin: written(event.anchorStart - 1, event.anchorEnd) }
      }
      case EVENT_ID.MAPPING: {
        const origin = written(event.start, event.start + 1)
        const beyond = key && event.anchorStart < 0 ? passOver() : undefined
        if (beyond) {
          const node = new ClosedMapping(origin, readLater(index, lastEnd))
          ;[index, lastEnd] = [beyond.index, beyond.lastEnd]
          return node
        }
        const node: Mapping = { kind: 'mapping', entries: new Map(), origin }
        remember(event, node)
        readEntries(node.entries)
        return node
      }
      case EVENT_ID.SEQUENCE: {
        const items: Traced[] = []
        const node: Traced = { kind: 'sequence', items, origin: written(event.start, event.start + 1) }
        remember(event, node)
        while (events[index]?.type !== EVENT_ID.POP) items.push(read())
        index++
        return node
      }
      default:
        throw new Error(`a value cannot start with event ${event.type}`)
    }
  }
  const readEntries = (entries: Map<string, Entry>): void => {
    const merged: Traced[] = []
    while (events[index]?.type !== EVENT_ID.POP) {
      const keyEvent = events[index]
      if (keyEvent?.type !== EVENT_ID.SCALAR) {
        skip()
        skip()
        continue
      }
      index++
      const span = spanOf(keyEvent, lastEnd)
      lastEnd = span.end
      const name = getScalarValue(source, keyEvent)
      const value = read(span)
      if (name === '<<' && keyEvent.style === SCALAR_STYLE.PLAIN) merged.push(value)
      else
        entries.set(name, {
          value,
          origin:
            value.origin.at.keyStart === span.start
              ? value.origin
              : {
                  at: {
                    text,
                    role,
                    rank,
                    start: span.start,
                    end: span.end,
                    keyStart: span.start,
                    keyEnd: span.end,
                  },
                },
        })
    }
    index++
    for (const value of merged.flatMap(one => (one.kind === 'sequence' ? one.items : [one]))) {
      if (value.kind !== 'mapping') continue
      for (const [name, entry] of value.entries) {
        if (!entries.has(name)) entries.set(name, { value: clone(entry.value), origin: entry.origin })
      }
    }
  }
  /** Behind a long mapping without anchors and aliases, which may be read by itself; undefined for any other. */
  const passOver = (): { index: number; lastEnd: number } | undefined => {
    if (events.length < LONG_FILE) return undefined
    let at = index
    let end = lastEnd
    for (let depth = 1; depth > 0; ) {
      const event = events[at++]
      if (!event || event.type === EVENT_ID.ALIAS) return undefined
      if (event.type === EVENT_ID.POP) depth--
      else if (event.type !== EVENT_ID.DOCUMENT && event.anchorStart >= 0) return undefined
      else if (event.type === EVENT_ID.SCALAR) end = spanOf(event, end).end
      else depth++
    }
    return at - index < LONG_MAPPING ? undefined : { index: at, lastEnd: end }
  }
  const readLater = (from: number, end: number) => (): Map<string, Entry> => {
    const state = [index, lastEnd, anchors] as const
    ;[index, lastEnd, anchors] = [from, end, new Map()]
    const entries = new Map<string, Entry>()
    readEntries(entries)
    ;[index, lastEnd, anchors] = state
    return entries
  }
  const remember = (event: { anchorStart: number; anchorEnd: number }, node: Traced): void => {
    if (event.anchorStart >= 0) anchors.set(source.slice(event.anchorStart, event.anchorEnd), node)
  }
  const skip = (): void => {
    let depth = 0
    do {
      const event = events[index++]
      if (!event) return
      if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) depth++
      else if (event.type === EVENT_ID.POP) depth--
    } while (depth > 0)
  }

  while (index < events.length) {
    const event = events[index++]
    if (event?.type !== EVENT_ID.DOCUMENT) continue
    anchors = new Map()
    if (events[index]?.type === EVENT_ID.POP) documents.push(undefined)
    else documents.push(read())
    index++
  }
  return documents
}

/** A block that the text ends in has no line break at its end where the text has none. */
function readText(source: string, event: Parameters<typeof getScalarValue>[1] & ScalarSpan): string {
  const value = getScalarValue(source, event)
  const isBlock = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK
  return isBlock && !source.endsWith('\n') && event.valueEnd >= source.length ? value.replace(/\n$/, '') : value
}

interface ScalarSpan {
  readonly style: number
  readonly valueStart: number
  readonly valueEnd: number
}

/** An empty value has no place of its own: it is where something could be written. */
function spanOf({ style, valueStart, valueEnd }: ScalarSpan, otherwise: number): { start: number; end: number } {
  if (valueStart < 0) return { start: otherwise, end: otherwise }
  const isQuoted = style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED
  return isQuoted ? { start: valueStart - 1, end: valueEnd + 1 } : { start: valueStart, end: valueEnd }
}

const EXPLICIT_TAGS: Readonly<Record<string, Tag>> = {
  '!!str': 'str',
  '!!int': 'int',
  '!!float': 'float',
  '!!bool': 'bool',
  '!!null': 'null',
}

function tagOf(value: string, style: number, tagName: string): Tag {
  const explicit = EXPLICIT_TAGS[tagName]
  if (explicit) return explicit
  if (style !== SCALAR_STYLE.PLAIN || tagName !== '') return 'str'
  return tagOfPlain(value)
}

/** What kustomize's reader takes a plain scalar for. */
export function tagOfPlain(value: string): Tag {
  const read = readPlainScalar(value)
  switch (typeof read) {
    case 'number':
      return Number.isInteger(read) && !/[.eE]/.test(value.replace(/^[-+]?0x.*/i, '')) ? 'int' : 'float'
    case 'boolean':
      return 'bool'
    case 'string':
      return isDate(value) ? 'timestamp' : 'str'
    default:
      return 'null'
  }
}

/** A day that there is; all else that reads like a time stays the text it is. */
function isDate(value: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(value) ?? []
  if (year === undefined) return false
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
}
