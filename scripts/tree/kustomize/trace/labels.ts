// `labels`, `commonLabels` and `commonAnnotations`: pairs that are written into every object, and into selectors.
import { type FieldSpec, walkSpec } from './field-spec.ts'
import type { TracedObject } from './object.ts'
import { overwrite } from './step.ts'
import { fieldOf, isNull, type Scalar, scalar, setField, textOf, type Traced } from './value.ts'

export interface PairsStep {
  readonly pairs: Traced
  readonly specs: readonly FieldSpec[]
}

/** Returns how many objects were written to. */
export function applyPairs(objects: readonly TracedObject[], { pairs, specs }: PairsStep): ReadonlySet<TracedObject> {
  const touched = new Set<TracedObject>()
  if (pairs.kind !== 'mapping') return touched
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
            const mapping = isNull(found)
              ? { kind: 'mapping' as const, entries: new Map(), origin: value.origin }
              : found
            if (mapping.kind !== 'mapping') return
            if (mapping !== found) put(mapping)
            const known = fieldOf(mapping, key)
            if (known === shared) return
            setField(mapping, key, known ? scalar(textOf(value), overwrite(value.origin, known)) : shared)
          },
        })
      }
    }
  }
  return touched
}
