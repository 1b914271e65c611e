// What is parsed of a long text is what is parsed of a short one, and does not hold the text.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { parseText } from './parse.ts'

const LONG = `# ${'a comment of a long file '.repeat(1000)}\n`

test.each<[string, string]>([
  ['numbers that JSON does not have', 'a: [.inf, -.inf, .nan, -0.0, 1e3, 12345678901234567890]\n'],
  ['values that are shared', 'a: &a { b: a text of some length }\nc: [*a, *a]\n'],
  ['a text of many lines', 'a: |\n  one\n  two\n\n  three\nb: >-\n  four\n  five\n'],
  ['a key that is a name of JavaScript', 'constructor: 1\ntoString: [two]\n'],
  ['several documents', 'a: 1\n---\n- b\n---\n---\nnull\n'],
])('%s', (_, text) => {
  for (const dialect of ['kubectl', 'kustomize', 'rendered'] as const)
    expect(parseText(LONG + text, dialect)).toStrictEqual(parseText(text, dialect))
})

test('what an alias stands for is one value', () => {
  const [document] = parseText(`${LONG}a: &a { b: 1 }\nc: *a\n`, 'kustomize').documents
  const { a, c } = document as { a: unknown; c: unknown }
  expect(a).toBe(c)
})

test('a short value of a long text weighs little', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const weigh = (): number => {
    collect()
    return process.memoryUsage().heapUsed / 1024 / 1024
  }
  const before = weigh()
  const kept = Array.from({ length: 40 }, (_, index) => {
    const text = `# ${index} ${'x'.repeat(1024 * 1024)}\nname: a value that is no copy of its own\n`
    return parseText(text, 'kustomize').documents
  })
  expect(weigh() - before).toBeLessThan(10)
  expect(kept).toHaveLength(40)
})
