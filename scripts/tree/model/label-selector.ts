// The whole meaning of a LabelSelector, as apimachinery evaluates it.
import { listAt, pairsAt, stringAt } from './build.ts'

export interface Requirement {
  readonly key: string
  readonly operator: string
  readonly values: readonly string[]
  /** Where it stands below the selector. */
  readonly path: readonly (string | number)[]
}

/** matchLabels and matchExpressions as one list; all must hold. */
export function readRequirements(selector: unknown): readonly Requirement[] {
  const labels = Object.entries(pairsAt(selector, ['matchLabels'])).map(([key, value]) => ({
    key,
    operator: 'In',
    values: [value],
    path: ['matchLabels', key],
  }))
  const expressions = listAt(selector, ['matchExpressions']).map((expression, index) => ({
    key: stringAt(expression, ['key']) ?? '',
    operator: stringAt(expression, ['operator']) ?? '',
    values: listAt(expression, ['values']).filter(value => typeof value === 'string'),
    path: ['matchExpressions', index],
  }))
  return [...labels, ...expressions]
}

/** A plain map of labels, as a Service has it. */
export function readPairs(selector: unknown): readonly Requirement[] {
  return Object.entries(pairsAt(selector, [])).map(([key, value]) => ({
    key,
    operator: 'In',
    values: [value],
    path: [key],
  }))
}

/** Why the API server would refuse the requirement, or undefined. */
export function findRequirementFault({ operator, values }: Requirement): string | undefined {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length ? undefined : `operator ${operator} needs at least one value`
    case 'Exists':
    case 'DoesNotExist':
      return values.length ? `operator ${operator} takes no values` : undefined
    default:
      return `operator "${operator}" is not one of In, NotIn, Exists, DoesNotExist`
  }
}

export function isMet({ key, operator, values }: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[key]
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      return false
  }
}

export function describeRequirement({ key, operator, values }: Requirement): string {
  switch (operator) {
    case 'In':
      return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(', ')})`
    case 'NotIn':
      return `${key} not in (${values.join(', ')})`
    case 'Exists':
      return `${key} to be set`
    default:
      return `${key} not to be set`
  }
}
