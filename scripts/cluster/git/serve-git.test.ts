// The git server is open to whatever reaches its port: what it cannot read is refused, and it goes on serving.
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createGitServer } from './serve-git.ts'

let root: string
let server: ReturnType<typeof createGitServer>
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'git-server-'))
  server = createGitServer(root, 'test')
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await new Promise(done => server.close(done))
  rmSync(root, { recursive: true, force: true })
})

/** The status for a path that goes over the wire as it is. */
function ask(path: string, method = 'GET'): Promise<number | undefined> {
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path, method, agent: false }, response => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
    call.on('error', reject).end()
  })
}

test.each(['/%', '/%zz/info/refs', '/%00', '/a%00b', '//'])('%s is refused, and the server goes on', async path => {
  expect(await ask(path)).toBe(400)
  expect(await ask('/')).toBe(200)
})

test('nobody can push to it', async () => {
  expect(await ask('/a.git/info/refs?service=git-receive-pack')).toBe(403)
  expect(await ask('/a.git/git%2Dreceive-pack', 'POST')).toBe(403)
})

test('a repository that is not there is not found', async () => {
  expect(await ask('/none.git/info/refs?service=git-upload-pack')).toBe(404)
})

test("who has left while waiting takes nobody else's place", async () => {
  const bin = join(root, 'bin')
  const calls = join(root, 'calls')
  mkdirSync(bin)
  writeFileSync(join(bin, 'git'), `#!/bin/sh\necho "$PATH_INFO" >> '${calls}'\nexec sleep 60\n`, { mode: 0o755 })
  vi.stubEnv('PATH', `${bin}:${process.env.PATH}`)
  const { port } = server.address() as AddressInfo
  const post = (path: string) => {
    const call = request({ host: '127.0.0.1', port, path, method: 'POST', agent: false })
    call.on('error', () => {}).end()
    return call
  }
  const started = () => (existsSync(calls) ? readFileSync(calls, 'utf8').split('\n').filter(Boolean) : [])
  const first = Array.from({ length: 8 }, () => post('/first'))
  await expect.poll(started).toHaveLength(8)
  // Connections are taken in order, so this one waits, and the next one behind it.
  const left = post('/left')
  await once(left, 'socket')
  await setTimeout(200)
  left.destroy()
  const patient = post('/patient')
  await once(patient, 'socket')
  await setTimeout(200)
  for (const call of first) call.destroy()
  await expect.poll(started).toContain('/patient')
  expect(started()).not.toContain('/left')
  patient.destroy()
})
