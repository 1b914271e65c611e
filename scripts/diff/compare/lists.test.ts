// Which items of two lists are the same one.
import { expect, test } from 'vitest'
import { pairItems } from './lists.ts'

const names = (...all: readonly string[]) => all.map(name => ({ name }))

test.each<
  readonly [
    what: string,
    before: readonly unknown[],
    after: readonly unknown[],
    pairs: string,
    removed: readonly number[],
    added: readonly number[],
    isReordered: boolean,
  ]
>([
  ['the same', names('a', 'b'), names('a', 'b'), '0-0 1-1', [], [], false],
  ['one taken away', names('a', 'b'), names('b'), '1-0', [0], [], false],
  ['one added in front', names('b'), names('a', 'b'), '0-1', [], [0], false],
  ['turned around', names('a', 'b'), names('b', 'a'), '1-0 0-1', [], [], true],
  ['by a key', [{ key: 'a', v: 1 }], [{ key: 'b' }, { key: 'a', v: 2 }], '0-1', [], [0], false],
  [
    'by the name of its object',
    [{ metadata: { name: 'a' } }],
    [{ metadata: { name: 'a' }, v: 1 }],
    '0-0',
    [],
    [],
    false,
  ],
  ['by a name that is there once on each side only', names('a', 'a'), names('a', 'b'), '0-0 1-1', [], [], false],
  ['without a name, by what is equal', ['a', 'b'], ['b', 'c'], '1-0 0-1', [], [], true],
  ['without a name, more than before', ['a'], ['a', 'b', 'c'], '0-0', [], [1, 2], false],
  ['without a name, fewer than before', ['a', 'b', 'c'], ['c'], '2-0', [0, 1], [], false],
  ['a name that not all have', [{ name: 'a' }, {}], [{}, { name: 'a' }], '1-0 0-1', [], [], true],
  ['a renamed one is another', names('a'), names('b'), '', [0], [0], false],
  ['nothing', [], [], '', [], [], false],
])('%s', (_, before, after, pairs, removed, added, isReordered) => {
  const pairing = pairItems(before, after, undefined)
  expect(pairing.pairs.map(pair => pair.join('-')).join(' ')).toBe(pairs)
  expect({ removed: pairing.removed, added: pairing.added, isReordered: pairing.isReordered }).toEqual({
    ...{ removed, added, isReordered },
  })
})

test('an item is named by what names all of them', () => {
  expect(pairItems(names('a'), names('a', 'b'), undefined).nameOf?.({ name: 'c' })).toBe('c')
  expect(pairItems(['a'], ['b'], undefined).nameOf).toBeUndefined()
})
