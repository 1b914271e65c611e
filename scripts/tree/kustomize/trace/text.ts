// A text that values were read from: a file, or a text within a file (an inline patch), whose offsets lead back to it.
import type { SourceRange } from '../../model/place.ts'
import type { SourceFile } from '../../source/source-file.ts'
import { createLineIndex } from '../../source/yaml/position.ts'

export interface TracedText {
  readonly path: string
  /** The text of the file itself, into which `at` leads. */
  readonly file: string
  /** The text that was read. */
  readonly text: string
  /** The offset in the file of an offset of the text. */
  at(offset: number): number
  /** False when only the whole of an inner text can be shown. */
  readonly isExact: boolean
}

const texts = new WeakMap<SourceFile, TracedText>()

export function textOfFile(file: SourceFile): TracedText {
  let text = texts.get(file)
  if (!text) {
    text = {
      path: file.path,
      get file() {
        return file.text
      },
      get text() {
        return file.text
      },
      at: offset => offset,
      isExact: true,
    }
    texts.set(file, text)
  }
  return text
}

/** The text of a scalar that is read once more: `start` and `end` are the scalar's own, quotes included. */
export function textWithin(outer: TracedText, start: number, end: number, inner: string): TracedText {
  const from = outer.at(start)
  const offsets = mapOffsets(outer.text, start, end, inner)
  const { path, file } = outer
  if (!offsets) return { path, file, text: inner, at: () => from, isExact: false }
  return {
    path,
    file,
    text: inner,
    isExact: outer.isExact,
    at: offset => outer.at(offsets[Math.min(Math.max(offset, 0), inner.length)] ?? start),
  }
}

/** For each offset of the inner text the one of the outer text; undefined when that cannot be known. */
function mapOffsets(text: string, start: number, end: number, inner: string): Uint32Array | undefined {
  const offsets = new Uint32Array(inner.length + 1)
  const quote = text[start]
  let at = start
  if (quote === '"' || quote === "'") {
    at++
    for (let index = 0; index < inner.length; index++) {
      offsets[index] = at
      if (quote === '"' && text[at] === '\\') {
        const letter = text[at + 1]
        at += letter === 'x' ? 4 : letter === 'u' ? 6 : letter === 'U' ? 10 : 2
      } else if (quote === "'" && text[at] === "'") at += 2
      else {
        if (text[at] !== inner[index]) return undefined
        at++
      }
    }
    offsets[inner.length] = at
    return at === end - 1 ? offsets : undefined
  }
  // A block of lines, each indented: every inner line stands in an outer one. A plain scalar is one line of it.
  const lines = inner.split('\n')
  let index = 0
  for (const [number, line] of lines.entries()) {
    if (number > 0) {
      const next = text.indexOf('\n', at)
      if (next < 0) {
        if (line !== '') return undefined
        offsets[index] = text.length
        break
      }
      at = next + 1
    }
    let column = at
    while (text[column] === ' ' && !text.startsWith(line, column)) column++
    if (line !== '' && number === 0 && !text.startsWith(line, column)) return undefined
    // What a block gives up of a line is its indentation; an empty line has none.
    const indented = indentOf(text, at, line)
    if (indented === undefined) return undefined
    at = indented
    for (let position = 0; position <= line.length; position++) offsets[index++] = at + position
    at += line.length
  }
  return offsets
}

function indentOf(text: string, lineStart: number, line: string): number | undefined {
  const lineEnd = text.indexOf('\n', lineStart)
  const whole = text.slice(lineStart, lineEnd < 0 ? text.length : lineEnd).replace(/\r$/, '')
  if (line === '') return whole.trim() === '' ? lineStart : lineStart
  const start = whole.length - line.length
  if (start >= 0 && whole.endsWith(line)) return lineStart + start
  return whole.startsWith(line) ? lineStart : undefined
}

const lineIndexes = new Map<string, ReturnType<typeof createLineIndex>>()

/** Line and column in the file. */
export function positionIn(text: TracedText, offset: number): { line: number; column: number } {
  let index = lineIndexes.get(text.file)
  if (!index) {
    index = createLineIndex(text.file)
    // One file is asked for many times in a row, and a thousand files once.
    if (lineIndexes.size > 200) lineIndexes.clear()
    lineIndexes.set(text.file, index)
  }
  return index(text.at(offset))
}

export interface Span {
  readonly start: number
  readonly end: number
  readonly keyStart?: number
  readonly keyEnd?: number
}

/** What is shown of a field: its key and its value where they stand in one line, else the line that it begins in. */
export function rangeOfSpan(text: TracedText, { start, end, keyStart, keyEnd }: Span, isScalar: boolean): SourceRange {
  const from = positionIn(text, keyStart ?? start)
  let to = positionIn(text, isScalar || keyEnd === undefined ? end : keyEnd)
  if (to.line !== from.line) {
    if (keyEnd !== undefined) to = positionIn(text, keyEnd)
    else {
      const begin = text.at(start)
      const lineEnd = text.file.indexOf('\n', begin)
      to = { line: from.line, column: from.column + (lineEnd < 0 ? text.file.length : lineEnd) - begin }
    }
  }
  return { file: text.path, line: from.line, column: from.column, endLine: to.line, endColumn: to.column }
}
