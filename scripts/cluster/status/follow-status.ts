// Finds the cluster whose status is asked for, and shows it once or at every change.

import { repositoryRoot } from '../../command/frame.ts'
import { within } from '../concurrency.ts'
import { findGitServer } from '../git/git-server.ts'
import { connect, type Kube, kinds, statusOf } from '../kube/kube.ts'
import { names } from '../desired-state.ts'
import { messageOf, Problem, usageProblem } from '../../command/problem.ts'
import { kubeconfigOf, listClusters, openStore } from '../state/state.ts'
import { allDeployments, readReport, type StatusReport } from './status-report.ts'
import { pause, watchUntil } from '../kube/watch.ts'

export async function findCluster(
  name: string | undefined,
  context: string | undefined,
  warn: (line: string) => void,
): Promise<Kube> {
  if (context !== undefined) return connect(context)
  const clusters = listClusters(repositoryRoot)
  const chosen = name ?? (clusters.length === 1 ? clusters[0] : 'flask-api')
  const store = openStore(repositoryRoot, chosen ?? 'flask-api')
  const state = store.read()
  if (state === undefined || state.cluster === 'none' || state.cluster === 'creating') {
    const known =
      clusters.length === 0 ? 'This checkout has made none.' : `Clusters of this checkout: ${clusters.join(', ')}.`
    throw usageProblem(
      `there is no cluster ${chosen}`,
      `${known} Make it: npm run up.`,
      'Any other cluster: --context NAME.',
    )
  }
  if (
    state.gitPort !== undefined &&
    (await findGitServer(store, state.gitListen ?? '127.0.0.1', state.gitPort)) === undefined
  ) {
    warn('The Git server is not running, so Argo CD sees no new commit. npm run up starts it.')
  }
  return connect(state.context, kubeconfigOf(state, store))
}

export async function readStatus(kube: Kube, signal: AbortSignal): Promise<StatusReport> {
  try {
    return await within(readReport(kube), 15_000, signal)
  } catch (error) {
    signal.throwIfAborted()
    throw explain(kube, error)
  }
}

/** A server that refuses has answered: it needs something else than one that does not run. */
function explain(kube: Kube, error: unknown): Problem {
  const cluster = `${kube.context} (${kube.server})`
  const status = statusOf(error)
  if (status === 404) return new Problem(`${cluster} has no Argo CD yet`, { advice: ['Install it: npm run up.'] })
  if (status === undefined) {
    const advice = ['Start it again, and what was made on it: npm run up.']
    return new Problem(`${cluster} does not answer: ${messageOf(error)}`, { advice })
  }
  const advice = [`Try what it says to: kubectl --context ${kube.context} get applications -n ${names.namespace}`]
  return new Problem(`${cluster} does not tell its status: ${messageOf(error)}`, { advice })
}

/** Prints at every change, at most four times a second. */
export async function followStatus(
  kube: Kube,
  format: (report: StatusReport) => string,
  signal: AbortSignal,
): Promise<void> {
  let last = ''
  let changed = true
  const touch = () => {
    changed = true
    return undefined
  }
  const forever = { timeout: 2 ** 31 - 1, signal, unmet: '' }
  const watches = [
    watchUntil(kube, { kind: kinds.application, namespace: names.namespace }, forever, touch),
    watchUntil(kube, allDeployments, forever, touch),
  ]
  for (const watch of watches) watch.catch(() => {})
  for (;;) {
    if (changed) {
      changed = false
      const report = await readStatus(kube, signal).catch(async (error: unknown) => {
        // A node that restarts comes back, and is followed on.
        process.stderr.write(`${messageOf(error)}\n`)
        await pause(2_000, signal)
        return undefined
      })
      if (report === undefined) {
        changed = true
        continue
      }
      const text = format(report)
      if (text !== last)
        process.stdout.write(process.stdout.isTTY ? `\u001b[2J\u001b[H${text}` : `${last === '' ? '' : '\n'}${text}`)
      last = text
    }
    await pause(250, signal)
  }
}

export function isWell({ environments }: StatusReport): boolean {
  return environments.length > 0 && environments.every(({ sync, health }) => sync === 'Synced' && health === 'Healthy')
}
