// What a Kustomization of Flux patches once a build is in the cluster's hands: nobody can say what such objects lack.
import type { Build, Resource } from '../tree/model/build.ts'
import { stringAt, valueAt } from '../tree/model/build.ts'
import { normalizePath } from '../tree/source/sources.ts'

/** Whether patches of Flux may add fields to a resource. */
export function findFluxPatches(builds: readonly Build[]): (resource: Resource) => boolean {
  const patched = builds.flatMap(({ resources }) => resources.filter(isFluxKustomization).flatMap(readPatches))
  return resource => patched.some(one => one.takes(resource.kind) && one.renders(resource))
}

const isFluxKustomization = ({ group, kind }: Resource): boolean =>
  group === 'kustomize.toolkit.fluxcd.io' && kind === 'Kustomization'

interface Patched {
  takes(kind: string): boolean
  renders(resource: Resource): boolean
}

function readPatches({ object }: Resource): readonly Patched[] {
  const patches = valueAt(object, ['spec', 'patches'])
  const path = stringAt(object, ['spec', 'path'])
  if (!Array.isArray(patches) || patches.length === 0 || path === undefined) return []
  const kinds = patches.map(readKind)
  const isFolder = matchFolder(normalizePath(path))
  return [
    {
      takes: kind => kinds.some(one => one === undefined || one === kind),
      renders: ({ origin, build }) => isFolder(origin.kind === 'document' ? origin.file : build),
    },
  ]
}

/** The kind that a patch is for; undefined where it names none. */
function readKind(patch: unknown): string | undefined {
  const target = stringAt(patch, ['target', 'kind'])
  if (target !== undefined) return target
  return /^kind:\s*(\w+)\s*$/m.exec(stringAt(patch, ['patch']) ?? '')?.[1]
}

/** Whether a path is the folder or lies below it; what Flux fills in (`${CLUSTER}`) may be anything. */
function matchFolder(folder: string): (path: string) => boolean {
  const [first = '', ...rest] = folder.split(/\$\{[^}]*\}/)
  if (rest.length === 0) return path => folder === '.' || path === folder || path.startsWith(`${folder}/`)
  return path => {
    if (!path.startsWith(first)) return false
    let at = first.length
    for (const literal of rest) {
      const found = path.indexOf(literal, at)
      if (found < 0) return false
      at = found + literal.length
    }
    return true
  }
}
