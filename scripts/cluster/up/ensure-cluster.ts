// Sees to it that the cluster is there and answers, whatever an earlier run or a reboot left.

import { within } from '../concurrency.ts'
import { connect, type Kube, statusOf } from '../kube/kube.ts'
import { findPortRange, isPortFree } from '../ports.ts'
import { messageOf, Problem, usageProblem } from '../../command/problem.ts'
import { type ClusterSpec, nodePorts, type Provider } from '../provider/provider.ts'
import type { Run } from '../shell.ts'
import { waitForRestarted } from '../kube/restarted.ts'
import type { State, Store } from '../state/state.ts'
import { pause } from '../kube/watch.ts'

export interface WantedCluster {
  readonly provider: Provider
  readonly run: Run
  readonly store: Store
  readonly name: string
  readonly context: string
  readonly port?: number | undefined
  readonly nodeImage?: string | undefined
  readonly signal: AbortSignal
  readonly note: (text: string) => void
}

const apiDeadline = 60_000
const restartDeadline = 120_000
/** More than a provider is given to make a cluster. */
const longestCreation = 11 * 60_000

export async function ensureCluster(wanted: WantedCluster, state: State): Promise<State> {
  const { provider, run, store, name, context, signal, note } = wanted
  if (provider.name === 'existing') {
    const kube = await connect(context)
    note(kube.server)
    await waitForApi(kube, signal, isRefusal)
    return store.write({ ...state, cluster: 'found', ...(await requireSameCluster(provider, run, state)) })
  }
  const there = await provider.exists(run, name)
  if (there && (state.cluster === 'none' || !(await isOwn(provider, run, name, state)))) {
    throw refuseForeign(provider, name)
  }
  const spec = (hostPort: number): ClusterSpec => ({
    name,
    kubeconfig: store.kubeconfig,
    hostPort,
    ...(wanted.nodeImage === undefined ? {} : { nodeImage: wanted.nodeImage }),
  })
  if (there && state.cluster === 'created') {
    if (wanted.port !== undefined && wanted.port !== state.hostPort) {
      throw usageProblem(
        `${name} was made with --port ${state.hostPort}`,
        'Ports are chosen when the cluster is made: npm run down, then npm run up -- --port NUMBER.',
      )
    }
    const answers = await isAnswering(context, store.kubeconfig, signal)
    if (!answers) {
      note('starting it again')
      await provider.resume(run, spec(state.hostPort ?? nodePorts.first))
    }
    const kube = await connect(context, store.kubeconfig)
    await waitForApi(kube, signal)
    if (!answers) await waitForRestarted({ kube, kubeconfig: store.kubeconfig, run, signal, timeout: restartDeadline })
    note(answers ? 'there already' : 'started again')
    return state
  }
  if (there) {
    note('removing what an interrupted run left')
    await provider.remove(run, name, store.kubeconfig)
  }
  const hostPort = await choosePort(wanted.port)
  // What was in the old cluster is gone with it.
  const { applied, argocdManifest, identity, images, made, ...fresh } = state
  const creating = store.write({ ...fresh, cluster: 'creating', since: Date.now(), argocd: 'none', hostPort })
  note('')
  try {
    await provider.create(run, spec(hostPort))
  } catch (error) {
    // Nothing is half made, so that what has this name later is not taken for ours.
    if (!signal.aborted && !(await provider.exists(run, name))) store.write({ ...creating, cluster: 'none' })
    throw error
  }
  await waitForApi(await connect(context, store.kubeconfig), signal)
  const own = await provider.identify(run, name)
  return store.write({ ...creating, cluster: 'created', ...(own === undefined ? {} : { identity: own.id }) })
}

/** A cluster that was deleted by hand, or never made, and then made by somebody else has the same name, and is not ours. */
export async function isOwn(provider: Provider, run: Run, name: string, state: State): Promise<boolean> {
  const { cluster, identity, since } = state
  if (identity === undefined && (cluster !== 'creating' || since === undefined)) return true
  const found = await provider.identify(run, name)
  if (identity !== undefined) return found?.id === identity
  // Half made, it has no identity yet; nor does it where no container was begun.
  return found === undefined || since === undefined || Math.abs(found.made - since) < longestCreation
}

/** Throws where a context leads to another cluster than before: one made anew, or one of another kubeconfig. */
export async function requireSameCluster(
  provider: Provider,
  run: Run,
  { name, context, identity }: State,
): Promise<Pick<State, 'identity'>> {
  const found = await provider.identify(run, context)
  if (identity !== undefined && found?.id !== identity) {
    throw usageProblem(
      `the context ${context} leads to another cluster than the one that ${name} was brought up on; nothing was changed`,
      'Is KUBECONFIG the one of that time?',
      `Where that cluster is gone for good: npm run down -- --name ${name} --local`,
    )
  }
  return found === undefined ? {} : { identity: found.id }
}

function refuseForeign(provider: Provider, name: string): Problem {
  return usageProblem(
    `${provider.name} has a cluster ${name} that was not made from this checkout`,
    'Choose another name: --name NAME.',
    `Or remove that cluster: ${provider.name === 'kind' ? 'kind delete cluster --name' : 'minikube delete --profile'} ${name}`,
  )
}

async function choosePort(asked: number | undefined): Promise<number> {
  if (asked === undefined) return findPortRange(nodePorts.count, [8080, 18080, 28080, 38080, 48080])
  for (let port = asked; port < asked + nodePorts.count; port++) {
    if (await isPortFree(port, '127.0.0.1')) continue
    throw usageProblem(
      `port ${port} is taken`,
      `--port ${asked} needs ${asked} to ${asked + nodePorts.count - 1}. Choose another one, or leave --port out: free ones are found.`,
    )
  }
  return asked
}

async function isAnswering(context: string, kubeconfig: string, signal: AbortSignal): Promise<boolean> {
  try {
    await within((await connect(context, kubeconfig)).core.listNamespace({ limit: 1 }), 5_000, signal)
    return true
  } catch {
    signal.throwIfAborted()
    return false
  }
}

/** An API server that has just started answers 403 until it has read its roles; one that runs means it. */
function isRefusal(status: number | undefined): boolean {
  return status === 401 || status === 403
}

async function waitForApi(
  kube: Kube,
  signal: AbortSignal,
  isFinal: (status: number | undefined) => boolean = () => false,
): Promise<void> {
  const end = performance.now() + apiDeadline
  for (;;) {
    try {
      await within(kube.core.listNamespace({ limit: 1 }), 10_000, signal)
      return
    } catch (error) {
      signal.throwIfAborted()
      const status = statusOf(error)
      if (isFinal(status)) {
        throw usageProblem(
          `${kube.context} (${kube.server}) refuses these credentials: HTTP status ${status}`,
          `Log in again, then try: kubectl --context ${kube.context} get namespaces`,
        )
      }
      if (performance.now() > end) {
        throw new Problem(`the API server of ${kube.context} (${kube.server}) does not answer: ${messageOf(error)}`, {
          advice: ['Is the cluster running, and is this the right context?'],
        })
      }
      await pause(500, signal)
    }
  }
}
