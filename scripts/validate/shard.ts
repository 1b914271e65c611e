// Splits the rendering of a large tree over several machines, which share a cache: the last run then renders nothing.
import { usageProblem } from '../command/problem.ts'
import type { Settings } from '../tree/engine.ts'
import type { Sources } from '../tree/source/sources.ts'

export interface Shard {
  /** From 1. */
  readonly number: number
  readonly count: number
}

/** Reads `2/5`. Throws a Problem for anything else. */
export function parseShard(text: string): Shard {
  const [, number, count] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? []
  if (number === undefined || count === undefined || Number(number) > Number(count)) {
    throw usageProblem(`--shard ${text}: write NUMBER/COUNT, as 2/5`)
  }
  return { number: Number(number), count: Number(count) }
}

/** Every root is in one shard; neighbours, which read the same base, are in the same one as far as that goes. */
export function takeShard(roots: readonly string[], { number, count }: Shard): readonly string[] {
  const sorted = [...roots].sort()
  const at = (edge: number): number => Math.floor((sorted.length * edge) / count)
  return sorted.slice(at(number - 1), at(number))
}

/** What a run that only renders has done. */
export interface ShardRendering {
  readonly rendered: number
  readonly failed: number
  readonly total: number
}

/** Renders a share of the tree into the cache of the settings, and judges nothing. */
export async function renderShard(sources: Sources, settings: Settings, shard: Shard): Promise<ShardRendering> {
  // Who only reads what a share is needs no engine.
  const { readAndRender } = await import('../tree/engine.ts')
  let total = 0
  const { value } = await readAndRender(sources, {
    ...settings,
    isShare: shard.count > 1,
    choose: ({ roots }) => {
      total = roots.length
      return takeShard(roots, shard)
    },
  })
  return { rendered: value.built.size, failed: value.failed.size + value.refused.size, total }
}
