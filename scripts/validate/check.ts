// Runs the rules over what will be deployed, each over its scope. Rules are pure: what they throw is a fault of theirs.
import type { Deployment } from '../tree/deploy.ts'
import type { Renderings } from '../tree/engine.ts'
import { type Environments, NO_ENVIRONMENTS } from '../tree/environments/open.ts'
import { openEffects } from '../tree/kustomize/trace/effects.ts'
import type { Resource } from '../tree/model/build.ts'
import { type Fault, type FieldPath, isResourcePlace, type ResourcePlace } from '../tree/model/place.ts'
import { checkFiles, listParsedFiles } from './check-files.ts'
import { openKustomizationRules } from './check-kustomizations.ts'
import { openResourceRules } from './check-resources.ts'
import { type Memory, NO_MEMORY } from './memory.ts'
import { RULES } from './rules/index.ts'
import { REFERENCES } from './rules/references/index.ts'
import type { Rule, RuleFinding } from './rules/rule.ts'

type IsSound = (resource: Resource, path: FieldPath) => boolean

interface Asked {
  readonly rules?: readonly Rule[]
  readonly environments?: Environments
  /** Where what the entries of kustomizations do is kept; undefined: nowhere. */
  readonly cacheFolder?: string | undefined
  /** Where nothing was found before. */
  readonly memory?: Memory
}

/** The faults that the rules find; `rules` are those of the catalogue unless a test names others. */
export function checkRules(
  renderings: Renderings,
  deployment: Deployment,
  isSound: IsSound,
  { rules = RULES, environments = NO_ENVIRONMENTS, cacheFolder, memory = NO_MEMORY }: Asked = {},
): readonly Fault[] {
  const { tree } = renderings
  const { builds, applications } = deployment
  const files = rules.some(({ scope }) => scope === 'file') ? listParsedFiles(renderings) : []
  const ofResources = openResourceRules(rules, deployment, isSound, memory)
  const effects = openEffects(renderings, cacheFolder)
  const ofKustomizations = openKustomizationRules({ rules, renderings, deployment, effects, memory })
  const run = (rule: Rule): Iterable<RuleFinding> => {
    switch (rule.scope) {
      case 'stage':
        return []
      case 'file':
        return checkFiles(rule, files, memory)
      case 'kustomization':
        return ofKustomizations.check(rule)
      case 'resource':
        return ofResources.check(rule)
      case 'tree':
        return rule.check({ builds, applications, deployment, tree, environments })
    }
  }
  const found = rules.flatMap(rule => Array.from(run(rule), fault => ({ ...fault, ruleId: rule.id })))
  for (const one of [ofResources, ofKustomizations]) one.end()
  return withoutEchoes(found, rules)
}

/** One mistake is one finding, of the rule that tells it better. */
function withoutEchoes(faults: readonly Fault[], rules: readonly Rule[]): readonly Fault[] {
  const betters = new Map(rules.flatMap(({ id, toldBy }) => (toldBy ? [[id, toldBy] as const] : [])))
  const asked = new Set([...betters.values()].flatMap(list => list.map(({ rule }) => rule)))
  const told = new Map<Resource, Set<string>>()
  for (const { ruleId, values, places } of faults) {
    if (!asked.has(ruleId)) continue
    for (const { resource } of places.filter(isResourcePlace)) {
      const keys = told.get(resource) ?? new Set<string>()
      told.set(resource, keys)
      for (const value of values) keys.add(`${ruleId} ${value}`)
    }
  }
  const lost = listPlaces(faults.filter(({ ruleId }) => ruleId === 'lost-name-reference'))
  return faults.filter(({ ruleId, places: [place] }) => {
    // The name that kustomize did not rewrite is the reason why nothing stands for it.
    if (REFERENCE_RULES.has(ruleId) && isResourcePlace(place) && lost.get(place.resource)?.has(nameOf(place)))
      return false
    const keys = isResourcePlace(place) ? told.get(place.resource) : undefined
    const list = keys && betters.get(ruleId)
    return !list?.some(({ rule, about }) => about.some(value => keys?.has(`${rule} ${value}`)))
  })
}

const REFERENCE_RULES = new Set(REFERENCES.map(({ id }) => id))
const SELECTING_RULES = new Set(['dangling-service', 'dangling-target-port'])

/** Whether a rule looks for what a field names or selects. */
export const isLookUp = (ruleId: string): boolean => REFERENCE_RULES.has(ruleId) || SELECTING_RULES.has(ruleId)

const nameOf = ({ fieldPath }: ResourcePlace): string => JSON.stringify(fieldPath)

function listPlaces(faults: readonly Fault[]): ReadonlyMap<Resource, ReadonlySet<string>> {
  const found = new Map<Resource, Set<string>>()
  for (const place of faults.flatMap(({ places }) => places).filter(isResourcePlace))
    found.set(place.resource, (found.get(place.resource) ?? new Set()).add(nameOf(place)))
  return found
}
