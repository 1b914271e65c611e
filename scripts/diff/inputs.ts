// Says which builds have other inputs on the two sides, before anything is rendered.
import { posix } from 'node:path'
import type { RawSource } from '../tree/argocd/applications.ts'
import type { Kustomization } from '../tree/kustomize/graph/kustomization.ts'
import type { Tree } from '../tree/read-tree.ts'
import { listAt, stringAt, valueAt } from '../tree/model/build.ts'
import { SourceFile } from '../tree/source/source-file.ts'

export interface Inputs {
  /** Roots that read other bytes, or that one side does not have. */
  readonly roots: readonly string[]
  /**
   * Whether a folder renders the same, as far as its inputs say: a kustomization by all that it reads, else by its files.
   * `source` names further files: values of a chart, components.
   */
  isSame(folder: string, source?: RawSource): boolean
  /** Folders that several builds share and that have changed, each with the builds. */
  readonly shared: ReadonlyMap<string, readonly string[]>
}

/** A file that is the same in both is one object in both: the sides share what they read. */
export function compareInputs(base: Tree, head: Tree, exclude: readonly string[]): Inputs {
  const isSameFile = (path: string): boolean => {
    const [old, next] = [read(base, path), read(head, path)]
    return old === next && (old !== undefined || base.sources.resolve(path).kind === head.sources.resolve(path).kind)
  }
  let changed: readonly string[] | undefined
  const listChanged = (): readonly string[] => {
    changed ??= listChangedFiles(base, head, exclude, isSameFile)
    return changed
  }
  // What a chart is made of is not a file that the kustomization names.
  const hasSameCharts = (kustomization: Kustomization): boolean => {
    const { charts, values } = listCharts(kustomization)
    if (charts.length === 0) return true
    if (base.inflatesCharts !== head.inflatesCharts) return false
    if (listChanged().length === 0) return true
    // A chart may take another one from anywhere in the tree.
    if (charts.some(home => takesFromElsewhere(home, head))) return false
    return !listChanged().some(path => values.includes(path) || charts.some(home => path.startsWith(`${home}/`)))
  }
  const isSameStep = (old: Kustomization, next: Kustomization | undefined): boolean =>
    next !== undefined &&
    old.folder === next.folder &&
    old.file === next.file &&
    old.files.length === next.files.length &&
    old.files.every(({ path }, index) => path === next.files[index]?.path && isSameFile(path)) &&
    hasSameCharts(next)
  const isSameBuild = (folder: string): boolean => {
    if (base.graph.isUnrestricted(folder) !== head.graph.isUnrestricted(folder)) return false
    const [olds, nexts] = [base.graph.reach(folder), head.graph.reach(folder)]
    return olds.length === nexts.length && olds.every((old, index) => isSameStep(old, nexts[index]))
  }
  const known = new Map<string, boolean>()
  const isSame = (folder: string): boolean => {
    let answer = known.get(folder)
    if (answer === undefined) {
      if (base.graph.kustomizations.has(folder) || head.graph.kustomizations.has(folder)) answer = isSameBuild(folder)
      else {
        // A chart may take values from beside its folder.
        answer = !listChanged().some(path => isNear(path, folder))
      }
      known.set(folder, answer)
    }
    return answer
  }
  const isSameSource = (folder: string, source: RawSource): boolean => {
    const more = listNamed(source)
    const isPlugin = valueAt(source.value, ['plugin']) !== undefined
    if (more.length === 0 && !isPlugin) return true
    if (listChanged().length === 0) return true
    // What a plugin reads is not known here: anything of its folder.
    if (isPlugin && listChanged().some(path => path.startsWith(`${folder}/`))) return false
    return more.every(path => {
      // A pattern, or a path from the top of the repository, may mean anything.
      if (/[*?[{$]/.test(path)) return false
      const full = posix.join(path.startsWith('/') ? '.' : folder, path)
      if (listChanged().includes(full)) return false
      const isKustomization = [base, head].some(({ graph }) => graph.kustomizations.has(full))
      return !isKustomization || isSame(full)
    })
  }
  const [olds, nexts] = [new Set(base.roots), new Set(head.roots)]
  const roots = [...new Set([...base.roots, ...head.roots])].filter(
    root => !olds.has(root) || !nexts.has(root) || !isSame(root),
  )
  const isSameWith = (folder: string, source?: RawSource): boolean =>
    isSame(folder) && (source === undefined || isSameSource(folder, source))
  return { roots, isSame: isSameWith, shared: listShared(base, head, roots, isSameStep) }
}

function read({ sources }: Tree, path: string): SourceFile | undefined {
  if (sources.resolve(path).kind !== 'file') return undefined
  const file = sources.read(path)
  return file instanceof SourceFile ? file : undefined
}

const listChangedFiles = (
  base: Tree,
  head: Tree,
  exclude: readonly string[],
  isSameFile: (path: string) => boolean,
): readonly string[] =>
  [...new Set([...base.sources.list(exclude), ...head.sources.list(exclude)])].filter(path => !isSameFile(path))

/** Below the folder, or below one that holds it and is not the root: where values and libraries lie. */
function isNear(path: string, folder: string): boolean {
  const above = posix.dirname(folder)
  return folder === '.' || path.startsWith(`${folder}/`) || (above !== '.' && path.startsWith(`${above}/`))
}

/** Files and folders that the settings of a source name, relative to its folder. */
function listNamed({ value }: RawSource): readonly string[] {
  const texts = (...path: readonly string[]): readonly string[] =>
    listAt(value, path).filter(item => typeof item === 'string')
  const parameters = listAt(value, ['helm', 'fileParameters']).flatMap(one => stringAt(one, ['path']) ?? [])
  const patches = listAt(value, ['kustomize', 'patches']).flatMap(one => stringAt(one, ['path']) ?? [])
  return [...texts('helm', 'valueFiles'), ...parameters, ...texts('kustomize', 'components'), ...patches]
}

/** Where the charts that a kustomization inflates lie, and the files of values that it gives them. */
function listCharts({ folder, value }: Kustomization): { charts: readonly string[]; values: readonly string[] } {
  const home = posix.join(folder, stringAt(value, ['helmGlobals', 'chartHome']) || 'charts')
  const entries = listAt(value, ['helmCharts'])
  const values = entries.flatMap(entry => [
    stringAt(entry, ['valuesFile']),
    ...listAt(entry, ['additionalValuesFiles']),
  ])
  return {
    charts: entries.length ? [home] : [],
    values: values.flatMap(path => (typeof path === 'string' ? [posix.join(folder, path)] : [])),
  }
}

/** Whether a chart has a dependency that lies beside it. */
const takesFromElsewhere = (home: string, { sources }: Tree): boolean =>
  sources
    .list([])
    .filter(path => path.startsWith(`${home}/`) && posix.basename(path) === 'Chart.yaml')
    .some(path => /repository:\s*["']?file:\/\//.test(textAt(sources, path)))

const textAt = (sources: Tree['sources'], path: string): string => {
  const file = sources.read(path)
  return file instanceof SourceFile ? file.text : ''
}

function listShared(
  base: Tree,
  head: Tree,
  roots: readonly string[],
  isSameStep: (old: Kustomization, next: Kustomization | undefined) => boolean,
): ReadonlyMap<string, readonly string[]> {
  const readers = new Map<string, Set<string>>()
  for (const root of roots) {
    for (const { folder } of head.graph.reach(root)) {
      const [old, next] = [base.graph.kustomizations.get(folder), head.graph.kustomizations.get(folder)]
      if (folder === root || (old && isSameStep(old, next))) continue
      readers.set(folder, (readers.get(folder) ?? new Set()).add(root))
    }
  }
  return new Map([...readers].map(([folder, all]) => [folder, [...all].sort()]))
}
