// The commit that the action holds a change against: never one that the author of a pull request chose.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PROJECT } from './tree.ts'

let folder: string
let commits: { readonly old: string; readonly base: string; readonly head: string; readonly merge: string }
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'base-'))
  mkdirSync(join(folder, 'origin'))
  git('init', '--quiet', '--initial-branch=main')
  const old = commit('a')
  git('checkout', '--quiet', '-b', 'change')
  const head = commit('b')
  git('checkout', '--quiet', 'main')
  const base = commit('c')
  git('checkout', '--quiet', '-b', 'merged')
  git('merge', '--quiet', '--no-ff', '--message=x', 'change')
  commits = { old, base, head, merge: git('rev-parse', 'HEAD') }
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const ENVIRONMENT = {
  ...{ PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  ...{ GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' },
}

const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: join(folder, 'origin'), encoding: 'utf8', env: ENVIRONMENT }).trim()

function commit(file: string): string {
  writeFileSync(join(folder, 'origin', file), file)
  git('add', '--all')
  git('commit', '--quiet', '--message=x')
  return git('rev-parse', 'HEAD')
}

/** As actions/checkout does: one commit of a branch. */
function checkOut(branch: string): string {
  const url = pathToFileURL(join(folder, 'origin')).href
  git('clone', '--quiet', '--depth=1', `--branch=${branch}`, url, join(folder, 'clone'))
  return join(folder, 'clone')
}

function findBase(checkout: string, given: string, event: string, environment: Readonly<Record<string, string>> = {}) {
  const script = join(PROJECT, '.github/find-base.sh')
  const options = { encoding: 'utf8', env: { ...ENVIRONMENT, ...environment } } as const
  const { status, stdout, stderr } = spawnSync(script, [checkout, given, event], options)
  expect(status).toBe(0)
  return { base: stdout.trim(), note: stderr }
}

test('the first parent of the merge that GitHub made, also where the event is older', () => {
  const checkout = checkOut('merged')
  const environment = { GITHUB_REF: 'refs/pull/1/merge', GITHUB_SHA: commits.merge }
  expect(findBase(checkout, '', commits.old, environment).base).toBe(commits.base)
})

test('not the parent of another merge, which the author chose', () => {
  const checkout = checkOut('merged')
  const environment = { GITHUB_REF: 'refs/pull/1/merge', GITHUB_SHA: commits.head }
  expect(findBase(checkout, '', commits.old, environment).base).toBe(commits.old)
  expect(findBase(checkout, '', commits.old).base).toBe(commits.old)
})

test('a base that cannot be fetched is told, and is none', () => {
  const { base, note } = findBase(checkOut('change'), '', '0'.repeat(40))
  expect(base).toBe('')
  expect(note).toContain('::notice title=validate::The checkout does not have the base 000')
})

test.each([
  ['a commit that a person names', 'origin/main', 'x', 'origin/main'],
  ['none', 'none', 'x', ''],
  ['no base of the event, as on a push', '', '', ''],
])('%s', (_, given, event, expected) => {
  expect(findBase(checkOut('main'), given, event)).toEqual({ base: expected, note: '' })
})

test('the hook holds against what pre-commit compares, unless its arguments say otherwise', () => {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'npm'), '#!/bin/sh\ncase $1 in run) echo "$@" ;; esac\n', { mode: 0o755 })
  const hook = join(folder, '.github', 'pre-commit-validate.sh')
  mkdirSync(join(folder, '.github'))
  mkdirSync(join(folder, 'node_modules'))
  writeFileSync(hook, readFileSync(join(PROJECT, '.github/pre-commit-validate.sh')), { mode: 0o755 })
  const run = (environment: Readonly<Record<string, string>>, ...args: string[]): string => {
    const env = { ...ENVIRONMENT, PATH: `${bin}:${process.env.PATH}`, ...environment }
    return execFileSync(hook, args, { encoding: 'utf8', env }).trim().split(' validate -- ')[1] ?? ''
  }
  expect(run({}, '--root', 'deploy')).toBe('--root . --root deploy')
  expect(run({ PRE_COMMIT_FROM_REF: 'abc' }, '--root', 'deploy')).toBe('--root . --since abc --root deploy')
  expect(run({ PRE_COMMIT_FROM_REF: 'abc' }, '--since=HEAD')).toBe('--root . --since=HEAD')
})
