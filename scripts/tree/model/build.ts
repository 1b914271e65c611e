// What a stage hands to the rules: builds and their resources, each resource with the place it came from.
import type { KubernetesObject, Value } from './resource.ts'

/** One kustomization rendered, one folder of loose manifests, or what an Application or ApplicationSet makes of the tree. */
export interface Build {
  /** The folder relative to the root, `.` is the root; and for whom, where it is not rendered as it is written. */
  readonly id: string
  /** `kustomize`: as it is written, for everyone. */
  readonly kind: 'kustomize' | 'directory' | 'source' | 'generated'
  readonly resources: readonly Resource[]
  /** What Argo CD renders it of: sources, or an expansion, of all that render the same. */
  readonly from?: readonly object[]
  /** The build that another one brings instead under the same name: at most one of them is there. */
  readonly variantOf?: string
}

/**
 * Where a resource was written: a document of a file (an item of it for lists), or a generator's entry. Of what was
 * rendered only its place in the output is known until somebody asks.
 */
export type Origin =
  | { readonly kind: 'rendered'; readonly index: number }
  | { readonly kind: 'document'; readonly file: string; readonly document?: number; readonly item?: number }
  | { readonly kind: 'generator'; readonly file: string }
  /** A template of a chart: which line wrote a field is a guess. */
  | { readonly kind: 'template'; readonly file: string }
  /** A kustomization's folder with settings of an Application laid over it. */
  | {
      readonly kind: 'settings'
      readonly folder: string
      /** The kustomization with the settings in it. */
      readonly edited: Readonly<Record<string, Value>>
      readonly by: Resource
      readonly fieldPath: readonly (string | number)[]
    }
  /** An ApplicationSet. */
  | { readonly kind: 'generated'; readonly by: Resource }

export interface Resource {
  readonly object: KubernetesObject
  readonly build: string
  readonly origin: Origin
  /** API group, empty for the core group. */
  readonly group: string
  readonly kind: string
  readonly name: string
  /**
   * The namespace the cluster will use: its own, else the destination of the Application that syncs the build.
   * Undefined for cluster-scoped kinds, and where nobody says it.
   */
  readonly namespace: string | undefined
  readonly isNamespaced: boolean
  /** False as well where the kind has no definition: then neither is known. */
  readonly isClusterScoped: boolean
}

export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : ''

/** What a build renders, as its own files say it: where it is deployed is not known yet. */
export const renderedResource = (build: string, object: KubernetesObject, index: number): Resource => ({
  object,
  build,
  origin: { kind: 'rendered', index },
  group: groupOf(object.apiVersion ?? ''),
  kind: object.kind,
  name: object.metadata?.name ?? '',
  namespace: object.metadata?.namespace,
  isNamespaced: object.metadata?.namespace !== undefined,
  isClusterScoped: false,
})

/** Reads a value at a path without trusting any shape on the way. */
export function valueAt(root: unknown, path: readonly (string | number)[]): unknown {
  let value: unknown = root
  for (const segment of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Object.hasOwn(value, segment) ? (value as Record<string | number, unknown>)[segment] : undefined
  }
  return value
}

export function mappingAt(
  root: unknown,
  path: readonly (string | number)[],
): Readonly<Record<string, unknown>> | undefined {
  const value = valueAt(root, path)
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

export function listAt(root: unknown, path: readonly (string | number)[]): readonly unknown[] {
  const value = valueAt(root, path)
  return Array.isArray(value) ? value : []
}

export function stringAt(root: unknown, path: readonly (string | number)[]): string | undefined {
  const value = valueAt(root, path)
  return typeof value === 'string' ? value : undefined
}

/**
 * A mapping that has what is put into it and nothing else, not even `constructor`. One that is made with no prototype has no
 * more, and takes four times the memory, as a table of hashes.
 */
const Pairs = function Pairs() {} as unknown as new () => Record<string, string>
Pairs.prototype = Object.create(null)

/** String pairs of a mapping such as labels; what is not a string is left out (the schema reports it). */
export function pairsAt(root: unknown, path: readonly (string | number)[]): Readonly<Record<string, string>> {
  const pairs = new Pairs()
  for (const [key, value] of Object.entries(mappingAt(root, path) ?? {}))
    if (typeof value === 'string') pairs[key] = value
  return pairs
}
