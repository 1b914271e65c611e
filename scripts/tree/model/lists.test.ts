// Lists by two names.
import { expect, test } from 'vitest'
import { Lists } from './lists.ts'

const lists = new Lists<{ readonly id: number }>()
for (const [id, [first, second]] of [
  ['a', 'x'],
  ['a', 'x'],
  ['a', 'y'],
  ['b', 'x'],
  ['a', 'x'],
  ['constructor', '__proto__'],
].entries())
  lists.add(first ?? '', second ?? '', { id })

test.each<readonly [string, string, readonly number[]]>([
  ['a', 'x', [0, 1, 4]],
  ['a', 'y', [2]],
  ['b', 'x', [3]],
  ['b', 'y', []],
  ['c', 'x', []],
  ['constructor', '__proto__', [5]],
  ['toString', 'length', []],
])('under %s and %s', (first, second, ids) => {
  expect(lists.get(first, second).map(({ id }) => id)).toEqual(ids)
})
