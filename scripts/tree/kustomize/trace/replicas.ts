// `replicas`: the count of the workloads of a name.
import { type FieldSpec, walkSpec } from './field-spec.ts'
import { findByAnyId, isSelectedKind, type TracedObject } from './object.ts'
import { overwrite, StepError } from './step.ts'
import { fieldOf, scalar, textAt, textOf, type Traced } from './value.ts'

/** Returns the objects that were meant. Throws where there is none, as kustomize refuses it. */
export function applyReplicas(
  objects: readonly TracedObject[],
  entry: Traced,
  specs: readonly FieldSpec[],
): readonly TracedObject[] {
  const name = textAt(entry, 'name')
  const count = fieldOf(entry, 'count')
  const found: TracedObject[] = []
  for (const spec of specs) {
    const matches = findByAnyId(objects, id => id.name === name && isSelectedKind(id, spec))
    found.push(...matches)
    for (const object of matches) {
      const origin = count?.origin ?? entry.origin
      walkSpec(object, spec, {
        make: 'scalar',
        origin,
        set: (value, put) =>
          put(scalar(textOf(count) || '0', overwrite(origin, value.origin === origin ? undefined : value), 'int')),
      })
    }
  }
  if (found.length === 0) throw new StepError(`no workload is called ${name}`)
  return found
}
