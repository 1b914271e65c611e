// What a policy looks at: an object of the tree, and the pods that a workload makes.
import { mappingAt, type Resource, stringAt } from '../../tree/model/build.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import { podTemplateOf } from '../../tree/model/pod-template.ts'
import { pluralOf } from './match.ts'
import { fillIn } from './values.ts'

export interface Subject {
  /** Where findings stand. */
  readonly resource: Resource
  /** From the resource's root to that of the object. */
  readonly prefix: FieldPath
  readonly group: string
  readonly version: string
  readonly kind: string
  /** As a path of the API has it. */
  readonly plural: string
  readonly name: string
  readonly namespace: string | undefined
  /** Where it is in the tree. */
  readonly namespaceObject: Resource | undefined
  readonly isNamespaced: boolean
  readonly object: Readonly<Record<string, unknown>>
  /** What of a refusal follows: of pods it is seen later. */
  readonly note: string
}

export interface Surroundings {
  readonly namespaces: ReadonlyMap<string, Resource>
  /** Of kinds that the tree defines, by `group/kind`. */
  readonly plurals: ReadonlyMap<string, string>
}

export function listSubjects(resource: Resource, { namespaces, plurals }: Surroundings): readonly Subject[] {
  const { group, kind, name, namespace, isClusterScoped, object } = resource
  const version = object.apiVersion.split('/').at(-1) ?? ''
  const isNamespaced = !isClusterScoped
  const own = {
    resource,
    prefix: [],
    group,
    version,
    kind,
    plural: plurals.get(`${group}/${kind}`) ?? pluralOf(kind),
    name,
    namespace,
    namespaceObject: namespaces.get(namespace ?? ''),
    isNamespaced,
    object: fillIn(resource),
    note: '',
  }
  const path = podTemplateOf(resource)?.specPath.slice(0, -1)
  if (!path || path.length === 0) return [own]
  const template = mappingAt(resource.object, path) ?? {}
  const made = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: `${name}-`, ...mappingAt(template, ['metadata']) },
    spec: template.spec,
  }
  const pod: Resource = {
    ...resource,
    object: made,
    group: '',
    kind: 'Pod',
    name: stringAt(made, ['metadata', 'name']) ?? '',
  }
  return [
    own,
    {
      ...own,
      prefix: path,
      group: '',
      version: 'v1',
      kind: 'Pod',
      plural: 'pods',
      object: fillIn(pod),
      note: `; the ${kind} is taken, and its pods are refused`,
    },
  ]
}
