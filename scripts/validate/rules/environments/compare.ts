// One application in several environments: which objects are the same, and in which fields they differ.
import { createNeutral, withoutHash } from '../../../tree/environments/names.ts'
import type { EnvironmentBuild } from '../../../tree/environments/open.ts'
import { mappingAt, type Resource, stringAt } from '../../../tree/model/build.ts'
import type { FieldPath } from '../../../tree/model/place.ts'

/** An object as one environment has it. */
export interface Member {
  readonly build: EnvironmentBuild
  /** Undefined where the environment lacks it. */
  readonly resource: Resource | undefined
}

export interface Twins {
  readonly kind: string
  /** As it is in any environment. */
  readonly name: string
  /** In the order of the environments: those of which all is known. */
  readonly members: readonly Member[]
}

/** One field, as each member has it. */
export interface FieldDifference {
  readonly values: readonly unknown[]
  /** Members may have an entry of a list at different places. */
  readonly paths: readonly FieldPath[]
  /** What it is a part of, where a member lacks that as a whole. */
  readonly within?: FieldDifference
}

/** The objects of one application; `family` has its builds. */
export function* listTwins(family: readonly (EnvironmentBuild | undefined)[]): Generator<Twins> {
  const builds = family.filter(build => build !== undefined)
  if (builds.length < 2) return
  const objects = new Map<string, { kind: string; name: string; byBuild: Map<EnvironmentBuild, Resource[]> }>()
  for (const build of builds) {
    const neutral = createNeutral(build.environment.name)
    for (const resource of build.resources) {
      const { group, kind } = resource
      const name = neutral(isGenerated(resource) ? withoutHash(resource.name) : resource.name)
      const key = `${group}/${kind}/${name}`
      const twins = objects.get(key) ?? { kind, name, byBuild: new Map() }
      objects.set(key, twins)
      twins.byBuild.set(build, [...(twins.byBuild.get(build) ?? []), resource])
    }
  }
  for (const { kind, name, byBuild } of objects.values()) {
    // Two of one name in different namespaces: which belongs to which is not known.
    if ([...byBuild.values()].some(found => found.length > 1)) continue
    yield { kind, name, members: builds.map(build => ({ build, resource: byBuild.get(build)?.[0] })) }
  }
}

const isGenerated = ({ group, kind, name }: Resource): boolean =>
  group === '' && (kind === 'ConfigMap' || kind === 'Secret') && withoutHash(name) !== name

/** The fields in which objects differ, once the names of their environments and generated hashes count for nothing. */
export function listDifferences(members: readonly (Member & { readonly resource: Resource })[]) {
  const values = members.map(({ build, resource }) => neutralize(resource.object, createReader(build)))
  return [...differ({ values, paths: members.map(() => []) })]
}

function createReader({ environment, resources }: EnvironmentBuild): (text: string) => string {
  const neutral = createNeutral(environment.name)
  const generated = new Set(resources.filter(isGenerated).map(({ name }) => name))
  return text => neutral(generated.has(text) ? withoutHash(text) : text)
}

function neutralize(value: unknown, read: (text: string) => string): unknown {
  if (typeof value === 'string') return read(value)
  if (Array.isArray(value)) return value.map(item => neutralize(item, read))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, child]): [string, unknown] => [read(key), neutralize(child, read)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

function* differ({ values, paths, within }: FieldDifference): Generator<FieldDifference> {
  const written = values.map(value => JSON.stringify(value))
  if (written.every(text => text === written[0])) return
  const isMissing = values.includes(undefined)
  const mappings = values.map(value => (value === undefined ? {} : mappingAt(value, [])))
  if (mappings.every(one => one !== undefined) && mappings.some(one => Object.keys(one).length > 0)) {
    const whole = within ?? (isMissing ? { values, paths } : undefined)
    for (const key of new Set(mappings.flatMap(one => Object.keys(one)))) {
      const next = { values: mappings.map(one => one[key]), paths: paths.map(path => [...path, key]) }
      yield* differ(whole ? { ...next, within: whole } : next)
    }
    return
  }
  const lists = values.map(value => (Array.isArray(value) && value.every(isNamed) ? value : undefined))
  if (!lists.every(one => one !== undefined)) {
    yield within ? { values, paths, within } : { values, paths }
    return
  }
  for (const name of new Set(lists.flatMap(list => list.map(item => stringAt(item, ['name']))))) {
    const found = lists.map(list => list.findIndex(item => stringAt(item, ['name']) === name))
    const next = {
      values: lists.map((list, index) => list[found[index] ?? -1]),
      paths: paths.map((path, index) => [...path, found[index] ?? -1]),
    }
    yield* differ(within ? { ...next, within } : next)
  }
}

const isNamed = (item: unknown): boolean => stringAt(item, ['name']) !== undefined
