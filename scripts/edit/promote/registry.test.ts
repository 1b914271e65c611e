// --verify against a registry on this machine, which wants a token as the real ones do.
import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createRepository } from '../test-repository.ts'
import { verifyImage } from './registry.ts'

const DIGEST = `sha256:${'ab'.repeat(32)}`
const { signal } = new AbortController()
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** Answers for these paths below /v2/acme/api/; undefined is 404. */
async function startRegistry(answers: Readonly<Record<string, object>>, wantsToken = true): Promise<string> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost')
    const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    if (pathname === '/token') {
      response.end(JSON.stringify({ token: 'secret' }))
      return
    }
    if (wantsToken && request.headers.authorization !== 'Bearer secret') {
      response.writeHead(401, { 'www-authenticate': `Bearer realm="${host}/token",service="test"` }).end()
      return
    }
    const answer = answers[pathname.replace('/v2/acme/api/', '')]
    response.writeHead(answer ? 200 : 404, { 'docker-content-digest': DIGEST }).end(answer && JSON.stringify(answer))
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}/acme/api`
}

const verify = (repository: string, tag: string | undefined, digest: string | undefined) =>
  verifyImage({ repository, tag, digest }, {}, signal)

test('an image with a signature of cosign, by its tag or as a referrer', async () => {
  const byTag = await startRegistry({ 'manifests/v1': {}, [`manifests/sha256-${'ab'.repeat(32)}.sig`]: {} })
  expect(await verify(byTag, 'v1', undefined)).toMatch(/:v1 is in its registry, and signed$/)
  const manifests = [{ artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json' }]
  const byReferrer = await startRegistry({ [`manifests/${DIGEST}`]: {}, [`referrers/${DIGEST}`]: { manifests } }, false)
  expect(await verify(byReferrer, undefined, DIGEST)).toContain('signed')
})

test.each([
  ['is not there', {}, 'v1', undefined, 'is not in its registry'],
  ['has no signature', { 'manifests/v1': {} }, 'v1', undefined, 'nobody has signed it'],
  [
    'has another digest than its tag',
    { 'manifests/v1': {}, [`manifests/sha256:${'cd'.repeat(32)}`]: {} },
    'v1',
    `sha256:${'cd'.repeat(32)}`,
    'in the registry, not',
  ],
])('an image that %s is refused', async (_, answers, tag, digest, message) => {
  await expect(verify(await startRegistry(answers), tag, digest)).rejects.toThrow(message)
})

/** A registry that answers as told. */
async function startServer(answer: (path: string) => readonly [status: number, headers: object, body?: object]) {
  const server = createServer((request, response) => {
    const [status, headers, body] = answer((request.url ?? '').replace('/v2/acme/api/', ''))
    response.writeHead(status, headers as Record<string, string>)
    response.end(request.method === 'HEAD' || !body ? undefined : JSON.stringify(body))
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}/acme/api`
}

const SIGNATURES = { manifests: [{ artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json' }] }

test('where a registry has no list of what refers to an image, a tag is it', async () => {
  const tag = `manifests/${DIGEST.replace(':', '-')}`
  const answer = (path: string) =>
    path === `manifests/${DIGEST}` || path === tag ? ([200, {}, SIGNATURES] as const) : ([404, {}] as const)
  expect(await verify(await startServer(answer), undefined, DIGEST)).toContain('signed')
})

test('a digest that is not said is the one of the bytes, and a list goes on', async () => {
  const body = { schemaVersion: 2 }
  const digest = `sha256:${createHash('sha256').update(JSON.stringify(body)).digest('hex')}`
  const first = `referrers/${digest}`
  const answer = (path: string) => {
    if (path === 'manifests/v1') return [200, {}, body] as const
    if (path === first) return [200, { link: `</v2/acme/api/${first}?n=2>; rel="next"` }, { manifests: [] }] as const
    return path === `${first}?n=2` ? ([200, {}, SIGNATURES] as const) : ([404, {}] as const)
  }
  expect(await verify(await startServer(answer), 'v1', undefined)).toContain('signed')
})

test.each([
  [503, 'does not say whether it is signed: HTTP status 503'],
  [429, 'does not say whether it is signed: HTTP status 429'],
  [405, 'nobody has signed it'],
])('a list of referrers that answers %i: what is not known is not taken for unsigned', async (status, message) => {
  const answer = (path: string) =>
    path === `manifests/${DIGEST}` ? ([200, {}, {}] as const) : ([path.startsWith('ref') ? status : 404, {}] as const)
  await expect(verify(await startServer(answer), undefined, DIGEST)).rejects.toThrow(message)
})

test('who is not logged in is told how', async () => {
  const repository = await startServer(() => [403, {}])
  await expect(verify(repository, 'v1', undefined)).rejects.toMatchObject({
    advice: [expect.stringContaining('docker login 127.0.0.1')],
  })
})

test('a registry that does not answer is named', async () => {
  await expect(verify('127.0.0.1:1/acme/api', 'v1', undefined)).rejects.toThrow('http://127.0.0.1:1 cannot be asked')
})

test('promote --verify refuses before anything is written', () => {
  const repository = createRepository()
  const { code, stderr } = repository.edit('promote', ['--image', '127.0.0.1:1/acme/flask-api:v1', 'dev', '--verify'])
  expect([code, stderr]).toEqual([1, expect.stringContaining('cannot be asked')])
  expect(repository.git('status', '--porcelain')).toBe('')
})
