// What comes into the bare repository and when, and which remotes of the user's checkout lead to it.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createRun } from '../shell.ts'
import { openStore } from '../state/state.ts'
import { ensureRemote, ensureRepository, publish, readBranch, renameRemote, stage } from './repository.ts'

test('another name for the remote: the one before goes, what others made stays, and the state names the new one', async () => {
  const root = mkdtempSync(join(tmpdir(), 'remotes-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' })
  git('init', '--quiet')
  git('remote', 'add', 'origin', 'https://git.example.invalid/acme/api.git')
  const run = createRun(AbortSignal.timeout(60_000))
  const store = openStore(root, 'test')
  const first = {
    version: 1,
    name: 'test',
    provider: 'kind',
    context: 'test',
    cluster: 'created',
    argocd: 'none',
  } as const
  let state = await renameRemote(run, root, store, first, 'cluster')
  await ensureRemote(run, root, store, 'cluster')
  state = await renameRemote(run, root, store, state, 'other')
  expect(await ensureRemote(run, root, store, 'other')).toBe('added')
  expect(git('remote')).toBe('origin\nother\n')
  expect(store.read()?.remote).toBe('other')
  // Named after one that is somebody else's: that one stays where it leads.
  state = await renameRemote(run, root, store, state, 'origin')
  expect(await ensureRemote(run, root, store, 'origin')).toBe('taken')
  await renameRemote(run, root, store, state, 'cluster')
  expect(git('remote')).toBe('origin\n')
})

describe('a commit', () => {
  async function create() {
    const root = mkdtempSync(join(tmpdir(), 'commits-'))
    onTestFinished(() => rmSync(root, { recursive: true }))
    const git = (...args: readonly string[]) =>
      execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
    git('init', '--quiet', '--initial-branch=main')
    git('config', 'user.name', 'user')
    git('config', 'user.email', 'user@example.invalid')
    const commit = (message: string, ...options: readonly string[]) => {
      git('commit', '--quiet', '--allow-empty', `--message=${message}`, ...options)
      return git('rev-parse', 'HEAD')
    }
    const run = createRun(AbortSignal.timeout(60_000))
    const store = openStore(root, 'test')
    await ensureRepository(run, store)
    return {
      git,
      commit,
      bare: store.repository,
      stage: (hash: string) => stage(run, root, store, hash),
      publish: (hash: string) => publish(run, root, store, hash),
      followed: () => readBranch(run, store.repository),
    }
  }

  test('is there and followed by nobody until it is published; amended before that, it is not a conflict', async () => {
    const { bare, commit, followed, git, publish, stage } = await create()
    const first = commit('Does not build')
    expect(await stage(first)).toBe(first)
    expect(git('--git-dir', bare, 'cat-file', '-t', first)).toBe('commit')
    expect(await followed()).toBe(undefined)
    const amended = commit('Builds', '--amend')
    expect(await stage(amended)).toBe(amended)
    await publish(amended)
    expect(await followed()).toBe(amended)
  })

  test('older than what was pushed: the newer one is followed, and stays', async () => {
    const { bare, commit, followed, git, publish, stage } = await create()
    const older = commit('Older')
    const newer = commit('Newer')
    git('push', '--quiet', '--no-verify', bare, 'HEAD:main')
    expect(await stage(older)).toBe(newer)
    await publish(newer)
    await publish(older)
    expect(await followed()).toBe(newer)
  })

  test('pushed by another while this one was built: nothing is overwritten', async () => {
    const { bare, commit, followed, git, publish, stage } = await create()
    const base = commit('Base')
    const mine = commit('Mine')
    await stage(mine)
    git('reset', '--quiet', '--hard', base)
    const theirs = commit('Theirs')
    git('push', '--quiet', bare, 'HEAD:main')
    await expect(publish(mine)).rejects.toThrow('has commits that your HEAD does not contain')
    await expect(stage(mine)).rejects.toThrow('has commits that your HEAD does not contain')
    expect(await followed()).toBe(theirs)
  })

  test('the branch cannot be written: said as it is, not called a conflict', async () => {
    const { bare, commit, followed, publish, stage } = await create()
    const first = commit('First')
    await stage(first)
    await publish(first)
    const second = commit('Second')
    writeFileSync(join(bare, 'refs/heads/main.lock'), '')
    await stage(second)
    await expect(publish(second)).rejects.toThrow('your commit could not be pushed to')
    expect(await followed()).toBe(first)
  })
})
