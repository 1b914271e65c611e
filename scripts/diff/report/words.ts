// The words that all formats share: paths, values, counts, and the changes grouped as they are told.
import { isDeepStrictEqual } from 'node:util'
import { groupOf, valueAt } from '../../tree/model/build.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import { orderOf } from '../compare/order.ts'
import type { Diff, Reach } from '../diff.ts'
import type { Change, ComparedObject, FieldChange, Location, Risk } from '../model.ts'

/** The changes of one Application in one environment; of a build that no Application syncs, of the build. */
export interface Group {
  readonly environment: string | undefined
  readonly application: string | undefined
  readonly build: string
  readonly objects: readonly ComparedObject[]
}

/** In the order of the head. */
export function groupChanges(objects: readonly ComparedObject[]): readonly Group[] {
  const keyOf = ({ change }: ComparedObject): string =>
    [change.environment ?? '', change.application ?? '', change.build].join('\n')
  return [...Map.groupBy(objects, keyOf).values()].map(members => {
    const { environment, application, build } = (members[0] as ComparedObject).change
    return { environment, application, build, objects: members }
  })
}

const TYPES = ['added', 'changed', 'renamed', 'removed'] as const

export const countTypes = (objects: readonly ComparedObject[]): Readonly<Record<Change['type'], number>> => {
  const counts = { added: 0, changed: 0, renamed: 0, removed: 0 }
  for (const { change } of objects) counts[change.type]++
  return counts
}

/** As `2 changed, 1 added`. */
export const sayCounts = (objects: readonly ComparedObject[]): string => {
  const counts = countTypes(objects)
  return TYPES.flatMap(type => (counts[type] ? [`${counts[type]} ${type}`] : [])).join(', ')
}

const nameGroup = ({ environment, application, build }: Group): string =>
  [environment, application].filter(Boolean).join(' · ') || build

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

