// Runs the rules over resources with what lives beside them, but not where they are known to find nothing.
import type { Deployment } from '../tree/deploy.ts'
import type { Build, Resource } from '../tree/model/build.ts'
import type { FieldPath } from '../tree/model/place.ts'
import { nameOf } from '../tree/pack.ts'
import type { Answer } from '../tree/model/references/elsewhere.ts'
import type { Memory } from './memory.ts'
import type { ResourceRule, Rule, RuleFinding } from './rules/rule.ts'

type IsSound = (resource: Resource, path: FieldPath) => boolean

export interface ResourceRules {
  check(rule: ResourceRule): Iterable<RuleFinding>
  /** Said once all rules have run: remembers where none of them found anything. */
  end(): void
}

/** A build that has asked more of the whole tree than this is judged anew in each run: to remember it would take more. */
const MOST_ANSWERS = 10_000

export function openResourceRules(
  rules: readonly Rule[],
  deployment: Deployment,
  isSound: IsSound,
  memory: Pick<Memory, 'isQuiet' | 'noteQuiet'>,
): ResourceRules {
  const { besideOf } = deployment
  const asked = rules.filter(rule => rule.scope === 'resource')
  const ids = nameOf(asked.map(({ id }) => id))
  const builds = deployment.builds.filter(build => !memory.isQuiet(build, besideOf(build), ids))
  const loud = new Set<Build>()
  /** What the rules were told of the whole tree. */
  const told = new Map<Build, Map<string, Answer>>()
  const note = (build: Build) => {
    const answers = new Map<string, Answer>()
    told.set(build, answers)
    return (answer: Answer): void => {
      if (answers.size < MOST_ANSWERS) answers.set(JSON.stringify(answer.question), answer)
      else loud.add(build)
    }
  }
  let found: ReadonlyMap<Rule, readonly RuleFinding[]> | undefined
  return {
    check(rule) {
      found ??= checkAll(asked, builds, { besideOf, isSound, loud, note })
      return found.get(rule) ?? []
    },
    end() {
      for (const build of builds) {
        if (!loud.has(build)) memory.noteQuiet(build, besideOf(build), ids, [...(told.get(build)?.values() ?? [])])
      }
    },
  }
}

interface Found {
  readonly finding: RuleFinding
  /** Of the build among all, and of the kind among those that the rule is about. */
  readonly order: readonly [build: number, kind: number]
}

/**
 * All rules at one resource, then at the next one: what they read of it in common is read once, and need not be kept for as
 * long as all others are looked at.
 */
function checkAll(
  rules: readonly ResourceRule[],
  builds: readonly Build[],
  {
    besideOf,
    isSound,
    loud,
    note,
  }: Pick<Deployment, 'besideOf'> & {
    readonly isSound: IsSound
    readonly loud: Set<Build>
    note(build: Build): (answer: Answer) => void
  },
): ReadonlyMap<Rule, readonly RuleFinding[]> {
  const found = new Map(rules.map(rule => [rule, [] as Found[]]))
  const rulesOf = groupRules(rules)
  for (const [position, build] of builds.entries()) {
    const index = besideOf(build)
    if (index.elsewhere) index.elsewhere.onAnswer = note(build)
    for (const resource of build.resources) {
      const context = { resource, index, isSound }
      for (const { rule, kind } of rulesOf(`${resource.group}/${resource.kind}`)) {
        for (const finding of rule.check(context)) {
          loud.add(build)
          found.get(rule)?.push({ finding, order: [position, kind] })
        }
      }
    }
    if (index.elsewhere) index.elsewhere.onAnswer = undefined
  }
  return new Map([...found].map(([rule, list]) => [rule, sort(list)]))
}

interface Asked {
  readonly rule: ResourceRule
  readonly kind: number
}

/** The rules that are about a kind. */
function groupRules(rules: readonly ResourceRule[]): (kind: string) => readonly Asked[] {
  const known = new Map<string, readonly Asked[]>()
  return id => {
    const asked =
      known.get(id) ??
      rules.flatMap(rule => {
        const kind = rule.kinds.length === 0 ? 0 : rule.kinds.indexOf(id)
        return kind < 0 ? [] : [{ rule, kind }]
      })
    known.set(id, asked)
    return asked
  }
}

const sort = (list: readonly Found[]): readonly RuleFinding[] =>
  list
    .toSorted(({ order: [build, kind] }, { order: [other, another] }) => build - other || kind - another)
    .map(({ finding }) => finding)
