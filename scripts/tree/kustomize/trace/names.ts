// `namePrefix` and `nameSuffix`: what is put before and behind the name of every object but a few kinds.
import { type FieldSpec, walkSpec } from './field-spec.ts'
import { isSelectedKind, originalId, rememberName, type TracedObject } from './object.ts'
import { overwrite } from './step.ts'
import { type Origin, scalar, textOf } from './value.ts'

/** Kinds whose names are their meaning. */
const SKIPPED = [
  { group: '', version: '', kind: 'CustomResourceDefinition' },
  { group: 'apiregistration.k8s.io', version: '', kind: 'APIService' },
  { group: '', version: '', kind: 'Namespace' },
]

export const NAME_SPECS: readonly FieldSpec[] = [
  { group: '', version: '', kind: '', path: ['metadata', 'name'], create: false },
]

export interface AffixStep {
  readonly text: string
  readonly origin: Origin
  readonly specs: readonly FieldSpec[]
  readonly isSuffix: boolean
}

export function applyAffix(objects: readonly TracedObject[], { text, origin, specs, isSuffix }: AffixStep): void {
  for (const object of objects) {
    const id = originalId(object)
    if (SKIPPED.some(kind => isSelectedKind(id, kind))) continue
    for (const spec of specs) {
      if (!isSelectedKind(id, spec)) continue
      if (spec.path.join('/') === 'metadata/name' && text !== '') {
        ;(isSuffix ? object.suffixes : object.prefixes).push(text)
        rememberName(object)
      }
      walkSpec(object, spec, {
        make: 'scalar',
        origin,
        set: (value, put) => {
          const name = textOf(value)
          put(scalar(isSuffix ? `${name}${text}` : `${text}${name}`, overwrite(origin, value, true)))
        },
      })
    }
  }
}
