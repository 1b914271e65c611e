import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repositoryRoot } from './frame.ts'

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