export function enumerate(words: readonly string[], most = 8): string {
  if (words.length > most) return `${words.slice(0, most).join(', ')} and ${words.length - most} more`
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

export function sayReach({ folder, environments, others, hasEffect }: Reach): string {
  const rest = others.length === 1 ? (others[0] ?? '') : `${others.length} builds of no environment`
  const reached = enumerate([...environments, ...(others.length ? [rest] : [])])
  return hasEffect
    ? `${folder}/ changes: it reaches ${reached}`
    : `${folder}/ changes, and nothing of ${reached} with it`
}

/** `spec.template.spec.containers[web].image`: an item of a list by its name where it has one. */
export function showPath(path: FieldPath, object: unknown): string {
  return path
    .map((segment, index) => {
      if (typeof segment === 'number') {
        const name = valueAt(object, [...path.slice(0, index + 1), 'name'])
        return `[${typeof name === 'string' ? name : segment}]`
      }
      if (!/^[\w-]+$/.test(segment)) return `[${JSON.stringify(segment)}]`
      return index === 0 ? segment : `.${segment}`
    })
    .join('')
}

/** The path of a field of a change, by the object of the side that has it. */
export const showFieldPath = ({ fieldPath, after }: FieldChange, one: ComparedObject): string =>
  showPath(fieldPath, ((after === undefined ? one.before : one.after) ?? one.after ?? one.before)?.object)

const MOST_LETTERS = 160

/** A value in one line. */
export function showValue(value: unknown, most = MOST_LETTERS): string {
  const text = value === undefined ? '(none)' : showFlow(value)
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}

function showFlow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(showFlow).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, one]) => `${key}: ${showFlow(one)}`)
      .join(', ')}}`
  }
  if (typeof value !== 'string') return JSON.stringify(value) ?? ''
  // A text that could be read as something else is quoted.
  return /^[\w(/][\w ./:@%+=()*-]*$/.test(value) && !/^(?:[\d.]+|true|false|null)$/.test(value)
    ? value
    : JSON.stringify(value)
}

/** The lines of a text that are others, without what both have before and behind them. */
export function diffLines(
  before: unknown,
  after: unknown,
): { old: readonly string[]; next: readonly string[] } | undefined {
  if (typeof before !== 'string' || typeof after !== 'string' || !`${before}${after}`.includes('\n')) return undefined
  const [old, next] = [before.split('\n'), after.split('\n')]
  let start = 0
  while (start < old.length && start < next.length && old[start] === next[start]) start++
  let end = 0
  while (end < old.length - start && end < next.length - start && old.at(-1 - end) === next.at(-1 - end)) end++
  return { old: old.slice(start, old.length - end), next: next.slice(start, next.length - end) }
}

export const showLocation = (location: Location | undefined): string =>
  location ? `${location.file}:${location.line}${location.side === 'base' ? ' (base)' : ''}` : ''

/** What a mere change of order does. */
export const sayOrder = ({ fieldPath }: FieldChange, { after }: ComparedObject): string =>
  after && orderOf(after.object, fieldPath) === 'pods' ? 'order only, replaces the pods' : 'order only'

/** What an object was before, where that is told in words. */
export function sayBefore({ before, object, application, build }: Change): string {
  if (!before) return ''
  const parts: string[] = []
  if (before.kind !== object.kind) parts.push(`was ${before.kind} ${before.name}`)
  else if (before.name !== object.name) parts.push(`was ${before.name}`)
  if (groupOf(before.apiVersion) !== groupOf(object.apiVersion) && before.kind === object.kind)
    parts.push(`was of ${before.apiVersion}`)
  if (before.namespace !== object.namespace) parts.push(`was in namespace ${before.namespace ?? '(none)'}`)
  if (before.application !== application) parts.push(`was of Application ${before.application ?? '(none)'}`)
  else if (before.build !== build && application === undefined) parts.push(`was in ${before.build}`)
  return parts.join(', ')
}

/** Fields of an object as they are printed whole, without the values of a Secret. */
export function wholeObject({ before, after }: ComparedObject): unknown {
  const object = (after ?? before)?.object
  if (object?.kind !== 'Secret') return object
  const hide = (values: unknown): unknown =>
    typeof values === 'object' && values !== null
      ? Object.fromEntries(Object.keys(values).map(key => [key, '(hidden)']))
      : undefined
  const { data, stringData, ...rest } = object
  const { annotations: _annotations, ...metadata } = rest.metadata ?? {}
  return {
    ...rest,
    metadata,
    ...(data === undefined ? {} : { data: hide(data) }),
    ...(stringData === undefined ? {} : { stringData: hide(stringData) }),
  }
}

/** Groups whose objects change in one and the same way are told once. */
export function mergeGroups(groups: readonly Group[]): readonly { readonly groups: readonly Group[] }[] {
  const merged: { groups: Group[]; text: unknown }[] = []
  for (const group of groups) {
    const text = group.objects.map(({ change }) => [change.object.kind, change.object.name, change.type, change.fields])
    const same = merged.find(one => isDeepStrictEqual(one.text, text))
    if (same) same.groups.push(group)
    else merged.push({ groups: [group], text })
  }
  return merged
}

/** Of a build that belongs to no environment, where Applications say what is deployed. */
export const NOT_DEPLOYED = 'deployed by no Application here'

/** Who a merged group is: the environments one by one, builds that belong to none counted where they are many. */
export function nameMerged(
  groups: readonly Group[],
  { hasApplications }: Pick<Diff, 'hasApplications'>,
): { title: string; builds: readonly string[] } {
  const named = groups.filter(({ environment, application }) => environment ?? application)
  const bare = groups.filter(one => !named.includes(one)).map(({ build }) => build)
  const others = bare.length > 2 ? [`${bare.length} builds such as ${bare[0]}`] : bare
  const isKnown = hasApplications && bare.some(build => !build.startsWith('ApplicationSet '))
  const rest = others.length && isKnown ? [`${others.join(', ')} (${NOT_DEPLOYED})`] : others
  return { title: [...named.map(nameGroup), ...rest].join(', '), builds: [...new Set(named.map(({ build }) => build))] }
}

export interface MergedRisk extends Risk {
  /** Environments, and how many builds of none, to which the same is said. */
  readonly where: string
}

/** What a shared file brings to several environments is one risk. */
export function mergeRisks(risks: readonly Risk[]): readonly MergedRisk[] {
  const keyOf = ({ ruleId, level, message, location }: Risk): string =>
    JSON.stringify([ruleId, level, message, location])
  return [...Map.groupBy(risks, keyOf).values()].flatMap(members => {
    const [first] = members
    if (!first) return []
    const names = [...new Set(members.flatMap(({ environment }) => environment ?? []))]
    const bare = members.filter(({ environment }) => environment === undefined).length
    const rest = bare > 1 ? [plural(bare, 'other build')] : []
    return [{ ...first, where: enumerate([...names, ...rest]) }]
  })
}

/** The last line of every format. */
export function summarize({ objects, notRendered, builds }: Diff): string {
  const environments = new Set(objects.map(({ change }) => change.environment).filter(Boolean))
  const where = environments.size ? ` in ${enumerate([...environments] as string[])}` : ''
  const own = objects.filter(({ change }) => change.environment ?? change.application)
  const bare = objects.filter(one => !own.includes(one))
  const lost = notRendered.length ? `; ${plural(notRendered.length, 'build')} not rendered` : ''
  const rest = own.length && bare.length ? `; ${sayCounts(bare)} in builds of no environment` : ''
  if (objects.length) return `${sayCounts(own.length ? own : bare)}${where}${rest}${lost}`
  const read = builds ? ` (${plural(builds, 'build')} with other inputs)` : ''
  return notRendered.length ? `no change in what was rendered${lost}` : `nothing changes in any cluster${read}`
}
