// A field differs between environments, and nobody said that it may: one overlay was forgotten, or changed by hand.
import type { EnvironmentBuild } from '../../../../tree/environments/open.ts'
import { type Resource, valueAt } from '../../../../tree/model/build.ts'
import type { FieldPath } from '../../../../tree/model/place.ts'
import { type FieldDifference, listDifferences, listTwins, type Member } from '../compare.ts'
import { mayDiffer } from '../may-differ.ts'
import { formatPath } from '../../../schema/field-path.ts'
import { defineRule, type RuleFinding, type TreeContext } from '../../rule.ts'

export default defineRule({
  scope: 'tree',
  id: 'environment-drift',
  severity: 'warning',
  summary: 'A field differs between environments that may not.',
  why: 'What was tried in one environment is not what runs in the next: its faults are found there, by users.',
  remediation: 'Write the value in the base, or name the field under environments.mayDiffer in validation.yaml.',
  source: 'environments.mayDiffer in validation.yaml',
  *check(context) {
    if (!context.environments.declaration.mayDiffer) return
    for (const family of context.environments.families) {
      for (const { members } of listTwins(family)) yield* compare(members.filter(isThere), context)
    }
  },
})

type Present = Member & { readonly resource: Resource }

const isThere = (member: Member): member is Present => member.resource !== undefined

function* compare(members: readonly Present[], { environments }: TreeContext): Generator<RuleFinding> {
  if (members.length < 2) return
  const told = new Set<FieldDifference>()
  for (const difference of listDifferences(members)) {
    const path = pathOf(difference)
    if (isLeftToOthers(path)) continue
    if (members.some(({ build, resource }) => mayDiffer(environments.declaration, build, resource, path))) continue
    const whole = difference.within ?? difference
    if (!told.has(whole)) yield describe(members, whole, pathOf(whole))
    told.add(whole)
  }
}

/** As a member has it that has the field. */
const pathOf = ({ paths }: FieldDifference): FieldPath => paths.find(path => !path.includes(-1)) ?? []

/** The name is the object's own, and which version of an image runs is a matter of promotion. */
const isLeftToOthers = (path: FieldPath): boolean =>
  (path[0] === 'metadata' && path[1] === 'name') || (path.at(-1) === 'image' && /ontainers$/.test(String(path.at(-3))))

/** At the environment that is alone with its value; where none is, at the last one that does not leave it to a default. */
function describe(members: readonly Present[], { values, paths }: FieldDifference, path: FieldPath): RuleFinding {
  /** As it is written, where it is; a default is written nowhere. */
  const read = (at: number): unknown => valueAt(members[at]?.resource.object, paths[at] ?? []) ?? values[at]
  const written = values.map(value => JSON.stringify(value))
  const count = (text: string | undefined): number => written.filter(one => one === text).length
  const fewest = Math.min(...written.map(count))
  const isOdd = (text: string): boolean => count(text) === fewest
  const isWritten = (at: number): boolean => valueAt(members[at]?.resource.object, paths[at] ?? []) !== undefined
  const said = written.findLastIndex((text, at) => isOdd(text) && (isWritten(at) || text === undefined))
  const odd = said >= 0 ? said : written.findLastIndex(isOdd)
  const { build, resource } = members[odd] as Present
  const isSecret = resource.kind === 'Secret'
  const others = [...new Set(written)]
    .filter(text => text !== written[odd])
    .map(text => {
      const index = written.indexOf(text)
      const names = members.filter((_, at) => written[at] === text).map(one => one.build)
      return `${show(read(index), isSecret)} in ${listNames(names)}`
    })
  const field = formatPath(path)
  const message = `${field} is ${show(read(odd), isSecret)} in ${build.environment.name}, ${others.join(', ')}`
  return {
    message,
    values: [resource.kind, path.join('/'), build.environment.name],
    places: [{ resource, fieldPath: paths[odd]?.filter(segment => segment !== -1) ?? [] }],
  }
}

const listNames = (builds: readonly EnvironmentBuild[]): string =>
  builds.map(({ environment }) => environment.name).join(' and ')

const MOST_SHOWN = 60

/** Of a Secret nothing is shown. */
function show(value: unknown, isSecret: boolean): string {
  if (value === undefined) return 'missing'
  const text = isSecret ? '' : JSON.stringify(value)
  return isSecret || text.length > MOST_SHOWN ? 'another value' : text
}
