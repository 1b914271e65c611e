// What is lost is counted by kind, and nothing is sent twice.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import * as https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { quantile, startLoad } from './generator.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function listen(server: Server | https.Server): Promise<AddressInfo> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return server.address() as AddressInfo
}

async function serve(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${(await listen(createServer(listener))).port}`
}

/** Sends until the server has seen `wanted` requests. */
async function sendTo(listener: RequestListener, wanted: number) {
  let seen = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  const url = await serve((request, response) => {
    seen++
    if (seen === wanted) resolve()
    listener(request, response)
  })
  const load = startLoad({ url, rate: 500, signal: new AbortController().signal })
  await promise
  return { result: await load.stop(), seen }
}

test('every request is answered: none is lost', async () => {
  const { result, seen } = await sendTo((_, response) => response.end('{}'), 40)
  expect(result).toMatchObject({ lost: 0, kinds: {} })
  expect(result.sent).toBe(seen)
})

test('refusals and cut connections are lost, by kind, and not sent again', async () => {
  let count = 0
  const { result, seen } = await sendTo((request, response) => {
    count++
    if (count % 4 === 0) response.writeHead(503).end()
    else if (count % 4 === 1) request.socket.destroy()
    else response.end('{}')
  }, 40)
  expect(Object.keys(result.kinds)).toContain('status 503')
  expect(Object.keys(result.kinds)).toContain('ECONNRESET')
  expect(result.sent).toBe(seen)
  expect(result.lost).toBe(Math.floor(seen / 4) + Math.floor((seen + 3) / 4))
})

test('nobody listens: all are lost', async () => {
  const url = await serve(() => {})
  for (const close of closers.splice(0)) close()
  const load = startLoad({ url, rate: 1000, signal: new AbortController().signal })
  while (load.inFlight() === 0) await new Promise(resolve => setTimeout(resolve, 5))
  const result = await load.stop()
  expect(result.kinds).toEqual({ ECONNREFUSED: result.sent })
})

test('HTTPS under a name that no DNS knows, with a certificate of that name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'load-'))
  closers.push(() => rmSync(folder, { recursive: true }))
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1']
  const names = ['-subj', '/CN=api.example.org', '-addext', 'subjectAltName=DNS:api.example.org']
  execFileSync('openssl', [...request, ...names, '-keyout', key, '-out', certificate], { stdio: 'pipe' })
  const ca = readFileSync(certificate)
  const hosts = new Set<string | undefined>()
  const server = https.createServer({ key: readFileSync(key), cert: ca }, (received, response) => {
    hosts.add(received.headers.host)
    response.end('{}')
  })
  const { port } = await listen(server)
  const send = async (url: string) => {
    const connection = { hostname: '127.0.0.1', port, ca }
    const load = startLoad({ url, rate: 200, signal: new AbortController().signal, connection })
    while (load.inFlight() === 0) await new Promise(resolve => setTimeout(resolve, 5))
    return load.stop()
  }
  expect(await send('https://api.example.org')).toMatchObject({ lost: 0, kinds: {} })
  expect([...hosts]).toEqual(['api.example.org'])
  const { kinds, sent } = await send('https://other.example.org')
  expect(kinds).toEqual({ ERR_TLS_CERT_ALTNAME_INVALID: sent })
})

test.each([
  [[], 0.5, 0],
  [[7], 0.99, 7],
  [[1, 2, 3, 4], 0.5, 2],
  [Array.from({ length: 100 }, (_, index) => index + 1), 0.99, 99],
])('the quantile of %j', (sorted, share, expected) => {
  expect(quantile(sorted, share)).toBe(expected)
})
