// Renders some folders of a tree for commands that want objects and not findings: with the kustomize that validate judges with.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { readAndRender } from './engine.ts'
import { findKustomize } from './kustomize/build/binary.ts'
import { describeMachine } from './machine.ts'
import { isResourcePlace } from './model/place.ts'
import type { KubernetesObject } from './model/resource.ts'
import type { Sources } from './source/sources.ts'

/** What a folder renders to, or why it cannot be rendered. */
export type RenderedFolder =
  | { readonly objects: readonly KubernetesObject[]; readonly error?: undefined }
  | { readonly objects: readonly KubernetesObject[]; readonly error: string }

/** One entry for each folder. Throws a Problem where the machine has no kustomize. */
export async function renderFolders(
  sources: Sources,
  folders: readonly string[],
): Promise<ReadonlyMap<string, RenderedFolder>> {
  const machine = describeMachine()
  const { value } = await readAndRender(sources, {
    exclude: [],
    repository: undefined,
    kustomize: () => findKustomize(machine),
    parallelism: availableParallelism(),
    cacheFolder: join(machine.cacheFolder, 'renderings'),
    folders,
    choose: ({ graph }) => folders.filter(folder => graph.kustomizations.has(folder)),
  })
  const { tree, built, failed } = value
  return new Map(
    folders.map((folder): [string, RenderedFolder] => {
      const objects = built.get(folder)
      if (objects) return [folder, { objects }]
      const reach = tree.graph.reach(folder)
      const fault = reach.flatMap(({ faults }) => faults)[0]
      const place = fault?.places[0]
      const error = !reach.length
        ? `${folder} has no kustomization.yaml`
        : fault && place && !isResourcePlace(place)
          ? `${place.range.file}:${place.range.line}:${place.range.column}: ${fault.message}`
          : (failed.get(folder)?.text ?? `${folder} cannot be rendered`)
      return [folder, { objects: [], error }]
    }),
  )
}
