// Why a kind has no schema, and what to do about it, in one sentence.

import { closest } from '../../tree/model/closest.ts'
import type { CustomKind } from './crd.ts'
import { quote } from './field-path.ts'
import { type GroupVersionKind, groupOf } from './kind.ts'
import { findRemoved } from './removed-kinds.ts'
import { listServed } from './served.ts'

export const kubernetesVersion = '1.36'

export function explainUnknownKind({ apiVersion, kind }: GroupVersionKind, custom: readonly CustomKind[]): string {
  const removed = findRemoved({ apiVersion, kind })
  if (removed) {
    const advice = removed.replacement === undefined ? 'nothing replaces it' : `use ${removed.replacement}`
    return `${apiVersion} ${kind} was removed in Kubernetes ${removed.since}; ${advice}`
  }
  const served = [...custom.filter(known => known.served), ...listServed()]
  const group = groupOf(apiVersion)
  const sameKind = served.filter(known => known.kind === kind)
  const otherVersions = sameKind.filter(known => groupOf(known.apiVersion) === group)
  if (otherVersions.length > 0) {
    return `${kind} is served as ${unique(otherVersions.map(known => known.apiVersion))}, not as ${quote(apiVersion)}`
  }
  if (sameKind.length > 0) return `did you mean ${sameKind.map(describe).join(' or ')}?`
  const inGroup = served.filter(known => groupOf(known.apiVersion) === group)
  const near = findNear(kind, inGroup) ?? findNear(kind, served)
  if (near) return `did you mean ${describe(near)}?`
  if (group === '' || !group.includes('.') || group.endsWith('.k8s.io')) {
    return inGroup.length > 0
      ? `Kubernetes ${kubernetesVersion} has no kind ${quote(kind)} in ${quote(apiVersion)}`
      : `Kubernetes ${kubernetesVersion} has no API group ${quote(group || apiVersion)}; if it is a custom resource, ${addDefinition}`
  }
  return `no schema is known for ${quote(kind)} of ${quote(group)}: ${addDefinition}`
}

const addDefinition = 'add its CustomResourceDefinition to the tree'

function findNear(kind: string, candidates: readonly GroupVersionKind[]): GroupVersionKind | undefined {
  const name = closest(
    kind,
    candidates.map(candidate => candidate.kind),
  )
  return candidates.find(candidate => candidate.kind === name)
}

function describe({ apiVersion, kind }: GroupVersionKind): string {
  return `${kind} (${apiVersion})`
}

function unique(words: readonly string[]): string {
  return [...new Set(words)].join(', ')
}
