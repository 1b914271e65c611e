// What bench refuses, before it measures anything.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PROJECT } from '../tests/tree.ts'

test.each([
  [['--bogus'], "Unknown option '--bogus'"],
  [['foo'], "Unexpected argument 'foo'"],
  [['--apps', 'abc'], '--apps is a whole number from 1 to 9999, not "abc"'],
  [['--runs', '0'], '--runs is a whole number from 1 to 9999, not "0"'],
])('bench %j is wrong usage', (args, message) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(PROJECT, 'scripts/bench.ts'), ...args], {
    encoding: 'utf8',
  })
  expect([status, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)])
  expect(stderr).not.toContain('    at ')
})
