// Each way of writing what comes later is told by its own row, and what nearly looks so is not one.
import { expect, test } from 'vitest'
import { findByUse, PLACEHOLDERS } from './placeholder-patterns.ts'

test.each(PLACEHOLDERS)('$use, $name: $example, not $nearMiss', ({ use, example, nearMiss, pattern }) => {
  expect(findByUse(nearMiss, [use])).toBeUndefined()
  expect(PLACEHOLDERS.filter(one => one.use === use && one.pattern.test(example)).map(one => one.pattern)).toEqual([
    pattern,
  ])
})

test('no row is lost', () => {
  const lists = Map.groupBy(PLACEHOLDERS, ({ use }) => use)
  expect(Object.fromEntries([...lists].map(([use, rows]) => [use, rows.map(({ name }) => name).join(', ')]))).toEqual({
    variable: 'of Flux, clusterctl, Maven, of Octopus',
    word: 'capitals, yours, end in capitals, order, placeholder, placeholder of, remark',
    noun: 'variable of a shell, sentence, noun',
    shout: 'capitals',
    blank:
      'path, command, empty braces, underscores, braces, dollars, parentheses, brackets, signs, per cent, order, single underscores, small variable, function, dots, ellipsis, stars, note',
    var: 'var',
    snake: 'small name',
    vault: 'path',
    field: 'braces, underscores',
    key: 'capitals',
  })
})
