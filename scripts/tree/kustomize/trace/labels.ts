// `labels`, `commonLabels` and `commonAnnotations`: pairs that are written into every object, and into selectors.
import { type FieldSpec, walkSpec } from './field-spec.ts'
import type { TracedObject } from './object.ts'
import { type Count, overwrite } from './step.ts'
import { fieldOf, isNull, type Scalar, scalar, setField, textOf, type Traced } from './value.ts'

export interface PairsStep {
  readonly pairs: Traced
  readonly specs: readonly FieldSpec[]
}

export interface PairsEffect extends Count {
  /** How many fields each path was there for, or made. */
  readonly fields: ReadonlyMap<FieldSpec, number>
}

/** Counts the objects that were written to, and the labels that became others. */
export function applyPairs(objects: readonly TracedObject[], { pairs, specs }: PairsStep): PairsEffect {
  const touched = new Set<TracedObject>()
  const fields = new Map<FieldSpec, number>()
  let changed = 0
  const count = (): PairsEffect => ({ matched: touched.size, changed, fields })
  if (pairs.kind !== 'mapping') return count()
  const sorted = [...pairs.entries].sort(([a], [b]) => (a < b ? -1 : 1))
  for (const object of objects) {
    for (const [key, { value }] of sorted) {
      // One scalar for all the fields that did not have the key: what changes one of them later changes them all.
      const shared: Scalar = { ...scalar(textOf(value), value.origin), isShared: true }
      for (const spec of specs) {
        walkSpec(object, spec, {
          make: 'mapping',
          origin: value.origin,
          set: (found, put) => {
            touched.add(object)
            fields.set(spec, (fields.get(spec) ?? 0) + 1)
            const mapping = isNull(found)
              ? { kind: 'mapping' as const, entries: new Map(), origin: value.origin }
              : found
            if (mapping.kind !== 'mapping') return
            if (mapping !== found) put(mapping)
            const known = fieldOf(mapping, key)
            if (known === shared) return
            if (!known || textOf(known) !== textOf(value)) changed++
            setField(mapping, key, known ? scalar(textOf(value), overwrite(value.origin, known)) : shared)
          },
        })
      }
    }
  }
  return count()
}
