// What the expressions of a policy may speak of, and what they give.
import { checkExpression, checkSyntax } from '../../cel/check.ts'
import { duplicates, exactlyOneOf } from '../../check.ts'
import { type ApiFault, missing, refuse, wrong } from '../../fault.ts'
import { bytesOf, get, isSet, itemsOf, lengthOf, type Node, textOf } from '../../node.ts'
import { qualifiedName } from '../../text.ts'
import { WITH_AUTHORIZER } from './match.ts'

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']

/** A policy may also speak of its parameters and of what it computes itself. */
export const variablesOf = (spec: Node): readonly string[] => [
  ...WITH_AUTHORIZER,
  'variables',
  ...(isSet(get(spec, 'paramKind')) ? ['params'] : []),
]

const CEL_WORDS = new Set([
  'as',
  'break',
  'const',
  'continue',
  'else',
  'false',
  'for',
  'function',
  'if',
  'import',
  'in',
  'let',
  'loop',
  'namespace',
  'null',
  'package',
  'return',
  'true',
  'var',
  'void',
  'while',
])

/** A variable is known to those that are declared after it, and to what uses them. */
function* checkKnown(expression: Node, known: ReadonlySet<string>): Iterable<ApiFault> {
  const code = textOf(expression).replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""')
  for (const [, name = ''] of code.matchAll(/(?<![\w.])variables\s*\.\s*\??(\w+)/g)) {
    if (known.has(name)) continue
    yield refuse(expression, `speaks of variables.${name}, which is not declared before it`)
    return
  }
}

export function* checkVariables(list: Node, variables: readonly string[]): Iterable<ApiFault> {
  const known = new Set<string>()
  for (const item of itemsOf(list)) {
    const [name, expression] = [get(item, 'name'), get(item, 'expression')]
    if (textOf(name).trim() === '') yield missing(name)
    else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(textOf(name)) || CEL_WORDS.has(textOf(name)))
      yield wrong(name, 'must be a name in CEL: letters, digits and "_"')
    if (textOf(expression).trim() === '') yield missing(expression)
    else {
      yield* checkExpression(expression, variables, [])
      yield* checkKnown(expression, known)
    }
    known.add(textOf(name))
  }
}

export function* checkValidation(
  item: Node,
  variables: readonly string[],
  known: ReadonlySet<string>,
): Iterable<ApiFault> {
  const [expression, message, messageExpression, reason] = ['expression', 'message', 'messageExpression', 'reason'].map(
    field => get(item, field),
  ) as [Node, Node, Node, Node]
  if (textOf(expression).trim() === '') yield missing(expression)
  else yield* checkExpression(expression, variables, ['bool'])
  if (textOf(messageExpression) !== '' && textOf(messageExpression).trim() === '')
    yield refuse(messageExpression, 'must not be blank')
  else
    yield* checkExpression(
      messageExpression,
      variables.filter(name => name !== 'authorizer'),
      ['string'],
    )
  for (const one of [expression, messageExpression]) yield* checkKnown(one, known)
  if (textOf(message) !== '' && textOf(message).trim() === '') yield refuse(message, 'must not be blank')
  else if (/[\n\r]/.test(textOf(message).trim())) yield refuse(message, 'must be one line')
  yield* exactlyOneOf(...REASONS)(reason)
}

export function* checkAudits(object: Node): Iterable<ApiFault> {
  const list = get(object, 'spec', 'auditAnnotations')
  const name = textOf(get(object, 'metadata', 'name'))
  if (lengthOf(list) > 20) yield refuse(list, 'must have at most 20 items')
  for (const item of itemsOf(list)) {
    const [key, expression] = [get(item, 'key'), get(item, 'valueExpression')]
    const problem = qualifiedName(`${name}/${textOf(key)}`)
    if (problem !== undefined) yield wrong(key, 'must be letters, digits, "-", "_" and "."')
    if (textOf(expression).trim() === '') yield missing(expression)
    else if (bytesOf(textOf(expression).trim()) > 5120) yield refuse(expression, 'must have at most 5120 bytes')
    else yield* checkExpression(expression, variablesOf(get(object, 'spec')), ['string', 'null'])
  }
  yield* duplicates(
    itemsOf(list).map(item => get(item, 'key')),
    textOf,
    key => wrong(key, 'is a duplicate'),
  )
}

/** Typed objects are Kubernetes' own; the library reads them as maps, and of those nothing but the syntax is believed. */
const TYPED = /\b(?:Object|JSONPatch)(?:\.\w+)*\s*\{/g

export function checkMutation(expression: Node, variables: readonly string[], type: string): readonly ApiFault[] {
  const code = textOf(expression)
  if (!code.includes('{')) return checkExpression(expression, variables, type === 'JSONPatch' ? ['list'] : [])
  const plain = { ...expression, value: code.replace(TYPED, '{') }
  return checkSyntax(plain)
}
