// What a cluster is to the commands: made, reached, fed with images and removed in the same words, whoever provides it.

import { networkInterfaces } from 'node:os'
import { lastLines, Problem } from '../../command/problem.ts'
import type { Result, Run } from '../shell.ts'
import type { ProviderName } from '../state/state.ts'

/** NodePorts of the clusters made here: few, so that each of them can be mapped to a port of the host. */
export const nodePorts = { first: 30080, count: 10 } as const

export interface ClusterSpec {
  readonly name: string
  readonly kubeconfig: string
  /** The host port that the first NodePort is mapped to, on the loopback address. */
  readonly hostPort: number
  readonly nodeImage?: string
}

export interface GitHost {
  /** Where the server listens on this machine. */
  readonly listen: string
  /** What the pods call this machine. */
  readonly host: string
}

export interface Identity {
  readonly id: string
  /** When it was made, in milliseconds. */
  readonly made: number
}

export interface Provider {
  readonly name: ProviderName
  /** Programs and engines that it needs; throws what is missing. */
  require(run: Run): Promise<void>
  contextOf(cluster: string): string
  exists(run: Run, cluster: string): Promise<boolean>
  /** What tells this cluster from another one that has its name later. */
  identify(run: Run, cluster: string): Promise<Identity | undefined>
  create(run: Run, spec: ClusterSpec): Promise<void>
  /** Starts what was stopped (a reboot), and writes the kubeconfig again. */
  resume(run: Run, spec: ClusterSpec): Promise<void>
  load(run: Run, cluster: string, references: readonly string[]): Promise<void>
  /** Whether the cluster has the image; asking is cheaper than loading it again. */
  has(run: Run, cluster: string, reference: string): Promise<boolean>
  remove(run: Run, cluster: string, kubeconfig: string): Promise<void>
  /** How the pods of the cluster reach a server on this machine. */
  gitHost(run: Run, cluster: string): Promise<GitHost>
}

/** How Docker says that a host port is somebody else's. */
export const portTaken = /port is already allocated|address already in use/i

/** Throws unless a program that makes a cluster did so; `advise` knows the usual causes by what the program said. */
export function requireMade(
  what: string,
  result: Result,
  timeout: number,
  advise: (output: string) => readonly string[],
): void {
  if (result.ok) return
  const details = lastLines(result.stderr || result.stdout, 25)
  if (result.exitCode !== null) throw new Problem(what, { details, advice: advise(result.stderr) })
  throw new Problem(`${what} within ${timeout / 1000} s`, {
    details,
    advice: ['Usually the download of the node image is slow. Run this again: what was downloaded whole is kept.'],
  })
}

/** The same for a cluster that was stopped, whose ports were chosen when it was made. */
export function requireStarted(cluster: string, result: Result): void {
  if (result.ok) return
  const advice = portTaken.test(result.stderr)
    ? ['Another program has a port of this cluster now. End that program, then run this again.']
    : ['Run this again.']
  throw new Problem(`the cluster ${cluster} could not be started again`, {
    details: lastLines(result.stderr || result.stdout, 25),
    advice: [...advice, 'Or make the cluster anew, with other ports: npm run down, then npm run up.'],
  })
}

/** An address of this machine is listened on and named as it is; any other is a virtual machine's name for it. */
export function hostFor(address: string | undefined, name: string, own: readonly string[] = ownAddresses()): GitHost {
  if (address !== undefined && own.includes(address)) return { listen: address, host: address }
  return { listen: '127.0.0.1', host: name }
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap(list => (list ?? []).map(({ address }) => address))
}

/** A node's container: its id stays over restarts, and no other container gets it. */
export async function identifyContainer(run: Run, container: string): Promise<Identity | undefined> {
  const { ok, stdout } = await run.ask('docker', [
    'container',
    'inspect',
    '--format',
    '{{.Id}} {{.Created}}',
    container,
  ])
  const [id = '', made = ''] = stdout.trim().split(' ')
  return ok && id !== '' ? { id, made: Date.parse(made) } : undefined
}
