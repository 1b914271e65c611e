// What surrounds a reference: what the objects beside it make, who names what, and what programs may make unseen.
import { mappingAt, type Resource } from '../build.ts'
import { listReach } from '../pod-makers.ts'
import type { KindId } from '../references.ts'
import { isSameNamespace, type ResourceIndex } from '../resource-index.ts'
import { listMade, type Made, mayCreate, mayMakeAnything } from './makers.ts'
import { type Reference, readReferences } from './read.ts'

export interface MadeHere extends Made {
  readonly namespace: string | undefined
}

export interface Surroundings {
  readonly made: readonly MadeHere[]
  /** Who names what, by `KIND NAME`. */
  readonly named: ReadonlyMap<string, readonly Reference[]>
  /** How often a word stands in names and labels. */
  words(): ReadonlyMap<string, number>
  mayMake(kind: KindId, namespace: string | undefined): boolean
  /** Whether two loose manifests lie in folders that hold an object of one name each: one is for another cluster. */
  areVersions(one: Resource, other: Resource): boolean
}

const surroundings = new WeakMap<ResourceIndex, Surroundings>()

export function surroundingsOf(index: ResourceIndex): Surroundings {
  let found = surroundings.get(index)
  if (!found) {
    found = survey(index)
    surroundings.set(index, found)
  }
  return found
}

function survey(index: ResourceIndex): Surroundings {
  const { resources } = index
  const controllers = resources.filter(mayMakeAnything)
  const grants = listGrants(index)
  const answers = new Map<string, boolean>()
  const versions = once(() => pairVersions(resources))
  return {
    made: resources.flatMap(one => listMade(one).map(made => ({ ...made, namespace: one.namespace }))),
    named: mapNamed(resources),
    words: once(() => countWords(resources)),
    mayMake(kind, namespace) {
      const key = `${kind} ${namespace ?? ''}`
      let answer = answers.get(key)
      if (answer === undefined) {
        answer =
          controllers.some(one => listReach(one).some(reached => isSameNamespace(reached, namespace))) ||
          grants.some(({ role, reach }) => isSameNamespace(reach, namespace) && mayCreate(role, kind))
        answers.set(key, answer)
      }
      return answer
    },
    areVersions: (one, other) =>
      one.build !== other.build && isLoose(one) && isLoose(other) && versions().has(pairOf(one.build, other.build)),
  }
}

const isLoose = ({ origin }: Resource): boolean => origin.kind === 'document'

const pairOf = (one: string, other: string): string => JSON.stringify([one, other].sort())

/** Beyond it an object says little of where its folders go. */
const MOST_VERSIONS = 50

function pairVersions(resources: readonly Resource[]): ReadonlySet<string> {
  const builds = new Map<string, Set<string>>()
  for (const resource of resources.filter(isLoose)) {
    const key = JSON.stringify([resource.group, resource.kind, resource.namespace, resource.name])
    builds.set(key, (builds.get(key) ?? new Set()).add(resource.build))
  }
  const lists = [...builds.values()].map(one => [...one]).filter(one => one.length > 1 && one.length < MOST_VERSIONS)
  return new Set(lists.flatMap(list => list.flatMap(one => list.map(other => pairOf(one, other)))))
}

function mapNamed(resources: readonly Resource[]): ReadonlyMap<string, readonly Reference[]> {
  return Map.groupBy(resources.flatMap(readReferences), ({ to, name }) => `${to} ${name}`)
}

function countWords(resources: readonly Resource[]): ReadonlyMap<string, number> {
  const words = new Map<string, number>()
  for (const { object, name } of resources) {
    const labels = [mappingAt(object, ['metadata', 'labels']), podTemplateLabels(object)]
    const texts = [name, ...labels.flatMap(one => Object.values(one ?? {}))]
    for (const text of texts) {
      for (const word of typeof text === 'string' ? text.split(/[-_.]/) : [])
        words.set(word, (words.get(word) ?? 0) + 1)
    }
  }
  return words
}

const podTemplateLabels = (object: unknown): ReturnType<typeof mappingAt> =>
  mappingAt(object, ['spec', 'template', 'metadata', 'labels'])

function once<Value>(make: () => Value): () => Value {
  let value: { readonly of: Value } | undefined
  return () => {
    value ??= { of: make() }
    return value.of
  }
}

/** Roles that a program of the tree has, with the namespace where they hold. */
function listGrants(index: ResourceIndex): readonly { readonly role: Resource; readonly reach: string | undefined }[] {
  const bindings = ['RoleBinding', 'ClusterRoleBinding'].flatMap(kind =>
    index.ofKind('rbac.authorization.k8s.io', kind),
  )
  return bindings.flatMap(binding => {
    const references = readReferences(binding)
    if (!references.some(({ to }) => to === '/ServiceAccount')) return []
    return references
      .filter(({ field }) => field.at === 'roleRef')
      .flatMap(({ to, name, namespace }) => index.named(to, name, namespace))
      .map(role => ({ role, reach: binding.namespace }))
  })
}
