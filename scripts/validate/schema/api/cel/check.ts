// CEL expressions of policies and definitions, as far as a library tells for sure that the API server refuses them: the
// syntax, names that nobody declares, functions that are not there, and a result of another type than is asked for.

import { compilePattern, PatternError } from '../../re2.ts'
import { type ApiFault, NO_FAULTS, refuse } from '../fault.ts'
import { entriesOf, get, isMapping, isTrue, type Node, textOf } from '../node.ts'
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
  if (isPassedOver(text)) return NO_FAULTS
  const problem = findProblem(text, open(variables, self), result)
  return problem === undefined ? NO_FAULTS : [refuse(node, problem)]
}

/** What an expression must be before its names and types are looked at. */
export function checkSyntax(node: Node): readonly ApiFault[] {
  const text = textOf(node)
  if (isPassedOver(text)) return NO_FAULTS
  const parsed = parse(text, open([], undefined))
  return parsed && 'problem' in parsed ? [refuse(node, parsed.problem)] : NO_FAULTS
}

/** What is too long to be an expression that anybody wrote is not examined. */
const isPassedOver = (text: string): boolean => text.trim() === '' || hasUnreadSyntax(text) || text.length > MAX_LENGTH

type Parsed = ReturnType<Environment['parse']>

/** Undefined where the library itself fails. */
function parse(text: string, environment: Environment): Parsed | { readonly problem: string } | undefined {
  try {
    return environment.parse(text)
  } catch (error) {
    if (!(error instanceof Error) || error.constructor.name !== 'ParseError') return undefined
    return { problem: `is not an expression: ${firstLine(error)}` }
  }
}

function findProblem(text: string, environment: Environment, result: readonly string[]): string | undefined {
  const parsed = parse(text, environment)
  if (parsed === undefined) return undefined
  if ('problem' in parsed) return parsed.problem
  const { valid, type, error } = parsed.check()
  if (valid) {
    const bad = findBadCall(parsed.ast)
    if (bad !== undefined) return bad
    const isFine = result.length === 0 || type === undefined || type === 'dyn' || result.includes(type)
    return isFine ? undefined : `must be of type ${result.join(' or ')}, and is of type ${type}`
  }
  if (!error) return undefined
  const message = firstLine(error)
  const name = /^Unknown variable: (\w+)$/.exec(message)?.[1]
  if (name !== undefined) return PACKAGES.has(name) ? undefined : `speaks of ${name}, which is not declared`
  const operator = explainOperator(message)
  if (operator !== undefined) return operator
  const field = /^No such key: (\w+)$/.exec(message)?.[1]
  if (field !== undefined) return `speaks of a field ${field} that the schema does not have`
  return explainCall(message, environment)
}

type Ast = ReturnType<Environment['parse']>['ast']

const isNode = (value: unknown): value is Ast => typeof value === 'object' && value !== null && 'op' in value

/** Functions of the library in use that Kubernetes does not have. */
const FOREIGN = new Set(['base64', 'bind', 'hex', 'json'])

/** Functions that are not there; patterns that are written out are compiled with the expression. */
function findBadCall(node: Ast): string | undefined {
  if (node.op === 'rcall' && FOREIGN.has(node.args[0]))
    return `calls ${node.args[0]}, which CEL of Kubernetes does not have`
  if (node.op === 'rcall' && ['matches', 'find', 'findAll'].includes(node.args[0])) {
    const [pattern] = node.args[2]
    const problem =
      pattern?.op === 'value' && typeof pattern.args === 'string' ? findBadPattern(pattern.args) : undefined
    if (problem !== undefined) return problem
  }
  for (const child of ([node.args] as unknown[]).flat(3).filter(isNode)) {
    const problem = findBadCall(child)
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

/** What the library says of an operator that its operands do not have, as far as their types are known for sure. */
function explainOperator(message: string): string | undefined {
  const [, one, operator, other] = /^no such overload: (\S+) (\S+) (\S+)$/.exec(message) ?? []
  if (one !== undefined && operator !== undefined && other !== undefined)
    return areWithout(one, operator, other)
      ? `has an operator between values that have none: ${one} ${operator} ${other}`
      : undefined
  const [, sign, operand = ''] = /^no such overload: ([!-])(\S+)$/.exec(message) ?? []
  if (sign !== undefined && FAMILIES[operand] !== undefined) return `has ${sign} before a value of type ${operand}`
  const [, what = '', type = '', second = type] =
    /^(Logical operator|Ternary condition|Ternary branches) .*got '(\S+?)'(?: and '(\S+?)')?$/.exec(message) ?? []
  if (FAMILIES[type] === undefined || FAMILIES[second] === undefined) {
    const [, indexed = ''] = /^Cannot index type '(\S+)'$/.exec(message) ?? []
    return FAMILIES[indexed] === undefined ? undefined : `asks for a field or an item of a value of type ${indexed}`
  }
  return what === 'Ternary branches'
    ? `gives a value of type ${type} or of type ${second}`
    : `takes a value of type ${type} for a condition`
}

function areWithout(one: string, operator: string, other: string): boolean {
  const [a, b] = [FAMILIES[one], FAMILIES[other]]
  const [, item] = /^list<(.*)>$/.exec(other) ?? []
  if (operator === 'in') return item !== undefined && a !== undefined && FAMILIES[item] !== undefined && item !== one
  if (a === undefined || b === undefined) return false
  // Numbers of two types can be compared, and nothing else.
  if (a === 'number' && b === 'number') return one !== other ? !/[<>]/.test(operator) : operator === '%'
  // Times and durations add up; of other families no operator takes one of each.
  return a !== b && ![a, b].every(family => family === 'time' || family === 'duration')
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

/** All names by which a rule has a field: a word that CEL keeps for itself is one. Source: apiserver's pkg/cel/types.go. */
export const namesInCel = (property: string): readonly string[] =>
  RESERVED.test(property) ? [nameInCel(property), property] : [nameInCel(property)]

/** What a rule knows of `self`; undefined where that is nothing for sure. */
export function describeSelf(schema: Node, isRoot: boolean, depth = 0): Self | undefined {
  const scalar = scalarOf(schema)
  if (scalar !== undefined) return scalar
  const [items, values] = [get(schema, 'items'), get(schema, 'additionalProperties')]
  if (textOf(get(schema, 'type')) === 'array') return scalarOf(items) && `list<${scalarOf(items)}>`
  if (isMapping(values.value)) return scalarOf(values) && `map<string, ${scalarOf(values)}>`
  const properties = entriesOf(get(schema, 'properties'))
  if (textOf(get(schema, 'type')) !== 'object' || properties.length === 0 || depth > 20) return undefined
  if (isTrue(get(schema, 'x-kubernetes-preserve-unknown-fields'))) return undefined
  const self: Schema = {}
  if (isRoot || isTrue(get(schema, 'x-kubernetes-embedded-resource')))
    Object.assign(self, { apiVersion: 'string', kind: 'string', metadata: { name: 'string', generateName: 'string' } })
  for (const property of properties) {
    if (isRoot && property.key === 'metadata') continue
    const described = describeSelf(property, false, depth + 1) ?? 'dyn'
    for (const name of namesInCel(String(property.key))) self[name] = described
  }
  return self
}
