// The Git server of a cluster over its life: found, replaced when it is gone, and never mistaken for somebody else's.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureGitServer, findGitServer, gitUrl, identityOf, stopGitServer } from './git-server.ts'
import { findFreePort, isPortFree } from '../ports.ts'
import { ensureRepository } from './repository.ts'
import { createRun } from '../shell.ts'
import { openStore, type Store } from '../state/state.ts'
import { isAlive } from '../state/lock.ts'

const host = { listen: '127.0.0.1', host: '127.0.0.1' }
const { signal } = new AbortController()
let root: string
let store: Store
let port: number | undefined
beforeEach(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'git-server-')))
  store = openStore(root, 'flask-api')
  port = undefined
  await ensureRepository(createRun(signal), store)
})
afterEach(async () => {
  if (port !== undefined) await stopGitServer(store, host.listen, port)
  rmSync(root, { recursive: true, force: true })
})

const start = async (wanted?: number): Promise<number> => {
  port = await ensureGitServer(store, host, wanted, signal)
  return port
}
const listRemote = (at: number): string =>
  execFileSync('git', ['ls-remote', gitUrl(host, at)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

test('starts, serves the repository, and is left alone by the next run', async () => {
  const first = await start()
  const pid = await findGitServer(store, host.listen, first)
  expect(listRemote(first)).toBe('')
  expect(await start(first)).toBe(first)
  expect(await findGitServer(store, host.listen, first)).toBe(pid)
})

test('gone (a reboot): started again on the port that Applications name', async () => {
  const first = await start()
  const pid = (await findGitServer(store, host.listen, first)) as number
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => isPortFree(first, host.listen), { timeout: 10_000 }).toBe(true)
  expect(await start(first)).toBe(first)
  expect(await findGitServer(store, host.listen, first)).not.toBe(pid)
  expect(listRemote(first)).toBe('')
})

test('its port was taken in the meantime: another one, and the other program lives on', async () => {
  const other = createServer((_, response) => response.end('{"server": "other", "pid": 1}'))
  const taken = await new Promise<number>(resolve =>
    other.listen(0, host.listen, () => resolve((other.address() as AddressInfo).port)),
  )
  try {
    expect(await start(taken)).not.toBe(taken)
    expect(await findGitServer(store, host.listen, taken)).toBeUndefined()
    expect(await stopGitServer(store, host.listen, taken)).toBe(false)
    expect(other.listening).toBe(true)
  } finally {
    other.close()
  }
})

test('a program that has its port and its name, and points at another process: not taken for it, nothing is ended', async () => {
  const first = await start()
  await stopGitServer(store, host.listen, first)
  const server = `flask-api-gitops ${store.folder}`
  const victim = spawn('sleep', ['60'])
  const other = createServer((_, response) => response.end(JSON.stringify({ server, pid: victim.pid })))
  await new Promise<void>(resolve => other.listen(first, host.listen, resolve))
  try {
    expect(await findGitServer(store, host.listen, first)).toBeUndefined()
    expect(await stopGitServer(store, host.listen, first)).toBe(false)
    expect(isAlive(victim.pid as number)).toBe(true)
  } finally {
    victim.kill()
    other.close()
  }
})

test("another checkout's Git server is not this one's, and is not ended", async () => {
  const first = await start()
  const other = openStore(join(root, 'other'), 'flask-api')
  expect(identityOf(other)).not.toBe(identityOf(store))
  expect(await findGitServer(other, host.listen, first)).toBeUndefined()
  expect(await stopGitServer(other, host.listen, first)).toBe(false)
  expect(await findGitServer(store, host.listen, first)).toBeDefined()
})

test('ended: the process is gone and the port is free', async () => {
  const first = await start()
  const pid = (await findGitServer(store, host.listen, first)) as number
  expect(await stopGitServer(store, host.listen, first)).toBe(true)
  expect(isAlive(pid)).toBe(false)
  expect(await isPortFree(first, host.listen)).toBe(true)
})

test('an address that is not of this machine: said, with the port', async () => {
  const elsewhere = { listen: '192.0.2.1', host: '192.0.2.1' }
  await expect(ensureGitServer(store, elsewhere, undefined, signal)).rejects.toThrow(/192\.0\.2\.1/)
  await expect(findFreePort('192.0.2.1')).rejects.toThrow('no port can be opened on 192.0.2.1')
})
