// Waits for workloads and namespaces, and ends a wait early when the answer is already no.

import { kinds, type Kube, type KubeObject, list, type Selection } from './kube.ts'
import { Problem } from '../../command/problem.ts'
import { type Wait, watchUntil } from './watch.ts'

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
}

export function conditionsOf(object: KubeObject): readonly Condition[] {
  return ((object.status ?? {}) as { conditions?: readonly Condition[] }).conditions ?? []
}

interface WorkloadStatus {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly updatedReplicas?: number
  readonly availableReplicas?: number
}

/** A Deployment or StatefulSet whose newest template runs in all wanted replicas and in no others. */
export function isReady(object: KubeObject): boolean {
  const wanted = (object.spec as { replicas?: number }).replicas ?? 1
  const status = (object.status ?? {}) as WorkloadStatus
  return (
    (status.observedGeneration ?? 0) >= (object.metadata.generation ?? 0) &&
    (status.updatedReplicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted
  )
}

/** Until the newest template of the Deployment runs in all its replicas; a rollout past its own deadline ends the wait. */
export async function waitForRollout(
  kube: Kube,
  namespace: string,
  name: string,
  wait: Omit<Wait, 'unmet'>,
  note: (text: string) => void = () => {},
): Promise<KubeObject> {
  const unmet = `${namespace}/${name} was not rolled out`
  return watchUntil(kube, { kind: kinds.deployment, namespace, name }, { ...wait, unmet }, objects => {
    const [deployment] = objects
    if (deployment === undefined) return undefined
    const { readyReplicas = 0 } = (deployment.status ?? {}) as { readyReplicas?: number }
    note(`${readyReplicas} of ${(deployment.spec as { replicas?: number }).replicas ?? 1} ready`)
    const late = conditionsOf(deployment).find(({ reason }) => reason === 'ProgressDeadlineExceeded')
    if (late) throw new Problem(`the rollout of ${namespace}/${name} failed: ${late.message ?? late.reason}`)
    return isReady(deployment) ? deployment : undefined
  })
}

/** Until nothing matches. */
export async function waitForAbsence(kube: Kube, what: Selection, wait: Wait): Promise<void> {
  await watchUntil(kube, what, wait, objects => (objects.length === 0 ? true : undefined))
}

/** Refuses to build on a namespace that is being deleted; says what holds it. */
export async function requireUsableNamespaces(
  kube: Kube,
  namespaces: readonly string[],
  wait: Omit<Wait, 'unmet'>,
): Promise<void> {
  const { items } = await list(kube, { kind: kinds.namespace })
  for (const { metadata } of items.filter(item => namespaces.includes(item.metadata.name) && isTerminating(item))) {
    const { name } = metadata
    try {
      await waitForAbsence(
        kube,
        { kind: kinds.namespace, name },
        { ...wait, unmet: `namespace ${name} is still being deleted` },
      )
    } catch (error) {
      wait.signal.throwIfAborted()
      if (!(error instanceof Problem)) throw error
      const { items: left } = await list(kube, { kind: kinds.namespace, name })
      throw new Problem(error.message, {
        details: left.flatMap(explainTermination).join('\n'),
        advice: [
          'Something in it has a finalizer whose controller does not answer (often Argo CD that was removed before its Applications).',
          `See what is left: kubectl --context ${kube.context} api-resources --verbs=list --namespaced -o name | xargs -n1 kubectl --context ${kube.context} get -n ${name} --ignore-not-found --show-kind`,
          'Remove the finalizer of that object, if nothing needs it any more, then run this again.',
        ],
      })
    }
  }
}

function isTerminating(namespace: KubeObject): boolean {
  return namespace.metadata.deletionTimestamp !== undefined
}

/** What the namespace controller says about a deletion that does not end. */
export function explainTermination(namespace: KubeObject): readonly string[] {
  const since = `${namespace.metadata.name}: being deleted since ${namespace.metadata.deletionTimestamp}`
  const reasons = conditionsOf(namespace)
    .filter(({ status, message }) => status === 'True' && message !== undefined)
    .map(({ type, message }) => `  ${type}: ${message}`)
  return [since, ...reasons]
}
