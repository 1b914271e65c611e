// Renders many roots, a few at a time, from one private copy that is gone afterwards.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Fault } from '../../model/place.ts'
import type { KubernetesObject } from '../../model/resource.ts'
import type { Sources } from '../../source/sources.ts'
import type { Kustomize } from './binary.ts'
import { explainBuildError } from '../explain/build-errors.ts'
import { PrivateCopy, type Variant } from './copy.ts'
import type { Graph } from '../graph/kustomization.ts'
import { render } from './render.ts'
import { openRenderCache, trimRenderCache } from './render-cache.ts'

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
  for (const root of roots) {
    const resources = cache?.read(root)
    if (resources) results.set(root, { resources })
  }
  const missing = roots.filter(root => !results.has(root))
  for (const [root, result] of await renderAnew(missing, options, 'as written')) {
    if ('resources' in result) cache?.write(root, result.resources)
    results.set(root, result)
  }
  if (options.cacheFolder !== undefined && missing.length > 0) trimRenderCache(options.cacheFolder)
  return new Map(roots.map(root => [root, results.get(root) as BuildResult]))
}

/** Renders roots without a look at what is kept. */
export async function renderAnew(
  roots: readonly string[],
  options: RenderOptions,
  variant: Variant,
): Promise<Map<string, BuildResult>> {
  const results = new Map<string, BuildResult>()
  if (roots.length === 0) return results
  const folder = mkdtempSync(join(tmpdir(), 'validate-'))
  try {
    const tree = join(folder, 'tree')
    const home = join(folder, 'home')
    mkdirSync(home)
    const copy = new PrivateCopy(tree, options.sources, options.graph, variant)
    const queue = [...roots].reverse()
    let done = 0
    const work = async (): Promise<void> => {
      for (let root = queue.pop(); root !== undefined; root = queue.pop()) {
        const rendering = await render(options.kustomize, copy.add(root), home)
        const result =
          'error' in rendering
            ? { fault: explainBuildError(rendering.error, { ...options, root, copy: tree }), text: rendering.error }
            : rendering
        results.set(root, result)
        options.onProgress?.(++done, roots.length)
      }
    }
    await Promise.all(Array.from({ length: Math.min(options.parallelism, roots.length) }, work))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return results
}
