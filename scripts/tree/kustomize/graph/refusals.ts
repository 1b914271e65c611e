// Faults that only the graph as a whole shows: cycles, explosions, plugin configurations reached through folders.
import { faultAt, type FieldPath } from '../../model/place.ts'
import { LIMITS } from '../../source/limits.ts'
import type { Sources } from '../../source/sources.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Kustomization } from './kustomization.ts'
import { checkPlugins } from './plugins.ts'

/** Replaces the kustomization with one that has the fault. */
function addFault(
  kustomizations: Map<string, Kustomization>,
  kustomization: Kustomization,
  ruleId: string,
  message: string,
  fieldPath: FieldPath,
): void {
  const fault = faultAt(ruleId, message, kustomization.file.rangeOf(0, fieldPath), fieldPath)
  kustomizations.set(kustomization.folder, {
    ...kustomization,
    ownFaults: [...kustomization.ownFaults, fault],
    faults: [...kustomization.faults, fault],
  })
}

/** A kustomization that reads itself, over whatever way; also what stands under the wrong key. */
export function refuseCycles(kustomizations: Map<string, Kustomization>): void {
  const state = new Map<string, 'open' | 'done'>()
  for (const start of [...kustomizations.keys()].sort()) {
    const stack: { folder: string; next: number }[] = state.has(start) ? [] : [{ folder: start, next: 0 }]
    if (stack.length) state.set(start, 'open')
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const kustomization = kustomizations.get(top.folder)
      const read = kustomization?.folders[top.next++]
      if (!kustomization || !read) {
        state.set(top.folder, 'done')
        stack.pop()
        continue
      }
      const { path, reference } = read
      const target = kustomizations.get(path)
      const isComponentKey = reference.fieldPath[0] === 'components'
      if (state.get(path) === 'open') {
        const message =
          path === top.folder
            ? 'a kustomization cannot read itself'
            : `the folders read each other in a cycle: ${path} reads this one`
        addFault(kustomizations, kustomization, 'kustomize-build', message, reference.fieldPath)
      } else if (target?.kind === 'Component' && !isComponentKey) {
        const message = `${path} is a Component; list it under components`
        addFault(kustomizations, kustomization, 'kustomize-build', message, reference.fieldPath)
      } else if (target && target.kind !== 'Component' && isComponentKey && !target.faults.length) {
        const message = `${path} is not a Component; list it under resources`
        addFault(kustomizations, kustomization, 'kustomize-build', message, reference.fieldPath)
      }
      if (!state.has(path)) {
        state.set(path, 'open')
        stack.push({ folder: path, next: 0 })
      }
    }
  }
}

/** A chain in which each level reads the next one twice doubles at each step: 8,192 objects cost kustomize 46 s. */
export function refuseExplosions(
  kustomizations: Map<string, Kustomization>,
  referenced: ReadonlySet<string>,
  reach: (folder: string) => readonly Kustomization[],
): void {
  const countMost = createCounter(kustomizations, ({ mostDocuments }) => mostDocuments)
  const count = createCounter(kustomizations, ({ documents }) => documents)
  /** Seen without a look into the files: it is small, or it is of a usual size and nothing in it is read twice. */
  const isHarmless = (folder: string): boolean => {
    const most = countMost(folder)
    if (most <= LIMITS.repeatedResources) return true
    return most <= LIMITS.buildResources && most === reach(folder).reduce((sum, one) => sum + one.mostDocuments, 0)
  }
  for (const [folder, kustomization] of [...kustomizations]) {
    // Said once, where it is built.
    if (referenced.has(folder)) continue
    const total = isHarmless(folder) ? 0 : count(folder)
    const written =
      total > LIMITS.repeatedResources ? reach(folder).reduce((sum, one) => sum + one.documents, 0) : total
    if (total > LIMITS.buildResources) {
      const message = `the build would render more than ${LIMITS.buildResources} resources`
      addFault(kustomizations, kustomization, 'refused-input', message, [])
    } else if (total > written * LIMITS.repetition) {
      const message = `the build would render ${written} documents ${total} times: bases are read over and over`
      addFault(kustomizations, kustomization, 'refused-input', message, [])
    } else if (kustomization.folders.length && reach(folder).length > LIMITS.buildFiles) {
      const message = `the build reads more than ${LIMITS.buildFiles} folders`
      addFault(kustomizations, kustomization, 'refused-input', message, [])
    }
  }
}

/** How many resources a folder renders, by what its own files have. */
function createCounter(
  kustomizations: ReadonlyMap<string, Kustomization>,
  ownOf: (kustomization: Kustomization) => number,
): (folder: string) => number {
  const counts = new Map<string, number>()
  return function count(folder: string): number {
    const known = counts.get(folder)
    if (known !== undefined) return known
    counts.set(folder, 0)
    const kustomization = kustomizations.get(folder)
    if (!kustomization) return 0
    const total = kustomization.folders.reduce((sum, { path }) => sum + count(path), ownOf(kustomization))
    counts.set(folder, total)
    return total
  }
}

/** What a folder under `transformers` renders is plugin configuration too. */
export function refusePluginFolders(
  kustomizations: Map<string, Kustomization>,
  sources: Sources,
  reach: (folder: string) => readonly Kustomization[],
): void {
  for (const kustomization of [...kustomizations.values()]) {
    for (const { path, reference } of kustomization.folders) {
      if (reference.content !== 'plugin') continue
      for (const inner of reach(path)) {
        for (const read of inner.files) {
          const source = sources.read(read.path)
          if (read.reference.content !== 'resource' || !(source instanceof SourceFile)) continue
          const faults = [...checkPlugins(source)]
          const current = kustomizations.get(kustomization.folder) ?? kustomization
          if (faults.length) kustomizations.set(current.folder, { ...current, faults: [...current.faults, ...faults] })
        }
      }
    }
  }
}
