// What a run is about: the whole tree, or the builds and manifests that read the paths a person named.
import { isResourcePlace, type Stage } from '../tree/model/place.ts'
import { listFiles, type Tree } from '../tree/read-tree.ts'
import type { Sources } from '../tree/source/sources.ts'
import { Problem } from '../command/problem.ts'
import type { Finding } from './findings/finding.ts'

export interface Scope {
  readonly isWhole: boolean
  /** Roots that read what is asked for. */
  rootsOf(tree: Tree): readonly string[]
  /** False where the paths mean nothing that could be validated. */
  hasMatter(read: Stage<{ readonly tree: Tree }>): boolean
  includes(finding: Finding, roots: ReadonlySet<string>): boolean
}

/** The scope of the given paths; none means the whole tree. Throws a Problem for a path that is not there. */
export function narrow(sources: Sources, paths: readonly string[]): Scope {
  for (const path of paths) {
    if (sources.resolve(path).kind === 'missing') throw new Problem(`path ${path} does not exist`, { exitCode: 2 })
  }
  const isWhole = paths.length === 0
  const isWanted = (file: string): boolean =>
    isWhole || paths.some(path => path === '.' || file === path || file.startsWith(`${path.replace(/\/$/, '')}/`))
  const rootsOf = (tree: Tree): readonly string[] =>
    isWhole ? tree.roots : tree.roots.filter(root => [...listFiles(tree.graph, root)].some(isWanted))
  return {
    isWhole,
    rootsOf,
    hasMatter: ({ value: { tree }, faults }) =>
      rootsOf(tree).length > 0 ||
      tree.loose.some(({ file }) => isWanted(file.path)) ||
      faults.some(({ places: [place] }) => !isResourcePlace(place) && isWanted(place.range.file)),
    includes: ({ location, occurrences }, roots) =>
      isWanted(location.file) || occurrences.some(({ build }) => roots.has(build)),
  }
}
