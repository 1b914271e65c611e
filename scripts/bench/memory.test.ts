// A run over much data takes little more than what it keeps of it: each object, file and build weighs what it weighs, and no more.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DOCUMENTS, generateDocuments, type DocumentShape } from './generate-documents.ts'
import { repositoryRoot } from '../command/frame.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'heap-'))
  // The most that the process held, said by itself at its end.
  writeFileSync(
    join(folder, 'peak.cjs'),
    'process.on("exit", () => console.error("PEAK", process.resourceUsage().maxRSS))',
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** MB that validate takes at most for a tree. */
function measurePeak(root: string): number {
  const run = ['--max-semi-space-size=4', 'scripts/command/start.js', 'validate', '--root', root, '--no-cache']
  const { stderr, stdout } = spawnSync(process.execPath, ['--require', join(folder, 'peak.cjs'), ...run], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  })
  expect(stdout).toContain('no problems')
  return Number(/^PEAK (\d+)/m.exec(stderr)?.[1]) / 1024
}

// Before an object was kept as JSON would keep it, and looked at by all rules in turn, 20 MB of small ones took 520 MB.
test.each<readonly [DocumentShape, number]>([
  ['small', 300],
  ['files', 450],
  ['mixed', 250],
  ['large', 220],
])('20 MB, %s', { timeout: 240_000 }, (shape, most) => {
  expect(Object.keys(DOCUMENTS)).toContain(shape)
  const root = join(folder, shape)
  mkdirSync(root)
  generateDocuments(root, 20, shape)
  expect(measurePeak(root)).toBeLessThan(most)
})
