// The line that takes something away: words of a patch in the head, an entry that is gone, else the line that wrote it.
import { createRemovalSearch } from '../tree/kustomize/trace/removal.ts'
import type { Kustomization } from '../tree/kustomize/graph/kustomization.ts'
import type { Resource } from '../tree/model/build.ts'
import type { FieldPath } from '../tree/model/place.ts'
import type { Tree } from '../tree/read-tree.ts'
import { SourceFile } from '../tree/source/source-file.ts'
import type { Location, Side } from './model.ts'

/** `written` is the line of the base that wrote it; `after` is the object as it is now, where it is still there. */
export type LocateRemoved = (
  written: Location,
  before: Resource,
  path: FieldPath,
  after?: Resource,
) => Location | undefined

export function createRemovedLocator(base: Side, head: Side): LocateRemoved {
  const [old, next] = [base.renderings.tree, head.renderings.tree]
  let search: ReturnType<typeof createRemovalSearch> | undefined
  const isStillWritten = createLineSearch(old, next)
  return (written, before, path, after) => {
    const { build } = before
    if (before.origin.kind !== 'rendered' || (after && after.origin.kind !== 'rendered')) return undefined
    // What stands where it stood is taken away by something else, or nobody reads it any more.
    if (!isStillWritten(written)) return undefined
    const gone = findEntryGone(old, next, build, written.file)
    if (gone) return gone
    search ??= createRemovalSearch({ sources: next.sources, graph: next.graph })
    const range = search({ build: after?.build ?? build, object: before.object, now: after?.object, path })
    return range && { file: range.file, line: range.line }
  }
}

const textOf = ({ sources }: Tree, path: string): string | undefined => {
  const file = sources.resolve(path).kind === 'file' ? sources.read(path) : undefined
  return file instanceof SourceFile ? file.text : undefined
}

/** Whether the head has a line of the base as well, at whatever number. A file is looked through once. */
function createLineSearch(old: Tree, next: Tree): (written: Location) => boolean {
  const known = new Map<string, { readonly was: readonly string[]; readonly is: ReadonlySet<string> }>()
  const linesOf = (text: string | undefined): readonly string[] => (text ?? '').split('\n').map(line => line.trim())
  return ({ file, line }) => {
    const lines = known.get(file) ?? { was: linesOf(textOf(old, file)), is: new Set(linesOf(textOf(next, file))) }
    known.set(file, lines)
    const text = lines.was[line - 1]
    return text !== undefined && text !== '' && lines.is.has(text)
  }
}

/** The entry of the base by which the build read a file, where the head has the file and no longer reads it. */
function findEntryGone(old: Tree, next: Tree, build: string, file: string): Location | undefined {
  const [olds, nexts] = [old.graph.reach(build), next.graph.reach(build)]
  if (readerOf(nexts, file) || nexts.length === 0) return undefined
  // From the file up to the first that the head still reads: there the entry stood.
  let path = file
  for (let step = 0; step <= olds.length; step++) {
    const reader = readerOf(olds, path)
    if (!reader) return undefined
    const { kustomization, fieldPath } = reader
    if (kustomization.folder === build || nexts.some(({ folder }) => folder === kustomization.folder)) {
      const { line } = kustomization.file.rangeOf(0, fieldPath)
      return { file: kustomization.file.path, line, side: 'base' }
    }
    path = kustomization.folder
  }
  return undefined
}

function readerOf(
  reach: readonly Kustomization[],
  path: string,
): { readonly kustomization: Kustomization; readonly fieldPath: FieldPath } | undefined {
  for (const kustomization of reach) {
    const read = [...kustomization.files, ...kustomization.folders].find(one => one.path === path)
    if (read) return { kustomization, fieldPath: read.reference.fieldPath }
    if (kustomization.file.path === path) return { kustomization, fieldPath: [] }
  }
  return undefined
}
