// What is remembered is nobody else's to read.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openStore } from './state.ts'

test('the state is for its owner alone, on every write', () => {
  const root = mkdtempSync(join(tmpdir(), 'state-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const store = openStore(root, 'test')
  const state = {
    version: 1,
    name: 'test',
    provider: 'kind',
    context: 'test',
    cluster: 'none',
    argocd: 'none',
  } as const
  for (const buildArgs of [[], ['TOKEN=secret']]) {
    store.write({ ...state, options: { buildArgs } })
    expect(statSync(join(store.folder, 'state.json')).mode & 0o777).toBe(0o600)
  }
})
