// The words that the tables of this folder are written in: each takes what is right and gives a check.

import { type ApiFault, type Check, choose, missing, NO_FAULTS, refuse, wrong } from './fault.ts'
import { get, isEmpty, isMapping, isSet, itemsOf, lengthOf, type Node, numberOf, textOf } from './node.ts'

/** What is wrong with a text, as the end of a sentence ("must ..."); undefined: nothing. */
export type TextTest = (text: string) => string | undefined

export const nothing: Check = () => NO_FAULTS

/** A struct that may be left out; as an item of a list it may be null and is then empty. */
export function shape(fields: Readonly<Record<string, Check>>, ...more: readonly Check[]): Check {
  const inner = struct(fields, ...more)
  return node => (isSet(node) || typeof node.key === 'number' ? inner(node) : NO_FAULTS)
}

/** A struct that Go holds by value: where it is not written it is there all the same, and empty. */
export function struct(fields: Readonly<Record<string, Check>>, ...more: readonly Check[]): Check {
  const checks = Object.entries(fields)
  return function* (node) {
    if (isSet(node) && !isMapping(node.value)) return
    for (const [key, check] of checks) yield* check(get(node, key))
    for (const check of more) yield* check(node)
  }
}

export function all(...checks: readonly Check[]): Check {
  return function* (node) {
    for (const check of checks) yield* check(node)
  }
}

/** Only what is there is checked: for pointers, whose empty text is a text. */
export const ifSet =
  (check: Check): Check =>
  node =>
    isSet(node) ? check(node) : NO_FAULTS

export function required(check: Check = nothing, hint = ''): Check {
  return node => (isEmpty(node) ? [missing(node, hint)] : check(node))
}

export function each(check: Check): Check {
  return function* (node) {
    for (const item of itemsOf(node)) yield* check(item)
  }
}

/** An empty text stands for one that is not there. */
export function text(test: TextTest): Check {
  return node => (textOf(node) === '' ? NO_FAULTS : judge(node, test))
}

/** For pointers and items of lists: an empty text is tested like any other. */
export function anyText(test: TextTest): Check {
  return node => (typeof node.value === 'string' || isNullItem(node) ? judge(node, test) : NO_FAULTS)
}

/** Null in a list is decoded as an empty text. */
const isNullItem = ({ value, key }: Node): boolean => value === null && typeof key === 'number'

function judge(node: Node, test: TextTest): readonly ApiFault[] {
  const problem = test(textOf(node))
  return problem === undefined ? NO_FAULTS : [wrong(node, problem)]
}

export function oneOf(...choices: readonly string[]): Check {
  const allowed = new Set(choices)
  return node =>
    typeof node.value !== 'string' || node.value === '' || allowed.has(node.value) ? NO_FAULTS : [choose(node, choices)]
}

/** As `oneOf`, where the empty text is as wrong as any other. */
export function exactlyOneOf(...choices: readonly string[]): Check {
  const allowed = new Set(choices)
  return node =>
    (typeof node.value !== 'string' && !isNullItem(node)) || allowed.has(textOf(node))
      ? NO_FAULTS
      : [choose(node, choices)]
}

/** A value that has no default: left out is wrong too, and the server says so as of a wrong one. */
export function mustBeOneOf(...choices: readonly string[]): Check {
  const allowed = new Set(choices)
  return node => {
    if (isSet(node) && typeof node.value !== 'string') return NO_FAULTS
    if (isEmpty(node)) return [missing(node, choices.join(' or '))]
    return allowed.has(textOf(node)) ? NO_FAULTS : [choose(node, choices)]
  }
}

export function range(low: number, high: number): Check {
  return node => {
    const value = numberOf(node)
    return value === undefined || (value >= low && value <= high)
      ? NO_FAULTS
      : [wrong(node, `must be from ${low} to ${high}`)]
  }
}

export function atLeast(low: number): Check {
  return node => {
    const value = numberOf(node)
    return value === undefined || value >= low ? NO_FAULTS : [wrong(node, `must be at least ${low}`)]
  }
}

export const nonNegative = atLeast(0)

/** A number that has no default: left out it is 0, which is out of the range. */
export function requiredRange(low: number, high: number): Check {
  const inRange = range(low, high)
  return node => (isSet(node) ? inRange(node) : [missing(node, `from ${low} to ${high}`)])
}

export function maxItems(most: number): Check {
  return node =>
    lengthOf(node) > most ? [refuse(node, `has ${lengthOf(node)} items; ${most} are allowed`)] : NO_FAULTS
}

/** Items that say the same as one before them; `keyOf` gives undefined for what is not compared. */
export function* duplicates(
  nodes: readonly Node[],
  keyOf: (node: Node) => string | undefined,
  say: (node: Node, first: Node) => ApiFault,
): Iterable<ApiFault> {
  const seen = new Map<string, Node>()
  for (const node of nodes) {
    const key = keyOf(node)
    if (key === undefined) continue
    const first = seen.get(key)
    if (first) yield say(node, first)
    else seen.set(key, node)
  }
}

/** Fields of which exactly one, or at most one, may be set; says which of them are. */
export function setFields(node: Node, fields: readonly string[]): readonly string[] {
  return fields.filter(field => isSet(get(node, field)))
}
