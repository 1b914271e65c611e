// What counts as a program that could not be run.
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { faultOf } from './git.ts'

test('a program that leaves its input unread has done what it does', () => {
  const result = spawnSync('true', [], { input: 'x'.repeat(1_000_000) })
  expect((result.error as NodeJS.ErrnoException | undefined)?.code).toBe('EPIPE')
  expect([result.status, faultOf(result)]).toEqual([0, undefined])
})

test('a program that is not there, or does not end, is a fault', () => {
  expect(faultOf(spawnSync('no-such-program'))?.code).toBe('ENOENT')
  expect(faultOf(spawnSync('sleep', ['60'], { timeout: 50 }))?.code).toBe('ETIMEDOUT')
})
