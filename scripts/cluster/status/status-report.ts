// Says where each environment stands, as data; the formats are pure functions of it.

import { readApplication } from '../argocd/applications.ts'
import { type Kube, type KubeObject, kinds, list } from '../kube/kube.ts'
import { findImage, names } from '../desired-state.ts'

export interface EnvironmentStatus {
  readonly name: string
  readonly namespace: string
  readonly revision: string
  readonly sync: string
  readonly health: string
  readonly replicas: { readonly wanted: number; readonly ready: number }
  readonly image: string
  /** Objects that differ from Git. */
  readonly drift: readonly string[]
  readonly messages: readonly string[]
}

export interface StatusReport {
  readonly context: string
  readonly environments: readonly EnvironmentStatus[]
}

/** Applications of the API's projects, with their Deployments. Others may use the same Argo CD; the root is judged by its children. */
export function composeReport(
  context: string,
  applications: readonly KubeObject[],
  deployments: readonly KubeObject[],
): StatusReport {
  const environments = applications
    .filter(({ spec }) => (spec as { project?: string } | undefined)?.project?.startsWith(names.projects))
    .map(readApplication)
    .sort((a, b) => a.name.localeCompare(b.name))
    .map(({ name, namespace, revision, sync, health, outOfSync, messages }) => {
      const deployment = deployments.find(
        ({ metadata }) => metadata.namespace === namespace && metadata.name === names.deployment,
      )
      const { replicas: wanted = 1 } = (deployment?.spec ?? { replicas: 0 }) as { replicas?: number }
      const { readyReplicas: ready = 0 } = (deployment?.status ?? {}) as { readyReplicas?: number }
      return {
        name,
        namespace,
        revision,
        sync,
        health,
        replicas: { wanted, ready },
        image: deployment === undefined ? '' : (findImage(deployment) ?? ''),
        drift: outOfSync,
        messages,
      }
    })
  return { context, environments }
}

/** The API's Deployments in all namespaces; the cluster may have thousands of others. */
export const allDeployments = { kind: kinds.deployment, name: names.deployment } as const

export async function readReport(kube: Kube): Promise<StatusReport> {
  const applications = await list(kube, { kind: kinds.application, namespace: names.namespace })
  const deployments = await list(kube, allDeployments)
  return composeReport(kube.context, applications.items, deployments.items)
}

export function formatJson(report: StatusReport): string {
  return `${JSON.stringify(report, null, 2)}\n`
}

export function formatTable({ context, environments }: StatusReport): string {
  if (environments.length === 0) return `${context}: no Application runs the API.\n`
  const head = ['ENVIRONMENT', 'REVISION', 'SYNC', 'HEALTH', 'READY', 'IMAGE', 'DRIFT']
  const rows = environments.map(({ name, revision, sync, health, replicas, image, drift }) => [
    name,
    revision.slice(0, 8) || '-',
    sync,
    health,
    `${replicas.ready}/${replicas.wanted}`,
    image || '-',
    drift.join(', ') || 'none',
  ])
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map(row => (row[column] ?? '').length)))
  const lines = [head, ...rows].map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const messages = environments.flatMap(({ name, messages }) => messages.map(message => `${name}: ${message}`))
  return `${[`context ${context}`, ...lines, ...messages].join('\n')}\n`
}

export const formats: Readonly<Record<string, (report: StatusReport) => string>> = {
  text: formatTable,
  json: formatJson,
}
