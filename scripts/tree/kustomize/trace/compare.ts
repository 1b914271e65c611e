// Holds an evaluation against what kustomize rendered: where both agree, the trace is proved.
import type { FieldPath } from '../../model/place.ts'
import type { KubernetesObject } from '../../model/resource.ts'
import { currentId, type TracedObject } from './object.ts'
import { entriesOf, type Traced, valueOfScalar } from './value.ts'

export interface Difference {
  readonly fieldPath: FieldPath
  readonly reason: string
}

/** The traced object of each rendered one, by what names it. */
export function indexObjects(objects: readonly TracedObject[]): ReadonlyMap<string, TracedObject> {
  const index = new Map<string, TracedObject>()
  for (const object of objects) {
    const { group, version, kind, name, namespace } = currentId(object)
    index.set(keyOf(group === '' ? version : `${group}/${version}`, kind, name, namespace), object)
  }
  return index
}

export const keyOfRendered = ({ apiVersion, kind, metadata }: KubernetesObject): string =>
  keyOf(String(apiVersion), String(kind), String(metadata?.name ?? ''), String(metadata?.namespace ?? ''))

const keyOf = (...parts: readonly string[]): string => parts.join('\n')

/** Whether a scalar is what was rendered. */
export function isSameScalar(node: Traced, value: unknown): boolean {
  if (node.kind !== 'scalar') return false
  const own = valueOfScalar(node)
  return (
    own === value || (typeof own === 'number' && typeof value === 'number' && (Object.is(own, value) || own === value))
  )
}

/** Every leaf that differs; empty mappings and lists are leaves. */
export function* listDifferences(node: Traced, value: unknown, path: FieldPath = []): Generator<Difference> {
  if (Array.isArray(value)) {
    if (node.kind !== 'sequence' || node.items.length !== value.length) {
      yield { fieldPath: path, reason: 'kustomize rendered another list' }
      return
    }
    for (const [index, item] of node.items.entries()) yield* listDifferences(item, value[index], [...path, index])
  } else if (typeof value === 'object' && value !== null) {
    if (node.kind !== 'mapping') {
      yield { fieldPath: path, reason: 'kustomize rendered a mapping' }
      return
    }
    const entries = entriesOf(node)
    for (const key of new Set([...Object.keys(value), ...entries.keys()])) {
      const entry = entries.get(key)
      if (!entry) yield { fieldPath: [...path, key], reason: 'the trace does not have this field' }
      else if (!Object.hasOwn(value, key))
        yield { fieldPath: [...path, key], reason: 'kustomize did not render this field' }
      else yield* listDifferences(entry.value, (value as Record<string, unknown>)[key], [...path, key])
    }
  } else if (!isSameScalar(node, value)) {
    yield { fieldPath: path, reason: 'kustomize rendered another value' }
  }
}

/** The leaves of a rendered value. */
export function* listLeaves(value: unknown, path: FieldPath = []): Generator<FieldPath> {
  const children = Array.isArray(value)
    ? [...value.entries()]
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
      : []
  if (children.length === 0) yield path
  for (const [key, child] of children) yield* listLeaves(child, [...path, key])
}
