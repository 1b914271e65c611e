// A CEL expression that is run on objects: compiled once, in bounded time and memory, and read for the fields it names.

import type { FieldPath } from '../../tree/model/place.ts'
import { firstLine } from '../schema/api/cel/check.ts'
import {
  createEnvironment,
  type Environment,
  explainCall,
  hasUnreadSyntax,
  PACKAGES,
} from '../schema/api/cel/environment.ts'
import { LOOPS } from '../schema/api/cel/functions/comprehensions.ts'
import { MOST_IN_RANGE } from '../schema/api/cel/functions/lists.ts'
import { MATCHES } from '../schema/api/cel/functions/strings.ts'

type Parsed = ReturnType<Environment['parse']>
type Ast = Parsed['ast']

export interface Expression {
  readonly text: string
  /** The variable that it is about. */
  readonly subject: string
  /** The fields of the subject that it names, in the order in which they are written. */
  readonly fields: readonly FieldPath[]
  /** `object.spec.list.all(x, ...)`, where that must hold as a whole: so an item can be told. */
  readonly quantifiers: readonly Quantifier[]
  /** Whether it asks for a field of a variable: `request.userInfo`. */
  names(variable: string, field: string): boolean
  run(context: Context): Outcome
}

export interface Quantifier {
  readonly list: FieldPath
  readonly variable: string
  readonly predicate: string
  /** Fields of an item that the predicate names. */
  readonly fields: readonly FieldPath[]
}

export interface Context {
  readonly variables: Readonly<Record<string, unknown>>
  /** The most items or letters that a step can go through. */
  readonly size: number
  readonly effort: Effort
}

/** What the expressions of one run have left to spend. */
export interface Effort {
  steps: number
}

/** `missing`: the field of the subject that is not there. */
export type Outcome = { readonly value: unknown } | { readonly error: string; readonly missing?: FieldPath }

export interface Refusal {
  readonly message: string
  /** In the text. */
  readonly offset: number
  /** Whether Kubernetes may know what is not known here. */
  readonly isUnknown: boolean
}

const MOST_LETTERS = 20_000
const MOST_NODES = 2_000
/** Each may double a list or a text. */
const MOST_SUMS = 24
const MOST_STEPS = 5_000_000
/** Seconds, at worst. */
export const MOST_STEPS_OF_A_RUN = 100_000_000

const environments = new Map<string, Environment>()

function open(variables: readonly string[]): Environment {
  const key = variables.join()
  const known = environments.get(key)
  if (known) return known
  const environment = createEnvironment(variables, { maxAstNodes: MOST_NODES })
  environments.set(key, environment)
  return environment
}

/** `result`: the type that it must have; `subject`: the variable that it is about. Never throws. */
export function compile(
  text: string,
  variables: readonly string[],
  result?: 'bool' | 'string',
  subject = 'object',
): Expression | Refusal {
  const refuse = (message: string, offset = 0, isUnknown = false): Refusal => ({ message, offset, isUnknown })
  if (text.trim() === '') return refuse('is empty')
  if (text.length > MOST_LETTERS) return refuse(`is longer than ${MOST_LETTERS} characters`, 0, true)
  const environment = open(variables)
  let parsed: Parsed
  try {
    parsed = environment.parse(text)
  } catch (error) {
    const { message, offset } = describe(error)
    return refuse(`is not an expression: ${message}`, offset, hasUnreadSyntax(text))
  }
  const nodes = listNodes(parsed.ast)
  for (const node of nodes) if (node.op === 'rcall' && node.args[0] === 'matches') (node.args as unknown[])[0] = MATCHES
  if (nodes.filter(({ op }) => op === '+').length > MOST_SUMS) return refuse(`has more than ${MOST_SUMS} sums`, 0, true)
  const { valid, type, error } = parsed.check()
  if (!valid) {
    const { message, offset, code } = describe(error)
    const name = /^Unknown variable: (\w+)$/.exec(message)?.[1]
    if (name !== undefined && !PACKAGES.has(name))
      return refuse(`speaks of ${name}, which is not declared; known are ${variables.join(', ')}`, offset)
    const problem = explainCall(message, environment)
    if (problem !== undefined) return refuse(problem, offset)
    return refuse(`is not known here: ${message.replaceAll(MATCHES, 'matches')}`, offset, code !== 'no_such_overload')
  }
  if (result !== undefined && type !== result && type !== 'dyn')
    return refuse(`must be of type ${result}, and is of type ${type}`)
  return toExpression(text, parsed, nodes, subject)
}

