// CEL expressions of policies and definitions, as far as a library tells for sure that the API server refuses them: the
// syntax, names that nobody declares, functions that are not there, and a result of another type than is asked for.

import { compilePattern, PatternError } from '../../re2.ts'
import { type ApiFault, NO_FAULTS, refuse } from '../fault.ts'
import { entriesOf, get, isTrue, type Node, textOf } from '../node.ts'
import { createEnvironment, type Environment, explainCall, hasUnreadSyntax, PACKAGES } from './environment.ts'

type Schema = { [name: string]: string | Schema }
/** The type of CEL, or the fields with their types. */
type Self = string | Schema

const MAX_LENGTH = 20_000

const environments = new Map<string, Environment>()

function open(variables: readonly string[], self?: Self): Environment {
  const key = variables.join()
  const known = self ? undefined : environments.get(key)
  if (known) return known
  const environment = createEnvironment(variables)
  if (typeof self === 'string') environment.registerVariable('self', self)
  else if (self) environment.registerVariable({ name: 'self', schema: self })
  else environments.set(key, environment)
  return environment
}

/** `result`: the types that the expression may have; none: any. */
export function checkExpression(
  node: Node,
  variables: readonly string[],
  result: readonly string[],
  self?: Self,
): readonly ApiFault[] {
  const text = textOf(node)
  // What is too long to be an expression that anybody wrote is not examined.
  if (text.trim() === '' || hasUnreadSyntax(text) || text.length > MAX_LENGTH) return NO_FAULTS
  const problem = findProblem(text, open(variables, self), result)
  return problem === undefined ? NO_FAULTS : [refuse(node, problem)]
}

function findProblem(text: string, environment: Environment, result: readonly string[]): string | undefined {
  let parsed: ReturnType<Environment['parse']>
  try {
    parsed = environment.parse(text)
  } catch (error) {
    if (!(error instanceof Error) || error.constructor.name !== 'ParseError') return undefined
    return `is not an expression: ${firstLine(error)}`
  }
  const { valid, type, error } = parsed.check()
  if (valid) {
    const bad = findBadLiteral(parsed.ast)
    if (bad !== undefined) return bad
    const isFine = result.length === 0 || type === undefined || type === 'dyn' || result.includes(type)
    return isFine ? undefined : `must be of type ${result.join(' or ')}, and is of type ${type}`
  }
  if (!error) return undefined
  const message = firstLine(error)
  const name = /^Unknown variable: (\w+)$/.exec(message)?.[1]
  if (name !== undefined) return PACKAGES.has(name) ? undefined : `speaks of ${name}, which is not declared`
  const operands = /^no such overload: (\S+) \S+ (\S+)$/.exec(message)
  if (operands && areOfTwoFamilies(operands[1] as string, operands[2] as string))
    return `has an operator between values that have none: ${message.replace('no such overload: ', '')}`
  const field = /^No such key: (\w+)$/.exec(message)?.[1]
  if (field !== undefined) return `speaks of a field ${field} that the schema does not have`
  return explainCall(message, environment)
}

type Ast = ReturnType<Environment['parse']>['ast']

const isNode = (value: unknown): value is Ast => typeof value === 'object' && value !== null && 'op' in value

/** Patterns that are written out are compiled with the expression. */
function findBadLiteral(node: Ast): string | undefined {
  if (node.op === 'rcall' && ['matches', 'find', 'findAll'].includes(node.args[0])) {
    const [pattern] = node.args[2]
    const problem =
      pattern?.op === 'value' && typeof pattern.args === 'string' ? findBadPattern(pattern.args) : undefined
    if (problem !== undefined) return problem
  }
  for (const child of ([node.args] as unknown[]).flat(3).filter(isNode)) {
    const problem = findBadLiteral(child)
    if (problem !== undefined) return problem
  }
  return undefined
}

function findBadPattern(pattern: string): string | undefined {
  try {
    compilePattern(pattern)
  } catch (error) {
    if (error instanceof PatternError) return `has a pattern that is not a regular expression of Go: ${error.message}`
  }
  return undefined
}

const FAMILIES: Readonly<Record<string, string>> = {
  int: 'number',
  uint: 'number',
  double: 'number',
  string: 'text',
  bool: 'bool',
  null: 'null',
  'google.protobuf.Timestamp': 'time',
  'google.protobuf.Duration': 'duration',
}

/** Times and durations add up; of other families no operator takes one of each. */
function areOfTwoFamilies(one: string, other: string): boolean {
  const [a, b] = [FAMILIES[one], FAMILIES[other]]
  const isSum = [a, b].every(family => family === 'time' || family === 'duration')
  return a !== undefined && b !== undefined && a !== b && !isSum
}

export const firstLine = ({ message }: Error): string => message.split('\n')[0] as string

const SCALARS: Readonly<Record<string, string>> = {
  integer: 'int',
  number: 'double',
  boolean: 'bool',
  string: 'string',
}
/** Texts of these formats are values of their own. */
const FORMATS: Readonly<Record<string, string>> = {
  date: 'google.protobuf.Timestamp',
  'date-time': 'google.protobuf.Timestamp',
  datetime: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
  byte: 'bytes',
}

function scalarOf(schema: Node): string | undefined {
  if (isTrue(get(schema, 'x-kubernetes-int-or-string'))) return undefined
  const type = SCALARS[textOf(get(schema, 'type'))]
  return type === 'string' ? (FORMATS[textOf(get(schema, 'format'))] ?? type) : type
}

const ESCAPES: readonly (readonly [text: string, name: string])[] = [
  ['__', '__underscores__'],
  ['.', '__dot__'],
  ['-', '__dash__'],
  ['/', '__slash__'],
]
const RESERVED =
  /^(true|false|null|in|as|break|const|continue|else|for|function|if|import|let|loop|package|namespace|return)$/

/** How a rule writes the name of a field. */
export function nameInCel(property: string): string {
  const escaped = ESCAPES.reduce((escaped, [text, name]) => escaped.replaceAll(text, name), property)
  return RESERVED.test(escaped) ? `__${escaped}__` : escaped
}

/** What a rule knows of `self`; undefined where that is nothing for sure. */
export function describeSelf(schema: Node, isRoot: boolean, depth = 0): Self | undefined {
  const scalar = scalarOf(schema)
  if (scalar !== undefined) return scalar
  const properties = entriesOf(get(schema, 'properties'))
  if (textOf(get(schema, 'type')) !== 'object' || properties.length === 0 || depth > 20) return undefined
  if (isTrue(get(schema, 'x-kubernetes-preserve-unknown-fields'))) return undefined
  const self: Schema = {}
  if (isRoot || isTrue(get(schema, 'x-kubernetes-embedded-resource')))
    Object.assign(self, { apiVersion: 'string', kind: 'string', metadata: { name: 'string', generateName: 'string' } })
  for (const property of properties) {
    if (isRoot && property.key === 'metadata') continue
    self[nameInCel(String(property.key))] = describeSelf(property, false, depth + 1) ?? 'dyn'
  }
  return self
}
