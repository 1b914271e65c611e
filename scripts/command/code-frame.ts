// The line of a finding with a mark under what is meant, cut to a width that fits a terminal.

/** One-based; the end is exclusive. */
interface Span {
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

const WIDTH = 100

/** Control characters of a hostile file must not reach the terminal. */
const CONTROL = /[\p{Cc}\p{Cf}]/gu

/** One-based columns; `mark` colours the carets. */
export function codeFrame(text: string, range: Span, mark: (text: string) => string, indent: string): string {
  const line = (text.split('\n', range.line)[range.line - 1] ?? '').replace(/\r$/, '')
  const first = range.column - 1
  const last = Math.max(range.endLine === range.line ? range.endColumn - 1 : line.length, first + 1)
  const from = first > WIDTH - 20 ? first - 20 : 0
  const shown = line
    .slice(from, from + WIDTH)
    .replaceAll('\t', ' ')
    .replace(CONTROL, '?')
  const number = String(range.line)
  const carets = '^'.repeat(Math.max(1, Math.min(last, from + WIDTH) - first))
  const gutter = ' '.repeat(number.length)
  return `${indent}${number} | ${from ? '…' : ''}${shown}\n${indent}${gutter} | ${' '.repeat(first - from + (from ? 1 : 0))}${mark(carets)}`
}
