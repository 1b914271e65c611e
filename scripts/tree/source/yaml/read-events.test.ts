// What go-yaml reads is read, with the values it reads and the places where they stand.
import { expect, test } from 'vitest'
import { SourceFile } from '../source-file.ts'
import { decodeText, parseText } from './parse.ts'

test.each([
  ['a quoted scalar that goes on at the indentation of its key', "a: 'one\ntwo'\nb: 1\n", { a: 'one two', b: 1 }],
  ['the same with an empty line', 'x:\n  a: "one\n\n  two"\n', { x: { a: 'one\ntwo' } }],
  ['a bracket in column 1', 'a: [\n  x,\n]\nb: 1\n', { a: ['x'], b: 1 }],
  ['the same after a comment', 'a: [\n  x,\n  # why\n]\nb: 1\n', { a: ['x'], b: 1 }],
  ['and beside one', 'a: [\n  "x # y", # why, and a ]\n]\nb: 1\n', { a: ['x # y'], b: 1 }],
  ['items in column 1 between comments', 'a: [ # one\n# two\nx, # three\ny,\n z]\n', { a: ['x', 'y', 'z'] }],
  ['with other line ends', 'a: {\r\n  b: 1,\r\n  # why\r\n}\r\nc: 1\r\n', { a: { b: 1 }, c: 1 }],
  ['what looks like a comment in quotes', 'x: "a\n  # b\nc"\n', { x: 'a # b c' }],
  ['an alias as a key', 'a: &b c\nd:\n  *b:\n    - *b: 1\n', { a: 'c', d: { c: [{ c: 1 }] } }],
  ['and what looks like one in a text', 'a: &b c\n*b: 1\nd: |\n  *b: x\n', { a: 'c', c: 1, d: '*b: x\n' }],
  ['a byte order mark in a value', 'a: x\uFEFFy\nb: |\n  "\uFEFF"\n', { a: 'x\uFEFFy', b: '"\uFEFF"\n' }],
  ['a comment right after a quote', "a: 'false'# no blank\nb: [1]# here\n", { a: 'false', b: [1] }],
])('%s', (_, text, value) => {
  expect(parseText(text, 'kustomize').documents).toEqual([value])
})

test('what stands after an overlooked place keeps its line', () => {
  const file = new SourceFile('a.yaml', new TextEncoder().encode("a: 'one\ntwo'\nb: 1\n"))
  expect(file.rangeOf(0, ['b'])).toMatchObject({ line: 3, column: 1 })
})

test('JSON objects without a separator: kubectl takes all, kustomize the first', () => {
  const text = '{"a": "}"}\n{"b": [2]}\n'
  expect(parseText(text, 'kubectl').documents).toEqual([{ a: '}' }, { b: [2] }])
  expect(parseText(text, 'kustomize').documents).toEqual([{ a: '}' }])
})

test.each([
  'a: "x\n',
  'a: [1\nb: 2\n',
  'a: 1\n\uFEFFb: 2\n',
  '*b: 1\n',
  'a: &b c\n*b: 1\n x: y\n',
  '{"a": 1} x\n',
  'a: "b" c\n',
])('what is broken stays so: %j', text => {
  expect(parseText(text, 'kubectl').fault?.kind).toBe('syntax')
})

test('a key written twice is told, and the rest is read', () => {
  const { documents, blemishes } = parseText('a: 1\nb: { c: 1, c: 2 }\na: 3\n', 'kustomize')
  expect(documents).toEqual([{ a: 3, b: { c: 2 } }])
  expect(blemishes?.map(({ offset }) => offset).sort((a, b) => a - b)).toEqual([16, 23])
})

test('two objects without a line between them are one mistake', () => {
  const object = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`
  const told = (text: string): readonly string[] => (parseText(text, 'kubectl').blemishes ?? []).map(one => one.message)
  expect(told(`${object('a')}${object('b')}${object('c')}`)).toEqual([
    'keys apiVersion, kind, metadata are written twice in one mapping: is a line --- missing above?',
  ])
  expect(told(`${object('a')}---\n${object('b')}`)).toEqual([])
  // One level below it is no object.
  expect(told('a:\n  kind: b\n  apiVersion: v1\n  kind: c\n  apiVersion: v2\n')).toHaveLength(2)
})

test('two words of YAML 1.1 are one key for kubectl, and two for kustomize', () => {
  expect(parseText('on: 1\nyes: 2\n', 'kubectl').blemishes).toHaveLength(1)
  expect(parseText('on: 1\nyes: 2\n', 'kustomize').blemishes).toBeUndefined()
  expect(parseText('"on": 1\n"yes": 2\n', 'kubectl').blemishes).toBeUndefined()
})

test.each(['utf16le', 'utf16be'])('%s with a mark', encoding => {
  const little = Buffer.from('\uFEFFa: é\n', 'utf16le')
  expect(decodeText(encoding === 'utf16le' ? little : little.swap16())).toBe('a: é\n')
})
