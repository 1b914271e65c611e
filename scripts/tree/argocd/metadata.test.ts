// Names, labels and finalizers that the API server takes for objects of Argo CD, and the longest name of an Application.
import { expect, test } from 'vitest'
import { checkMetadata, isDnsLabel, isLabelValue, isQualifiedName, isSubdomain } from './metadata.ts'

const letters = (count: number): string => 'a'.repeat(count)

test.each<readonly [text: string, subdomain: boolean, label: boolean, qualified: boolean, value: boolean]>([
  ['web', true, true, true, true],
  ['web.shop', true, false, true, true],
  ['Web_1', false, false, true, true],
  ['', false, false, false, true],
  ['-web', false, false, false, false],
  ['web-', false, false, false, false],
  ['web..shop', false, false, true, true],
  ['shop.example/web', false, false, true, false],
  ['Shop/web', false, false, false, false],
  ['a/b/c', false, false, false, false],
  ['shop/', false, false, false, false],
  [letters(63), true, true, true, true],
  [letters(64), true, false, false, false],
  [`${letters(100)}.${letters(152)}`, true, false, false, false],
  [`${letters(100)}.${letters(153)}`, false, false, false, false],
])('%s', (text, ...expected) => {
  expect([isSubdomain(text), isDnsLabel(text), isQualifiedName(text), isLabelValue(text)]).toEqual(expected)
})

test.each([
  [{ name: 'web' }, []],
  [{ name: 'Web' }, ['odd-name Web']],
  [{ name: letters(235) }, []],
  [{ name: letters(236) }, [`long-name ${letters(236)}`]],
  [{ generateName: 'web-' }, ['generated-name']],
  [{ name: 'web', generateName: 'web-' }, []],
  [{ name: 'web', labels: { 'shop.example/a': 'b', c: '' } }, []],
  [{ name: 'web', labels: { 'a/b/c': 'd' } }, ['odd-key a/b/c']],
  [{ name: 'web', labels: { a: 'b c' } }, ['odd-value b c']],
  [{ name: 'web', labels: { a: 1 } }, []],
  [{ name: 'web', finalizers: ['shop.example/keep', 1] }, []],
  [{ name: 'web', finalizers: ['keep it'] }, ['odd-finalizer keep it']],
  [{ name: 'web', finalizers: 'keep it' }, []],
])('%j', (metadata, expected) => {
  const faults = [...checkMetadata({ kind: 'Application', metadata })]
  expect(faults.map(({ values }) => values.join(' '))).toEqual(expected)
})

test('only the name of an Application becomes the name of a file', () => {
  expect([...checkMetadata({ kind: 'AppProject', metadata: { name: letters(236) } })]).toEqual([])
})
