// CEL expressions of policies and definitions, as far as a library tells for sure that the API server refuses them: the
// syntax, names that nobody declares, and a result of another type than is asked for. Functions that only Kubernetes
// has are not known to it, and what it says of them is not believed.

import { createRequire } from 'node:module'
import { type ApiFault, NO_FAULTS, refuse } from './fault.ts'
import { entriesOf, get, isTrue, type Node, textOf } from './node.ts'

type Cel = typeof import('@marcbachmann/cel-js')
export type Environment = InstanceType<Cel['Environment']>
type Schema = { [name: string]: string | Schema }
/** The type of CEL, or the fields with their types. */
type Self = string | Schema

const requireHere = createRequire(import.meta.url)

/** Names before a dot that are libraries and not variables. */
export const LIBRARIES = new Set(['base64', 'cel', 'format', 'math', 'net', 'optional', 'sets', 'strings'])
/** Comprehensions over two variables are newer than the library. */
export const TWO_VARIABLES = /\.(all|exists|existsOne|exists_one|transform\w*)\(\s*\w+\s*,\s*\w+\s*,/
const MAX_LENGTH = 20_000

const environments = new Map<string, Environment>()

/** An environment of the library; `limits`: for expressions that are run, and not only read. */
export function createEnvironment(
  variables: readonly string[],
  limits?: { readonly maxAstNodes: number },
): Environment {
  const { Environment } = requireHere('@marcbachmann/cel-js') as Cel
  const options = { enableOptionalTypes: true, homogeneousAggregateLiterals: false }
  const environment = new Environment(limits ? { ...options, limits } : options)
  for (const name of variables) environment.registerVariable(name, 'dyn')
  return environment
}

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
  // Names in backticks, and what is too long to be an expression that anybody wrote, are not examined.
  if (text.trim() === '' || text.includes('`') || text.length > MAX_LENGTH) return NO_FAULTS
  const problem = findProblem(text, open(variables, self), result)
  return problem === undefined ? NO_FAULTS : [refuse(node, problem)]
}

function findProblem(text: string, environment: Environment, result: readonly string[]): string | undefined {
  let parsed: ReturnType<Environment['parse']>
  try {
    parsed = environment.parse(text)
  } catch (error) {
    if (!(error instanceof Error) || error.constructor.name !== 'ParseError' || TWO_VARIABLES.test(text))
      return undefined
    return `is not an expression: ${firstLine(error)}`
  }
  const { valid, type, error } = parsed.check()
  if (valid) {
    const isFine = result.length === 0 || type === undefined || type === 'dyn' || result.includes(type)
    return isFine ? undefined : `must be of type ${result.join(' or ')}, and is of type ${type}`
  }
  if (!error || TWO_VARIABLES.test(text)) return undefined
  const message = firstLine(error)
  const name = /^Unknown variable: (\w+)$/.exec(message)?.[1]
  if (name !== undefined) return LIBRARIES.has(name) ? undefined : `speaks of ${name}, which is not declared`
  const operands = /^no such overload: (\S+) \S+ (\S+)$/.exec(message)
  if (operands && areOfTwoFamilies(operands[1] as string, operands[2] as string))
    return `has an operator between values that have none: ${message.replace('no such overload: ', '')}`
  const field = /^No such key: (\w+)$/.exec(message)?.[1]
  return field === undefined ? undefined : `speaks of a field ${field} that the schema does not have`
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
