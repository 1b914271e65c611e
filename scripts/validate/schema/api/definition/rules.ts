// The rules of a custom resource: x-kubernetes-validations, expressions over the object.
import { checkExpression, describeSelf } from '../cel/check.ts'
import { type ApiFault, choose, missing, refuse, wrong } from '../fault.ts'
import { get, isMapping, isSet, itemsOf, type Node, textOf } from '../node.ts'
import { explainCost } from './cost.ts'
import { explainField } from './fields.ts'

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']

/** A path of fields, as `.a.b` or `['a']`, that the schema describes. Of an item of a list nothing can be said. */
function isPathOf(path: string, schema: Node): boolean {
  const step = /^(?:\.([A-Za-z_]\w*)|\['((?:[^'\\]|\\.)+)'\])/
  let [rest, at] = [path, schema]
  while (rest !== '') {
    const match = step.exec(rest)
    if (!match) return false
    const name = match[1] ?? (match[2] as string).replace(/\\(.)/g, '$1')
    const own = get(at, 'properties', name)
    const additional = get(at, 'additionalProperties')
    if (!isSet(own) && !isMapping(additional.value)) return false
    at = isSet(own) ? own : additional
    rest = rest.slice(match[0].length)
  }
  return true
}

/** `times`: how often a value of the schema may be there; Infinity: nothing bounds it. */
export function* checkRules(schema: Node, isRoot: boolean, times: number): Iterable<ApiFault> {
  const self = describeSelf(schema, isRoot)
  const variables = self ? ['oldSelf'] : ['self', 'oldSelf']
  for (const rule of itemsOf(get(schema, 'x-kubernetes-validations'))) {
    const [expression, message, messageExpression, reason, path] = [
      'rule',
      'message',
      'messageExpression',
      'reason',
      'fieldPath',
    ].map(field => get(rule, field)) as [Node, Node, Node, Node, Node]
    const says = textOf(message).trim()
    if (textOf(expression).trim() === '') yield missing(expression)
    else if (textOf(message) !== '' && says === '') yield refuse(message, 'must not be blank')
    else if (/[\n\r]/.test(says)) yield refuse(message, 'must be one line')
    else if (/[\n\r]/.test(textOf(expression).trim()) && says === '')
      yield missing(message, 'a rule of several lines needs it')
    if (textOf(expression).trim() !== '') {
      const faults = checkExpression(expression, variables, ['bool'], self)
      yield* faults
      const text = textOf(expression)
      const isSound = faults.length === 0
      const problem = isSound ? (explainField(text, schema, isRoot) ?? explainCost(text, schema, times)) : undefined
      if (problem !== undefined) yield refuse(expression, problem)
    }
    if (textOf(messageExpression).trim() !== '') yield* checkExpression(messageExpression, variables, ['string'], self)
    if (textOf(messageExpression) !== '' && textOf(messageExpression).trim() === '') yield missing(messageExpression)
    if (isSet(reason) && !REASONS.includes(textOf(reason))) yield choose(reason, REASONS)
    if (textOf(path) !== '' && (textOf(path).trim() === '' || /[\n\r]/.test(textOf(path))))
      yield refuse(path, 'must be one line that is not blank')
    else if (textOf(path) !== '' && !isPathOf(textOf(path), schema))
      yield wrong(path, 'must be the path of a field of this schema, as .size')
    if (isSet(get(rule, 'optionalOldSelf')) && textOf(expression) !== '' && !/\boldSelf\b/.test(textOf(expression)))
      yield refuse(get(rule, 'optionalOldSelf'), 'must not be set where the rule does not speak of oldSelf')
  }
}
