// What a person sees while a command works: a moving line on a terminal, plain lines in a log.
import { expect, test } from 'vitest'
import { createProgress, formatSeconds, type Output } from './progress.ts'

function open(isTTY: boolean, columns = 40): { output: Output; text: () => string } {
  const parts: string[] = []
  return { output: { write: text => parts.push(text), isTTY, columns }, text: () => parts.join('') }
}

test.each([
  [0.04, '0.0 s'],
  [9.94, '9.9 s'],
  [9.96, '10 s'],
  [59.4, '59 s'],
  [59.6, '1 min 0 s'],
  [125, '2 min 5 s'],
])('%d seconds', (seconds, expected) => {
  expect(formatSeconds(seconds)).toBe(expected)
})

test('in a log: a line when a step begins and one when it ends, without control characters', async () => {
  const { output, text } = open(false)
  let now = 0
  const progress = createProgress(output, () => now)
  await progress.step('image', async note => {
    now = 2500
    note('built before')
  })
  await expect(progress.step('cluster', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  progress.warn('mind this')
  expect(text()).toBe('  image ...\n✓ image: built before (2.5 s)\n  cluster ...\n✗ cluster (0.0 s)\n! mind this\n')
  expect(progress.times).toEqual([
    { title: 'image', seconds: 2.5, failed: false },
    { title: 'cluster', seconds: 0, failed: true },
  ])
})

test('what is at work is known while it is, for the message after Ctrl-C', async () => {
  const progress = createProgress(open(false).output)
  const { promise, resolve } = Promise.withResolvers<void>()
  const both = [progress.step('cluster', () => promise), progress.step('image', () => promise)]
  expect(progress.current).toEqual(['cluster', 'image'])
  resolve()
  await Promise.all(both)
  expect(progress.current).toEqual([])
})

test('on a terminal that does not know its width: whole words', async () => {
  const { output, text } = open(true, 0)
  await createProgress(output).step('image into the cluster', async () => {})
  expect(text()).toContain('⠋ image into the cluster (0 s)')
})

test('on a terminal: never wider than it is', async () => {
  const { output, text } = open(true)
  const progress = createProgress(output)
  await progress.step('a step', async note => note('x'.repeat(200)))
  progress.close()
  const moving = text()
    .split('\r\u001b[K')
    .filter(line => !line.includes('\n'))
  expect(moving.length).toBeGreaterThan(1)
  for (const line of moving) expect(line.length).toBeLessThan(40)
})
