// What the writers of a field have in common: what they look for and what they find.
import { type Resource, valueAt } from '../../model/build.ts'
import type { ChainLink, FieldPath, SourceRange } from '../../model/place.ts'
import type { Value } from '../../model/resource.ts'
import type { Sources } from '../../source/sources.ts'
import type { Layer } from './layers.ts'

type Mapping = Readonly<Record<string, Value>>

export interface Written {
  readonly range: SourceRange
  readonly role: ChainLink['role']
  readonly rank: number
  /** The text of a scalar; undefined for mappings, lists and what a transformer computes. */
  readonly text?: string
}

export interface Target {
  readonly sources: Sources
  readonly resource: Resource
  readonly path: FieldPath
}

/** A component is named as such, whatever it did. */
export const roleOf = (layer: Layer, role: ChainLink['role']): ChainLink['role'] =>
  layer.kustomization.kind === 'Component' ? 'component' : role

/** The entry of a list field that is the layer; empty for other fields. */
export function entryOf({ kustomization, field, index }: Layer): Mapping {
  const entry = valueAt(kustomization.value, [field, index])
  return typeof entry === 'object' && entry !== null ? (entry as Mapping) : {}
}
