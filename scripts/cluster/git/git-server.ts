// Starts, finds and ends the Git server of a cluster; it outlives the command that started it.

import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findFreePort, isPortFree } from '../ports.ts'
import { lastLines, Problem } from '../../command/problem.ts'
import type { GitHost } from '../provider/provider.ts'
import type { State, Store } from '../state/state.ts'
import { isAlive } from '../state/lock.ts'
import { pause } from '../kube/watch.ts'

const path = '/repository.git'
const program = fileURLToPath(new URL('serve-git.ts', import.meta.url))

/** What only this cluster's server answers with: nobody can guess it who has the port after a restart of the machine. */
export function identityOf(store: Store): string | undefined {
  const file = identityFile(store)
  return existsSync(file) ? `flask-api-gitops ${store.folder} ${readFileSync(file, 'utf8')}` : undefined
}

function identityFile(store: Store): string {
  return join(store.folder, 'git-server.id')
}

/** The URL under which the pods read the repository. */
export function gitUrl(host: GitHost, port: number): string {
  return `http://${host.host}:${port}${path}`
}

/** Whether Argo CD was told to read the repository here, and not a real remote. */
export function isServedHere({ gitUrl, gitPort }: Pick<State, 'gitUrl' | 'gitPort'>): boolean {
  return gitPort !== undefined && gitUrl?.endsWith(`:${gitPort}${path}`) === true
}

/** The process id of the server that answers there, if it is this cluster's. */
export async function findGitServer(store: Store, listen: string, port: number): Promise<number | undefined> {
  try {
    const response = await fetch(`http://${listen}:${port}/`, { signal: AbortSignal.timeout(2_000) })
    const { server, pid } = (await response.json()) as { server?: unknown; pid?: unknown }
    return typeof server === 'string' && server === identityOf(store) && typeof pid === 'number' ? pid : undefined
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
  writeFileSync(identityFile(store), randomUUID())
  const file = join(store.folder, 'git-server.log')
  const log = openSync(file, 'w')
  const child = spawn(
    process.execPath,
    ['--no-warnings', program, store.folder, host.listen, String(port), identityOf(store) ?? ''],
    {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: store.folder,
    },
  )
  child.unref()
  child.on('error', () => {}) // it is not there, and found missing below
  try {
    for (let attempt = 0; attempt < 100; attempt++) {
      if ((await findGitServer(store, host.listen, port)) !== undefined) return port
      if (child.exitCode !== null) break
      await pause(100, signal)
    }
  } catch (error) {
    // Nobody would know of it.
    child.kill()
    throw error
  }
  child.kill()
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
