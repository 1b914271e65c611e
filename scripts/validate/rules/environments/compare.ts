// One application in several environments: which objects are the same, and in which fields they differ.
import { createNeutral, withoutHash } from '../../../tree/environments/names.ts'
import type { EnvironmentBuild } from '../../../tree/environments/open.ts'
import { mappingAt, type Resource, stringAt, valueAt } from '../../../tree/model/build.ts'
import type { FieldPath } from '../../../tree/model/place.ts'
import { asStored, normalize } from '../../../tree/stored/normalize.ts'

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

/**
 * The fields in which objects differ, once the names of their environments and generated hashes count for nothing, and
 * as the API server keeps them: quantities, numbers and defaults may be written in several ways.
 */
export function listDifferences(members: readonly (Member & { readonly resource: Resource })[]) {
  const isOneVersion = new Set(members.map(({ resource }) => resource.object.apiVersion)).size === 1
  const written = members.map(({ resource: { object } }) => (isOneVersion ? object : asStored(object)))
  const values = members.map(({ build }, at) => {
    const object = written[at] as Resource['object']
    return neutralize(normalize(object), object, createReader(build))
  })
  // A default may be another one because of what stands beside it.
  return [...differ({ values, paths: members.map(() => []) })].filter(({ paths }) =>
    paths.some((path, at) => valueAt(written[at], path) !== undefined),
  )
}

function createReader({ environment, resources }: EnvironmentBuild): (text: string) => string {
  const neutral = createNeutral(environment.name)
  const generated = new Set(resources.filter(isGenerated).map(({ name }) => name))
  return text => neutral(generated.has(text) ? withoutHash(text) : text)
}

/** Without the empty mappings that nobody wrote: what is in them is missing as a whole where it is missing. */
function neutralize(value: unknown, written: unknown, read: (text: string) => string): unknown {
  // A default has no name of an environment in it, whatever it looks like.
  if (typeof value === 'string') return written === undefined ? value : read(value)
  if (Array.isArray(value)) return value.map((item, at) => neutralize(item, valueAt(written, [at]), read))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .flatMap(([key, child]): [string, unknown][] => {
        const own = valueAt(written, [key])
        const content = neutralize(child, own, read)
        return own === undefined && isEmptyMapping(content) ? [] : [[read(key), content]]
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

const isEmptyMapping = (value: unknown): boolean => Object.keys(mappingAt(value, []) ?? { some: true }).length === 0

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
