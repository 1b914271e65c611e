// Kustomizations that nothing builds where they lie: forms that are copied away first, and what somebody switched off.
import { posix } from 'node:path'
import type { Renderings } from '../tree/engine.ts'
import { type Fault, isResourcePlace } from '../tree/model/place.ts'
import { findCopied } from '../tree/recipes.ts'
import type { Flux } from './flux.ts'

/** Whether a path that leads nowhere is of a kustomization that finds nothing where it lies, and that a script copies away. */
export function findForms({ graph, sources, paths }: Renderings['tree']): (fault: Fault) => boolean {
  const isCopied = findCopied(sources, paths)
  // One kustomization may have very many such paths.
  const known = new Map<string, boolean>()
  return ({ lacks, places: [place] }) => {
    if (lacks !== 'path' || isResourcePlace(place)) return false
    const folder = posix.dirname(place.range.file)
    const { files = [], folders = [] } = graph.kustomizations.get(folder) ?? {}
    const answer = known.get(folder) ?? (files.length + folders.length === 0 && isCopied(folder))
    known.set(folder, answer)
    return answer
  }
}

/** Whether no other kustomization reads the one that a fault is of, and Flux does not build it. */
export const isAlone = (
  { places: [place], builds = [] }: Fault,
  flux: Flux,
  { kustomizations }: Renderings['tree']['graph'],
): boolean => {
  const folder = isResourcePlace(place) ? place.resource.build : posix.dirname(place.range.file)
  return builds.every(root => root === folder) && !flux.builds(folder, one => kustomizations.has(one))
}
