// `namespace`: the namespace of every object that has one, and of what names it.
import { type FieldSpec, walkSpec } from './field-spec.ts'
import {
  currentId,
  isClusterScoped,
  isMadeByHelm,
  kindOf,
  rememberName,
  setMetadata,
  type TracedObject,
} from './object.ts'
import { overwrite } from './step.ts'
import { fieldOf, type Origin, scalar, setField, textAt, type Traced } from './value.ts'

export interface NamespaceStep {
  readonly namespace: string
  readonly origin: Origin
  readonly specs: readonly FieldSpec[]
  readonly unsetOnly?: boolean
  readonly subjects?: 'defaultOnly' | 'allServiceAccounts' | 'none'
}

export function applyNamespace(objects: readonly TracedObject[], step: NamespaceStep): void {
  for (const object of objects) {
    if (isMadeByHelm(object)) continue
    rememberName(object)
    const write = (before: Traced | undefined): Traced => scalar(step.namespace, overwrite(step.origin, before))
    const isKept = (value: Traced | undefined): boolean =>
      step.unsetOnly === true && value?.kind === 'scalar' && value.text !== ''
    if (!isClusterScoped(currentId(object))) {
      const known = fieldOf(fieldOf(object.root, 'metadata'), 'namespace')
      if (!isKept(known)) setMetadata(object, 'namespace', step.namespace, overwrite(step.origin, known))
    }
    const isBinding = kindOf(object) === 'RoleBinding' || kindOf(object) === 'ClusterRoleBinding'
    if (isBinding && step.subjects !== 'none') {
      const subjects = fieldOf(object.root, 'subjects')
      for (const subject of subjects?.kind === 'sequence' ? subjects.items : []) {
        const isMeant =
          step.subjects === 'allServiceAccounts'
            ? textAt(subject, 'kind') === 'ServiceAccount'
            : textAt(subject, 'name') === 'default'
        const known = fieldOf(subject, 'namespace')
        if (isMeant && subject.kind === 'mapping' && !isKept(known)) setField(subject, 'namespace', write(known))
      }
    }
    for (const spec of step.specs) {
      const path = spec.path.join('/')
      if (path === 'metadata/namespace') continue
      if (path === 'metadata/name' && textAt(object.root, 'apiVersion') !== 'v1') continue
      if (isBinding && path === 'subjects/namespace') continue
      walkSpec(object, spec, {
        make: 'scalar',
        origin: step.origin,
        set: (value, put) => {
          if (!isKept(value)) put(write(value.origin === step.origin ? undefined : value))
        },
      })
    }
  }
}
