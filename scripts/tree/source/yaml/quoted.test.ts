// Hundreds of quoted scalars that go on at the indentation of their keys are read, and what only looks like one is left alone.
import { expect, test } from 'vitest'
import { joinQuoted } from './quoted.ts'
import { parseText } from './parse.ts'

const KEYS = 300
const fields = (quote: string): string =>
  Array.from(
    { length: KEYS },
    (_, at) => `  f${at}:\n    description: ${quote}Optional: one\n    two. More: x${quote}\n`,
  ).join('')

test.each(["'", '"'])('many in %s', quote => {
  const [document] = parseText(`properties:\n${fields(quote)}`, 'kubectl').documents
  const properties = (document as { readonly properties: Readonly<Record<string, unknown>> }).properties
  expect(Object.keys(properties)).toHaveLength(KEYS)
  expect(properties.f299).toEqual({ description: 'Optional: one two. More: x' })
})

test('beside a block scalar with the same letters', () => {
  const text = `a: |\n  b: 'one\n  two'\nc:\n  d: 'one\n  two'\n`
  expect(parseText(text, 'kubectl').documents).toEqual([{ a: "b: 'one\ntwo'\n", c: { d: 'one two' } }])
})

test('an escaped quote, an item of a list, and a line that is deep enough', () => {
  const text = "l:\n- a: 'it''s\n  b: c'\n- d: 'one\n      two'\n  e: \"q\\\"\n  x\"\n"
  expect(parseText(text, 'kubectl').documents).toEqual([{ l: [{ a: "it's b: c" }, { d: 'one two', e: 'q" x' }] }])
})

test.each([
  ['what ends in its line', "a: 'x' # y\nb: 1\n"],
  ['what never ends', "a: 'x\nb: 1\n"],
  ['what a document ends', "a: 'x\n---\nb: 'y\n"],
])('%s is none', (_, text) => {
  expect(joinQuoted(text)).toBeUndefined()
})

test.each(["a: 'x\n", "a: ''x\n", 'a: "\n', '- ', "a: '#", ' '])('a text of %j is read in a short time', text => {
  const start = performance.now()
  joinQuoted(text.repeat(500_000 / text.length))
  expect(performance.now() - start).toBeLessThan(1000)
})
