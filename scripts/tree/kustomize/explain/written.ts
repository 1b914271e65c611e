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

/** A document of a patch, or why its text has none. */
export interface PatchText extends WrittenDocument {
  readonly text: string
  readonly fault?: { readonly message: string; readonly range: SourceRange }
}

/** The documents of all patches that can be read, of files and inline. */
export function* patchDocuments(failure: Failure): Generator<WrittenDocument> {
  for (const one of patchTexts(failure)) if (!one.fault) yield one
}

export function* patchTexts({ reach, sources }: Failure): Generator<PatchText> {
  for (const kustomization of reach) {
    for (const { path, reference } of kustomization.files) {
      const file = reference.content === 'patch' ? sources.read(path) : undefined
      if (file instanceof SourceFile) for (const one of documentsOf(file)) yield { ...one, text: file.text }
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
function* documentsInside({ file }: Kustomization, path: FieldPath, text: string): Generator<PatchText> {
  const { documents, fault } = parseText(text, 'kustomize')
  const tree = file.trees[0]
  const outer = tree && findNode(tree, path).value
  const within = outer?.kind === 'scalar' ? textWithin(textOfFile(file), outer.start, outer.end, text) : undefined
  const whole = (): SourceRange => file.rangeOf(0, path)
  if (fault) {
    const { message, offset } = fault
    const range = within?.isExact ? file.rangeAt(within.at(offset)) : whole()
    yield { value: undefined, text, rangeOf: whole, fault: { message, range } }
    return
  }
  const rangeOf = (index: number, inner: FieldPath): SourceRange => {
    const innerTree = within?.isExact ? buildTrees(text, readEvents(text, 'kustomize'))[index] : undefined
    if (!within || !innerTree) return whole()
    const { key, value } = findNode(innerTree, inner)
    const span = { start: value.start, end: value.end }
    return rangeOfSpan(within, key ? { ...span, keyStart: key.start, keyEnd: key.end } : span, value.kind === 'scalar')
  }
  for (const [index, value] of documents.entries()) yield { value, text, rangeOf: inner => rangeOf(index, inner) }
}
