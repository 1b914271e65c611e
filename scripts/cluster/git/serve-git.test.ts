// The git server is open to whatever reaches its port: what it cannot read is refused, and it goes on serving.
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createGitServer } from './serve-git.ts'

let root: string
let server: ReturnType<typeof createGitServer>
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'git-server-'))
  server = createGitServer(root, 'test')
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
})
afterEach(async () => {
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
