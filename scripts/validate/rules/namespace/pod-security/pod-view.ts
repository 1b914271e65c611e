// A pod as the checks of Pod Security look at it.
import { listAt, mappingAt, stringAt, valueAt } from '../../../../tree/model/build.ts'
import type { FieldPath } from '../../../../tree/model/place.ts'

/** A pod as it is written: `metadata` and `spec`, of a Pod or of a template. */
export interface PodView {
  readonly metadata: unknown
  readonly spec: unknown
}

type Found = readonly [path: FieldPath, text: string]

export type Finder = (pod: PodView) => readonly Found[]

interface Container {
  readonly path: FieldPath
  readonly value: unknown
}

export function containersOf({ spec }: PodView): readonly Container[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap(list =>
    listAt(spec, [list]).map((value, index) => ({ path: ['spec', list, index], value })),
  )
}

export const context = (holder: unknown, ...path: FieldPath): unknown => valueAt(holder, ['securityContext', ...path])

export const inContext = (holder: FieldPath, ...path: FieldPath): FieldPath => [...holder, 'securityContext', ...path]

/** The pod's own security context and those of its containers. */
export const holdersOf = (pod: PodView): readonly Container[] => [
  { path: ['spec'], value: pod.spec },
  ...containersOf(pod),
]

const isWindows = ({ spec }: PodView): boolean => stringAt(spec, ['os', 'name']) === 'windows'

const hasOwnUsers = ({ spec }: PodView): boolean => valueAt(spec, ['hostUsers']) === false

export const unlessWindows =
  (find: Finder): Finder =>
  pod =>
    isWindows(pod) ? [] : find(pod)

export const unlessOwnUsers =
  (find: Finder): Finder =>
  pod =>
    hasOwnUsers(pod) ? [] : find(pod)

/** Containers whose field fails a test. */
export const inContainers =
  (path: FieldPath, isBad: (value: unknown) => boolean, text: string): Finder =>
  pod =>
    containersOf(pod)
      .filter(({ value }) => isBad(context(value, ...path)))
      .map(container => [inContext(container.path, ...path), text])

export const annotationsOf = ({ metadata }: PodView): readonly (readonly [string, string])[] =>
  Object.entries(mappingAt(metadata, ['annotations']) ?? {}).map(([key, value]) => [key, String(value ?? '')])

export const isThere = (value: unknown): boolean => value !== undefined && value !== null
