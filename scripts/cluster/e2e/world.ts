// What the steps of the loop test work with: a checkout of its own, the cluster, and the words in which a step is written.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ApplicationStatus, waitForApplications } from '../argocd/applications.ts'
import { isReady } from '../kube/rollout.ts'
import type { UpResult } from '../up/bring-up.ts'
import { isPodReady } from '../kube/diagnostics.ts'
import { type Kube, type KubeObject, kinds, list } from '../kube/kube.ts'
import { names } from '../desired-state.ts'
import { Problem } from '../../command/problem.ts'
import { readHead } from '../git/repository.ts'
import type { Run } from '../shell.ts'
import { watchUntil } from '../kube/watch.ts'
import type { Prober } from './prober.ts'

export interface World {
  readonly run: Run
  readonly kube: Kube
  /** A clone: the user's checkout is never edited. */
  readonly checkout: string
  readonly up: UpResult
  readonly cluster: string
  readonly kubectl: readonly string[]
  readonly signal: AbortSignal
  readonly prober: Prober
  note(text: string): void
}

export const dev = { application: 'flask-api-dev', namespace: 'flask-api-dev', overlay: 'overlays/dev' } as const
export const prod = { application: 'flask-api-prod', namespace: 'flask-api-prod' } as const

/** A step failed: what was expected, what was seen. */
export function expect(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Problem(otherwise)
}

/** Edits one file; an edit that changes nothing would make the test prove nothing. */
export function edit(world: World, file: string, change: (text: string) => string): void {
  const path = join(world.checkout, file)
  const before = readFileSync(path, 'utf8')
  const after = change(before)
  expect(after !== before, `${file} has nothing to edit as this step wants it`)
  writeFileSync(path, after)
}

export async function commit(world: World, message: string): Promise<string> {
  await world.run('git', ['add', '--all'], { cwd: world.checkout })
  await world.run('git', ['commit', '--quiet', '--message', message], { cwd: world.checkout })
  return readHead(world.run, world.checkout)
}

/** What a user types: `git push cluster`. Returns what the hook told the user. */
export async function push(world: World): Promise<string> {
  const result = await world.run.ask('git', ['push', 'cluster'], { cwd: world.checkout, timeout: 90_000 })
  expect(result.ok, `git push cluster failed: ${result.stderr}`)
  return result.stderr
}

export async function kubectl(world: World, ...args: readonly string[]): Promise<string> {
  return world.run('kubectl', [...world.kubectl, ...args])
}

export async function waitForDev(
  world: World,
  timeout: number,
  unmet: string,
  accept: (status: ApplicationStatus) => boolean,
): Promise<ApplicationStatus> {
  const [status] = await waitForApplications(
    world.kube,
    [dev.application],
    { timeout, signal: world.signal, unmet },
    accept,
  )
  return status as ApplicationStatus
}

export async function waitForDeployment(
  world: World,
  timeout: number,
  unmet: string,
  accept: (deployment: KubeObject) => boolean,
): Promise<KubeObject> {
  const what = { kind: kinds.deployment, namespace: dev.namespace, name: names.deployment }
  return watchUntil(world.kube, what, { timeout, signal: world.signal, unmet }, ([deployment]) =>
    deployment !== undefined && accept(deployment) ? deployment : undefined,
  )
}

export function replicasOf(deployment: KubeObject): number {
  return (deployment.spec as { replicas: number }).replicas
}

export function hasReplicas(count: number): (deployment: KubeObject) => boolean {
  return deployment => replicasOf(deployment) === count && isReady(deployment)
}

export interface PodView {
  readonly name: string
  readonly uid: string
  readonly restarts: number
  readonly containerId: string
  readonly image: string
}

export function viewPod(pod: KubeObject): PodView {
  const { containerStatuses = [] } = (pod.status ?? {}) as {
    containerStatuses?: readonly { name: string; restartCount: number; containerID?: string }[]
  }
  const status = containerStatuses.find(({ name }) => name === names.container)
  const { containers } = pod.spec as { containers: readonly { name: string; image: string }[] }
  return {
    name: pod.metadata.name,
    uid: pod.metadata.uid ?? '',
    restarts: status?.restartCount ?? 0,
    containerId: (status?.containerID ?? '').replace(/^containerd:\/\//, ''),
    image: containers.find(({ name }) => name === names.container)?.image ?? '',
  }
}

/** Pods that are being deleted are left out: their containers may be gone already. */
export async function listPods(world: World, namespace: string): Promise<readonly PodView[]> {
  const { items } = await list(world.kube, { kind: kinds.pod, namespace })
  return items.filter(isKept).map(viewPod).sort(byName)
}

/** The pods of dev, once there are as many as that, all of them ready. */
export async function waitForPods(world: World, count: number): Promise<readonly PodView[]> {
  const wait = { timeout: 60_000, signal: world.signal, unmet: `dev has not ${count} ready pods` }
  return watchUntil(world.kube, { kind: kinds.pod, namespace: dev.namespace }, wait, pods => {
    const kept = pods.filter(isKept)
    return kept.length === count && kept.every(isPodReady) ? kept.map(viewPod).sort(byName) : undefined
  })
}

function isKept({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp === undefined
}

const byName = (a: PodView, b: PodView) => a.name.localeCompare(b.name)

/** All that must not change in a namespace that nobody touched: objects by identity, workloads by generation, pods by restarts. */
export async function takeFingerprint(world: World, namespace: string): Promise<readonly string[]> {
  const lines: string[] = []
  for (const kind of [kinds.deployment, kinds.service, kinds.configMap]) {
    const { items } = await list(world.kube, { kind, namespace })
    for (const { metadata } of items)
      lines.push(`${kind.kind}/${metadata.name} ${metadata.uid} ${metadata.generation ?? ''}`)
  }
  for (const { name, uid, restarts } of await listPods(world, namespace))
    lines.push(`Pod/${name} ${uid} restarts ${restarts}`)
  const { items } = await list(world.kube, {
    kind: kinds.application,
    namespace: names.namespace,
    name: `${namespace}`,
  })
  for (const application of items) {
    const { history = [] } = application.status as { history?: readonly { id: number }[] }
    lines.push(`syncs of ${application.metadata.name}: ${history.map(({ id }) => id).join(',')}`)
  }
  return lines.sort()
}
