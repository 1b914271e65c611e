// After a restart of the nodes the API server answers before it knows everything, and shows what the kubelets said before it.

import { type Kube, kinds, kubectlArgs } from './kube.ts'
import { Problem } from '../../command/problem.ts'
import { pause, watchUntil } from './watch.ts'
import type { Run } from '../shell.ts'

export interface Restarted {
  readonly kube: Kube
  readonly kubeconfig: string
  readonly run: Run
  readonly signal: AbortSignal
  /** Milliseconds. */
  readonly timeout: number
}

const leases = { kind: kinds.lease, namespace: 'kube-node-lease' }

/**
 * Waits until the API server says that it is ready, which includes the kinds of custom resources, and until every kubelet
 * has renewed its lease: what is then said of a pod is of now.
 * https://kubernetes.io/docs/reference/using-api/health-checks/, https://kubernetes.io/docs/concepts/architecture/leases/
 */
export async function waitForRestarted({ kube, kubeconfig, run, signal, timeout }: Restarted): Promise<void> {
  const end = performance.now() + timeout
  for (;;) {
    const args = [...kubectlArgs(kube, kubeconfig), 'get', '--raw', '/readyz', '--request-timeout', '10s']
    const { ok, stderr } = await run.ask('kubectl', args)
    signal.throwIfAborted()
    if (ok) break
    if (performance.now() > end)
      throw new Problem(`after ${timeout / 1000} s the API server of ${kube.context} was not ready`, {
        details: stderr.trim(),
        advice: ['Run this again: it goes on from here.'],
      })
    await pause(500, signal)
  }
  let before: ReadonlyMap<string, unknown> | undefined
  const wait = {
    timeout: Math.max(end - performance.now(), 0),
    signal,
    unmet: `not every kubelet of ${kube.context} had reported`,
  }
  await watchUntil(kube, leases, wait, objects => {
    const renewed = new Map(
      objects.map(({ metadata, spec }) => [metadata.name, (spec as { renewTime?: unknown }).renewTime]),
    )
    before ??= renewed
    return renewed.size > 0 && [...renewed].every(([name, time]) => before?.get(name) !== time) ? true : undefined
  })
}
