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

export function openResourceRules(
  rules: readonly Rule[],
  deployment: Deployment,
  isSound: IsSound,
  memory: Pick<Memory, 'isQuiet' | 'noteQuiet'>,
): ResourceRules {
  const { besideOf } = deployment
  const ids = nameOf(rules.flatMap(({ scope, id }) => (scope === 'resource' ? [id] : [])))
  const builds = deployment.builds.filter(build => !memory.isQuiet(build, besideOf(build), ids))
  const byKind = groupBuilds(builds)
  const loud = new Set<Build>()
  /** What the rules were told of the whole tree. */
  const told = new Map<Build, Map<string, Answer>>()
  const note = (build: Build) => (answer: Answer) => {
    const answers = told.get(build) ?? new Map<string, Answer>()
    told.set(build, answers.set(JSON.stringify(answer.question), answer))
  }
  return {
    *check(rule) {
      for (const [build, resources] of listResources(rule, { ...deployment, builds }, byKind)) {
        const index = besideOf(build)
        if (index.elsewhere) index.elsewhere.onAnswer = note(build)
        for (const resource of resources) {
          for (const finding of rule.check({ resource, index, isSound })) {
            loud.add(build)
            yield finding
          }
        }
        if (index.elsewhere) index.elsewhere.onAnswer = undefined
      }
    },
    end() {
      for (const build of builds) {
        if (!loud.has(build)) memory.noteQuiet(build, besideOf(build), ids, [...(told.get(build)?.values() ?? [])])
      }
    },
  }
}

/** What of each build a rule is about; most builds have nothing of most kinds. */
function* listResources(
  { kinds }: ResourceRule,
  { builds, ownOf }: Deployment,
  byKind: BuildsByKind,
): Generator<readonly [Build, readonly Resource[]]> {
  if (kinds.length === 0) {
    for (const build of builds) yield [build, build.resources]
    return
  }
  const lists = kinds.map(kind => byKind.get(kind) ?? new Set<Build>())
  const chosen = lists.length === 1 ? lists : [new Set(builds.filter(build => lists.some(list => list.has(build))))]
  for (const build of chosen[0] ?? []) {
    const own = ownOf(build)
    yield [build, kinds.flatMap(kind => own.ofKindId(kind))]
  }
}

type BuildsByKind = ReadonlyMap<string, ReadonlySet<Build>>

function groupBuilds(builds: readonly Build[]): BuildsByKind {
  const found = new Map<string, Set<Build>>()
  for (const build of builds) {
    for (const { group, kind } of build.resources) {
      const name = `${group}/${kind}`
      found.set(name, (found.get(name) ?? new Set()).add(build))
    }
  }
  return found
}
