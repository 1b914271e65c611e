// Which objects the entries of a kustomization are for, as they are written: to hold one kustomization against another.
import { posix } from 'node:path'
import { isInline } from '../../../tree/kustomize/graph/references.ts'
import type { Kustomization } from '../../../tree/kustomize/graph/kustomization.ts'
import { listAt, stringAt, valueAt } from '../../../tree/model/build.ts'
import type { FieldPath } from '../../../tree/model/place.ts'
import { SourceFile } from '../../../tree/source/source-file.ts'
import type { Sources } from '../../../tree/source/sources.ts'
import { parseText } from '../../../tree/source/yaml/parse.ts'

/** Fields whose entries change objects, those of a row in the same way. */
const FAMILIES = [['patches', 'patchesStrategicMerge', 'patchesJson6902'], ['images'], ['replicas']] as const

export interface PatchingEntry {
  readonly fieldPath: FieldPath
  /** What it is for: `Deployment/web`, the name of an image or of a workload. */
  readonly targets: readonly string[]
  /** What it says, whatever it is called and wherever it is written. */
  readonly content: string
}

/** The entries of a kustomization in one row of fields, in the order in which kustomize carries them out. */
export function* entriesOf(kustomization: Kustomization, field: string, sources: Sources): Generator<PatchingEntry> {
  for (const name of FAMILIES.find(row => row.some(one => one === field)) ?? []) {
    for (const [index, entry] of listAt(kustomization.value, [name]).entries()) {
      const isPlain = field === 'images' || field === 'replicas'
      const documents = isPlain ? [] : documentsOf(kustomization, entry, sources)
      const targets = isPlain ? [nameOf(entry)] : targetsOf(entry, documents)
      const content = JSON.stringify(isPlain ? entry : [valueAt(entry, ['target']), documents])
      yield { fieldPath: [name, index], targets, content }
    }
  }
}

const nameOf = (entry: unknown): string => stringAt(entry, ['name']) ?? ''

function targetsOf(entry: unknown, documents: readonly unknown[]): readonly string[] {
  const describe = (value: unknown, name: FieldPath): string =>
    `${stringAt(value, ['kind']) ?? ''}/${stringAt(value, name) ?? ''}`
  const target = valueAt(entry, ['target'])
  if (target !== undefined) return [describe(target, ['name'])]
  return documents.map(document => describe(document, ['metadata', 'name']))
}

function documentsOf({ folder }: Kustomization, entry: unknown, sources: Sources): readonly unknown[] {
  const inline = typeof entry === 'string' && isInline(entry) ? entry : stringAt(entry, ['patch'])
  if (inline !== undefined) return parseText(inline, 'kustomize').documents
  const path = typeof entry === 'string' ? entry : stringAt(entry, ['path'])
  const file = path === undefined ? undefined : sources.read(posix.join(folder, path))
  return file instanceof SourceFile ? file.parse('kustomize').documents : []
}
