// Which remotes of the user's checkout lead to the bare repository.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createRun } from '../shell.ts'
import { openStore } from '../state.ts'
import { ensureRemote, renameRemote } from './repository.ts'

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
