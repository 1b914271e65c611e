// Collects what explains a failure (pods, events, logs, Argo CD conditions), within a bounded time and without failing itself.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { listApplications, readApplication } from '../argocd/applications.ts'
import { within } from '../concurrency.ts'
import { kinds, type Kube, type KubeObject, list } from './kube.ts'
import { names } from '../desired-state.ts'
import { lastLines, messageOf } from '../../command/problem.ts'
import type { Progress } from '../../command/progress.ts'
import { kind } from '../provider/kind.ts'
import { createRun } from '../shell.ts'

const callTimeout = 8_000
const logLines = 15
const eventCount = 10
const podCount = 6

interface ContainerStatus {
  readonly name: string
  readonly ready: boolean
  readonly restartCount: number
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string }
    readonly terminated?: { readonly reason?: string; readonly exitCode?: number; readonly message?: string }
  }
}

interface PodStatus {
  readonly phase?: string
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[]
  readonly containerStatuses?: readonly ContainerStatus[]
  readonly initContainerStatuses?: readonly ContainerStatus[]
}

/** Text for people: what is wrong in these namespaces, and what Argo CD says. */
export async function diagnose(kube: Kube, namespaces: readonly string[]): Promise<string> {
  // A deadline of its own: it also runs after Ctrl-C and after the caller's deadline.
  const signal = AbortSignal.timeout(40_000)
  const parts: string[] = []
  const part = async (title: string, collect: () => Promise<readonly string[]>) => {
    try {
      const lines = await within(collect(), callTimeout, signal)
      if (lines.length > 0)
        parts.push(`${title}\n${lines.map(line => `  ${line.replaceAll('\n', '\n  ')}`).join('\n')}`)
    } catch (error) {
      parts.push(`${title}\n  not to be had: ${messageOf(error)}`)
    }
  }
  await part('Argo CD', () => explainApplications(kube))
  for (const namespace of namespaces) {
    let troubled: readonly KubeObject[] = []
    await part(`pods of ${namespace}`, async () => {
      const { items } = await list(kube, { kind: kinds.pod, namespace })
      troubled = items.filter(pod => !isPodReady(pod)).slice(0, podCount)
      return items.length === 0 ? ['none'] : troubled.flatMap(describePod)
    })
    await part(`warnings of ${namespace}`, () => explainEvents(kube, namespace))
    for (const pod of troubled.slice(0, 3)) {
      for (const container of startedContainers(pod)) {
        await part(`log of ${pod.metadata.name} (${container.name})`, async () => {
          const text = await readLog(kube, pod, container)
          return text === '' ? [] : [lastLines(text, logLines)]
        })
      }
    }
  }
  return parts.join('\n')
}

async function explainApplications(kube: Kube): Promise<readonly string[]> {
  const applications = await listApplications(kube).catch(() => [])
  return applications.map(readApplication).flatMap(({ name, sync, health, messages, outOfSync }) => {
    if (sync === 'Synced' && health === 'Healthy' && messages.length === 0) return []
    const resources = outOfSync.length > 0 ? [`  out of sync: ${outOfSync.join(', ')}`] : []
    return [`${name}: ${sync}, ${health}`, ...messages.map(message => `  ${message}`), ...resources]
  })
}

export function isPodReady(pod: KubeObject): boolean {
  const status = (pod.status ?? {}) as PodStatus
  if (status.phase === 'Succeeded') return true
  return (status.conditions ?? []).some(({ type, status: value }) => type === 'Ready' && value === 'True')
}

export function describePod(pod: KubeObject): readonly string[] {
  const status = (pod.status ?? {}) as PodStatus
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].filter(
    ({ ready }) => !ready,
  )
  const unscheduled = (status.conditions ?? []).find(
    ({ type, status: value }) => type === 'PodScheduled' && value === 'False',
  )
  const lines = containers.map(({ name, restartCount, state }) => {
    const { reason = 'starting', message = '' } = state?.waiting ?? state?.terminated ?? {}
    const restarts = restartCount > 0 ? `, ${restartCount} restarts` : ''
    return `  ${name}: ${reason}${restarts}${message ? `: ${message}` : ''}`
  })
  const leaving = pod.metadata.deletionTimestamp === undefined ? '' : ', terminating'
  return [
    `${pod.metadata.name}: ${status.phase ?? 'Unknown'}${leaving}`,
    ...(unscheduled?.message ? [`  not scheduled: ${unscheduled.message}`] : []),
    ...lines,
  ]
}

async function explainEvents(kube: Kube, namespace: string): Promise<readonly string[]> {
  const { items } = await list(kube, { kind: kinds.event, namespace })
  return items
    .filter(event => event.type === 'Warning')
    .sort((a, b) => timeOf(a).localeCompare(timeOf(b)))
    .slice(-eventCount)
    .map(event => {
      const { kind, name } = event.involvedObject as { kind: string; name: string }
      return `${kind}/${name}: ${event.reason}: ${event.message}`
    })
}

function timeOf(event: KubeObject): string {
  return String(event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '')
}

function startedContainers(pod: KubeObject): readonly ContainerStatus[] {
  const { containerStatuses = [] } = (pod.status ?? {}) as PodStatus
  return containerStatuses.filter(
    ({ ready, restartCount, state }) => !ready && (restartCount > 0 || state?.waiting === undefined),
  )
}

async function readLog(kube: Kube, pod: KubeObject, container: ContainerStatus): Promise<string> {
  const query = {
    name: pod.metadata.name,
    namespace: pod.metadata.namespace ?? names.namespace,
    container: container.name,
    tailLines: logLines,
  }
  const current = await kube.core.readNamespacedPodLog(query)
  if (current || container.restartCount === 0) return current ?? ''
  return (await kube.core.readNamespacedPodLog({ ...query, previous: true })) ?? ''
}

/** Exports the logs of a kind cluster's node to `folder`; a failure to do so is said, and hides no other one. */
export async function keepLogs(cluster: string, folder: string, progress: Progress): Promise<void> {
  const run = createRun(AbortSignal.timeout(60_000))
  const target = join(folder, cluster)
  try {
    if (!(await kind.exists(run, cluster))) return
    mkdirSync(target, { recursive: true })
    await run('kind', ['export', 'logs', '--name', cluster, target])
    progress.info(`  logs: ${target}`)
  } catch (error) {
    progress.warn(`the logs could not be kept: ${messageOf(error)}`)
  }
}
