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
import { readAsOperations } from './read.ts'
import { isSelected, type Selector } from './selector.ts'
import { type Count, type Snapshot, StepError, snapshot } from './step.ts'
import { clone, emptyMapping, fieldOf, type Mapping, scalar, setField, type Traced, textAt, textOf } from './value.ts'

export interface PatchStep {
  /** Documents of a strategic merge patch, or one list of operations. */
  readonly documents: readonly Traced[]
  readonly target: Selector | undefined
  readonly mayChangeName: boolean
  readonly mayChangeKind: boolean
  readonly watch?: MergeWatch
}

export const isOperations = (documents: readonly Traced[]): boolean => documents[0]?.kind === 'sequence'

/** Applies one entry of `patches`; says how many objects it was meant for. Objects that it deletes are taken out. */
export function applyPatch(objects: TracedObject[], step: PatchStep, isLegacyJson = false): Count {
  const { documents, target } = step
  const [first] = documents
  const counted = new Counter()
  if (!first) throw new StepError('the patch is empty')
  if (isOperations(documents)) {
    if (!target) throw new StepError('a JSON patch needs a target')
    const selected = objects.filter(object => isSelected(target, object))
    if (!isJson(first)) readAsOperations(first)
    if (first.kind === 'sequence') counted.asserts = first.items.some(operation => textAt(operation, 'op') === 'test')
    for (const object of selected) {
      // An entry of `patches` remembers the name, one of `patchesJson6902` does not.
      if (!isLegacyJson) rememberName(object)
      counted.watch(object, () => operate(object, first))
    }
    return counted
  }
  if (target) {
    if (documents.length > 1) throw new StepError('a patch with a target has one document')
    const selected = objects.filter(object => isSelected(target, object))
    for (const object of selected) counted.watch(object, () => merge(objects, object, retarget(first, object), step))
    return counted
  }
  for (const document of documents) {
    if (document.kind !== 'mapping') throw new StepError('a patch is a mapping or a list of operations')
    const id = originalId(makeObject(document))
    const [found, ...others] = findByAnyId(objects, one => isSameId(one, id))
    if (!found || others.length > 0)
      throw new StepError(`a patch for ${id.kind} ${id.name}, which is there ${others.length ? 'twice' : 'never'}`)
    counted.watch(found, () => merge(objects, found, clone(document), step))
  }
  return counted
}

/** What begins with a bracket is read as JSON as it stands. */
const isJson = ({ origin: { at } }: Traced): boolean => at.text.text.trimStart().startsWith('[')

class Counter implements Count {
  matched = 0
  changed = 0
  shrinks = false
  asserts = false

  /** Carries out a step on an object; `false` says that the object is gone. */
  watch(object: TracedObject, step: () => boolean): void {
    const before: Snapshot = snapshot(object.root)
    const isLeft = step()
    const after: Snapshot = snapshot(object.root)
    this.matched++
    if (!isLeft || before.text !== after.text) this.changed++
    if (!isLeft || after.leaves < before.leaves) this.shrinks = true
  }
}

/** kustomize keeps its notes on an object in annotations, which are there then even where nobody wrote them. */
function operate(object: TracedObject, operations: Traced): boolean {
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
  return true
}

/** A patch with a target takes its group and version from what it patches. */
function retarget(patch: Traced, object: TracedObject): Traced {
  const copy = clone(patch)
  if (copy.kind !== 'mapping') throw new StepError('a patch is a mapping or a list of operations')
  const apiVersion = fieldOf(object.root, 'apiVersion')
  if (apiVersion) setField(copy, 'apiVersion', clone(apiVersion))
  return copy
}

/** False where the patch deletes the object. */
function merge(objects: TracedObject[], object: TracedObject, patch: Traced, step: PatchStep): boolean {
  const [name, namespace, kind] = [nameOf(object), namespaceOf(object), kindOf(object)]
  const before = { root: object.root, metadata: fieldOf(object.root, 'metadata') }
  const old = {
    kind: fieldOf(before.root, 'kind'),
    apiVersion: { text: textAt(before.root, 'apiVersion'), origin: fieldOf(before.root, 'apiVersion')?.origin },
    name: fieldOf(before.metadata, 'name'),
    namespace: fieldOf(before.metadata, 'namespace'),
  }
  const origins = { kind: old.kind?.origin, name: old.name?.origin, namespace: old.namespace?.origin }
  if (step.mayChangeName || step.mayChangeKind) rememberName(object)
  const merged = mergePatch(object.root, patch, step.watch)
  if (merged?.kind !== 'mapping' || isEmptyObject(merged)) {
    objects.splice(objects.indexOf(object), 1)
    return false
  }
  object.root = merged
  // The patch says the API version to find the object, and changes nothing by it.
  const apiVersion = fieldOf(merged, 'apiVersion')
  if (old.apiVersion.origin && apiVersion && textOf(apiVersion) === old.apiVersion.text)
    apiVersion.origin = old.apiVersion.origin
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
  return true
}

type Scalar = NonNullable<ReturnType<typeof fieldOf>>['origin']
