// Every command says what it is for, in one form, and does nothing when it is asked for that.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repositoryRoot } from './frame.ts'

const { scripts } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>
}

// The suites start other programs, which have a help of their own.
const COMMANDS = Object.entries(scripts).filter(
  ([, line]) => line.startsWith('node scripts/') && !line.includes('test.ts'),
)

test.each(COMMANDS)('npm run %s -- --help', (name, line) => {
  const [, ...args] = line.split(' ')
  const said = execFileSync(process.execPath, [...args, '--help'], { cwd: repositoryRoot, encoding: 'utf8' })
  expect(said).toMatch(new RegExp(`^Usage: npm run ${name}\\b`))
  expect(said).toMatch(/^ {2}-h, --help +this text$/m)
  expect(said).toMatch(/^Exit code: 0 /m)
  // What it is for comes before its options.
  expect(said.split('\n\n')[1]).toMatch(/^[A-Z]/)
  for (const one of said.split('\n')) expect(one.length, one).toBeLessThanOrEqual(130)
})