function toExpression(text: string, parsed: Parsed, nodes: readonly Ast[], subject: string): Expression {
  return {
    text,
    subject,
    fields: listFields(nodes, subject),
    quantifiers: listConjuncts(parsed.ast).flatMap(node => readQuantifier(node, text, subject) ?? []),
    names: (variable, field) =>
      nodes.some(({ op, args }) => op === '.' && args[1] === field && args[0].op === 'id' && args[0].args === variable),
    run({ variables, size, effort }) {
      const steps = costOf(parsed.ast, size)
      if (steps > MOST_STEPS || steps > effort.steps) return { error: 'it is too much work' }
      effort.steps -= steps
      try {
        return { value: parsed(variables) }
      } catch (error) {
        const { message, node } = describe(error)
        const missing = node && /^No such key/.test(message) ? chainOf(node, subject) : undefined
        return { error: message, ...(missing && { missing }) }
      }
    },
  }
}

interface Described {
  readonly message: string
  readonly offset: number
  readonly code: string | undefined
  readonly node: Ast | undefined
}

function describe(error: unknown): Described {
  const { summary, code, range, node } = error as {
    summary?: string
    code?: string
    range?: { start: number }
    node?: Ast
  }
  const message = summary ?? (error instanceof Error ? firstLine(error) : String(error))
  return { message, offset: range?.start ?? 0, code, node: node?.op === undefined ? undefined : node }
}

const isNode = (value: unknown): value is Ast => typeof value === 'object' && value !== null && 'op' in value

function childrenOf({ args }: Ast): readonly Ast[] {
  return ([args] as unknown[]).flat(3).filter(isNode)
}

function listNodes(root: Ast): readonly Ast[] {
  const nodes: Ast[] = []
  const queue = [root]
  for (let node = queue.pop(); node; node = queue.pop()) {
    nodes.push(node)
    queue.push(...childrenOf(node))
  }
  return nodes.sort((a, b) => a.start - b.start || b.end - a.end)
}

/** How many steps it takes at most: a loop does what it has inside for each item. */
function costOf(node: Ast, size: number): number {
  const isLoop = node.op === 'rcall' && LOOPS.has(node.args[0])
  if (!isLoop) return childrenOf(node).reduce((sum, child) => sum + costOf(child, size), 1)
  const [, receiver, inner] = node.args
  const sums = listNodes(receiver).filter(({ op }) => op === '+').length
  const written = receiver.op === 'list' ? receiver.args.length : 0
  const counted = listNodes(receiver).some(({ op, args }) => op === 'rcall' && args[0] === 'range') ? MOST_IN_RANGE : 0
  const items = Math.max(size, written, counted, 1) * 2 ** sums
  return costOf(receiver, size) + items * inner.reduce((sum, child) => sum + costOf(child, items), 1)
}

/** `object.spec["a"]` as a path; undefined for what does not begin with the variable, or whose names are computed. */
function chainOf(node: Ast, variable: string): FieldPath | undefined {
  if (node.op === 'id') return node.args === variable ? [] : undefined
  if (node.op === '.' || node.op === '.?') {
    const above = chainOf(node.args[0], variable)
    return above && [...above, node.args[1]]
  }
  // What stands for a field that is not there.
  if (node.op === 'rcall' && node.args[0] === 'orValue') return chainOf(node.args[1], variable)
  if (node.op !== '[]' && node.op !== '[?]') return undefined
  const [holder, key] = node.args
  const above = chainOf(holder, variable)
  if (!above || key.op !== 'value') return above
  const value = typeof key.args === 'bigint' ? Number(key.args) : key.args
  return typeof value === 'string' || typeof value === 'number' ? [...above, value] : above
}

/** The longest chains. */
function listFields(nodes: readonly Ast[], variable: string): readonly FieldPath[] {
  const inner = new Set<Ast>()
  const fields: FieldPath[] = []
  for (const node of nodes) {
    if (inner.has(node)) continue
    const chain = chainOf(node, variable)
    if (!chain || chain.length === 0) continue
    for (const below of listNodes(node)) inner.add(below)
    fields.push(chain)
  }
  return fields
}

const listConjuncts = (node: Ast): readonly Ast[] => (node.op === '&&' ? node.args.flatMap(listConjuncts) : [node])

function readQuantifier(node: Ast, text: string, subject: string): Quantifier | undefined {
  if (node.op !== 'rcall' || node.args[0] !== 'all') return undefined
  const [, receiver, [item, predicate]] = node.args
  const list = chainOf(receiver, subject)
  if (!list || item?.op !== 'id' || !predicate) return undefined
  return {
    list,
    variable: item.args,
    predicate: text.slice(predicate.start, predicate.end),
    fields: listFields(listNodes(predicate), item.args),
  }
}
