// Tags may be commits: which came first is Git's to say, and nobody else's.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isAncestor } from './ancestors.ts'

let root: string
const ask = (...args: readonly string[]): string =>
  execFileSync('git', ['-C', root, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args])
    .toString()
    .trim()
const commit = (text: string): string => {
  ask('commit', '-q', '--allow-empty', '-m', text)
  return ask('rev-parse', 'HEAD')
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ancestors-'))
  ask('init', '-q', '-b', 'main')
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('a commit comes before another where it is in its history, and nowhere else', () => {
  const [first, second] = [commit('first'), commit('second')]
  ask('checkout', '-q', '-b', 'side', first)
  const side = commit('side')
  expect(isAncestor(root, first, second)).toBe(true)
  expect(isAncestor(root, first.slice(0, 7), second.slice(0, 12))).toBe(true)
  expect(isAncestor(root, second, first)).toBe(false)
  expect(isAncestor(root, second, second)).toBe(false)
  expect(isAncestor(root, side, second)).toBe(false)
})

test.each(['0000000', 'main', '--all', 'HEAD~1'])('%s is not a commit that is known', name => {
  expect(isAncestor(root, name, ask('rev-parse', 'main'))).toBe(false)
})

test('without a repository nothing is known', () => {
  expect(isAncestor(tmpdir(), '0000000', '1111111')).toBe(false)
})
