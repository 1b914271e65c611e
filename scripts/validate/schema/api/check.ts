// The words that the tables of this folder are written in: each takes what is right and gives a check.

import { type ApiFault, type Check, choose, missing, NO_FAULTS, refuse, wrong } from './fault.ts'
import { get, isEmpty, isMapping, isSet, itemsOf, lengthOf, type Node, numberOf, textOf } from './node.ts'

/** What is wrong with a text, as the end of a sentence ("must ..."); undefined: nothing. */
export type TextTest = (text: string) => string | undefined

/** Checks that find nothing where nothing is, so that nobody needs to ask them there. */
const QUIET = new WeakSet<Check>()

function quiet(check: Check): Check {
  QUIET.add(check)
  return check
}

export const nothing: Check = quiet(() => NO_FAULTS)

/** A struct that may be left out; as an item of a list it may be null and is then empty. */
export function shape(fields: Readonly<Record<string, Check>>, ...more: readonly Check[]): Check {
  const inner = struct(fields, ...more)
  return quiet(node => (isSet(node) || typeof node.key === 'number' ? inner(node) : NO_FAULTS))
}

/** A struct that Go holds by value: where it is not written it is there all the same, and empty. */
export function struct(fields: Readonly<Record<string, Check>>, ...more: readonly Check[]): Check {
  const checks = Object.entries(fields).map(([key, check]) => ({ key, check, isQuiet: QUIET.has(check) }))
  const judgeFields: Check = node => {
    const { value } = node
    const holder = isMapping(value) ? value : undefined
    if (!holder && isSet(node)) return NO_FAULTS
    let found: ApiFault[] | undefined
    for (const { key, check, isQuiet } of checks) {
      const inner = holder && Object.hasOwn(holder, key) ? holder[key] : undefined
      if (isQuiet && inner === undefined) continue
      found = append(found, check({ value: inner, up: node, key }))
    }
    for (const check of more) found = append(found, check(node))
    return found ?? NO_FAULTS
  }
  return more.length === 0 && checks.every(({ isQuiet }) => isQuiet) ? quiet(judgeFields) : judgeFields
}

/** Most checks find nothing, and then nothing is made. */
function append(found: ApiFault[] | undefined, faults: Iterable<ApiFault>): ApiFault[] | undefined {
  if (faults === NO_FAULTS) return found
  let all = found
  for (const fault of faults) {
    all ??= []
    all.push(fault)
  }
  return all
}

export function all(...checks: readonly Check[]): Check {
  const judgeAll: Check = node => {
    let found: ApiFault[] | undefined
    for (const check of checks) found = append(found, check(node))
    return found ?? NO_FAULTS
  }
  return checks.every(check => QUIET.has(check)) ? quiet(judgeAll) : judgeAll
}

/** Of an object's spec. */
export const inSpec =
  (check: Check): Check =>
  object =>
    check(get(object, 'spec'))

/** Only what is there is checked: for pointers, whose empty text is a text. */
export const ifSet = (check: Check): Check => quiet(node => (isSet(node) ? check(node) : NO_FAULTS))

export function required(check: Check = nothing, hint = ''): Check {
  return node => (isEmpty(node) ? [missing(node, hint)] : check(node))
}

export function each(check: Check): Check {
  return quiet(node => {
    let found: ApiFault[] | undefined
    for (const item of itemsOf(node)) found = append(found, check(item))
    return found ?? NO_FAULTS
  })
}

/** An empty text stands for one that is not there. */
export function text(test: TextTest): Check {
  return quiet(node => (textOf(node) === '' ? NO_FAULTS : judge(node, test)))
}

/** For pointers and items of lists: an empty text is tested like any other. */
export function anyText(test: TextTest): Check {
  return quiet(node => (typeof node.value === 'string' || isNullItem(node) ? judge(node, test) : NO_FAULTS))
}

/** Null in a list is decoded as an empty text. */
const isNullItem = ({ value, key }: Node): boolean => value === null && typeof key === 'number'

function judge(node: Node, test: TextTest): readonly ApiFault[] {
  const problem = test(textOf(node))
  return problem === undefined ? NO_FAULTS : [wrong(node, problem)]
}

export function oneOf(...choices: readonly string[]): Check {
  const allowed = new Set(choices)
  return quiet(node =>
    typeof node.value !== 'string' || node.value === '' || allowed.has(node.value)
      ? NO_FAULTS
      : [choose(node, choices)],
  )
}

/** As `oneOf`, where the empty text is as wrong as any other. */
export function exactlyOneOf(...choices: readonly string[]): Check {
  const allowed = new Set(choices)
  return quiet(node =>
    (typeof node.value !== 'string' && !isNullItem(node)) || allowed.has(textOf(node))
      ? NO_FAULTS
      : [choose(node, choices)],
  )
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
  return quiet(node => {
    const value = numberOf(node)
    return value === undefined || (value >= low && value <= high)
      ? NO_FAULTS
      : [wrong(node, `must be from ${low} to ${high}`)]
  })
}

export function atLeast(low: number): Check {
  return quiet(node => {
    const value = numberOf(node)
    return value === undefined || value >= low ? NO_FAULTS : [wrong(node, `must be at least ${low}`)]
  })
}

export const nonNegative = atLeast(0)

/** A number that has no default: left out it is 0, which is out of the range. */
export function requiredRange(low: number, high: number): Check {
  const inRange = range(low, high)
  return node => (isSet(node) ? inRange(node) : [missing(node, `from ${low} to ${high}`)])
}

export function maxItems(most: number): Check {
  return quiet(node =>
    lengthOf(node) > most ? [refuse(node, `has ${lengthOf(node)} items; ${most} are allowed`)] : NO_FAULTS,
  )
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
