// A text that is read in pieces says what it says as a whole.
import { constructFromEvents, YAMLException } from 'js-yaml'
import { expect, test } from 'vitest'
import { LIMITS } from '../limits.ts'
import { parseText } from './parse.ts'
import { cut } from './pieces.ts'
import { readEvents } from './read-events.ts'
import { goYaml1Schema } from './scalars.ts'

const object = (number: number, more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: config-${number} }\ndata:\n  text: ${'x'.repeat(100)}\n${more}`
const many = (count: number, more = ''): string =>
  Array.from({ length: count }, (_, number) => object(number, more)).join('---\n')

test('pieces are the text, and each begins with a document', () => {
  const text = many(2_000)
  const pieces = cut(text) ?? []
  expect(pieces.length).toBeGreaterThan(10)
  expect(pieces.join('')).toBe(text)
  expect(pieces.slice(1).filter(piece => !piece.startsWith('---\n'))).toEqual([])
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(20_000)
  expect(cut(object(1))).toBeUndefined()
})

test.each<readonly [string, string]>([
  ['plain objects', many(500)],
  ['a comment and a marker before the first one', `# all\n---\n${many(500)}`],
  ['empty documents', `${many(300)}---\n---\n# nothing\n---\n${many(300)}---\n`],
  ['a marker with a comment, with a value', `${many(300)}--- # next\n${many(300)}--- { a: 1 }\n`],
  ['ends of lines as Windows has them', many(500).replaceAll('\n', '\r\n')],
  ['markers that are none', many(500, '  more: |\n    ---\n  other: "a\n    ---b"\n---a: 1\n'.slice(0, -8))],
  ['anchors of one document', many(300, 'a: &a [1]\nb: *a\n')],
  ['a directive', `%YAML 1.2\n---\n${many(500)}`],
  ['an end of a document', many(500, '...\n')],
  ['a scalar as a whole', `|\n${'a\n'.repeat(20_000)}---\n${many(300)}`],
  ['a marker in quotes', `${many(300)}---\na: "b\n--- c"\n`],
])('%s', (_, text) => {
  const whole = constructFromEvents(readEvents(text, 'kubectl'), { source: text, schema: goYaml1Schema })
  expect(parseText(text, 'kubectl').documents).toEqual(whole)
})

const TWIN = 'kind: Twice\n'

test.each<readonly [string, string]>([
  ['an alias of another document', `${many(300, 'a: &a 1\n')}---\nb: *a\n`],
  ['a quote that nobody closes', `${many(300)}---\na: 'b\n---\n${many(300)}`],
  ['an indentation that is none', `${many(300)}---\na:\n  b: 1\n c: 2\n---\n${many(300)}`],
])('a fault stands where it stands in the whole: %s', (_, text) => {
  const { fault, documents } = parseText(text, 'kubectl')
  expect(documents).toEqual([])
  expect(fault).toMatchObject({ kind: 'syntax', offset: whereItFails(text) })
})

function whereItFails(text: string): number {
  try {
    constructFromEvents(readEvents(text, 'kubectl'), { source: text, schema: goYaml1Schema })
  } catch (error) {
    if (error instanceof YAMLException) return error.mark?.position ?? 0
  }
  throw new Error('it does not fail')
}

test('a key that is written twice is told with its place in the whole', () => {
  const text = `${many(300)}---\n${object(1)}${TWIN}`
  const { documents, blemishes } = parseText(text, 'kubectl')
  expect(documents).toHaveLength(301)
  expect(blemishes?.map(({ offset }) => offset)).toEqual([text.length - TWIN.length])
})

test('what a file may hold is counted over all pieces', () => {
  const some = (count: number): string => 'a: 1\n---\n'.repeat(count - 1)
  expect(parseText(`${some(LIMITS.documents)}a: 1\n`, 'kubectl').documents).toHaveLength(LIMITS.documents)
  expect(parseText(`${some(LIMITS.documents + 1)}a: 1\n`, 'kubectl').fault?.kind).toBe('limit')
  const aliases = `a: &a [${'1, '.repeat(999)}1]\nb: [${'*a, '.repeat(50)}*a]\n---\n`
  expect(parseText(`${aliases}c: 1\n`, 'kubectl').fault).toBeUndefined()
  expect(parseText(`${aliases.repeat(3)}c: 1\n`, 'kubectl').fault?.kind).toBe('limit')
})
