// Rules that the API server refuses since they may take too long: loops within loops over lists that nothing bounds.
// Source: apiextensions-apiserver's validation (StaticEstimatedCostLimit), apiserver's pkg/cel/common (schemas.go). Counted
// is what a turn of a loop costs at least; what it does in it costs more, so that what is said here is said there.

import { namesInCel } from '../cel/check.ts'
import { createEnvironment, type Environment } from '../cel/environment.ts'
import { LOOPS } from '../cel/functions/comprehensions.ts'
import { entriesOf, get, isMapping, isSet, type Node, textOf, textsOf } from '../node.ts'

export type Ast = ReturnType<Environment['parse']>['ast']
export type Scope = ReadonlyMap<string, Node>

const MOST = 10_000_000
const LEAST_PER_TURN = 3
/** Of a loop that counts; found by definitions with bounds around the limit. */
const LEAST_TO_COUNT = 2
const MOST_BYTES = 3 * 1024 * 1024
const MAX_DEPTH = 20
const MAX_LENGTH = 20_000

/** The fewest bytes that a value takes, or more: then fewer fit into a request, and less is said. */
function bytesOf(schema: Node, depth = 0): number {
  const minimum = (field: string): number => Number(get(schema, field).value) || 0
  const type = textOf(get(schema, 'type'))
  if (type === 'string') return 2 + Math.max(minimum('minLength'), textOf(get(schema, 'format')) === '' ? 0 : 25)
  if (type === 'boolean') return 5
  if (type !== 'object' || depth > MAX_DEPTH) return 2
  const required = new Set(textsOf(get(schema, 'required')))
  return entriesOf(get(schema, 'properties'))
    .filter(({ key }) => required.has(String(key)))
    .reduce((sum, property) => sum + String(property.key).length + 4 + bytesOf(property, depth + 1), 2)
}

/** How many items a list or mapping may have; undefined for what is neither. */
function countItems(schema: Node): { readonly count: number; readonly isBounded: boolean } | undefined {
  const type = textOf(get(schema, 'type'))
  const [field, items, extra] =
    type === 'array' ? ['maxItems', 'items', 1] : ['maxProperties', 'additionalProperties', 6]
  const inner = get(schema, field === 'maxItems' ? items : 'additionalProperties')
  if ((type !== 'array' && type !== 'object') || !isMapping(inner.value)) return undefined
  const bound = get(schema, field as string).value
  if (typeof bound === 'number') return { count: bound, isBounded: true }
  return { count: Math.floor((MOST_BYTES - 2) / (bytesOf(inner) + (extra as number))), isBounded: false }
}

/** How often the values within a schema may be there, where it is there so often itself; Infinity: nothing bounds it. */
export function timesWithin(schema: Node, times: number): number {
  const items = countItems(schema)
  return items ? times * (items.isBounded ? items.count : Number.POSITIVE_INFINITY) : times
}

/** The schema of a value that an expression names; undefined where that is not known. */
export function resolve(node: Ast, scope: Scope): Node | undefined {
  if (node.op === 'id') return scope.get(node.args)
  if (node.op === '.') {
    const [holder, name] = node.args
    const above = resolve(holder, scope)
    return above && entriesOf(get(above, 'properties')).find(({ key }) => namesInCel(String(key)).includes(name))
  }
  // What is left of a list may be all of it.
  return node.op === 'rcall' && node.args[0] === 'filter' ? resolve(node.args[1], scope) : undefined
}

export const childrenOf = ({ args }: Ast): readonly Ast[] => ([args] as unknown[]).flat(3).filter(isNode)

const isNode = (value: unknown): value is Ast => typeof value === 'object' && value !== null && 'op' in value

/** The variables within a loop: of one over a list it is known what they are. */
export function openLoop(schema: Node | undefined, variable: Ast | undefined, bodies: number, scope: Scope): Scope {
  const inner = new Map(scope)
  if (variable?.op !== 'id') return inner
  inner.delete(variable.args)
  if (schema && bodies === 1 && textOf(get(schema, 'type')) === 'array') inner.set(variable.args, get(schema, 'items'))
  return inner
}

const leastOf = (loop: string): number => (/^exists_?One$/i.test(loop) ? LEAST_TO_COUNT : LEAST_PER_TURN)

/** What the loops of an expression cost at least, one within the other. */
function costOf(node: Ast, scope: Scope): number {
  const among = (nodes: readonly Ast[], inner: Scope): number =>
    nodes.reduce((most, one) => Math.max(most, costOf(one, inner)), 1)
  if (node.op !== 'rcall' || !LOOPS.has(node.args[0])) return among(childrenOf(node), scope)
  const [, receiver, [variable, ...bodies]] = node.args
  const schema = resolve(receiver, scope)
  const items = schema && countItems(schema)
  const inner = openLoop(schema, variable, bodies.length, scope)
  const inside = among(bodies, inner)
  return Math.max(costOf(receiver, scope), items ? items.count * Math.max(leastOf(node.args[0]), inside) : inside)
}

let reader: Environment | undefined

/** Undefined for what is not an expression, or too long for one. */
export function parseRule(rule: string): Ast | undefined {
  if (rule.length > MAX_LENGTH) return undefined
  reader ??= createEnvironment(['self', 'oldSelf'])
  try {
    return reader.parse(rule).ast
  } catch {
    return undefined
  }
}

/** What is to be said of a rule that takes too long; `times`: how often it is run. */
export function explainCost(rule: string, schema: Node, times: number): string | undefined {
  const ast = parseRule(rule)
  if (!ast || !isSet(schema)) return undefined
  const cost = costOf(ast, new Map([['self', schema]]))
  const runs = Number.isFinite(times) ? times : Math.floor(MOST_BYTES / (bytesOf(schema) + 1))
  if (cost * runs <= MOST) return undefined
  return `may cost ${cost * runs} or more by its loops, and the server allows ${MOST}: bound the lists and mappings by maxItems and maxProperties`
}
