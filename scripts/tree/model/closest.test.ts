// The distance of two words is that of the textbook, whatever their ends have in common.
import { expect, test } from 'vitest'
import { closest, editDistance, isSlipOf } from './closest.ts'

/** Optimal string alignment by its definition. */
function textbook(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length
  const [x, y] = [a.slice(1), b.slice(1)]
  const swapped = a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0]
  return Math.min(
    textbook(x, b) + 1,
    textbook(a, y) + 1,
    textbook(x, y) + Number(a[0] !== b[0]),
    swapped ? textbook(a.slice(2), b.slice(2)) + 1 : Number.POSITIVE_INFINITY,
  )
}

test('every two words of two letters up to four long are as far apart as the textbook says', () => {
  const words = ['']
  for (const word of words) if (word.length < 4) words.push(`${word}a`, `${word}b`)
  for (const a of words) for (const b of words) expect(editDistance(a, b, 9), `${a} ${b}`).toBe(textbook(a, b))
})

test.each([
  ['app-1234', 'app-5678', 3, 4],
  ['replicas', 'replcias', 2, 1],
  ['port', 'ports', 1, 1],
  ['ports', 'port', 0, 1],
  ['aaaa', 'aa', 9, 2],
])('%s and %s within %d: %d', (a, b, limit, distance) => {
  expect(editDistance(a, b, limit)).toBe(distance)
})

test('the nearest word is meant, and none that is further than a third of it', () => {
  expect(closest('replcas', ['spec', 'replicas', 'replica'])).toBe('replicas')
  expect(closest('cpu', ['memory', 'gpu'])).toBe('gpu')
  expect(closest('cpu', ['memory'])).toBeUndefined()
})

test('words told apart by a number are not slips of each other', () => {
  expect(isSlipOf('app-1', 'app-2')).toBe(false)
  expect(isSlipOf('flask-api', 'flask-apj')).toBe(true)
})
