// What the remote `cluster` says to a push that Argo CD cannot follow, or not all the way. The push is accepted each time.
import { writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureGitServer, gitUrl, stopGitServer } from '../scripts/cluster/git/git-server.ts'
import { ensureRemote, ensureRepository } from '../scripts/cluster/git/repository.ts'
import { findFreePort } from '../scripts/cluster/ports.ts'
import { createRun } from '../scripts/cluster/shell.ts'
import { openStore, type State, type Store } from '../scripts/cluster/state/state.ts'
import { type Checkout, createCheckout } from './stand-ins/checkout.ts'

const { signal } = new AbortController()
const host = { listen: '127.0.0.1', host: '127.0.0.1' }
let checkout: Checkout
let store: Store
const closing: (() => unknown)[] = []
beforeEach(async () => {
  checkout = createCheckout()
  // What runs is named here, and a user's own tree runs something else soon.
  checkout.freeze()
  store = openStore(checkout.root, 'flask-api')
  const run = createRun(signal, checkout.env)
  await ensureRepository(run, store)
  await ensureRemote(run, checkout.root, store, 'cluster')
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  checkout.remove()
})

function remember(state: Partial<State>): void {
  const made = { cluster: 'created', argocd: 'installed', applied: ['flask-api-dev'] } as const
  store.write({ version: 1, name: 'flask-api', provider: 'kind', context: 'kind-flask-api', ...made, ...state })
}

/** The hook's lines. */
function push(): readonly string[] {
  checkout.commit('Pushed')
  const { status, stderr } = checkout.push('cluster')
  expect(status).toBe(0)
  const lines = stderr.split('\n').filter(line => line.startsWith('remote: '))
  return lines.map(line => line.slice('remote: '.length).trimEnd())
}

async function startGitServer(): Promise<Partial<State>> {
  const gitPort = await ensureGitServer(store, host, undefined, signal)
  closing.push(() => stopGitServer(store, host.listen, gitPort))
  return { gitPort, gitListen: host.listen, gitUrl: gitUrl(host, gitPort) }
}

/** A cluster that does not run. */
async function writeKubeconfig(): Promise<string> {
  const address = `${host.listen}:${await findFreePort(host.listen)}`
  const config = {
    clusters: [{ name: 'a', cluster: { server: `http://${address}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'a', user: {} }],
    contexts: [{ name: 'kind-flask-api', context: { cluster: 'a', user: 'a' } }],
  }
  writeFileSync(store.kubeconfig, JSON.stringify(config))
  return address
}

test('Argo CD reads a real remote: it is not turned to this repository', async () => {
  remember({ ...(await startGitServer()), gitUrl: 'https://user:secret@git.example.invalid/acme/api.git' })
  expect(push()).toEqual(['npm run up was told --repo-url: Argo CD reads that repository, not this one. Push there.'])
})

test('the Git server is gone: said at once, with what starts it', async () => {
  const served = await startGitServer()
  await closing.pop()?.()
  remember(served)
  expect(push()).toEqual(['The Git server is not running, so Argo CD does not see your commit: npm run up starts it.'])
})

test('app/ was edited under its old tag: what runs is not what was pushed', async () => {
  const edited = 'app/ as it is in this commit runs nowhere yet: npm run up builds it.'
  const tree = checkout.git('rev-parse', 'HEAD:app').slice(0, 12)
  // Build arguments are part of the tag.
  const build = `flask-api:git-${tree}-abcdef`
  const images = { name: 'flask-api', builds: { 'flask-api:v1': build, 'flask-api:v2': 'flask-api:git-older' } }
  const address = await writeKubeconfig()
  remember({ ...(await startGitServer()), images })
  checkout.write('NOTES.md', 'Not of the app.\n')
  expect(push()).not.toContain(edited)
  checkout.write('app/NOTES.md', 'Of the app.\n')
  const lines = push()
  expect(lines[0]).toBe(edited)
  expect(lines.slice(1)).toEqual([
    `connect ECONNREFUSED ${address}`,
    'The push was accepted. npm run status shows what Argo CD does with it.',
  ])
})

test('an image that was not built here is named with its environment', async () => {
  await writeKubeconfig()
  remember({ ...(await startGitServer()), images: { name: 'flask-api', builds: {} } })
  expect(push()).toContain(
    'flask-api-dev: flask-api:v1 was not built here. npm run up builds your commit under that name.',
  )
})
