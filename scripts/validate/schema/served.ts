// Which kinds have a schema here: what Kubernetes 1.36 serves, and the custom resources of well-known operators.

import index from './definitions/index.json' with { type: 'json' }
import type { GroupVersionKind } from './kind.ts'

export type Scope = 'Namespaced' | 'Cluster'

export interface ServedKind extends GroupVersionKind {
  readonly scope: Scope
  /** The folder of definitions/ that has the schema. */
  readonly source: string
  readonly definition: string
}

const kindsByApiVersion: Readonly<Record<string, Readonly<Record<string, string>>>> = index.kinds
const releases: Readonly<Record<string, Readonly<Record<string, string>>>> = index.packages

export function findServed({ apiVersion, kind }: GroupVersionKind): ServedKind | undefined {
  if (!Object.hasOwn(kindsByApiVersion, apiVersion)) return undefined
  const kinds = kindsByApiVersion[apiVersion] ?? {}
  return Object.hasOwn(kinds, kind) ? toServedKind(apiVersion, kind, kinds[kind] as string) : undefined
}

export function listServed(): ServedKind[] {
  return Object.entries(kindsByApiVersion).flatMap(([apiVersion, kinds]) =>
    Object.entries(kinds).map(([kind, words]) => toServedKind(apiVersion, kind, words)),
  )
}

/** The product that a schema is of, with its version: `cert-manager v1.20.2`. */
export function releasesOf(source: string, group: string): string {
  const products = releases[source] ?? {}
  return products[group] ?? products[''] ?? source
}

export function isOfKubernetes(source: string): boolean {
  return source === 'kubernetes'
}

function toServedKind(apiVersion: string, kind: string, words: string): ServedKind {
  const [scope, source] = words.split(' ') as [Scope, string]
  const file = `${source}/${apiVersion.includes('/') ? apiVersion : `core/${apiVersion}`}`
  return { apiVersion, kind, scope, source, definition: `${file}#${kind}` }
}
