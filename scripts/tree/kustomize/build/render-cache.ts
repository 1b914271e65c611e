// Keeps renderings by the content of everything a build reads, so that a tree that did not change renders nothing.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sources } from '../../source/sources.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Kustomize } from './binary.ts'
import { canonicalText } from './copy.ts'
import type { Graph } from '../graph/kustomization.ts'
import type { KubernetesObject } from '../../model/resource.ts'

/** Grows when the meaning of a kept rendering changes. */
const FORMAT = 2
const MOST_ENTRIES = 5000

export interface RenderCache {
  read(root: string): readonly KubernetesObject[] | undefined
  write(root: string, resources: readonly KubernetesObject[]): void
}

/** A cache in a folder; one that cannot be read or written is no cache, and no fault. */
export function openRenderCache(
  folder: string,
  { sources, graph, kustomize }: { sources: Sources; graph: Graph; kustomize: Kustomize },
): RenderCache {
  const keys = new Map<string, string>()
  const pathOf = (root: string): string => {
    let key = keys.get(root)
    if (key === undefined) {
      key = hashBuild(root, sources, graph, kustomize)
      keys.set(root, key)
    }
    return join(folder, `${key}.json`)
  }
  return {
    read(root) {
      try {
        const kept = JSON.parse(readFileSync(pathOf(root), 'utf8')) as readonly KubernetesObject[]
        return Array.isArray(kept) ? kept : undefined
      } catch {
        return undefined
      }
    },
    write(root, resources) {
      try {
        const path = pathOf(root)
        const temporary = `${path}.${process.pid}`
        mkdirSync(folder, { recursive: true })
        writeFileSync(temporary, JSON.stringify(resources, refuseWhatJsonLoses))
        renameSync(temporary, path)
      } catch {
        // The next run renders again.
      }
    },
  }
}

/** Removes the oldest renderings when there are many. */
export function trimRenderCache(folder: string): void {
  try {
    const names = readdirSync(folder)
    if (names.length <= MOST_ENTRIES) return
    const aged = names
      .map(name => ({ name, time: statSync(join(folder, name)).mtimeMs }))
      .sort((a, b) => a.time - b.time)
    for (const { name } of aged.slice(0, names.length - MOST_ENTRIES / 2)) rmSync(join(folder, name), { force: true })
  } catch {
    // Another run trims it.
  }
}

/** Everything kustomize could see: paths, contents, the root that is built, and which kustomize it is. */
function hashBuild(root: string, sources: Sources, graph: Graph, kustomize: Kustomize): string {
  const hash = createHash('sha256')
  const add = (...parts: readonly string[]): void => {
    for (const part of parts) hash.update(`${part.length}:${part}`)
  }
  add(String(FORMAT), kustomize.version, kustomize.source, kustomize.command, root)
  for (const kustomization of graph.reach(root)) {
    add(kustomization.folder, canonicalText(kustomization, 'as written'))
    for (const { path, reference } of kustomization.files) {
      const file = sources.read(path)
      add(path, reference.content, file instanceof SourceFile ? file.hash : 'unread')
    }
  }
  return hash.digest('hex')
}

function refuseWhatJsonLoses(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('JSON has no such number')
  return value
}
