// Which image each container of an object runs, wherever its pod template stands.
import { listAt, stringAt } from './build.ts'
import { type ImageReference, parseImageReference } from './image-reference.ts'
import type { FieldPath } from './place.ts'
import type { KubernetesObject } from './resource.ts'

export interface Container {
  readonly object: KubernetesObject
  /** Of the image. */
  readonly fieldPath: FieldPath
  /** Kind and name of the object, and the container's name. */
  readonly kind: string
  readonly owner: string
  readonly name: string
  readonly image: string
  /** Undefined for a text that no runtime reads. */
  readonly reference: ImageReference | undefined
}

/** Where a pod template may stand. */
const TEMPLATES: readonly (readonly string[])[] = [
  ['spec', 'template', 'spec'],
  ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  ['spec'],
]

export function listContainers(objects: readonly KubernetesObject[]): readonly Container[] {
  return objects.flatMap(object =>
    TEMPLATES.flatMap(template =>
      ['initContainers', 'containers'].flatMap(list =>
        listAt(object, [...template, list]).flatMap((container, index) => {
          const image = stringAt(container, ['image'])
          const name = stringAt(container, ['name'])
          if (image === undefined || name === undefined) return []
          const parsed = parseImageReference(image)
          const reference = 'fault' in parsed ? undefined : parsed
          const fieldPath = [...template, list, index, 'image']
          const { kind = '', metadata } = object
          return [{ object, fieldPath, kind, owner: metadata?.name ?? '', name, image, reference }]
        }),
      ),
    ),
  )
}

/** The last segment of a repository: the image's own name, in whatever registry. */
export const baseName = (repository: string): string => repository.slice(repository.lastIndexOf('/') + 1)

/** Whether both are one version of one image, from whichever registry. */
export const isSameVersion = (one: ImageReference, other: ImageReference): boolean =>
  baseName(one.repository) === baseName(other.repository) &&
  (one.digest ? other.digest === one.digest : other.tag === one.tag)
