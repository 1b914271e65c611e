// What is lost is counted by kind, and nothing is sent twice.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { quantile, startLoad } from './generator.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
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

test.each([
  [[], 0.5, 0],
  [[7], 0.99, 7],
  [[1, 2, 3, 4], 0.5, 2],
  [Array.from({ length: 100 }, (_, index) => index + 1), 0.99, 99],
])('the quantile of %j', (sorted, share, expected) => {
  expect(quantile(sorted, share)).toBe(expected)
})
