// Selects sets of parameters and clusters by labels, with Argo CD's refusals of operators that do not exist.
import { listAt, pairsAt, stringAt, valueAt } from '../../model/build.ts'

export type Selector = (labels: Readonly<Record<string, unknown>>) => boolean

/** What a selector takes; a text where Argo CD refuses it. Without requirements it takes all. */
export function readSelector(selector: unknown): Selector | string {
  const tests: Selector[] = Object.entries(pairsAt(selector, ['matchLabels'])).map(
    ([key, value]) =>
      labels =>
        labels[key] === value,
  )
  for (const expression of listAt(selector, ['matchExpressions'])) {
    const key = stringAt(expression, ['key']) ?? ''
    const operator = stringAt(expression, ['operator']) ?? ''
    const values = new Set(listAt(expression, ['values']))
    const has: Selector = labels => valueAt(labels, [key]) !== undefined
    if (operator === 'In') tests.push(labels => has(labels) && values.has(labels[key]))
    else if (operator === 'NotIn') tests.push(labels => !has(labels) || !values.has(labels[key]))
    else if (operator === 'Exists') tests.push(has)
    else if (operator === 'DoesNotExist') tests.push(labels => !has(labels))
    else return `${JSON.stringify(operator)} is not an operator (In, NotIn, Exists, DoesNotExist)`
    const takesValues = operator.endsWith('In')
    if (takesValues && values.size === 0) return `${operator} needs values`
    if (!takesValues && values.size > 0) return `${operator} takes no values`
  }
  return labels => tests.every(test => test(labels))
}

export const hasRequirements = (selector: unknown): boolean =>
  Object.keys(pairsAt(selector, ['matchLabels'])).length > 0 || listAt(selector, ['matchExpressions']).length > 0
