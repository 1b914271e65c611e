// The kinds that CustomResourceDefinitions in the tree add, each version with the schema it is checked by.

import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import type { KubernetesObject } from '../../tree/model/resource.ts'
import type { Converted } from './crd-schema.ts'
import type { JsonSchema } from './json-schema.ts'
import { type GroupVersionKind, keyOf } from './kind.ts'
import type { Scope } from './served.ts'
import { asRecord } from './values.ts'

export interface CustomKind extends GroupVersionKind {
  readonly scope: Scope
  readonly served: boolean
  readonly definition: KubernetesObject
  /** Of the version's `openAPIV3Schema`. */
  readonly schemaPath: readonly (string | number)[]
  readonly schema: unknown
}

export interface CustomKinds {
  find(kind: GroupVersionKind): CustomKind | undefined
  /** What else the tree says of the same kind and version: nobody here knows which of them is in the cluster. */
  othersOf(kind: CustomKind): readonly CustomKind[]
  list(): readonly CustomKind[]
  /** The definition an object of the kind is checked by. Undefined: the schema is too large to be read. */
  entryOf(kind: CustomKind): string | undefined
  /** Undefined: not a definition of this module. */
  lookup(id: string): JsonSchema | undefined
}

/** Deeper or larger than any schema the API server would store: such a schema is not read. */
const maxDepth = 200
const maxNodes = 200_000

export function isCustomResourceDefinition({ apiVersion, kind }: GroupVersionKind): boolean {
  return apiVersion === 'apiextensions.k8s.io/v1' && kind === 'CustomResourceDefinition'
}

/** Takes what is well-formed out of each definition; what is not is reported where the definition is validated. */
export function readCustomKinds(definitions: readonly KubernetesObject[]): CustomKinds {
  const all = Map.groupBy(definitions.flatMap(readVersions), keyOf)
  const kinds = new Map<string, CustomKind>()
  for (const [key, variants] of all) {
    // The last one wins, as it would in a cluster; two of one name are another rule's finding.
    const kind = variants.findLast(({ served }) => served) ?? variants.at(-1)
    if (kind) kinds.set(key, kind)
  }
  const entries = new Map<CustomKind, string | undefined>()
  const converted = new Map<string, { kind: CustomKind; definitions?: Converted }>()
  return {
    find: kind => kinds.get(keyOf(kind)),
    othersOf: kind => (all.get(keyOf(kind)) ?? []).filter(other => other !== kind && other.served),
    list: () => [...kinds.values()],
    entryOf: kind => {
      if (!entries.has(kind)) {
        const entry = findExcess(kind.schema) === undefined ? nameSchema(kind.schema) : undefined
        entries.set(kind, entry)
        if (entry !== undefined) converted.set(entry, { kind })
      }
      return entries.get(kind)
    },
    lookup: id => {
      const base = id.split('/', 1)[0] as string
      const source = converted.get(base)
      if (!source) return undefined
      source.definitions ??= convert(source.kind.schema, base)
      return source.definitions.get(id)
    },
  }
}

/** By its content, so that the cache knows it again. */
function nameSchema(schema: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(schema) ?? '')
  return `crd:${hash.digest('hex').slice(0, 32)}`
}

/** On demand: with a warm cache nothing is converted. */
function convert(schema: unknown, base: string): Converted {
  const require = createRequire(import.meta.url)
  const { convertCustomSchema } = require('./crd-schema.ts') as typeof import('./crd-schema.ts')
  return convertCustomSchema(schema, base)
}

/** Why the schema cannot be read; undefined: it can. Looks at every value in it once, without recursion. */
export function findExcess(schema: unknown): string | undefined {
  const open: { value: unknown; depth: number }[] = [{ value: schema, depth: 0 }]
  let nodes = 0
  for (let next = open.pop(); next; next = open.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue
    if (next.depth > maxDepth) return `is nested more than ${maxDepth} levels deep`
    for (const value of Object.values(next.value)) {
      if (++nodes > maxNodes) return `has more than ${maxNodes} values`
      open.push({ value, depth: next.depth + 1 })
    }
  }
  return undefined
}

function readVersions(definition: KubernetesObject): CustomKind[] {
  if (!isCustomResourceDefinition(definition)) return []
  const spec = asRecord(definition.spec)
  const { group, versions } = spec
  const { kind } = asRecord(spec.names)
  if (typeof group !== 'string' || typeof kind !== 'string' || !Array.isArray(versions)) return []
  return versions.flatMap((value, index): CustomKind[] => {
    const version = asRecord(value)
    if (typeof version.name !== 'string') return []
    const schema = asRecord(version.schema).openAPIV3Schema
    return [
      {
        apiVersion: `${group}/${version.name}`,
        kind,
        scope: spec.scope === 'Cluster' ? 'Cluster' : 'Namespaced',
        served: version.served !== false,
        definition,
        schemaPath: ['spec', 'versions', index, 'schema', 'openAPIV3Schema'],
        schema,
      },
    ]
  })
}
