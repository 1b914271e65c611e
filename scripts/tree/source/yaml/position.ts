// Finds where a field stands in a text. Built only when there is a finding, so a clean run pays nothing for it.
import { type Event, EVENT_ID, getScalarValue, SCALAR_STYLE } from 'js-yaml'
import type { FieldPath, SourceRange } from '../../model/place.ts'

/** A value and where it stands; offsets are UTF-16 units, the end is exclusive. */
export interface Node {
  readonly start: number
  end: number
  readonly kind: 'mapping' | 'sequence' | 'scalar' | 'alias'
  readonly text?: string
  /** A scalar without quotes. */
  readonly isPlain?: boolean
  readonly pairs?: { readonly key: Node; readonly value: Node }[]
  readonly items?: Node[]
  readonly target?: Node | undefined
}

/** The field that was found: `key` is absent at the root and in lists; `depth` says how much of the path exists. */
export interface Found {
  readonly key: Node | undefined
  readonly value: Node
  readonly depth: number
}

/** Builds one tree for each document of an event stream. */
export function buildTrees(text: string, events: readonly Event[]): (Node | undefined)[] {
  const roots: (Node | undefined)[] = []
  let anchors = new Map<string, Node>()
  let index = 0
  const build = (): Node => {
    const event = events[index++]
    if (!event) throw new Error('the event stream ends inside a value')
    switch (event.type) {
      case EVENT_ID.SCALAR: {
        const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED
        const node: Node = {
          kind: 'scalar',
          start: quoted ? event.valueStart - 1 : event.valueStart,
          end: quoted ? event.valueEnd + 1 : event.valueEnd,
          text: getScalarValue(text, event),
          isPlain: event.style === SCALAR_STYLE.PLAIN,
        }
        remember(event, node)
        return node
      }
      case EVENT_ID.ALIAS: {
        const target = anchors.get(text.slice(event.anchorStart, event.anchorEnd))
        return { kind: 'alias', start: event.anchorStart - 1, end: event.anchorEnd, target }
      }
      case EVENT_ID.MAPPING: {
        const node: Node = { kind: 'mapping', start: event.start, end: event.start, pairs: [] }
        remember(event, node)
        while (events[index]?.type !== EVENT_ID.POP) {
          const key = build()
          node.pairs?.push({ key, value: build() })
        }
        index++
        node.end = node.pairs?.at(-1)?.value.end ?? event.start + 1
        return node
      }
      case EVENT_ID.SEQUENCE: {
        const node: Node = { kind: 'sequence', start: event.start, end: event.start, items: [] }
        remember(event, node)
        while (events[index]?.type !== EVENT_ID.POP) node.items?.push(build())
        index++
        node.end = node.items?.at(-1)?.end ?? event.start + 1
        return node
      }
      default:
        throw new Error(`a value cannot start with event ${event.type}`)
    }
  }
  const remember = (event: { anchorStart: number; anchorEnd: number }, node: Node): void => {
    if (event.anchorStart >= 0) anchors.set(text.slice(event.anchorStart, event.anchorEnd), node)
  }
  while (index < events.length) {
    const event = events[index]
    index++
    if (event?.type !== EVENT_ID.DOCUMENT) continue
    anchors = new Map()
    if (events[index]?.type === EVENT_ID.POP) roots.push(undefined)
    else roots.push(build())
    index++
  }
  return roots
}

const resolve = (node: Node): Node => (node.kind === 'alias' ? (node.target ?? node) : node)

/** Looks a key up as YAML does: written keys first, then what `<<` brings in. */
export function findPair(mapping: Node, name: string, depth = 0): { key: Node; value: Node } | undefined {
  const pairs = mapping.pairs ?? []
  const own = pairs.find(pair => pair.key.text === name)
  if (own || depth > 20) return own
  for (const { key, value } of pairs) {
    if (key.text !== '<<') continue
    const merged = resolve(value)
    for (const source of merged.kind === 'sequence' ? (merged.items ?? []) : [merged]) {
      const found = findPair(resolve(source), name, depth + 1)
      if (found) return found
    }
  }
  return undefined
}

/** Follows a path as far as it exists. */
export function findNode(root: Node, path: FieldPath): Found {
  let found: Found = { key: undefined, value: root, depth: 0 }
  for (const [index, segment] of path.entries()) {
    const node = resolve(found.value)
    if (node.kind === 'sequence') {
      const item = node.items?.[Number(segment)]
      if (!item) break
      found = { key: undefined, value: item, depth: index + 1 }
    } else {
      const pair = node.kind === 'mapping' ? findPair(node, String(segment)) : undefined
      if (!pair) break
      found = { key: pair.key, value: pair.value, depth: index + 1 }
    }
  }
  return found
}

/** Counts lines once a file; columns are UTF-16 units, as editors and SARIF count them. */
export function createLineIndex(text: string): (offset: number) => { line: number; column: number } {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return wanted => {
    // An empty value has no place of its own.
    const offset = Math.max(wanted, 0)
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    const shift = low === 0 && text.startsWith('\uFEFF') && offset > 0 ? 0 : 1
    return { line: low + 1, column: offset - (starts[low] ?? 0) + shift }
  }
}

/**
 * The range to show for a field: a key with its scalar on one line, a key alone before a mapping or list, a list item
 * as it stands.
 */
/** `position`: the line index of the text, where there is one already. */
export function rangeOf(file: string, text: string, found: Found, position = createLineIndex(text)): SourceRange {
  const { key, value } = found
  const start = position(key?.start ?? value.start)
  const scalar = value.kind === 'scalar' || value.kind === 'alias'
  let end = position(scalar || !key ? value.end : key.end)
  if (end.line !== start.line) {
    const lineEnd = text.indexOf('\n', key?.start ?? value.start)
    end = position(key ? key.end : lineEnd < 0 ? text.length : lineEnd)
  }
  return { file, line: start.line, column: start.column, endLine: end.line, endColumn: end.column }
}
