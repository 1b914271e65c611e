// Carries out the proofs one after the other under a constant rate of requests, and leaves the Deployment as it was.

import { setTimeout as pause } from 'node:timers/promises'
import { Problem, usageProblem } from '../../command/problem.ts'
import type { Progress } from '../../command/progress.ts'
import { listApplications } from '../argocd/applications.ts'
import { names } from '../desired-state.ts'
import { openDoor } from '../kube/http.ts'
import { type Kube, type KubeObject, kinds, mergePatch } from '../kube/kube.ts'
import { type LoadResult, startLoad } from './generator.ts'
import { createRun } from '../shell.ts'
import {
  isAutoscaled,
  noticeSeconds,
  type Proof,
  proofs,
  readDeployment,
  scaleTo,
  shortProof,
  type Target,
} from './proofs.ts'

export interface LoadTestOptions {
  readonly kube: Kube
  readonly namespace: string
  readonly hostPort?: number | undefined
  readonly url?: string | undefined
  /** Requests a second. */
  readonly rate: number
  /** Times that the proofs are carried out. */
  readonly runs: number
  /** One rollout, instead of the proofs. */
  readonly short: boolean
  /** Ids of proofs; all where it is empty. */
  readonly only: readonly string[]
  readonly signal: AbortSignal
  readonly progress: Progress
}

export interface ProofResult {
  readonly run: number
  readonly proof: Proof
  readonly prevented: string | undefined
  readonly result: LoadResult | undefined
  readonly passed: boolean
}

export async function runLoadTest(options: LoadTestOptions): Promise<readonly ProofResult[]> {
  const { kube, namespace, signal, progress, only, short } = options
  const unknown = only.find(id => !proofs.some(proof => proof.id === id))
  if (unknown !== undefined)
    throw usageProblem(`there is no proof ${unknown}`, `There are: ${proofs.map(({ id }) => id).join(', ')}.`)
  const chosen = short ? [shortProof] : proofs.filter(({ id }) => only.length === 0 || only.includes(id))
  const autoscaled = await isAutoscaled(kube, namespace)
  const target: Target = { kube, namespace, autoscaled, signal, run: createRun(signal) }
  const { replicas = 1 } = (await readDeployment(target)).spec as { replicas?: number }
  const door =
    options.url === undefined
      ? await openDoor(kube, namespace, names.service, { hostPort: options.hostPort, signal })
      : { url: options.url, by: 'url', close: async () => {} }
  const applications = (await listIfThere(kube)).filter(application => goesTo(application, namespace))
  const results: ProofResult[] = []
  try {
    if (door.by === 'port forward') {
      throw new Problem(
        `the Service of ${namespace} is not reachable from here but by a port forward, which leads to one pod`,
        {
          advice: ['Add components/node-port to the environment, or name another way to it: --url URL.'],
        },
      )
    }
    await Promise.all(applications.map(application => skipReconcile(kube, application, 'true')))
    for (let run = 1; run <= options.runs; run++) {
      for (const proof of chosen) {
        results.push(
          await progress.step(`${proof.title}${options.runs > 1 ? ` (${run} of ${options.runs})` : ''}`, async note => {
            const result = await carryOut(proof, target, door.url, options.rate, run)
            note(describe(result))
            return result
          }),
        )
      }
    }
    return results
  } finally {
    const fresh = { ...target, signal: AbortSignal.timeout(120_000) }
    await scaleTo(fresh, replicas).catch(error =>
      progress.warn(`the Deployment could not be put back to ${replicas}: ${error}`),
    )
    await Promise.all(applications.map(application => skipReconcile(kube, application, null)))
    await door.close()
  }
}

async function carryOut(proof: Proof, target: Target, url: string, rate: number, run: number): Promise<ProofResult> {
  const prevented = await proof.prevents?.(target)
  if (prevented !== undefined) return { run, proof, prevented, result: undefined, passed: true }
  await scaleTo(target, proof.replicas)
  const load = startLoad({ url, rate, signal: target.signal })
  const started = performance.now()
  let result: LoadResult
  try {
    await pause(1_000, undefined, { signal: target.signal })
    await proof.run(target)
    const rest = (proof.requests / rate) * 1000 - (performance.now() - started)
    // The pods that went last may still be on a node's list.
    await pause(Math.max(3_000, rest + 100), undefined, { signal: target.signal })
  } finally {
    result = await load.stop()
  }
  // What was under way, and its share of what came before the node had noticed.
  const reached = result.peak + Math.ceil((rate / proof.replicas) * noticeSeconds)
  const allowed = proof.mayLose === 'nothing' ? 0 : reached
  return { run, proof, prevented, result, passed: result.lost <= allowed && result.sent >= proof.requests }
}

export function describe({ prevented, result }: ProofResult): string {
  if (result === undefined) return `did not run: ${prevented}`
  const kinds = Object.entries(result.kinds).map(([kind, count]) => `${count} ${kind}`)
  const lost = kinds.length === 0 ? '' : ` (${kinds.join(', ')})`
  return `${result.lost} of ${result.sent} lost${lost}, p50 ${Math.round(result.p50)} ms, p99 ${Math.round(result.p99)} ms`
}

/** One line a proof, as a table. */
export function formatResults(results: readonly ProofResult[]): string {
  const rows = results.map(({ run, proof, prevented, result, passed }) => [
    String(run),
    proof.title,
    result === undefined ? '-' : String(result.sent),
    result === undefined ? `did not run: ${prevented}` : String(result.lost),
    result === undefined ? '-' : String(Math.round(result.p50)),
    result === undefined ? '-' : String(Math.round(result.p99)),
    passed ? proof.protection : `FAILED, look at: ${proof.protection}`,
  ])
  const all = [['run', 'while', 'requests', 'lost', 'p50 ms', 'p99 ms', 'what protects'], ...rows]
  const widths = all[0]?.map((_, column) => Math.max(...all.map(row => row[column]?.length ?? 0))) ?? []
  return all
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Argo CD may not be there. */
async function listIfThere(kube: Kube): Promise<readonly KubeObject[]> {
  return listApplications(kube).catch(() => [])
}

function goesTo({ spec }: KubeObject, namespace: string): boolean {
  return (spec as { destination?: { namespace?: string } } | undefined)?.destination?.namespace === namespace
}

/** Argo CD would put the replicas and the image back while they are moved on purpose. */
async function skipReconcile(kube: Kube, { metadata }: KubeObject, value: string | null): Promise<void> {
  const annotations = { 'argocd.argoproj.io/skip-reconcile': value } as Readonly<Record<string, string>>
  const { apiVersion, kind } = kinds.application
  await mergePatch(kube, {
    apiVersion,
    kind,
    metadata: { name: metadata.name, namespace: names.namespace, annotations },
  })
}
