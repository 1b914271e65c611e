// What a Kustomization of Flux does to a build before it is in the cluster's hands.
import { posix } from 'node:path'
import type { Build, Resource } from '../tree/model/build.ts'
import { listAt, stringAt, valueAt } from '../tree/model/build.ts'
import { normalizePath } from '../tree/source/sources.ts'

export interface Flux {
  /** Whether the tree has Kustomizations of Flux. */
  readonly isUsed: boolean
  /** Whether its patches may add fields to a resource. */
  patches(resource: Resource): boolean
  /** Whether it gives a resource, and all that it is built with, another namespace. */
  moves(resource: Resource): boolean
  /** Whether it adds components to what a folder builds. */
  adds(folder: string): boolean
  /** Whether it applies what lies at a path. */
  reads(path: string): boolean
  /** Whether it builds a folder by itself: it names it, or comes upon it below one, and no kustomization stands before it. */
  builds(folder: string, isKustomization: (folder: string) => boolean): boolean
}

export function findFlux(builds: readonly Build[]): Flux {
  const own = builds.flatMap(({ resources }) => resources.filter(isFluxKustomization))
  const patched = own.flatMap(readPatches)
  const moved = own.flatMap(readMoved)
  const added = own.flatMap(readAdded)
  const folders = own.flatMap(one => readFolder(one) ?? [])
  return {
    isUsed: own.length > 0,
    patches: resource => patched.some(one => one.takes(resource.kind) && one.renders(resource)),
    moves: resource => moved.some(renders => renders(resource)),
    adds: folder => added.some(isFolder => isFolder(folder)),
    reads: path => folders.some(isFolder => isFolder(path)),
    builds: (folder, isKustomization) =>
      own.some(one => {
        if (!readFolder(one)?.(folder)) return false
        const path = normalizePath(stringAt(one.object, ['spec', 'path']) ?? '')
        return path.includes('$') || !listBetween(path, folder).some(isKustomization)
      }),
  }
}

export const isFluxKustomization = ({ group, kind }: Resource): boolean =>
  group === 'kustomize.toolkit.fluxcd.io' && kind === 'Kustomization'

interface Patched {
  takes(kind: string): boolean
  renders(resource: Resource): boolean
}

/** Says of a resource whether a Kustomization renders it. */
function readPath(kustomization: Resource): ((resource: Resource) => boolean) | undefined {
  const isFolder = readFolder(kustomization)
  return isFolder && (({ origin, build }) => isFolder(origin.kind === 'document' ? origin.file : build))
}

function readFolder({ object }: Resource): ((path: string) => boolean) | undefined {
  const path = stringAt(object, ['spec', 'path'])
  return path === undefined ? undefined : matchFolder(normalizePath(path))
}

/** A folder and those below it that lead to another one, without that. */
function listBetween(above: string, folder: string): readonly string[] {
  const found: string[] = []
  for (let at = folder; at !== above && at !== '.'; at = posix.dirname(at)) found.push(posix.dirname(at))
  return found
}

function readPatches(kustomization: Resource): readonly Patched[] {
  const patches = valueAt(kustomization.object, ['spec', 'patches'])
  const renders = readPath(kustomization)
  if (!Array.isArray(patches) || patches.length === 0 || !renders) return []
  const kinds = patches.map(readKind)
  return [{ takes: kind => kinds.some(one => one === undefined || one === kind), renders }]
}

function readMoved(kustomization: Resource): readonly ((resource: Resource) => boolean)[] {
  const renders = readPath(kustomization)
  return renders && stringAt(kustomization.object, ['spec', 'targetNamespace']) !== undefined ? [renders] : []
}

function readAdded({ object }: Resource): readonly ((path: string) => boolean)[] {
  const path = stringAt(object, ['spec', 'path'])
  return path !== undefined && listAt(object, ['spec', 'components']).length ? [matchFolder(normalizePath(path))] : []
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
