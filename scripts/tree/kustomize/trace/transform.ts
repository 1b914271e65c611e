// The transformers of one kustomization in kustomize's order. Each entry tells what it was meant for and what it changed.
import { isInline } from '../graph/references.ts'
import type { Kustomization } from '../graph/kustomization.ts'
import type { FieldPath } from '../../model/place.ts'
import type { SourceFile } from '../../source/source-file.ts'
import type { Configuration } from './configuration.ts'
import { type FieldSpec, mergeSpecs, readSpec } from './field-spec.ts'
import { applyImage } from './images.ts'
import { applyPairs } from './labels.ts'
import type { MergeWatch } from './merge-patch.ts'
import { applyAffix } from './names.ts'
import { applyNamespace } from './namespace.ts'
import type { TracedObject } from './object.ts'
import { applyPatch, type PatchStep } from './patches.ts'
import { applyPlugin } from './plugins.ts'
import type { Shapes } from './openapi.ts'
import { readFile, readInner } from './read.ts'
import { applyReplacement } from './replacements.ts'
import { applyReplicas } from './replicas.ts'
import { readSelector } from './selector.ts'
import type { Collapse, Count, Effect } from './step.ts'
import { fieldOf, itemsOf, type Role, textAt, textInside, textOf, type Traced } from './value.ts'

export interface Transforming {
  readonly role: (usual: Role) => Role
  /** An entry that is passed over. */
  readonly skipped: FieldPath | undefined
  readonly log: { readonly effects: Effect[]; readonly collapses: Collapse[] }
  /** The kustomization as a traced value, its words at the rank of the next step. */
  read(usual: Role): Traced
  /** A file beside the kustomization. */
  open(path: string): SourceFile
  /** The configurations of plugins. */
  plugins(): readonly Traced[]
  rank(): number
  /** How lists are merged where the build has a schema of its own. */
  readonly shapes: Shapes | undefined
}

export function transform(
  kustomization: Kustomization,
  all: { readonly objects: TracedObject[]; readonly configuration: Configuration },
  context: Transforming,
): void {
  const { objects } = all
  const { specs } = all.configuration
  const { role, skipped, log } = context
  const isSkipped = (path: FieldPath): boolean => skipped !== undefined && path.join('/') === skipped.join('/')
  const note = (fieldPath: FieldPath, { matched, changed, shrinks, asserts }: Count): void => {
    log.effects.push({
      kustomization,
      fieldPath,
      rank: context.rank(),
      matched,
      changed,
      ...(shrinks ? { shrinks } : {}),
      ...(asserts ? { asserts } : {}),
    })
  }
  /** Carries out each entry of a list. */
  const each = (field: string, usual: Role, step: (entry: Traced, path: FieldPath) => Count | undefined): void => {
    for (const index of keysOf(kustomization, field)) {
      const path = [field, index]
      if (isSkipped(path)) continue
      const entry = itemsOf(context.read(usual), field)[index]
      const count = entry && step(entry, path)
      if (count) note(path, count)
    }
  }
  /** Carries out a field that is one value. */
  const only = (field: string, step: (value: Traced) => void): void => {
    if (!has(kustomization, field)) return
    const value = fieldOf(context.read('transformer'), field)
    if (value) step(value)
  }
  const patch = (entry: Traced, fieldPath: FieldPath, isLegacyJson = false): Count =>
    applyPatch(objects, readPatch(entry, context, watchOf(kustomization, fieldPath, context)), isLegacyJson)

  each('patchesStrategicMerge', 'patch', (item, fieldPath) => {
    const documents = isInline(textOf(item))
      ? readInner(textInside(item), role('patch'), context.rank())
      : readFile(context.open(textOf(item)), role('patch'), context.rank())
    const watch = watchOf(kustomization, fieldPath, context)
    const may = { mayChangeName: false, mayChangeKind: false }
    return applyPatch(objects, { documents: present(documents), target: undefined, ...may, watch })
  })
  each('patches', 'patch', (entry, path) => patch(entry, path))
  only('namespace', written => {
    if (textOf(written) === '') return
    applyNamespace(objects, { namespace: textOf(written), origin: written.origin, specs: specs.namespace })
  })
  for (const [field, list, isSuffix] of [
    ['namePrefix', specs.namePrefix, false],
    ['nameSuffix', specs.nameSuffix, true],
  ] as const) {
    only(field, written => {
      if (textOf(written) !== '')
        applyAffix(objects, { text: textOf(written), origin: written.origin, specs: list, isSuffix })
    })
  }
  each('labels', 'transformer', (entry, path) => {
    const pairs = fieldOf(entry, 'pairs')
    if (!pairs) return undefined
    const own = itemsOf(entry, 'fields').map(readSpec)
    const count = applyPairs(objects, { pairs, specs: specsOfLabels(entry, own, specs) })
    for (const [index, spec] of own.entries()) {
      const matched = count.fields.get(spec)
      // One that is there already by another name counts as that one.
      if (matched !== undefined || isAlone(spec, own, specs))
        note([...path, 'fields', index], { matched: matched ?? 0, changed: matched ?? 0 })
    }
    return count
  })
  only('commonLabels', pairs => applyPairs(objects, { pairs, specs: specs.commonLabels }))
  only('commonAnnotations', pairs => applyPairs(objects, { pairs, specs: specs.commonAnnotations }))
  each('patchesJson6902', 'patch', (entry, path) => patch(entry, path, true))
  each('replicas', 'transformer', entry => applyReplicas(objects, entry, specs.replicas))
  for (const field of ['images', 'imageTags'])
    each(field, 'transformer', entry => applyImage(objects, { entry, specs: specs.images }))
  replace(kustomization, objects, context, note)
  for (const configuration of context.plugins()) {
    applyPlugin(objects, configuration, {
      folder: kustomization.folder,
      role: role('patch'),
      rank: context.rank(),
      shapes: context.shapes,
    })
  }
}

