// Renders environments as they are and as they would be, from the tree with a change laid over it, or from a commit.
import { availableParallelism } from 'node:os'
import { join, posix } from 'node:path'
import { stringify } from 'yaml'
import { readAndRender } from '../tree/engine.ts'
import { findKustomize } from '../tree/kustomize/build/binary.ts'
import { buildGraph } from '../tree/kustomize/graph/graph.ts'
import { describeMachine } from '../tree/machine.ts'
import { isResourcePlace } from '../tree/model/place.ts'
import type { KubernetesObject } from '../tree/model/resource.ts'
import { listFiles } from '../tree/read-tree.ts'
import { type Edits, layOver } from '../tree/source/edit.ts'
import { openFolder } from '../tree/source/folder.ts'
import { KUSTOMIZATION_NAMES } from '../tree/source/sources.ts'

export type { Edits }

/** Whether two contents are the same bytes; null is a file that is not there. */
export const isSame = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a === null || b === null ? a === b : Buffer.compare(a, b) === 0

/** An environment rendered, or why it cannot be. */
export interface RenderedEnvironment {
  readonly text: string
  readonly objects: readonly KubernetesObject[]
  readonly error?: string
}

export interface RenderedTree {
  readonly environments: ReadonlyMap<string, RenderedEnvironment>
  /** Every file that the renderings read. */
  readonly readPaths: readonly string[]
}

/** Renders folders (as `overlays/prod`) of the tree below `root` with `edits` laid over it. */
export async function renderTree(root: string, edits: Edits, folders: readonly string[]): Promise<RenderedTree> {
  const sources = layOver(openFolder(root), edits)
  const { value, faults } = await readAndRender(sources, {
    exclude: [],
    repository: undefined,
    kustomize: () => findKustomize(MACHINE),
    parallelism: availableParallelism(),
    cacheFolder: join(MACHINE.cacheFolder, 'renderings'),
    folders,
    choose: ({ graph }) => folders.filter(folder => graph.kustomizations.has(folder)),
  })
  const { tree, built, failed } = value
  const environments = new Map<string, RenderedEnvironment>()
  for (const folder of folders) {
    const objects = built.get(folder)
    if (objects) {
      const text = objects
        .map(object => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }))
        .join('---\n')
      environments.set(folder, { objects, text })
      continue
    }
    const reach = new Set(tree.graph.reach(folder).map(one => one.folder))
    const fault = [...reach].flatMap(one => tree.graph.kustomizations.get(one)?.faults ?? [])[0]
    const place = fault?.places[0] ?? faults[0]?.places[0]
    const error = !reach.size
      ? `${folder} has no kustomization.yaml`
      : fault && place && !isResourcePlace(place)
        ? `${place.range.file}:${place.range.line}:${place.range.column}: ${fault.message}`
        : (failed.get(folder)?.text ?? `${folder} cannot be rendered`)
    environments.set(folder, { text: '', objects: [], error })
  }
  return { environments, readPaths: sources.readPaths }
}

const MACHINE = describeMachine()

/** The files that each of the folders reads when it is built, of the tree with `edits` laid over it. Renders nothing. */
export function listReads(
  root: string,
  edits: Edits,
  folders: readonly string[],
): ReadonlyMap<string, { readonly isBuild: boolean; readonly paths: ReadonlySet<string> }> {
  const graph = buildGraph(layOver(openFolder(root), edits), folders)
  const known = [...graph.kustomizations].filter(([folder]) => folders.includes(folder))
  return new Map(
    known.map(([folder, { kind }]) => [folder, { isBuild: kind === 'Kustomization', paths: listFiles(graph, folder) }]),
  )
}

/** The kustomization file of a folder, by whichever of its three names; undefined when there is none. */
export function findKustomizationFile(root: string, folder: string): string | undefined {
  const sources = openFolder(root)
  return KUSTOMIZATION_NAMES.map(name => posix.join(folder, name)).find(path => sources.resolve(path).kind === 'file')
}
