// What is done to the Deployment while requests come in, and what may be lost meanwhile.

import { setTimeout as pause } from 'node:timers/promises'
import { names } from '../desired-state.ts'
import { type Kube, type KubeObject, kinds, list, mergePatch, read } from '../kube/kube.ts'
import { canKill, killContainer } from '../kube/kill-container.ts'
import { waitForRollout } from '../kube/rollout.ts'
import type { Run } from '../shell.ts'

export interface Target {
  readonly kube: Kube
  readonly namespace: string
  readonly run: Run
  /** An autoscaler decides the number of replicas: it is left to it. */
  readonly autoscaled: boolean
  readonly signal: AbortSignal
}

export interface Proof {
  readonly id: string
  readonly title: string
  /** What keeps requests from being lost here; without it this proof fails. */
  readonly protection: string
  /** Requests that it takes at least. */
  readonly requests: number
  readonly replicas: number
  readonly mayLose: 'nothing' | 'what reaches one dead pod'
  /** Why it cannot be done on this cluster. */
  prevents?(target: Target): Promise<string | undefined>
  run(target: Target): Promise<void>
}

const rollout = { timeout: 240_000 }

/** Seconds after a crash within which no Service sends anything there: the kubelet looks once a second. */
export const noticeSeconds = 3

const restart: Proof['run'] = async target => {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() }
  await change(target, { template: { metadata: { annotations } } })
  await settle(target)
}

/** What the tests of a commit have time for. */
export const shortProof: Proof = {
  id: 'short',
  title: 'one rollout',
  protection: 'preStop and maxUnavailable 0',
  requests: 2_000,
  replicas: 3,
  mayLose: 'nothing',
  run: restart,
}

export const proofs: readonly Proof[] = [
  {
    id: 'rollout',
    title: 'three rollouts',
    protection: 'preStop and maxUnavailable 0',
    requests: 10_000,
    replicas: 3,
    mayLose: 'nothing',
    async run(target) {
      for (let round = 0; round < 3; round++) await restart(target)
    },
  },
  {
    id: 'scale',
    title: 'scale 5, 2, 5',
    protection: 'preStop and the drain after SIGTERM',
    requests: 5_000,
    replicas: 5,
    mayLose: 'nothing',
    prevents: async ({ autoscaled }) => (autoscaled ? 'an autoscaler decides the number of replicas' : undefined),
    async run(target) {
      for (const replicas of [2, 5]) {
        await change(target, { replicas })
        await settle(target)
      }
    },
  },
  {
    id: 'delete',
    title: 'a pod deleted, another evicted',
    protection: 'preStop, and the budget for the eviction',
    requests: 2_000,
    replicas: 3,
    mayLose: 'nothing',
    async run(target) {
      const { kube, namespace } = target
      const [first = ''] = await listNames(target)
      await kube.core.deleteNamespacedPod({ name: first, namespace })
      await settleAfterLoss(target, first)
      const [second = ''] = await listNames(target)
      await evict(target, second)
      await settleAfterLoss(target, second)
    },
  },
  {
    id: 'kill',
    title: 'kill -9 of a process',
    protection: 'replicas',
    requests: 1_000,
    replicas: 3,
    mayLose: 'what reaches one dead pod',
    async prevents(target) {
      const [pod] = await listPods(target)
      const reached = pod !== undefined && (await canKill(target.run, nodeOf(pod)))
      return reached ? undefined : "the nodes are not kind's: their processes are not reached from here"
    },
    async run(target) {
      const [pod] = await listPods(target)
      if (pod === undefined) return
      await killContainer(target.run, nodeOf(pod), containerOf(pod))
      await settleAfterCrash(target, pod)
    },
  },
  {
    id: 'bad-image',
    title: 'an image that never becomes ready',
    protection: 'maxUnavailable 0',
    requests: 5_000,
    replicas: 3,
    mayLose: 'nothing',
    async run(target) {
      const image = imageOf(await readDeployment(target))
      await changeImage(target, 'flask-api:there-is-no-such-tag')
      try {
        await pause(20_000, undefined, { signal: target.signal })
      } finally {
        await changeImage(target, image)
      }
      await settle(target)
    },
  },
  {
    id: 'drain',
    title: 'a node drained',
    protection: 'the budget and preStop',
    requests: 5_000,
    replicas: 3,
    mayLose: 'nothing',
    async prevents({ kube }) {
      const { items } = await list(kube, { kind: kinds.node })
      return items.length < 2 ? 'the cluster has one node' : undefined
    },
    async run(target) {
      const { kube } = target
      const pods = await listPods(target)
      const node = pods[0] === undefined ? '' : nodeOf(pods[0])
      const cordon = (unschedulable: boolean) =>
        mergePatch(kube, { apiVersion: 'v1', kind: 'Node', metadata: { name: node }, spec: { unschedulable } })
      await cordon(true)
      try {
        for (const { metadata } of pods.filter(pod => nodeOf(pod) === node)) {
          await evict(target, metadata.name)
          await settleAfterLoss(target, metadata.name)
        }
      } finally {
        await cordon(false)
      }
    },
  },
]

