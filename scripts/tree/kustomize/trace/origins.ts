// Asks kustomize where the resources of a build began. Only for builds with findings: the annotations that tell it change
// what is rendered where kustomize shares a value between two fields, so they are never in what is validated.
import { posix } from 'node:path'
import type { Origin } from '../../model/build.ts'
import type { KubernetesObject } from '../../model/resource.ts'
import { renderAnew, type RenderOptions } from '../build/builds.ts'

const NOTE = 'config.kubernetes.io/origin'

/** The origins of each root's resources, in the order in which they are rendered. */
export async function renderOrigins(
  roots: readonly string[],
  options: RenderOptions,
): Promise<ReadonlyMap<string, readonly (Origin | undefined)[]>> {
  const results = await renderAnew(roots, options, 'with origins')
  return new Map(
    [...results].map(([root, result]) => {
      const resources = 'resources' in result ? result.resources : []
      return [root, resources.map(object => readOrigin(root, object))]
    }),
  )
}

/** The note is YAML of two known shapes, with paths relative to the root that was built. */
function readOrigin(root: string, { metadata }: KubernetesObject): Origin | undefined {
  const note = metadata?.annotations?.[NOTE]
  const [, key, path] = /^(path|configuredIn): (.+)$/m.exec(note ?? '') ?? []
  if (path === undefined) return undefined
  const file = posix.normalize(posix.join(root, path.replace(/^(['"])(.*)\1$/, '$2')))
  return key === 'path' ? { kind: 'document', file } : { kind: 'generator', file }
}
