// Which image each container of a build runs, as it is rendered, and which containers of two environments are the same.
import { listAt, stringAt } from '../../tree/model/build.ts'
import { type ImageReference, parseImageReference } from '../../tree/model/image-reference.ts'
import type { KubernetesObject } from '../../tree/model/resource.ts'
import type { Leaf } from '../writer.ts'

export interface Container extends Leaf {
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

/** The container of the other environment: by kind, owner and name; by kind and name where prefixes differ. */
export function findTwin(container: Container, others: readonly Container[]): Container | undefined {
  const fitting = others.filter(({ kind, name }) => kind === container.kind && name === container.name)
  return fitting.find(({ owner }) => owner === container.owner) ?? (fitting.length === 1 ? fitting[0] : undefined)
}

/** The last segment of a repository: the image's own name, in whatever registry. */
export const baseName = (repository: string): string => repository.slice(repository.lastIndexOf('/') + 1)

/** The registry and the path in it; empty for what names none (Docker Hub, or what the node has). */
export const registryOf = (repository: string): string =>
  repository.includes('/') ? repository.slice(0, repository.lastIndexOf('/')) : ''

export const writeImage = ({ repository, tag, digest }: ImageReference): string =>
  `${repository}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`

/** With the first digits of the digest. */
export const showReference = (reference: ImageReference): string =>
  writeImage({ ...reference, digest: reference.digest?.slice(0, 'sha256:'.length + 12) })
