import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repositoryRoot, whereStopped } from './frame.ts'

// Threads that ask for memory all the time, of a heap that has none to spare: one run in three did not end.
const STRESS = ['--stress-concurrent-allocation', '--heap-growing-percent=1']

test('a command ends, whatever Node is compiling meanwhile', { timeout: 120_000 }, async () => {
  for (let run = 0; run < 20; run++) {
    const start = [join(repositoryRoot, 'scripts/command/start.js'), 'explain', '--help']
    const child = spawn(process.execPath, [...STRESS, ...start], {
      stdio: 'ignore',
      timeout: 30_000,
      killSignal: 'SIGKILL',
    })
    expect(await once(child, 'exit')).toEqual([0, null])
  }
})

test('a step that failed by the same Ctrl-C is where it stopped', () => {
  const step = (title: string, failed: boolean) => ({ title, seconds: 1, failed })
  expect(whereStopped({ current: ['image'], times: [step('commit', true)] })).toBe('image')
  expect(whereStopped({ current: [], times: [step('commit', false), step('image', true)] })).toBe('image')
  expect(whereStopped({ current: [], times: [step('image', true), step('commit', false)] })).toBe('')
  expect(whereStopped({ current: [], times: [] })).toBe('')
})
