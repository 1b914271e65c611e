// Renders many roots, a few at a time, from one private copy that is gone afterwards.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Fault } from '../../model/place.ts'
import type { KubernetesObject } from '../../model/resource.ts'
import type { Sources } from '../../source/sources.ts'
import type { Kustomize } from './binary.ts'
import { explainBuildError } from '../explain/build-errors.ts'
import { type Batch, planBatches, splitBatch } from './batch.ts'
import { PrivateCopy } from './copy.ts'
import type { Graph } from '../graph/kustomization.ts'
import { render } from './render.ts'
import { openRenderCache } from './render-cache.ts'
import { joinSlices, planSlices, type Slice } from './slices.ts'

/** A failed build: the finding it becomes, and kustomize's own words. */
export interface FailedBuild {
  readonly fault: Fault
  readonly text: string
}

export type BuildResult = { readonly resources: readonly KubernetesObject[] } | FailedBuild

export interface RenderOptions {
  readonly sources: Sources
  readonly graph: Graph
  readonly kustomize: Kustomize
  readonly parallelism: number
  /** Where renderings are kept; undefined: nowhere. */
  readonly cacheFolder: string | undefined
  /** Called after each build with how many are done. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/** Renders roots whose reach has no fault. The result has an entry for each root, in the order given. */
export async function renderRoots(roots: readonly string[], options: RenderOptions): Promise<Map<string, BuildResult>> {
  const results = new Map<string, BuildResult>()
  const cache = options.cacheFolder === undefined ? undefined : openRenderCache(options.cacheFolder, options)
  const missing = new Set(roots.filter(root => !cache?.has(root)))
  // While the first processes render, what is kept is read.
  const rendering = renderAnew([...missing], options)
  const lost: string[] = []
  for (const root of roots) {
    const resources = missing.has(root) ? undefined : cache?.read(root)
    if (resources) results.set(root, { resources })
    else if (!missing.has(root)) lost.push(root)
  }
  for (const [root, result] of [...(await rendering), ...(await renderAnew(lost, options))]) {
    if ('resources' in result) cache?.write(root, result.resources)
    results.set(root, result)
  }
  cache?.tidy([...missing, ...lost])
  return new Map(roots.map(root => [root, results.get(root) as BuildResult]))
}

/** Renders roots without a look at what is kept. */
export async function renderAnew(roots: readonly string[], options: RenderOptions): Promise<Map<string, BuildResult>> {
  const results = new Map<string, BuildResult>()
  if (roots.length === 0) return results
  const folder = mkdtempSync(join(tmpdir(), 'validate-'))
  try {
    const tree = join(folder, 'tree')
    const home = join(folder, 'home')
    mkdirSync(home)
    const copy = new PrivateCopy(tree, options.sources, options.graph)
    const { arguments: words } = options.kustomize
    const unrestricted = { ...options.kustomize, arguments: [...words, '--load-restrictor', 'LoadRestrictionsNone'] }
    // The copy has what each root may read, and no more.
    const chooseFor = (roots: readonly string[]): RenderOptions['kustomize'] =>
      roots.some(root => options.graph.isUnrestricted(root)) ? unrestricted : options.kustomize
    let done = 0
    const settle = (root: string, result: BuildResult): void => {
      results.set(root, result)
      options.onProgress?.(++done, roots.length)
    }
    const renderAlone = async (root: string): Promise<void> => {
      const rendering = await render(chooseFor([root]), copy.add(root), home)
      if (!('error' in rendering)) return settle(root, rendering)
      const { error: text } = rendering
      settle(root, { fault: explainBuildError(text, { ...options, root, copy: tree }), text })
    }
    /** A batch that fails, or proves nothing, is halved until the roots at fault stand alone. */
    const renderBatch = async (batch: Batch): Promise<void> => {
      if (batch.size < 2) return void (await Promise.all([...batch.values()].map(({ root }) => renderAlone(root))))
      const rendering = await render(chooseFor([...batch.values()].map(({ root }) => root)), copy.addBatch(batch), home)
      const split = 'error' in rendering ? undefined : splitBatch(rendering.resources, batch)
      if (split) for (const [root, resources] of split) settle(root, { resources })
      else for (const half of halve(batch)) await renderBatch(half)
    }
    const batches = planBatches(roots, options)
    const shared = new Set(batches.flatMap(batch => [...batch.values()].map(({ root }) => root)))
    const alone = roots.filter(root => !shared.has(root))
    const sliced = new Map(alone.map(root => [root, planSlices(root, options)] as const))
    /** Each slice by itself; the last one joins them. One that fails makes the root be built whole, for kustomize's words. */
    const renderSlices = (root: string, slices: readonly Slice[]): readonly (() => Promise<void>)[] => {
      const parts: (readonly KubernetesObject[] | undefined)[] = []
      let left = slices.length
      return slices.map((slice, index) => async () => {
        const rendering = await render(chooseFor([root]), copy.addSlice(slice), home)
        parts[index] = 'error' in rendering ? undefined : rendering.resources
        if (--left > 0) return
        const resources = joinSlices(parts)
        if (resources) settle(root, { resources })
        else await renderAlone(root)
      })
    }
    const tasks = [
      ...[...sliced].flatMap(([root, slices]) => (slices ? renderSlices(root, slices) : [])),
      ...batches.map(batch => () => renderBatch(batch)),
      ...alone.filter(root => !sliced.get(root)).map(root => () => renderAlone(root)),
    ]
    const work = async (): Promise<void> => {
      for (let task = tasks.shift(); task; task = tasks.shift()) await task()
    }
    await Promise.all(Array.from({ length: Math.min(options.parallelism, tasks.length) }, work))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return results
}

function halve(batch: Batch): readonly Batch[] {
  const entries = [...batch]
  const middle = Math.ceil(entries.length / 2)
  return [new Map(entries.slice(0, middle)), new Map(entries.slice(middle))]
}
