// Patches of a kustomization: which objects each of them is meant for, and what it does to them.
import { applyOperations } from './json-patch.ts'
import { type MergeWatch, mergePatch } from './merge-patch.ts'
import {
  findByAnyId,
  hasNotes,
  isEmptyObject,
  isSameId,
  kindOf,
  makeObject,
  nameOf,
  namespaceOf,
  originalId,
  rememberName,
  type TracedObject,
} from './object.ts'
import { isSelected, type Selector } from './selector.ts'
import { StepError } from './step.ts'
import { clone, emptyMapping, fieldOf, type Mapping, scalar, setField, type Traced } from './value.ts'

export interface PatchStep {
  /** Documents of a strategic merge patch, or one list of operations. */
  readonly documents: readonly Traced[]
  readonly target: Selector | undefined
  readonly mayChangeName: boolean
  readonly mayChangeKind: boolean
  readonly watch?: MergeWatch
}

export const isOperations = (documents: readonly Traced[]): boolean => documents[0]?.kind === 'sequence'

/** Applies one entry of `patches`; returns the objects it was meant for. Objects that it deletes are taken out. */
export function applyPatch(objects: TracedObject[], step: PatchStep, isLegacyJson = false): readonly TracedObject[] {
  const { documents, target } = step
  const [first] = documents
  if (!first) throw new StepError('the patch is empty')
  if (isOperations(documents)) {
    if (!target) throw new StepError('a JSON patch needs a target')
    const selected = objects.filter(object => isSelected(target, object))
    for (const object of selected) {
      // An entry of `patches` remembers the name, one of `patchesJson6902` does not.
      if (!isLegacyJson) rememberName(object)
      operate(object, first)
    }
    return selected
  }
  if (target) {
    if (documents.length > 1) throw new StepError('a patch with a target has one document')
    const selected = objects.filter(object => isSelected(target, object))
    for (const object of selected) merge(objects, object, retarget(first, object), step)
    return selected
  }
  const touched: TracedObject[] = []
  for (const document of documents) {
    if (document.kind !== 'mapping') throw new StepError('a patch is a mapping or a list of operations')
    const id = originalId(makeObject(document))
    const [found, ...others] = findByAnyId(objects, one => isSameId(one, id))
    if (!found || others.length > 0)
      throw new StepError(`a patch for ${id.kind} ${id.name}, which is there ${others.length ? 'twice' : 'never'}`)
    merge(objects, found, clone(document), step)
    touched.push(found)
  }
  return touched
}

/** kustomize keeps its notes on an object in annotations, which are there then even where nobody wrote them. */
function operate(object: TracedObject, operations: Traced): void {
  const metadata = fieldOf(object.root, 'metadata')
  const isMade = metadata?.kind === 'mapping' && hasNotes(object) && fieldOf(metadata, 'annotations') === undefined
  if (isMade) setField(metadata, 'annotations', emptyMapping(operations.origin))
  // The object goes through JSON, where nothing is shared.
  object.root = applyOperations(clone(object.root), operations) as Mapping
  const after = fieldOf(object.root, 'metadata')
  const annotations = fieldOf(after, 'annotations')
  if (isMade && after?.kind === 'mapping' && annotations?.kind === 'mapping' && annotations.entries.size === 0) {
    after.entries.delete('annotations')
  }
}

/** A patch with a target takes its group and version from what it patches. */
function retarget(patch: Traced, object: TracedObject): Traced {
  const copy = clone(patch)
  if (copy.kind !== 'mapping') throw new StepError('a patch is a mapping or a list of operations')
  const apiVersion = fieldOf(object.root, 'apiVersion')
  if (apiVersion) setField(copy, 'apiVersion', clone(apiVersion))
  return copy
}

function merge(objects: TracedObject[], object: TracedObject, patch: Traced, step: PatchStep): void {
  const [name, namespace, kind] = [nameOf(object), namespaceOf(object), kindOf(object)]
  const before = { root: object.root, metadata: fieldOf(object.root, 'metadata') }
  const old = {
    kind: fieldOf(before.root, 'kind'),
    name: fieldOf(before.metadata, 'name'),
    namespace: fieldOf(before.metadata, 'namespace'),
  }
  const origins = { kind: old.kind?.origin, name: old.name?.origin, namespace: old.namespace?.origin }
  if (step.mayChangeName || step.mayChangeKind) rememberName(object)
  const merged = mergePatch(object.root, patch, step.watch)
  if (merged?.kind !== 'mapping' || isEmptyObject(merged)) {
    objects.splice(objects.indexOf(object), 1)
    return
  }
  object.root = merged
  // Whatever the patch says of them, these stay.
  const restore = (parent: Traced | undefined, field: string, text: string, origin: Scalar | undefined): void => {
    if (parent?.kind !== 'mapping') return
    if (text === '') parent.entries.delete(field)
    else if (origin) setField(parent, field, scalar(text, origin))
  }
  const metadata = fieldOf(merged, 'metadata')
  if (!step.mayChangeKind) restore(merged, 'kind', kind, origins.kind)
  if (!step.mayChangeName) restore(metadata, 'name', name, origins.name)
  restore(metadata, 'namespace', namespace, origins.namespace)
}

type Scalar = NonNullable<ReturnType<typeof fieldOf>>['origin']