/** The number of replicas, and every one of them available. */
export async function scaleTo(target: Target, replicas: number): Promise<void> {
  if (!target.autoscaled) await change(target, { replicas })
  await settle(target)
}

export async function isAutoscaled(kube: Kube, namespace: string): Promise<boolean> {
  const { items } = await list(kube, { kind: kinds.autoscaler, namespace })
  return items.some(({ spec }) => {
    const { kind, name } = (spec as { scaleTargetRef: { kind: string; name: string } }).scaleTargetRef
    return kind === kinds.deployment.kind && name === names.deployment
  })
}

export async function readDeployment({ kube, namespace }: Target): Promise<KubeObject> {
  const object = await read(kube, kinds.deployment, names.deployment, namespace)
  if (object === undefined) throw new Error(`there is no Deployment ${names.deployment} in ${namespace}`)
  return object
}

async function change({ kube, namespace }: Target, spec: object): Promise<void> {
  const { apiVersion, kind } = kinds.deployment
  await mergePatch(kube, { apiVersion, kind, metadata: { name: names.deployment, namespace }, spec })
}

interface WithContainers {
  readonly template: {
    readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] }
  }
}

function imageOf(deployment: KubeObject): string {
  const { containers } = (deployment.spec as WithContainers).template.spec
  return containers.find(({ name }) => name === names.container)?.image ?? ''
}

async function changeImage(target: Target, image: string): Promise<void> {
  const { containers } = ((await readDeployment(target)).spec as WithContainers).template.spec
  const changed = containers.map(one => (one.name === names.container ? { ...one, image } : one))
  await change(target, { template: { spec: { containers: changed } } })
}

async function settle({ kube, namespace, signal }: Target): Promise<void> {
  await waitForRollout(kube, namespace, names.deployment, { ...rollout, signal })
}

/** The status may not have noticed yet that a pod is going. */
async function settleAfterLoss(target: Target, pod: string): Promise<void> {
  while ((await listNames(target)).includes(pod)) await pause(500, undefined, { signal: target.signal })
  await settle(target)
}

/** The pod stays, and its container is another one. */
async function settleAfterCrash(target: Target, crashed: KubeObject): Promise<void> {
  const isOld = (pod: KubeObject) =>
    pod.metadata.name === crashed.metadata.name && containerOf(pod) === containerOf(crashed)
  while ((await listPods(target)).some(isOld)) await pause(200, undefined, { signal: target.signal })
  await settle(target)
}

/** Pods that run and are not ending. */
async function listPods({ kube, namespace }: Target): Promise<readonly KubeObject[]> {
  const { items } = await list(kube, { kind: kinds.pod, namespace, labelSelector: 'app=flask-api' })
  return items.filter(({ metadata, status }) => {
    const { phase } = (status ?? {}) as { phase?: string }
    return metadata.deletionTimestamp === undefined && phase === 'Running'
  })
}

async function listNames(target: Target): Promise<readonly string[]> {
  return (await listPods(target)).map(({ metadata }) => metadata.name)
}

function nodeOf({ spec }: KubeObject): string {
  return (spec as { nodeName?: string }).nodeName ?? ''
}

/** The id of the API's container that runs in the pod now. */
function containerOf({ status }: KubeObject): string {
  const { containerStatuses = [] } = (status ?? {}) as {
    containerStatuses?: readonly { name: string; containerID?: string }[]
  }
  return (containerStatuses.find(({ name }) => name === names.container)?.containerID ?? '').replace(/^.*:\/\//, '')
}

/** As `kubectl drain` does: asks again while the budget says no. */
async function evict({ kube, namespace, signal }: Target, name: string): Promise<void> {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } }
  for (;;) {
    try {
      await kube.core.createNamespacedPodEviction({ name, namespace, body })
      return
    } catch (error) {
      if ((error as { code?: number }).code !== 429) throw error
      await pause(1_000, undefined, { signal })
    }
  }
}
