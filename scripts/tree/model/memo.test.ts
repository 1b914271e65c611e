// What is kept of the last objects, and of no others.
import { expect, test } from 'vitest'
import { memoize } from './memo.ts'

test('asked for again, it is not made again, be it undefined', () => {
  let made = 0
  const read = memoize((object: { readonly value: unknown }) => {
    made++
    return object.value
  })
  const [one, none] = [{ value: 1 }, { value: undefined }]
  expect([read(one), read(one), read(none), read(none), made]).toEqual([1, 1, undefined, undefined, 2])
})

test('after many others it is made anew', () => {
  const read = memoize((object: { readonly value: number }) => ({ ...object }))
  const one = { value: 0 }
  const before = read(one)
  for (let value = 1; value < 10_000; value++) read({ value })
  expect(read(one)).not.toBe(before)
  expect(read(one)).toEqual(before)
})
