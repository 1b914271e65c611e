// What rules about selectors share: whether nothing is selected by mistake, and what was meant.
import { closest, isSlipOf } from '../../../tree/model/closest.ts'
import { describeRequirement, isMet, type Requirement } from '../../../tree/model/label-selector.ts'
import type { Resource } from '../../../tree/model/build.ts'
import type { FieldPath } from '../../../tree/model/place.ts'
import type { ResourcePlace, RuleFinding } from '../rule.ts'

/** Labels that controllers give to pods; they are in no template. */
const CONTROLLER_LABELS: ReadonlySet<string> = new Set([
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/job-completion-index',
  'batch.kubernetes.io/job-name',
  'batch.kubernetes.io/controller-uid',
  'job-name',
  'controller-uid',
  'pod-template-hash',
  'controller-revision-hash',
  'rollouts-pod-template-hash',
])

export const isOfController = ({ key }: Requirement): boolean => CONTROLLER_LABELS.has(key)

/** Something with labels that may be selected. */
export interface Labelled {
  readonly resource: Resource
  readonly labels: Readonly<Record<string, string>>
  readonly labelsPath: FieldPath
}

export interface Selection {
  readonly resource: Resource
  /** Where the requirements stand. */
  readonly path: FieldPath
  readonly requirements: readonly Requirement[]
  /** What is selected, as `pod template`. */
  readonly what: string
}

/**
 * What a selection that selects nothing is told as; undefined where it proves no mistake. `isOpen` is asked whether more
 * may be there than the candidates.
 */
export function describeMiss(
  { resource, path, requirements, what }: Selection,
  candidates: readonly Labelled[],
  isOpen: () => boolean,
): RuleFinding | undefined {
  // Who selects all but some may mean those to come.
  if (requirements.every(({ operator }) => operator === 'NotIn' || operator === 'DoesNotExist')) return undefined
  // Of loose manifests only those of one folder belong together.
  const isLoose = resource.origin.kind === 'document'
  const together = isLoose ? candidates.filter(one => one.resource.build === resource.build) : candidates
  const nearest = maySearch(candidates) ? findNearest(together, requirements) : undefined
  // Where more may be, only a slip of the keyboard proves a mistake. A folder without a namespace may be a base that
  // somebody completes, and so may loose manifests be: there something must resemble the selector.
  const isWhole = isLoose
    ? resource.namespace !== undefined &&
      (candidates.length === 0 || together.some(one => one.resource.namespace === resource.namespace))
    : resource.namespace !== undefined
  const isProof = nearest ? !isOpen() || isSlip(nearest, requirements) : isWhole && !isOpen()
  if (!isProof) return undefined
  const failing = requirements.filter(one => !nearest || !isMet(one, nearest.labels))
  const [first] = failing
  const at = failing.length === 1 && first ? [...path, ...first.path] : path
  const places: [ResourcePlace, ...ResourcePlace[]] = [{ resource, fieldPath: at }]
  if (nearest && first) places.push({ resource: nearest.resource, fieldPath: [...nearest.labelsPath, first.key] })
  const wanted = requirements.map(describeRequirement).join(', ')
  return {
    message: `no ${what} matches the selector ${wanted}${nearest ? suggest(nearest, first) : together.length === 0 ? `: there is no ${what} in its namespace` : ''}`,
    values: [wanted],
    places,
  }
}

/** Comparisons of one list of candidates; beyond them nobody reads what was meant. */
const MOST_COMPARISONS = 300_000
const compared = new WeakMap<readonly Labelled[], number>()

/** Whether a list is still searched: thousands of selectors times thousands of templates would take minutes. */
function maySearch(candidates: readonly Labelled[]): boolean {
  const count = (compared.get(candidates) ?? 0) + candidates.length
  compared.set(candidates, count)
  return count <= MOST_COMPARISONS
}

/** The template that meets most of the selector, or has a near value for a key of it; undefined where none resembles it. */
function findNearest(templates: readonly Labelled[], requirements: readonly Requirement[]): Labelled | undefined {
  let best: Labelled | undefined
  let bestScore = 0
  for (const template of templates) {
    let score = 0
    for (const one of requirements) {
      if (isMet(one, template.labels)) score += 2
      else if (isNear(one, template)) score += 1
    }
    if (score > bestScore) {
      best = template
      bestScore = score
    }
  }
  return best
}

const isNear = ({ key, operator, values }: Requirement, { labels }: Labelled): boolean => {
  if (operator !== 'In') return false
  const own = labels[key]
  if (own === undefined)
    return closest(key, Object.keys(labels)) !== undefined && Object.values(labels).includes(values[0] ?? '')
  return closest(values[0] ?? '', [own]) !== undefined
}

/** Whether all of the selector is met but for one slip of the keyboard: then it is this template that is meant. */
const isSlip = (template: Labelled, requirements: readonly Requirement[]): boolean => {
  const failing = requirements.filter(one => !isMet(one, template.labels))
  return failing.length === 1 && failing.every(one => isNear(one, template) && isSlipIn(one, template))
}

const isSlipIn = ({ key, values: [value = ''] }: Requirement, { labels }: Labelled): boolean =>
  labels[key] === undefined || isSlipOf(value, labels[key])

function suggest(nearest: Labelled, failing: Requirement | undefined): string {
  if (!failing) return ''
  const { kind, name } = nearest.resource
  const value = nearest.labels[failing.key]
  if (value !== undefined) return `: ${kind} ${name} has ${failing.key}=${value}`
  const key = closest(failing.key, Object.keys(nearest.labels))
  if (key !== undefined) return `: ${kind} ${name} has ${key}=${nearest.labels[key]}`
  return `: ${kind} ${name} has no label ${failing.key}`
}
