// Whether a kind without a schema is a mistake, and what to do about it, in one sentence. Definitions come with charts,
// operators and platforms: that one is not known here proves nothing. Only what is known of the group does.

import { closest, editDistance } from '../../tree/model/closest.ts'
import type { CustomKind } from './crd.ts'
import { quote } from './field-path.ts'
import { type GroupVersionKind, groupOf } from './kind.ts'
import { findRemoved, listRemovedGroups } from './removed-kinds.ts'
import { isOfKubernetes, listServed, releasesOf, type ServedKind } from './served.ts'

export const kubernetesVersion = '1.36'

export interface UnknownKind {
  /** False: nothing contradicts the kind, and nothing is known of it. */
  readonly isMistake: boolean
  readonly reason: string
  /** Nothing that is known is called like it, or nearly so, in its group. */
  readonly isStrange?: boolean
}

type Candidate = GroupVersionKind & Partial<Pick<ServedKind, 'source'>>

export function explainUnknownKind(unknown: GroupVersionKind, custom: readonly CustomKind[]): UnknownKind {
  const { apiVersion, kind } = unknown
  // No kind of Kubernetes is written so: it is a file of a tool.
  if (kind.includes('/')) return open('a kind of another program')
  const removed = findRemoved(unknown)
  if (removed) {
    const advice = removed.replacement === undefined ? 'nothing replaces it' : `use ${removed.replacement}`
    return mistake(`it was removed in Kubernetes ${removed.since}; ${advice}`)
  }
  const candidates: readonly Candidate[] = [...custom.filter(known => known.served), ...listServed()]
  const group = groupOf(apiVersion)
  const inGroup = candidates.filter(known => groupOf(known.apiVersion) === group)
  const sameKind = inGroup.filter(known => known.kind === kind)
  // A package knows the versions of its own release; whoever defines a kind in the tree knows them all.
  const certain = sameKind.filter(known => knowsAllVersions(known))
  if (certain.length > 0) {
    const versions = unique(certain.map(known => known.apiVersion))
    return mistake(`${kind} is served as ${versions}, not as ${quote(apiVersion)}`)
  }
  if (sameKind.length > 0) {
    const versions = unique(sameKind.map(known => known.apiVersion))
    return open(`${releasesOf(sameKind[0]?.source ?? '', group)} has it as ${versions}`)
  }
  const isKubernetes = ownGroups().has(group)
  const near = findNear(kind, inGroup, isKubernetes)
  if (near) return mistake(`did you mean ${describe(near)}?`)
  const elsewhere = candidates.filter(known => known.kind === kind && isNearGroup(group, known, isKubernetes))
  if (elsewhere.length > 0) return mistake(`did you mean ${elsewhere.map(describe).join(' or ')}?`)
  // A version without a group, of a kind that nothing knows: the configuration of a machine or a tool.
  if (group === '' && apiVersion !== 'v1' && !candidates.some(known => known.kind === kind))
    return open('a kind of another program')
  const nothing = `Kubernetes ${kubernetesVersion} has no kind ${quote(kind)} in ${quote(apiVersion)}`
  if (isKubernetes) return { ...mistake(nothing), isStrange: true }
  return open('its definition is not in the tree')
}

function mistake(reason: string): UnknownKind {
  return { isMistake: true, reason }
}

function open(reason: string): UnknownKind {
  return { isMistake: false, reason }
}

/** Those that Kubernetes serves or has served. */
function ownGroups(): ReadonlySet<string> {
  const served = listServed().filter(({ source }) => isOfKubernetes(source))
  return new Set([...served.map(({ apiVersion }) => groupOf(apiVersion)), ...listRemovedGroups()])
}

function knowsAllVersions({ source }: Candidate): boolean {
  return source === undefined || isOfKubernetes(source) || source === 'argo-cd'
}

/** Of Kubernetes all kinds are known. Elsewhere a name that is merely alike may well be another kind. */
function findNear(kind: string, candidates: readonly Candidate[], isKubernetes: boolean): Candidate | undefined {
  const names = candidates.map(candidate => candidate.kind)
  const name = isKubernetes ? closest(kind, names) : names.find(one => isTypingError(kind, one))
  return candidates.find(candidate => candidate.kind === name)
}

/** A typing error in the group; for a group of Kubernetes, or one that nobody can define, also another one of Kubernetes. */
function isNearGroup(group: string, { apiVersion, source }: Candidate, isKubernetes: boolean): boolean {
  const other = groupOf(apiVersion)
  if (isKubernetes && source !== undefined && isOfKubernetes(source)) return true
  // The group of a definition has a dot in it. Source: apiextensions, ValidateCustomResourceDefinition.
  const isServable = group === '' || group.includes('.')
  if (!isServable && source !== undefined && isOfKubernetes(source)) return true
  // Whoever has a version of a known API of their own writes letters before its group: `azmonitoring.coreos.com`.
  return group !== '' && other !== '' && !isLonger(group, other) && isTypingError(group, other)
}

const isLonger = (group: string, other: string): boolean => group.endsWith(other) && group.length > other.length + 1

/** One slip; two in a long word. Both differ in more than their number. */
function isTypingError(word: string, meant: string): boolean {
  const limit = meant.length >= 8 ? 2 : 1
  const folded = word.toLowerCase()
  const target = meant.toLowerCase()
  if (word.length < 3 || folded.replace(/\d+/g, '') === target.replace(/\d+/g, '')) return folded === target
  return editDistance(folded, target, limit) <= limit
}

function describe({ apiVersion, kind }: GroupVersionKind): string {
  return `${kind} (${apiVersion})`
}

function unique(words: readonly string[]): string {
  return [...new Set(words)].join(', ')
}
