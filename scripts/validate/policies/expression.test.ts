// CEL as policies use it: what it means, what it names, and how it is bounded.
import { expect, test } from 'vitest'
import { compile, type Effort, type Expression } from './expression.ts'

const VARIABLES = ['object', 'params']
const effort = (): Effort => ({ steps: 100_000_000 })

function read(text: string): Expression {
  const program = compile(text, VARIABLES)
  if (!('run' in program)) throw new Error(program.message)
  return program
}
const run = (text: string, object: unknown = {}, size = 10) =>
  read(text).run({ variables: { object, params: null }, size, effort: effort() })

test.each([
  ["'abc'.matches('^a.c$')", true],
  ["'a\\nb'.matches('^b')", false],
  ["quantity('1Gi').isGreaterThan(quantity('1000Mi'))", true],
  ["quantity('2').asInteger() == 2", true],
  ["isQuantity('1,5')", false],
  ['[1, 2, 3].sum() == 6', true],
  ['[3, 1].min() == 1 && [3, 1].max() == 3', true],
  ['[1, 2].isSorted() && ![2, 1].isSorted()', true],
  ["sets.contains(['a', 'b'], ['b'])", true],
  ["sets.intersects(['a'], ['b'])", false],
  ["sets.equivalent(['a', 'a'], ['a'])", true],
  ["'%s-%d'.format(['a', 1]) == 'a-1'", true],
  ["'a.b'.replace('.', '-') == 'a-b'", true],
  ['object.?a.?b.orValue(1) == 1 && !has(object.a)', true],
])('%s is %s', (text, value) => {
  expect(run(text)).toEqual({ value })
})

test('what is missing is named', () => {
  expect(run('object.spec.a == 1', { spec: {} })).toEqual({ error: 'No such key: a', missing: ['spec', 'a'] })
})

test('the fields that are asked for', () => {
  const { fields, quantifiers } = read(
    "has(object.spec.a) && object.metadata.labels['x/y'] == '' && object.spec.list.all(one, one.name != object.spec.b[0])",
  )
  expect(fields).toEqual([
    ['spec', 'a'],
    ['metadata', 'labels', 'x/y'],
    ['spec', 'list'],
    ['spec', 'b', 0],
  ])
  expect(quantifiers).toMatchObject([{ list: ['spec', 'list'], variable: 'one', fields: [['name']] }])
})

test.each([
  ['nested loops', `${'object.list.all(a, '.repeat(8)}true${')'.repeat(8)}`],
  ['loops over what is written', `${`[${Array(200).fill(1)}].all(a, `.repeat(3)}true${')'.repeat(3)}`],
])('%s take no time', (_, text) => {
  const start = performance.now()
  expect(run(text, { list: Array(100).fill(1) }, 100)).toEqual({ error: 'it is too much work' })
  expect(performance.now() - start).toBeLessThan(500)
})

test('expressions of a run share what they may spend', () => {
  const program = read('object.list.all(a, a > 0)')
  const shared = { steps: 10 }
  expect(program.run({ variables: { object: { list: [1n] }, params: null }, size: 100, effort: shared })).toEqual({
    error: 'it is too much work',
  })
})

test.each([
  ['sums', `object.a == ${'1 + '.repeat(30)}1`],
  ['letters', `'${'a'.repeat(30_000)}' == ''`],
  ['nodes', `[${Array(900).fill('object.a.b')}] == []`],
  ['depth', `${'('.repeat(5000)}1${')'.repeat(5000)} == 1`],
])('too many %s are refused before they are run', (_, text) => {
  expect(compile(text, VARIABLES)).toHaveProperty('message')
})

test('a text that grows is stopped', () => {
  const text = `${"object.a.replace('', object.a)".repeat(1)}.replace('', object.a).size() > 0`
  expect(run(text, { a: 'a'.repeat(5000) })).toHaveProperty('error')
})

test('a pattern that takes JavaScript for ever', () => {
  const start = performance.now()
  expect(run("object.a.matches('^(a+)+$')", { a: `${'a'.repeat(50)}b` })).toEqual({ value: false })
  expect(performance.now() - start).toBeLessThan(500)
})
