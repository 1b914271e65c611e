// kustomize's own generators and transformers where a kustomization configures them by file or inline.
import type { Sources } from '../../source/sources.ts'
import { type FieldSpec, readSpec } from './field-spec.ts'
import { applyGenerator } from './generators.ts'
import { applyImage } from './images.ts'
import { applyPairs } from './labels.ts'
import { applyAffix } from './names.ts'
import { applyNamespace } from './namespace.ts'
import type { TracedObject } from './object.ts'
import type { Shapes } from './openapi.ts'
import { applyPatch } from './patches.ts'
import { readInner } from './read.ts'
import { applyReplacement } from './replacements.ts'
import { applyReplicas } from './replicas.ts'
import { readSelector } from './selector.ts'
import { StepError } from './step.ts'
import { textWithin } from './text.ts'
import { fieldOf, itemsOf, type Role, textAt, textOf, type Traced } from './value.ts'

export function generateByPlugin(
  objects: TracedObject[],
  configuration: Traced,
  { folder, sources }: { folder: string; sources: Sources },
): void {
  const kind = textAt(configuration, 'kind')
  if (kind !== 'ConfigMapGenerator' && kind !== 'SecretGenerator') throw new StepError(`${kind} is not followed`)
  // The object's name is the configuration's own.
  const metadata = fieldOf(configuration, 'metadata')
  const entries = new Map(configuration.kind === 'mapping' ? configuration.entries : [])
  for (const field of ['name', 'namespace']) {
    const value = fieldOf(metadata, field)
    if (value && !entries.has(field)) entries.set(field, { value, origin: value.origin })
  }
  const entry: Traced = { kind: 'mapping', entries, origin: configuration.origin }
  applyGenerator(objects, {
    kind: kind === 'SecretGenerator' ? 'Secret' : 'ConfigMap',
    entry,
    options: undefined,
    folder,
    sources,
  })
}

export function applyPlugin(
  objects: TracedObject[],
  configuration: Traced,
  { role, rank, shapes }: { folder: string; role: Role; rank: number; shapes: Shapes | undefined },
): void {
  const specs: readonly FieldSpec[] = itemsOf(configuration, 'fieldSpecs').map(readSpec)
  const inner = (field: string): readonly Traced[] => {
    const node = fieldOf(configuration, field)
    if (!node || textOf(node) === '') return []
    const { at } = node.origin
    return readInner(textWithin(at.text, at.start, at.end, textOf(node)), role, rank).filter(one => one !== undefined)
  }
  switch (textAt(configuration, 'kind')) {
    case 'AnnotationsTransformer':
    case 'LabelTransformer': {
      const pairs = fieldOf(configuration, 'annotations') ?? fieldOf(configuration, 'labels')
      if (pairs) applyPairs(objects, { pairs, specs })
      return
    }
    case 'NamespaceTransformer': {
      const namespace = fieldOf(fieldOf(configuration, 'metadata'), 'namespace') ?? fieldOf(configuration, 'namespace')
      if (!namespace) return
      const subjects = textAt(configuration, 'setRoleBindingSubjects')
      applyNamespace(objects, {
        namespace: textOf(namespace),
        origin: namespace.origin,
        specs,
        unsetOnly: /^t/i.test(textAt(configuration, 'unsetOnly')),
        subjects: subjects === 'allServiceAccounts' || subjects === 'none' ? subjects : 'defaultOnly',
      })
      return
    }
    case 'PrefixTransformer':
    case 'SuffixTransformer':
    case 'PrefixSuffixTransformer': {
      for (const [field, isSuffix] of [
        ['prefix', false],
        ['suffix', true],
      ] as const) {
        const text = fieldOf(configuration, field)
        if (text) applyAffix(objects, { text: textOf(text), origin: text.origin, specs, isSuffix })
      }
      return
    }
    case 'ImageTagTransformer': {
      const entry = fieldOf(configuration, 'imageTag')
      if (entry) applyImage(objects, { entry, specs })
      return
    }
    case 'ReplicaCountTransformer': {
      const entry = fieldOf(configuration, 'replica')
      if (entry) applyReplicas(objects, entry, specs)
      return
    }
    case 'ReplacementTransformer':
      for (const replacement of itemsOf(configuration, 'replacements')) applyReplacement(objects, replacement)
      return
    case 'PatchTransformer':
    case 'PatchJson6902Transformer':
    case 'PatchStrategicMergeTransformer': {
      const kind = textAt(configuration, 'kind')
      const target = fieldOf(configuration, 'target')
      const options = fieldOf(configuration, 'options')
      const field = kind === 'PatchTransformer' ? 'patch' : kind === 'PatchJson6902Transformer' ? 'jsonOp' : 'patches'
      const documents = inner(field)
      if (documents.length === 0) throw new StepError(`${kind} without ${field} is not followed`)
      applyPatch(
        objects,
        {
          documents,
          target: target && readSelector(target),
          mayChangeName: /^t/i.test(textAt(options, 'allowNameChange')),
          mayChangeKind: /^t/i.test(textAt(options, 'allowKindChange')),
          watch: { shapes },
        },
        kind === 'PatchJson6902Transformer',
      )
      return
    }
    case 'SortOrderTransformer':
      return
    default:
      throw new StepError(`${textAt(configuration, 'kind')} is not followed`)
  }
}
