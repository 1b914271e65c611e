// Where a field stands, for each way to write one.
import { expect, test } from 'vitest'
import type { FieldPath } from '../../model/place.ts'
import { SourceFile } from '../source-file.ts'

const show = (text: string, path: FieldPath, document = 0): string => {
  const file = new SourceFile('a.yaml', new TextEncoder().encode(text))
  const { line, column, endLine, endColumn } = file.rangeOf(document, path)
  return `${line}:${column}-${endLine}:${endColumn}`
}

test.each<readonly [what: string, text: string, path: FieldPath, range: string]>([
  ['a key with its scalar', 'a: 1\nbc: two\n', ['bc'], '2:1-2:8'],
  ['a quoted scalar with its quotes', 'a: "x y" # why\n', ['a'], '1:1-1:9'],
  ['a key alone before a mapping', 'a:\n  b: 1\n', ['a'], '1:1-1:2'],
  ['a key alone before a list', 'a:\n- 1\n', ['a'], '1:1-1:2'],
  ['an item of a list', 'a:\n  - x\n  - yz\n', ['a', 1], '3:5-3:7'],
  ['an item that is a mapping: its first line', 'a:\n  - b: 1\n    c: 2\n', ['a', 0], '2:5-2:9'],
  ['a flow mapping', 'a: {b: 1, c: 22}\n', ['a', 'c'], '1:11-1:16'],
  ['a scalar over lines: its key', 'a: |\n  one\n  two\nb: 1\n', ['a'], '1:1-1:2'],
  ['a field that is not there: what would hold it', 'a:\n  b: 1\n', ['a', 'c', 'd'], '1:1-1:2'],
  ['an item past the end', 'a:\n  - x\n', ['a', 7], '1:1-1:2'],
  ['what an alias means stands at its anchor', 'a: &x\n  b: 1\nc: *x\n', ['c', 'b'], '2:3-2:7'],
  ['what a merge brings', 'a: &x\n  b: 1\nc:\n  <<: *x\n  d: 2\n', ['c', 'b'], '2:3-2:7'],
  ['a key of its own wins over a merge', 'a: &x\n  b: 1\nc:\n  <<: *x\n  b: 2\n', ['c', 'b'], '5:3-5:7'],
  ['a number as a key', 'a:\n  8080: x\n', ['a', '8080'], '2:3-2:10'],
  ['after other line ends', 'a: 1\r\nb: 2\r\n', ['b'], '2:1-2:5'],
  ['after a byte order mark', '\uFEFFa: 1\n', ['a'], '1:1-1:5'],
  ['in UTF-16 units', 'a: [😀, b]\n', ['a', 1], '1:9-1:10'],
])('%s', (_, text, path, range) => {
  expect(show(text, path)).toBe(range)
})

test('each document has its own fields, and one that is not there is the start of the file', () => {
  const text = 'a: 1\n---\n# why\na: 2\n'
  expect([show(text, ['a'], 0), show(text, ['a'], 1), show(text, ['a'], 2)]).toEqual(['1:1-1:5', '4:1-4:5', '1:1-1:5'])
})
