// The pods of an object as both sides have them: containers found again by their names, whatever their order.
import { mappingAt, type Resource, valueAt } from '../../tree/model/build.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import { podTemplateOf } from '../../tree/model/pod-template.ts'
import type { ComparedObject } from '../model.ts'
import { createdOf, indexByName, staysOf, storedOf } from './risk.ts'

/** One version of the pods that an object makes. */
export interface Pods {
  readonly resource: Resource
  /** From the object's root to the pod's spec. */
  readonly path: FieldPath
  /** With the defaults of the API server. */
  readonly spec: unknown
}

export interface Container {
  readonly name: string
  /** From the object's root. */
  readonly path: FieldPath
  readonly value: unknown
}

export interface PodsPair {
  /** Undefined where the pods are new. */
  readonly before: Pods | undefined
  readonly after: Pods
}

/** Undefined for what has no pods in the head. */
export function podsOf(object: ComparedObject): PodsPair | undefined {
  const after = readPods(createdOf(object) ?? staysOf(object)?.after)
  // Another name gives its pods nothing that they did not have.
  return after && { before: readPods(object.before), after }
}

export function readPods(resource: Resource | undefined): Pods | undefined {
  const template = resource && podTemplateOf(resource)
  if (!resource || !template) return undefined
  return { resource, path: template.specPath, spec: valueAt(storedOf(resource), template.specPath) }
}

const LISTS = ['initContainers', 'containers', 'ephemeralContainers']

export const listContainers = ({ spec, path }: Pods): readonly Container[] =>
  LISTS.flatMap(list =>
    [...indexByName(spec, [list])].map(([name, { index, value }]) => ({ name, path: [...path, list, index], value })),
  )

/** The same container of the other version. */
export const twinOf = ({ name }: Container, pods: Pods | undefined): Container | undefined =>
  pods && listContainers(pods).find(one => one.name === name)

/** Whether a change of the template makes the controller replace the pods. */
export function replacesPods({ change: { fields } }: ComparedObject, { path }: Pods): boolean {
  const template = path.slice(0, -1)
  return fields.some(
    ({ fieldPath }) => template.length > 0 && template.every((segment, at) => fieldPath[at] === segment),
  )
}

export const isMapping = (value: unknown): boolean => mappingAt(value, []) !== undefined
