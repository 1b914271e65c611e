// Runs schemas and rules over what will be deployed. A finding of the schema silences what only follows from it.
import type { Collector } from './findings/collect.ts'
import type { Deployment } from '../tree/deploy.ts'
import type { Build, Resource } from '../tree/model/build.ts'
import { closest, editDistance } from '../tree/model/closest.ts'
import type { FieldPath } from './findings/finding.ts'
import { ResourceIndex } from '../tree/model/resource-index.ts'
import { RULES } from './rules/index.ts'
import type { SchemaFault, Schemas } from './schema/index.ts'

/** Validates every resource; returns its faults for `isSound`. */
export function checkSchemas(
  builds: readonly Build[],
  schemas: Schemas,
  collector: Collector,
): ReadonlyMap<Resource, readonly SchemaFault[]> {
  const faults = new Map<Resource, readonly SchemaFault[]>()
  for (const resource of builds.flatMap(({ resources }) => resources)) {
    const found = schemas.validate(resource.object)
    if (!found?.length) continue
    faults.set(resource, found)
    for (const fault of withoutEchoes(found)) {
      collector.addRule('schema-validation', {
        message: fault.message,
        places: [{ resource, fieldPath: fault.fieldPath }],
      })
    }
  }
  return faults
}

/** A misspelt key is one fault: that the right one is missing then goes without saying. */
export function withoutEchoes(faults: readonly SchemaFault[]): readonly SchemaFault[] {
  const unknown = faults.filter(({ keyword }) => keyword === 'additionalProperties')
  return faults.filter(fault => {
    if (fault.keyword !== 'required' || fault.missing === undefined) return true
    const { missing, fieldPath } = fault
    return !unknown.some(
      one => isSamePath(one.fieldPath.slice(0, -1), fieldPath) && isTypoOf(String(one.fieldPath.at(-1)), missing),
    )
  })
}

const isTypoOf = (word: string, meant: string): boolean => closest(word, [meant]) !== undefined

const isSamePath = (a: FieldPath, b: FieldPath): boolean =>
  a.length === b.length && a.every((segment, index) => segment === b[index])

const startsWith = (path: FieldPath, prefix: FieldPath): boolean =>
  prefix.every((segment, index) => segment === path[index])

/** Whether no schema fault stands at, above or below a field. */
export function createSoundness(faults: ReadonlyMap<Resource, readonly SchemaFault[]>) {
  return (resource: Resource, path: FieldPath): boolean =>
    !faults.get(resource)?.some(fault => {
      if (startsWith(fault.fieldPath, path)) return true
      if (fault.keyword !== 'additionalProperties')
        return startsWith(path, fault.fieldPath) && fault.fieldPath.length > 0
      // An unknown key stands for the field whose misspelling it is.
      const parent = fault.fieldPath.slice(0, -1)
      const next = path[parent.length]
      const key = String(fault.fieldPath.at(-1))
      return startsWith(path, parent) && next !== undefined && editDistance(key, String(next), 3) <= 3
    })
}

export function checkRules(
  { builds, applications, destinations }: Deployment,
  isSound: (resource: Resource, path: FieldPath) => boolean,
  collector: Collector,
): void {
  const indexOf = createNeighbourhoods(builds, destinations)
  for (const rule of RULES) {
    if (rule.scope === 'stage') continue
    if (rule.scope === 'tree') {
      for (const finding of rule.check({ builds, applications })) collector.addRule(rule.id, finding)
      continue
    }
    for (const build of builds) {
      const index = indexOf(build)
      for (const kind of rule.kinds) {
        const [group = '', name = ''] = kind.split('/')
        for (const resource of index.own.ofKind(group, name)) {
          for (const finding of rule.check({ resource, index: index.all, isSound })) collector.addRule(rule.id, finding)
        }
      }
    }
  }
}

interface Neighbourhood {
  readonly own: ResourceIndex
  readonly all: ResourceIndex
}

/**
 * What lives beside the resources of a build: builds that Applications sync to the same cluster and namespace, and for
 * loose manifests all others, since nothing says which of them are applied together.
 */
function createNeighbourhoods(
  builds: readonly Build[],
  destinations: ReadonlyMap<string, ReadonlySet<string>>,
): (build: Build) => Neighbourhood {
  const byDestination = new Map<string, Build[]>()
  for (const build of builds) {
    for (const destination of destinations.get(build.id) ?? []) {
      byDestination.set(destination, [...(byDestination.get(destination) ?? []), build])
    }
  }
  const indexes = new Map<string, ResourceIndex>()
  const loose = builds.filter(({ kind }) => kind === 'directory')
  const open = (key: string, members: () => readonly Build[]): ResourceIndex => {
    let index = indexes.get(key)
    if (!index) {
      index = new ResourceIndex(members().flatMap(({ resources }) => resources))
      indexes.set(key, index)
    }
    return index
  }
  return build => {
    const own = open(`own ${build.kind} ${build.id}`, () => [build])
    if (build.kind === 'directory') return { own, all: open('loose', () => loose) }
    const places = [...(destinations.get(build.id) ?? [])].sort()
    const neighbours = new Set(places.flatMap(place => byDestination.get(place) ?? []))
    if (neighbours.size <= 1) return { own, all: own }
    return { own, all: open(`beside ${places.join('\n')}`, () => [...neighbours]) }
  }
}
