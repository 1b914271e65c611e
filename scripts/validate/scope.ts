// What a run is about: the whole tree, or the builds and manifests that read the paths a person named.
import type { StageFault } from '../tree/kustomize/graph/kustomization.ts'
import type { Finding } from './findings/finding.ts'
import type { LooseDocument } from '../tree/source/manifests.ts'
import { listFiles, type Tree } from '../tree/read-tree.ts'
import { UsageError } from './usage-error.ts'

export interface Scope {
  readonly isWhole: boolean
  readonly roots: readonly string[]
  readonly loose: readonly LooseDocument[]
  readonly faults: readonly StageFault[]
  includes(finding: Finding): boolean
}

/** The builds and manifests that read the given paths. */
export function narrow(tree: Tree, paths: readonly string[]): Scope {
  const graphFaults = [...tree.graph.kustomizations.values()].flatMap(({ faults }) => faults)
  if (paths.length === 0) {
    const faults = [...tree.looseFaults, ...graphFaults]
    return { isWhole: true, roots: tree.roots, loose: tree.loose, faults, includes: () => true }
  }
  for (const path of paths) {
    if (tree.sources.resolve(path).kind === 'missing') throw new UsageError(`path ${path} does not exist`)
  }
  const isWanted = (file: string): boolean =>
    paths.some(path => path === '.' || file === path || file.startsWith(`${path.replace(/\/$/, '')}/`))
  const roots = tree.roots.filter(root => [...listFiles(tree.graph, root)].some(isWanted))
  const loose = tree.loose.filter(({ file }) => isWanted(file.path))
  const faults = [...tree.looseFaults, ...graphFaults].filter(({ location }) => isWanted(location.file))
  const builds = new Set(roots)
  const includes = ({ location, occurrences }: Finding): boolean =>
    isWanted(location.file) || occurrences.some(({ build }) => builds.has(build))
  return { isWhole: false, roots, loose, faults, includes }
}
