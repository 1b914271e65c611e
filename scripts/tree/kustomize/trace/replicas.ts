// `replicas`: the count of the workloads of a name.
import { type FieldSpec, walkSpec } from './field-spec.ts'
import { findByAnyId, isSelectedKind, type TracedObject } from './object.ts'
import { type Count, overwrite, StepError } from './step.ts'
import { fieldOf, scalar, textAt, textOf, type Traced } from './value.ts'

/** Counts the objects that were meant. Throws where there is none, as kustomize refuses it. */
export function applyReplicas(objects: readonly TracedObject[], entry: Traced, specs: readonly FieldSpec[]): Count {
  const name = textAt(entry, 'name')
  const count = fieldOf(entry, 'count')
  let [matched, changed] = [0, 0]
  for (const spec of specs) {
    const matches = findByAnyId(objects, id => id.name === name && isSelectedKind(id, spec))
    matched += matches.length
    for (const object of matches) {
      const origin = count?.origin ?? entry.origin
      walkSpec(object, spec, {
        make: 'scalar',
        origin,
        set: (value, put) => {
          const text = textOf(count) || '0'
          if (textOf(value) !== text) changed++
          put(scalar(text, overwrite(origin, value.origin === origin ? undefined : value), 'int'))
        },
      })
    }
  }
  if (matched === 0) throw new StepError(`no workload is called ${name}`)
  return { matched, changed }
}
