// A pod as practices look at it: read once from its workload, with its containers told apart by when they run.
import { listAt, mappingAt, type Resource, stringAt, valueAt } from '../../../tree/model/build.ts'
import { memoize } from '../../../tree/model/memo.ts'
import type { FieldPath } from '../../../tree/model/place.ts'
import { type PodTemplate, podTemplateOf } from '../../../tree/model/pod-template.ts'

export interface ContainerView {
  readonly name: string
  readonly value: unknown
  /** From the resource's root on. */
  readonly path: FieldPath
  /** An init container ends before the others start; a sidecar runs beside them. */
  readonly role: 'main' | 'init' | 'sidecar'
}

export interface PodView {
  readonly resource: Resource
  readonly template: PodTemplate
  readonly spec: unknown
  readonly specPath: FieldPath
  readonly containers: readonly ContainerView[]
  /** Whether its containers are meant to run until somebody ends them. */
  readonly isLongRunning: boolean
  readonly isWindows: boolean
}

/** Undefined for what has no pod, or none that can be read. */
export const viewPod = memoize(readPod)

function readPod(resource: Resource): PodView | undefined {
  const template = podTemplateOf(resource)
  const spec = template && mappingAt(resource.object, template.specPath)
  if (!template || !spec) return undefined
  const { specPath } = template
  const read = (list: string, roleOf: (value: unknown) => ContainerView['role']): readonly ContainerView[] =>
    listAt(spec, [list]).map((value, index) => ({
      name: stringAt(value, ['name']) ?? `${index}`,
      value,
      path: [...specPath, list, index],
      role: roleOf(value),
    }))
  const isSidecar = (value: unknown): boolean => stringAt(value, ['restartPolicy']) === 'Always'
  return {
    resource,
    template,
    spec,
    specPath,
    containers: [
      ...read('initContainers', value => (isSidecar(value) ? 'sidecar' : 'init')),
      ...read('containers', () => 'main'),
    ],
    isLongRunning:
      resource.group !== 'batch' && [undefined, 'Always'].includes(stringAt(spec, ['restartPolicy']) || undefined),
    isWindows: stringAt(spec, ['os', 'name']) === 'windows',
  }
}

/** A setting of the container, else that of its pod. */
export const securityOf = (container: ContainerView, pod: PodView, field: string): unknown =>
  valueAt(container.value, ['securityContext', field]) ?? valueAt(pod.spec, ['securityContext', field])

export const isPrivileged = ({ value }: ContainerView): boolean =>
  valueAt(value, ['securityContext', 'privileged']) === true
