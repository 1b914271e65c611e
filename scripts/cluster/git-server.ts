// Starts, finds and ends the Git server of a cluster; it outlives the command that started it.

import { spawn } from 'node:child_process'
import { mkdirSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lastLines, Problem } from './problem.ts'
import type { GitHost } from './provider.ts'
import { isAlive, type Store } from './state.ts'
import { pause } from './watch.ts'

const program = fileURLToPath(new URL('serve-git.ts', import.meta.url))

/** A name that only this cluster's server answers with. */
export function identityOf(store: Store): string {
  return `flask-api-gitops ${store.folder}`
}

/** The URL under which the pods read the repository. */
export function gitUrl(host: GitHost, port: number): string {
  return `http://${host.host}:${port}/repository.git`
}

/** The process id of the server that answers there, if it is this cluster's. */
export async function findGitServer(store: Store, listen: string, port: number): Promise<number | undefined> {
  try {
    const response = await fetch(`http://${listen}:${port}/`, { signal: AbortSignal.timeout(2_000) })
    const { server, pid } = (await response.json()) as { server?: unknown; pid?: unknown }
    return server === identityOf(store) && typeof pid === 'number' ? pid : undefined
  } catch {
    return undefined
  }
}

/** Leaves a running server alone, else starts one: on `wanted` if that port is free, since Applications name it. */
export async function ensureGitServer(
  store: Store,
  host: GitHost,
  wanted: number | undefined,
  signal: AbortSignal,
): Promise<number> {
  if (wanted !== undefined && (await findGitServer(store, host.listen, wanted)) !== undefined) return wanted
  const port =
    wanted !== undefined && (await isPortFree(wanted, host.listen)) ? wanted : await findFreePort(host.listen)
  mkdirSync(store.folder, { recursive: true })
  const file = join(store.folder, 'git-server.log')
  const log = openSync(file, 'w')
  const child = spawn(
    process.execPath,
    ['--no-warnings', program, store.folder, host.listen, String(port), identityOf(store)],
    {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: store.folder,
    },
  )
  child.unref()
  for (let attempt = 0; attempt < 100; attempt++) {
    if ((await findGitServer(store, host.listen, port)) !== undefined) return port
    if (child.exitCode !== null) break
    await pause(100, signal)
  }
  throw new Problem(`the Git server did not start on ${host.listen}:${port}`, {
    details: lastLines(readFileSync(file, 'utf8'), 10),
  })
}

/** Ends the server, if what answers on its port is this cluster's. */
export async function stopGitServer(store: Store, listen: string, port: number): Promise<boolean> {
  const pid = await findGitServer(store, listen, port)
  if (pid === undefined) return false
  process.kill(pid, 'SIGTERM')
  for (let attempt = 0; attempt < 50 && isAlive(pid); attempt++) await pause(100, AbortSignal.timeout(60_000))
  return true
}

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
