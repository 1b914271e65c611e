// The ports that the containers of a pod declare, which others name.
import { listAt, stringAt, valueAt } from './build.ts'
import type { ResourcePlace } from './place.ts'
import type { PodTemplate } from './pod-template.ts'

export interface ContainerPort {
  readonly name: string | undefined
  readonly protocol: string
  readonly number: number | undefined
  /** Where the name stands. */
  readonly place: ResourcePlace
}

/** Ports of all containers; sidecars count, and so do other init containers (a name of theirs is not a match for long). */
export function listContainerPorts({ resource, specPath }: PodTemplate): readonly ContainerPort[] {
  return ['containers', 'initContainers'].flatMap(list =>
    listAt(resource.object, [...specPath, list]).flatMap((container, index) =>
      list === 'initContainers' && valueAt(container, ['restartPolicy']) !== 'Always'
        ? []
        : listAt(container, ['ports']).map((port, position) => {
            const number = valueAt(port, ['containerPort'])
            return {
              name: stringAt(port, ['name']),
              protocol: stringAt(port, ['protocol']) ?? 'TCP',
              number: typeof number === 'number' ? number : undefined,
              place: { resource, fieldPath: [...specPath, list, index, 'ports', position, 'name'] },
            }
          }),
    ),
  )
}
