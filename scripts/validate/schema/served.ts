// Which kinds have a schema here: what Kubernetes 1.36 serves, and the custom resources of three packages.

import type { GroupVersionKind } from './kind.ts'
// Written by served-kinds.test.ts from the API paths of @kubernetes/client-node and from the packages' own classes.
import table from './served-kinds.json' with { type: 'json' }

export type Scope = 'Namespaced' | 'Cluster'

export interface ServedKind extends GroupVersionKind {
  readonly scope: Scope
  /** The npm package the schema is recovered from. */
  readonly source: string
  /** The module or model in that package. */
  readonly definition: string
}

const kindsByApiVersion: Readonly<Record<string, Readonly<Record<string, string>>>> = table

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

function toServedKind(apiVersion: string, kind: string, words: string): ServedKind {
  const [scope, source, definition] = words.split(' ') as [Scope, string, string]
  return { apiVersion, kind, scope, source, definition }
}
