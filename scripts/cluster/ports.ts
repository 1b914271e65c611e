// Finds ports of this machine that nobody uses.

import { createServer } from 'node:net'
import { Problem } from '../command/problem.ts'

export async function isPortFree(port: number, host: string): Promise<boolean> {
  return (await tryListen(port, host)) !== undefined
}

export async function findFreePort(host: string): Promise<number> {
  const port = await tryListen(0, host)
  if (port === undefined) throw new Problem(`no port can be opened on ${host}`)
  return port
}

async function tryListen(port: number, host: string): Promise<number | undefined> {
  const server = createServer()
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  server.once('error', () => resolve(undefined))
  server.listen(port, host, () => resolve((server.address() as { port: number }).port))
  const found = await promise
  if (found !== undefined) await new Promise(done => server.close(done))
  return found
}

/** The first of some candidates from which `count` ports in a row are free. */
export async function findPortRange(count: number, candidates: readonly number[], host = '127.0.0.1'): Promise<number> {
  for (const first of candidates) {
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isPortFree(first + index, host)))
    if (free.every(Boolean)) return first
  }
  throw new Problem(`no ${count} free ports in a row at ${candidates.join(', ')}`, {
    advice: ['Choose the first of them: --port NUMBER.'],
    exitCode: 2,
  })
}
