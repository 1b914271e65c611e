// Renders builds as they are and as they would be: the engine, as the commands that edit ask it.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { Problem } from '../command/problem.ts'
import { readAndRender, type Renderings, type Settings } from '../tree/engine.ts'
import { findKustomize } from '../tree/kustomize/build/binary.ts'
import { describeMachine } from '../tree/machine.ts'
import { isResourcePlace } from '../tree/model/place.ts'
import type { KubernetesObject } from '../tree/model/resource.ts'
import { listFiles } from '../tree/read-tree.ts'
import { SourceFile } from '../tree/source/source-file.ts'
import type { Sources } from '../tree/source/sources.ts'

/** A build rendered, or why it cannot be. */
export interface Rendered {
  readonly folder: string
  readonly text: string
  readonly objects: readonly KubernetesObject[]
  readonly error?: string
  /** The files that it reads. */
  readonly reads: ReadonlySet<string>
}

export type RenderedBuilds = ReadonlyMap<string, Rendered>

const MACHINE = describeMachine()

export const settingsFor = (folders: readonly string[]): Settings => ({
  exclude: [],
  repository: undefined,
  kustomize: () => findKustomize(MACHINE),
  parallelism: availableParallelism(),
  cacheFolder: join(MACHINE.cacheFolder, 'renderings'),
  folders,
  choose: ({ graph }) => folders.filter(folder => graph.kustomizations.has(folder)),
})

/** The engine's own result for some folders. */
export const renderFolders = async (sources: Sources, folders: readonly string[]): Promise<Renderings> =>
  (await readAndRender(sources, settingsFor(folders))).value

/** Renders folders (as `overlays/prod`); one that does not render says why. */
export async function renderBuilds(sources: Sources, folders: readonly string[]): Promise<RenderedBuilds> {
  const renderings = await renderFolders(sources, folders)
  return new Map(folders.map(folder => [folder, describe(renderings, folder)]))
}

function describe({ tree, built, failed }: Renderings, folder: string): Rendered {
  const { graph } = tree
  const objects = built.get(folder)
  const reads = graph.kustomizations.has(folder) ? listFiles(graph, folder) : new Set<string>()
  if (objects) {
    const write = (object: KubernetesObject) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })
    return { folder, objects, reads, text: objects.map(write).join('---\n') }
  }
  const fault = graph.kustomizations.has(folder) ? graph.reach(folder).flatMap(({ faults }) => faults)[0] : undefined
  const place = fault?.places[0]
  const error = !graph.kustomizations.has(folder)
    ? `${folder} has no kustomization.yaml`
    : fault && place && !isResourcePlace(place)
      ? `${place.range.file}:${place.range.line}:${place.range.column}: ${fault.message}`
      : (failed.get(folder)?.text ?? `${folder} cannot be rendered`)
  return { folder, objects: [], reads, text: '', error }
}

/** Throws when a build rendered before and does not after. */
export function requireRenders(before: RenderedBuilds, after: RenderedBuilds): void {
  for (const [folder, { error }] of after) {
    // What was broken already is not made worse by this change, and may be what it mends.
    if (error && !before.get(folder)?.error) throw new Problem(`with this change ${folder} would not render: ${error}`)
  }
}

/** Builds whose rendering is not the same in both. */
export function listChanged(before: RenderedBuilds, after: RenderedBuilds): readonly string[] {
  return [...after.values()].flatMap(({ folder, text, error }) => {
    const old = before.get(folder)
    return old?.text === text && old?.error === error ? [] : [folder]
  })
}

/** The text of a file. Throws a Problem for one that is not there, or not UTF-8. */
export function readText(sources: Sources, path: string): string {
  const file = sources.read(path)
  if (!(file instanceof SourceFile)) throw new Problem(`${path} cannot be read: ${file.reason}`, { exitCode: 2 })
  if (file.fault) throw new Problem(`${path} cannot be read: ${file.fault.message}`, { exitCode: 2 })
  return file.text
}
