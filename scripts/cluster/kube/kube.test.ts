// What an API server that does not answer, or not well, is to the callers.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node'
import { afterEach, expect, test, vi } from 'vitest'
import { startApiServer } from '../../../tests/stand-ins/api-server.ts'
import { within } from '../concurrency.ts'
import { apply, type Kube, kinds, list, mergePatch, read, remove } from './kube.ts'
import { messageOf, Problem } from '../../command/problem.ts'
import { watchUntil } from './watch.ts'

const { signal } = new AbortController()
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'b' } }
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const reach = (server: string): Kube =>
  ({ objects: KubernetesObjectApi.makeApiClient(configure(server)) }) as unknown as Kube
const configure = (server: string): KubeConfig => {
  const config = new KubeConfig()
  config.loadFromClusterAndUser({ name: 'a', server, skipTLSVerify: true }, { name: 'a' })
  return config
}

const calls: [string, (kube: Kube) => Promise<unknown>][] = [
  ['list', kube => list(kube, { kind: kinds.pod })],
  ['read', kube => read(kube, kinds.pod, 'a', 'b')],
  ['apply', kube => apply(kube, object)],
  ['mergePatch', kube => mergePatch(kube, object)],
  ['remove', kube => remove(kube, object)],
]

test.each(calls)('%s: a server that has not read its objects yet is asked again', async (_, call) => {
  vi.useFakeTimers()
  let asked = 0
  const answer = async () => {
    if (++asked < 3)
      throw Object.assign(new Error('storage is (re)initializing'), { code: 429, headers: { 'retry-after': '2' } })
    return { items: [] }
  }
  const kube = { objects: { list: answer, read: answer, patch: answer, delete: answer } } as unknown as Kube
  const done = call(kube)
  await vi.advanceTimersByTimeAsync(3_900)
  expect(asked).toBe(2)
  await vi.advanceTimersByTimeAsync(200)
  await done
  expect(asked).toBe(3)
})

test('a server that is asked too much for long: its own words', async () => {
  vi.useFakeTimers()
  const busy = async () => {
    throw Object.assign(new Error('too many requests'), { code: 429, headers: {} })
  }
  const failed = list({ objects: { list: busy } } as unknown as Kube, { kind: kinds.pod }).catch(messageOf)
  await vi.advanceTimersByTimeAsync(31_000)
  expect(await failed).toContain('too many requests')
})

test.each(calls)('%s: a server that hangs holds nobody', async (_, call) => {
  vi.useFakeTimers()
  const hang = () => new Promise(() => {})
  const objects = { list: hang, read: hang, patch: hang, delete: hang }
  const failed = call({ objects } as unknown as Kube).catch(messageOf)
  await vi.advanceTimersByTimeAsync(30_000)
  expect(await failed).toBe('no answer within 30 s')
})

test('a deadline that is over already is not waited for', async () => {
  const over = AbortSignal.abort(new Problem('over'))
  await expect(within(new Promise(() => {}), 60_000, over)).rejects.toThrow('over')
})

test('credentials that cannot be had while a watch begins: the wait ends in order', async () => {
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', onUnhandled)
  try {
    const config = configure('http://127.0.0.1:1')
    vi.spyOn(config, 'applySecurityAuthentication').mockRejectedValue(new Error('the plugin failed'))
    const objects = { list: async () => ({ items: [], metadata: { resourceVersion: '1' } }) }
    const wait = { timeout: 500, signal, unmet: 'it was not there' }
    const kube = { config, objects } as unknown as Kube
    await expect(watchUntil(kube, { kind: kinds.pod }, wait, () => undefined)).rejects.toThrow('it was not there')
    expect(unhandled).toEqual([])
  } finally {
    process.off('unhandledRejection', onUnhandled)
  }
})

test('what changes between the list and the watch is seen', async () => {
  const server = await startApiServer()
  try {
    const wait = { timeout: 60_000, signal, unmet: 'it was not there' }
    const seen: number[] = []
    await watchUntil(server.kube, { kind: kinds.configMap, namespace: 'b' }, wait, objects => {
      seen.push(objects.length)
      // The list is there, the watch is not asked for yet.
      if (seen.length === 1) server.put(kinds.configMap, object)
      return objects.length > 0 ? true : undefined
    })
    expect(seen).toEqual([0, 1])
    expect(server.requests.filter(request => request.startsWith('GET'))).toHaveLength(3)
  } finally {
    server.close()
  }
})

async function serve(status: number, body: string): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((_, response) => response.writeHead(status, { 'x-secret': 'header' }).end(body))
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test.each([
  [403, '{"kind": "Status", "message": "pods is forbidden"}', 'HTTP status 403: pods is forbidden'],
  [404, '404 page not found\n', 'HTTP status 404'],
  [502, '<html>Bad Gateway</html>', 'HTTP status 502'],
])('an answer of %d is said in one line', async (status, body, message) => {
  const { server, url } = await serve(status, body)
  try {
    const error = await list(reach(url), { kind: kinds.application }).catch((reason: unknown) => reason)
    expect(messageOf(error)).toBe(message)
  } finally {
    server.close()
  }
})

test('nobody listens: the cause is said', async () => {
  const { server, url } = await serve(200, '')
  await new Promise(done => server.close(done))
  const error = await list(reach(url), { kind: kinds.pod }).catch((reason: unknown) => reason)
  expect(messageOf(error)).toContain('ECONNREFUSED')
})
