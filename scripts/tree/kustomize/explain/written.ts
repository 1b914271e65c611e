// What the kustomizations of a build write as patches and as resources, each with the place of any of its fields.
import { readEvents } from '../../source/yaml/read-events.ts'
import { parseText } from '../../source/yaml/parse.ts'
import { buildTrees, findNode } from '../../source/yaml/position.ts'
import { listAt, stringAt, valueAt } from '../../model/build.ts'
import type { FieldPath, SourceRange } from '../../model/place.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Kustomization } from '../graph/kustomization.ts'
import { isInline } from '../graph/references.ts'
import { rangeOfSpan, textOfFile, textWithin } from '../trace/text.ts'
import type { Failure } from './explanation.ts'

export interface WrittenDocument {
  readonly value: unknown
  rangeOf(path: FieldPath): SourceRange
}

/** The documents of all patches, of files and inline. */
export function* patchDocuments({ reach, sources }: Failure): Generator<WrittenDocument> {
  for (const kustomization of reach) {
    for (const { path, reference } of kustomization.files) {
      const file = reference.content === 'patch' ? sources.read(path) : undefined
      if (file instanceof SourceFile) yield* documentsOf(file)
    }
    for (const field of ['patches', 'patchesStrategicMerge', 'patchesJson6902']) {
      for (const [index, entry] of listAt(kustomization.value, [field]).entries()) {
        const path = typeof entry === 'string' ? [field, index] : [field, index, 'patch']
        const text = typeof entry === 'string' ? (isInline(entry) ? entry : undefined) : stringAt(entry, ['patch'])
        if (text !== undefined) yield* documentsInside(kustomization, path, text)
      }
    }
  }
}

/** The documents of the build's resources. */
export function* resourceDocuments({
  reach,
  sources,
}: Failure): Generator<WrittenDocument & { readonly file: string }> {
  for (const { files } of reach) {
    for (const { path, reference } of files) {
      const file = reference.content === 'resource' ? sources.read(path) : undefined
      if (!(file instanceof SourceFile)) continue
      for (const document of documentsOf(file)) yield { ...document, file: file.path }
    }
  }
}

export const isNamed = (value: unknown, kind: string | undefined, name: string | undefined): boolean =>
  valueAt(value, ['kind']) === kind && valueAt(value, ['metadata', 'name']) === name

function* documentsOf(file: SourceFile): Generator<WrittenDocument> {
  for (const [index, value] of file.parse('kustomize').documents.entries())
    yield { value, rangeOf: path => file.rangeOf(index, path) }
}

/** The documents within a scalar of a kustomization: their fields stand in lines of it. */
function* documentsInside({ file }: Kustomization, path: FieldPath, text: string): Generator<WrittenDocument> {
  const { documents, fault } = parseText(text, 'kustomize')
  if (fault) return
  const rangeOf = (index: number, inner: FieldPath): SourceRange => {
    const tree = file.trees[0]
    const outer = tree && findNode(tree, path).value
    if (outer?.kind !== 'scalar') return file.rangeOf(0, path)
    const within = textWithin(textOfFile(file), outer.start, outer.end, text)
    const innerTree = buildTrees(text, readEvents(text, 'kustomize'))[index]
    if (!within.isExact || !innerTree) return file.rangeOf(0, path)
    const { key, value } = findNode(innerTree, inner)
    const span = { start: value.start, end: value.end }
    return rangeOfSpan(within, key ? { ...span, keyStart: key.start, keyEnd: key.end } : span, value.kind === 'scalar')
  }
  for (const [index, value] of documents.entries()) yield { value, rangeOf: inner => rangeOf(index, inner) }
}
