// Reads what go-yaml reads and a strict parser refuses: text whose meaning is clear, and that every cluster accepts.
import { type Event, EVENT_ID, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml'
import { LIMITS } from '../limits.ts'
import { type Joined, joinQuoted } from './quoted.ts'

/** Places that may be overlooked in one file; each costs a reading of the file. */
const MOST_REPAIRS = 100
/** Comments in a row that may stand before such a place, and signs of one in a line. */
const MOST_COMMENTS = 50
const MOST_CANDIDATES = 5
/** Readings of the part before such a sign, in one file. */
const MOST_CHECKS = 200
/** Objects that may follow each other in a file of JSON. */
const MOST_OBJECTS = 1_000

/**
 * The events of a text. Overlooked are what goes on at the indentation of its key (a quoted scalar, a flow list), a
 * comment without a blank before it, the colon of `*name:`, and (for kubectl; kustomize takes the first one) JSON objects without a separator. Offsets are those of
 * the text as it is. Throws a YAMLException for everything else.
 */
export function readEvents(text: string, dialect: 'kustomize' | 'kubectl' | 'rendered'): Event[] {
  const options = { maxDepth: LIMITS.depth }
  let repaired = text
  let joined: Joined | undefined
  const budget = { checks: MOST_CHECKS }
  let aliases: ReadonlySet<number> | undefined
  for (let repairs = 0; ; repairs++) {
    try {
      const parsed = parseEvents(repaired, options)
      if (repairs === 0) return parsed
      const starts = aliases ?? new Set<number>()
      const events = parsed.map(event => asAlias(event, starts))
      if (joined === undefined || areQuoted(events, joined.starts)) return refold(events, text)
      // One of them was not what it looked like.
      joined = undefined
      aliases = undefined
      repaired = text
    } catch (error) {
      if (!(error instanceof YAMLException) || repairs === MOST_REPAIRS) throw error
      if (repairs === 0 && error.reason === 'deficient indentation') {
        joined = joinQuoted(text)
        repaired = joined?.text ?? text
        if (joined) continue
      }
      if (aliases === undefined) {
        aliases = findAliasKeys(repaired)
        repaired = repaired.replace(ALIAS_KEY, '$1_$2')
        if (aliases.size > 0) continue
      }
      const at = error.mark?.position ?? 0
      const reason = error.reason ?? ''
      if (reason.startsWith('end of the stream') && repairs === 0 && /^\s*\{/.test(text)) {
        const objects = splitObjects(text)
        if (objects === undefined || objects.length < 2) throw error
        return (dialect === 'kubectl' ? objects : objects.slice(0, 1)).flatMap(({ start, end }) =>
          parseEvents(text.slice(start, end), options).map(event => shift(event, start)),
        )
      }
      const next = repair(repaired, at, reason, budget)
      if (next === undefined) throw error
      repaired = next
    }
  }
}

/** `*name:`, where YAML 1.2 takes the colon for a part of the name and go-yaml does not. */
const ALIAS_KEY = /^([ \t]*(?:-[ \t]+)*)\*([A-Za-z0-9_-]+:(?=\s|$))/gm

const findAliasKeys = (text: string): ReadonlySet<number> =>
  new Set([...text.matchAll(ALIAS_KEY)].map(({ index, 1: before = '' }) => index + before.length))

/** A key that was read as a plain one is the alias that is written there; in a block scalar there is none. */
function asAlias(event: Event, starts: ReadonlySet<number>): Event {
  if (event.type !== EVENT_ID.SCALAR || event.style !== SCALAR_STYLE.PLAIN || !starts.has(event.valueStart))
    return event
  return { type: EVENT_ID.ALIAS, anchorStart: event.valueStart + 1, anchorEnd: event.valueEnd }
}

/** Whether quoted scalars begin at all of the offsets. */
function areQuoted(events: readonly Event[], starts: readonly number[]): boolean {
  const known = new Set(events.flatMap(event => (isQuoted(event) ? [event.valueStart - 1] : [])))
  return starts.every(start => known.has(start))
}

const isQuoted = (event: Event): event is Extract<Event, { type: typeof EVENT_ID.SCALAR }> =>
  event.type === EVENT_ID.SCALAR &&
  (event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED)

interface Budget {
  checks: number
}

/** The text with one place overlooked, of the same length; undefined where the fault is a real one. */
function repair(text: string, at: number, reason: string, budget: Budget): string | undefined {
  if (reason === 'deficient indentation') {
    let from = skipBlanks(text, at)
    // A flow list may go on in column 1 after comments, which must not swallow what goes on.
    for (let left = MOST_COMMENTS; left > 0; left--) {
      const comment = findComment(text, from, budget)
      if (comment === undefined) break
      from = skipBlanks(text, comment)
    }
    return `${text.slice(0, from)}${' '.repeat(at - from)}${text.slice(at)}`
  }
  if (text[at] === '#' && /["'\]}]/.test(text[at - 1] ?? '')) {
    const lineEnd = text.indexOf('\n', at)
    const end = lineEnd < 0 ? text.length : lineEnd
    return `${text.slice(0, at)}${' '.repeat(end - at)}${text.slice(end)}`
  }
  return undefined
}

/** Where the blanks begin that end at an offset. */
function skipBlanks(text: string, end: number): number {
  let from = end
  while (from > 0 && /\s/.test(text[from - 1] ?? '')) from--
  return from
}

/** Where the comment begins that ends a line at an offset. In a quoted scalar there is none. */
function findComment(text: string, end: number, budget: Budget): number | undefined {
  const lineStart = text.lastIndexOf('\n', end - 1) + 1
  const candidates = [...text.slice(lineStart, end).matchAll(/(?<=^|\s)#/g)].slice(0, MOST_CANDIDATES)
  return candidates
    .map(({ index }) => lineStart + index)
    .find(start => budget.checks-- > 0 && !isInQuotes(text.slice(0, start)))
}

/** Whether a text ends within a quoted scalar, in the parser's own words. */
function isInQuotes(text: string): boolean {
  try {
    parseEvents(text, { maxDepth: LIMITS.depth })
    return false
  } catch (error) {
    return error instanceof YAMLException && /within a (?:single|double) quoted scalar/.test(error.reason ?? '')
  }
}

/** Quoted scalars in which a line break was overlooked have their lines folded all the same. */
function refold(events: readonly Event[], text: string): Event[] {
  return events.map(event => {
    if (!isQuoted(event) || !event.fast) return event
    return text.slice(event.valueStart, event.valueEnd).includes('\n') ? { ...event, fast: false } : event
  })
}

const OFFSETS = ['start', 'valueStart', 'valueEnd', 'anchorStart', 'anchorEnd', 'tagStart', 'tagEnd'] as const

function shift(event: Event, by: number): Event {
  const moved: Record<string, unknown> = { ...event }
  for (const key of OFFSETS) {
    const offset = moved[key]
    if (typeof offset === 'number' && offset >= 0) moved[key] = offset + by
  }
  return moved as unknown as Event
}

/** The JSON objects of a text that holds nothing else; undefined where it holds more, or too many. */
function splitObjects(text: string): readonly { start: number; end: number }[] | undefined {
  const found: { start: number; end: number }[] = []
  let depth = 0
  let start = 0
  let isString = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (isString) {
      if (character === '\\') at++
      else if (character === '"') isString = false
    } else if (character === '"') isString = true
    else if (character === '{') {
      if (depth++ === 0) start = at
    } else if (character === '}') {
      if (--depth < 0) return undefined
      if (depth === 0 && found.push({ start, end: at + 1 }) > MOST_OBJECTS) return undefined
    } else if (depth === 0 && !/\s/.test(character ?? '')) return undefined
  }
  return depth === 0 && !isString ? found : undefined
}