function replace(
  kustomization: Kustomization,
  objects: readonly TracedObject[],
  context: Transforming,
  note: (path: FieldPath, count: Count) => void,
): void {
  for (const index of keysOf(kustomization, 'replacements')) {
    const entry = itemsOf(context.read('transformer'), 'replacements')[index]
    if (!entry) continue
    const path = textAt(entry, 'path')
    const entries =
      path === ''
        ? [entry]
        : present(readFile(context.open(path), entry.origin.at.role, context.rank())).flatMap(one =>
            one.kind === 'sequence' ? one.items : [one],
          )
    for (const one of entries) {
      const { targets } = applyReplacement(objects, one)
      if (path !== '') continue
      for (const [target, matched] of targets.entries())
        note(['replacements', index, 'targets', target], { matched, changed: matched })
    }
  }
}

/** Tells of items of a list that a patch merges into one, though it speaks of neither. */
function watchOf(kustomization: Kustomization, fieldPath: FieldPath, { log, rank, shapes }: Transforming): MergeWatch {
  return {
    shapes,
    onCollapse(kept, lost, keys) {
      if (kept.origin.at.rank >= rank() || lost.origin.at.rank >= rank()) return
      log.collapses.push({ kustomization, fieldPath, kept, lost, keys })
    },
  }
}

function readPatch(entry: Traced, context: Transforming, watch: MergeWatch): PatchStep {
  const inline = fieldOf(entry, 'patch')
  const documents =
    inline && textOf(inline).trim() !== ''
      ? readInner(textInside(inline), context.role('patch'), context.rank())
      : readFile(context.open(textAt(entry, 'path')), context.role('patch'), context.rank())
  const options = fieldOf(entry, 'options')
  const target = fieldOf(entry, 'target')
  return {
    documents: present(documents),
    target: target && readSelector(target),
    mayChangeName: /^t/i.test(textAt(options, 'allowNameChange')),
    mayChangeKind: /^t/i.test(textAt(options, 'allowKindChange')),
    watch,
  }
}

const present = (documents: readonly (Traced | undefined)[]): readonly Traced[] =>
  documents.filter(one => one !== undefined)

function has(kustomization: Kustomization, field: string): boolean {
  const value = kustomization.value[field]
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)
}

function keysOf(kustomization: Kustomization, field: string): readonly number[] {
  const value = kustomization.value[field]
  return Array.isArray(value) ? [...value.keys()] : []
}

const METADATA_LABELS: FieldSpec = { group: '', version: '', kind: '', path: ['metadata', 'labels'], create: true }

function specsOfLabels(entry: Traced, fields: readonly FieldSpec[], specs: Configuration['specs']) {
  const isTrue = (field: string): boolean => /^t/i.test(textAt(entry, field))
  const own = mergeSpecs(fields, specs.labels)
  if (isTrue('includeSelectors')) return mergeSpecs(own, specs.commonLabels)
  const templates = isTrue('includeTemplates') ? mergeSpecs(own, specs.templateLabels) : own
  return mergeSpecs(templates, [METADATA_LABELS])
}

/** Whether a spec is the one that is walked, and not dropped for one before it. */
const isAlone = (spec: FieldSpec, own: readonly FieldSpec[], specs: Configuration['specs']): boolean =>
  mergeSpecs(own, specs.labels).includes(spec)
