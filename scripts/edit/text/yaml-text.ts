// Changes single values inside YAML text, so that a changed number is one changed line and every comment stays.
import { isDeepStrictEqual } from 'node:util'
import {
  type Document,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type Pair,
  parse,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import type { Value } from '../../tree/model/resource.ts'
import { parseText } from '../../tree/source/yaml/parse.ts'
import { Problem } from '../../command/problem.ts'

/** Text with its parsed mapping; nodes know their offsets in the text. */
export interface YamlText {
  readonly path: string
  readonly text: string
  readonly root: YAMLMap
  readonly document: Document.Parsed
}

/** Reads a file of one mapping. Throws a Problem with the place of a fault. */
export function readYaml(path: string, text: string): YamlText {
  const { fault, documents } = parseText(text, 'kustomize')
  if (fault) throw refuseAt(path, text, fault.offset, fault.message)
  const second = documents.length > 1 ? findSecond(text) : undefined
  if (!isAlone(documents)) {
    const words = 'a second document begins here (`---`), and a kustomization is one'
    throw refuseAt(path, text, second ?? 0, words)
  }
  const document = parseLoosely(second === undefined ? text : `${text.slice(0, second)}${hide(text.slice(second))}`)
  const [error] = document.errors
  if (error) {
    const message = error.code === 'DUPLICATE_KEY' ? 'a key is written twice in one mapping' : error.message
    // The parser's message ends with the place once more, and with the line.
    throw refuseAt(path, text, error.pos[0], message.replace(/ at line \d+, column \d+:?[\s\S]*$/, ''))
  }
  if (!isMap(document.contents)) throw new Problem(`${path}: a mapping is expected`, { exitCode: 2 })
  return { path, text, root: document.contents, document }
}

/** Whether all that is said is said by the first document: what a `---` at the end begins is empty. */
const isAlone = ([, ...rest]: readonly Value[]): boolean => rest.every(document => document === null)

const findSecond = (text: string): number | undefined =>
  parseDocument(text).errors.find(({ code }) => code === 'MULTIPLE_DOCS')?.pos[0]

/** Lines as comments that say nothing, of the same length: every offset stays. */
const hide = (text: string): string => text.replace(/[^\r\n]+/g, line => `#${' '.repeat(line.length - 1)}`)

function refuseAt(path: string, text: string, offset: number, message: string): Problem {
  const before = text.slice(0, offset).split('\n')
  return new Problem(`${path}:${before.length}:${(before.at(-1) ?? '').length + 1}: ${message}`, { exitCode: 2 })
}

/**
 * A flow list may go on in column 1 for Go's reader, and not for the parser here: what its faults name is put on the line
 * before, in a copy, and a comment that ends that line is left out there. Both become spaces, so every offset stays.
 */
function parseLoosely(text: string): Document.Parsed {
  let copy = text
  for (;;) {
    const document = parseDocument(copy, { keepSourceTokens: true })
    const [at = 0] = document.errors.find(({ code }) => code === 'BAD_INDENT')?.pos ?? []
    if (copy[at - 1] !== '\n') return document
    const end = copy[at - 2] === '\r' ? at - 2 : at - 1
    const start = findComment(copy, end) ?? end
    copy = `${copy.slice(0, start)}${' '.repeat(at - start)}${copy.slice(at)}`
  }
}

/** Where the comment begins that ends at an offset. */
function findComment(text: string, end: number): number | undefined {
  let offset = 0
  for (const lexeme of new Lexer().lex(text)) {
    // Marks that the lexer puts between what is written.
    if (lexeme !== '' && '\x02\x18\x1f'.includes(lexeme)) continue
    offset += lexeme.length
    if (offset >= end) return offset === end && lexeme.startsWith('#') ? end - lexeme.length : undefined
  }
  return undefined
}

export type Plain = Readonly<Record<string, unknown>>

/**
 * The edited text, when kustomize reads it as the old value with exactly this change. Throws a Problem for anything else:
 * a value that is shared by an anchor, a shape that nobody thought of.
 */
export function requireExactly(path: string, before: string, after: string, change: (root: Plain) => Plain): string {
  const [old, now] = [before, after].map(text => parseText(text, 'kustomize'))
  const [first, ...rest] = old?.documents ?? []
  const expected = first !== undefined && isAlone(old?.documents ?? []) ? [change(first as Plain), ...rest] : undefined
  if (now?.fault || !expected || !isDeepStrictEqual(now?.documents, expected)) {
    throw new Problem(
      `${path}: this cannot be changed without changing something else (an anchor, or an unusual way to write it): edit it by hand`,
    )
  }
  return after
}

/** Writes a string or number as YAML that every YAML version reads as the same string or number. */
export function formatScalar(value: string | number): string {
  if (typeof value === 'number') return String(value)
  if (/\p{Cc}/u.test(value)) return JSON.stringify(value)
  const isPlain =
    /^[\w./+=@-][\w./:+=@ -]*$/.test(value) &&
    !/: |:$|^- |^-$|\s$|^---|^=$/.test(value) &&
    readsAs(value, { version: '1.1' }) &&
    readsAs(value, { schema: 'core' })
  return isPlain ? value : `'${value.replaceAll("'", "''")}'`
}

function readsAs(value: string, options: Parameters<typeof parse>[2]): boolean {
  try {
    return parse(value, options) === value && !/^[0-9_.+-]+([eE][0-9+-]+)?$/.test(value)
  } catch {
    return false
  }
}

/** Puts a value in the place of a scalar, in its quotes; what stands around it stays. */
export function replaceScalar(yaml: YamlText, node: Node, value: string | number): string {
  return replaceText(yaml, node, formatLike(node, value))
}

/** Written as the scalar that was there is, where it has quotes. */
function formatLike(node: Node, value: string | number): string {
  if (typeof value === 'number' || !isScalar(node) || /\p{Cc}/u.test(value)) return formatScalar(value)
  if (node.type === 'QUOTE_DOUBLE') return JSON.stringify(value)
  return node.type === 'QUOTE_SINGLE' ? `'${value.replaceAll("'", "''")}'` : formatScalar(value)
}

/** Puts text that is YAML already in the place of a scalar; `changeRest` is given the rest of its line, as a comment. */
export function replaceText(
  yaml: YamlText,
  node: Node,
  text: string,
  changeRest = (rest: string): string => rest,
): string {
  const [start, end] = rangeOf(node)
  const isGlued = start === end && !/[ \t]/.test(yaml.text[start - 1] ?? '')
  const lineEnd = Math.max(end, endOfLine(yaml.text, end))
  // A literal block ends with its last line, and a comment may stand where nothing did.
  const behind = yaml.text[end - 1] === '\n' && start < end ? '\n' : yaml.text[end] === '#' ? ' ' : ''
  const rest = changeRest(yaml.text.slice(end, lineEnd))
  return splice(yaml.text, start, lineEnd, `${isGlued ? ' ' : ''}${text}${behind}${rest}`)
}

/** Adds `key: value` to a mapping behind the named key (or behind the last one). */
export function insertPair(yaml: YamlText, map: YAMLMap, key: string, value: string | number, after?: string): string {
  const pairs = map.items.filter(isPair)
  const neighbour = pairs.find(pair => keyOf(pair) === after) ?? pairs.at(-1)
  if (!neighbour) throw new Problem(`${yaml.path}: cannot add ${key} to an empty mapping`)
  const line = `${key}: ${formatScalar(value)}`
  if (map.flow) return splice(yaml.text, contentEnd(neighbour), contentEnd(neighbour), `, ${line}`)
  const indent = ' '.repeat(columnOf(yaml.text, rangeOf(pairs[0]?.key as Node)[0]))
  return insertLines(yaml.text, endOfLine(yaml.text, contentEnd(neighbour)), `${indent}${line}`)
}

/** Removes a pair of a mapping; in block style its whole line goes. */
export function removePair(yaml: YamlText, map: YAMLMap, key: string): string {
  const pairs = map.items.filter(isPair)
  const index = pairs.findIndex(pair => keyOf(pair) === key)
  const pair = pairs[index]
  if (!pair) return yaml.text
  const [start] = rangeOf(pair.key as Node)
  const end = contentEnd(pair)
  const next = pairs[index + 1]?.key as Node | undefined
  if (map.flow || index > 0) {
    return map.flow ? removeBetween(yaml.text, start, end, next) : removeLines(yaml.text, start, end)
  }
  // The dash of the item stays, and what is said beside it: comments speak of the entry.
  if (!next) return removeBetween(yaml.text, start, end, next)
  const beside = yaml.text.slice(end, rangeOf(next)[0])
  return splice(yaml.text, start, rangeOf(next)[0], beside.includes('#') ? beside.trimStart() : '')
}

/** Adds an item, written as YAML, behind the last one of a list. */
export function appendItem(yaml: YamlText, list: YAMLSeq, lines: readonly string[], comment = ''): string {
  const last = list.items.at(-1) as Node | undefined
  const [start, end] = rangeOf(list)
  if (list.flow) {
    const separator = last ? ', ' : ''
    const at = last ? contentEnd(last) : yaml.text.indexOf('[', start) + 1
    if (lines.length > 1) throw new Problem(`${yaml.path}: write the list as a block, one item a line`)
    return splice(yaml.text, at, at, `${separator}${lines[0]}`)
  }
  if (!last) throw new Problem(`${yaml.path}: the list at offset ${end} is empty`)
  const indent = ' '.repeat(columnOf(yaml.text, start))
  const [first, ...rest] = lines
  const block = [`${indent}- ${first}${comment}`, ...rest.map(line => `${indent}  ${line}`)].join('\n')
  return insertLines(yaml.text, endOfLine(yaml.text, contentEnd(last)), block)
}

/** The lines of an item of a block list, from its dash, as if the list began in column 1. */
export function readItem(yaml: YamlText, list: YAMLSeq, index: number): readonly string[] {
  const item = list.items[index] as Node
  const from = yaml.text.lastIndexOf('\n', rangeOf(item)[0] - 1) + 1
  const indent = columnOf(yaml.text, rangeOf(list)[0])
  const text = yaml.text.slice(from, endOfLine(yaml.text, contentEnd(item)))
  return text.split(/\r?\n/).map(line => line.slice(indent))
}

/** Puts lines that readItem gave in the place of an item, or behind the last one where there is no such index. */
export function writeItem(yaml: YamlText, list: YAMLSeq, index: number, lines: readonly string[]): string {
  if (list.flow) throw new Problem(`${yaml.path}: write the list as a block, one item a line`)
  const indent = ' '.repeat(columnOf(yaml.text, rangeOf(list)[0]))
  const block = lines.map(line => line && `${indent}${line}`)
  const item = (list.items[index] ?? list.items.at(-1)) as Node
  const end = endOfLine(yaml.text, contentEnd(item))
  if (index >= list.items.length) return insertLines(yaml.text, end, block.join('\n'))
  const from = yaml.text.lastIndexOf('\n', rangeOf(item)[0] - 1) + 1
  return splice(yaml.text, from, end, block.join(yaml.text.includes('\r\n') ? '\r\n' : '\n'))
}

/** The line of an offset, from 1. */
export const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length

/** Removes the item at an index; the last one leaves `[]`. */
export function removeItem(yaml: YamlText, list: YAMLSeq, index: number): string {
  const item = list.items[index] as Node
  const [listStart, listEnd] = rangeOf(list)
  if (list.items.length === 1) {
    const end = list.flow ? listEnd : endOfLine(yaml.text, contentEnd(item))
    const lineStart = yaml.text.lastIndexOf('\n', listStart)
    return list.flow
      ? splice(yaml.text, listStart, end, '[]')
      : splice(yaml.text, yaml.text[lineStart - 1] === '\r' ? lineStart - 1 : lineStart, end, ' []')
  }
  const [start] = rangeOf(item)
  if (!list.flow) return removeLines(yaml.text, start, contentEnd(item))
  return removeBetween(yaml.text, start, contentEnd(item), list.items[index + 1] as Node | undefined)
}

/** Adds a top-level block behind the pairs that, by `order`, come before it. */
export function insertBlock(yaml: YamlText, key: string, lines: readonly string[], order: readonly string[]): string {
  const before = order.slice(0, Math.max(order.indexOf(key), 0))
  const pairs = yaml.root.items.filter(isPair)
  const neighbour = pairs.findLast(pair => before.includes(keyOf(pair))) ?? pairs.at(-1)
  if (!neighbour) throw new Problem(`${yaml.path}: the file is empty`)
  return insertLines(yaml.text, endOfLine(yaml.text, contentEnd(neighbour)), ['', `${key}:`, ...lines].join('\n'))
}

/** The list under a top-level key; undefined when the key is not there or empty. */
export function listAt(yaml: YamlText, map: YAMLMap, key: string): YAMLSeq | undefined {
  const value = map.get(key, true) as unknown
  if (value === undefined || (isScalar(value) && value.value === null)) return undefined
  if (!isSeq(value)) throw new Problem(`${yaml.path}: ${key} must be a list`)
  return value
}

/** The mappings of a list, with what is not a mapping left out. */
export const mapsOf = (list: YAMLSeq | undefined): YAMLMap[] => (list?.items ?? []).filter(item => isMap(item))

/** The text of a scalar of a mapping; undefined when it is not there. */
export function textAt(map: YAMLMap, key: string): string | undefined {
  const value = map.get(key, true) as unknown
  return isScalar(value) && value.value !== null ? String(value.source ?? value.value) : undefined
}

export const keyOf = (pair: Pair): string => String((pair.key as { value?: unknown } | null)?.value)

export function rangeOf(node: Node): [number, number] {
  if (!node.range) throw new Error('a node without a place in the text')
  return [node.range[0], node.range[1]]
}

/** Where the last character of a value stands, without the comments and empty lines behind it. */
function contentEnd(node: Node | Pair): number {
  if (isPair(node)) return contentEnd((node.value ?? node.key) as Node)
  const last = (isMap(node) || isSeq(node)) && !node.flow ? (node.items.at(-1) as Node | Pair | undefined) : undefined
  if (last) return contentEnd(last)
  return rangeOf(node)[1]
}

function endOfLine(text: string, offset: number): number {
  const isBehindNewline = offset > 0 && text[offset - 1] === '\n'
  const at = isBehindNewline ? offset - 1 : text.indexOf('\n', offset)
  if (at < 0) return text.length
  return text[at - 1] === '\r' ? at - 1 : at
}

function insertLines(text: string, at: number, lines: string): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  return splice(text, at, at, `${newline}${lines.replaceAll('\n', newline)}`)
}

function removeLines(text: string, start: number, end: number): string {
  const from = text.lastIndexOf('\n', start) + 1
  const to = text.indexOf('\n', Math.max(end - 1, start))
  return splice(text, from, to < 0 ? text.length : to + 1, '')
}

/** Removes something up to the next neighbour, or, when it is the last one, from the comma before it. */
function removeBetween(text: string, start: number, end: number, next: Node | undefined): string {
  if (next) return splice(text, start, rangeOf(next)[0], '')
  const from = text.slice(0, start).replace(/,?\s*$/, '').length
  return splice(text, from, end, '')
}

const columnOf = (text: string, offset: number): number => offset - (text.lastIndexOf('\n', offset - 1) + 1)

const splice = (text: string, start: number, end: number, replacement: string): string =>
  text.slice(0, start) + replacement + text.slice(end)
