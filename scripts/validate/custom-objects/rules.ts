// The rules of a definition (x-kubernetes-validations) on one value of an object that is made.
// Source: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel (validation.go).
import { mappingAt, valueAt } from '../../tree/model/build.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import {
  type Context,
  compile,
  type Effort,
  type Expression,
  type Outcome,
  type Refusal,
} from '../policies/expression.ts'
import { findField } from '../policies/named-field.ts'
import { measure } from '../policies/values.ts'
import { nameInCel } from '../schema/api/cel/check.ts'
import { asList, asRecord } from '../schema/values.ts'
import { type Spot, toTyped } from './structural.ts'

export type Verdict =
  | { readonly message: string; readonly path: FieldPath; readonly named: FieldPath; readonly rule: string }
  | { readonly unknown: string; readonly rule: string }

const VARIABLES = ['self', 'oldSelf']
const programs = new Map<string, Expression | Refusal>()

function read(text: string): Expression | Refusal {
  const known = programs.get(text)
  if (known) return known
  const program = compile(text, VARIABLES, undefined, 'self')
  programs.set(text, program)
  return program
}

export const hasRules = ({ schema }: Spot): boolean => asList(schema['x-kubernetes-validations']).length > 0

export function* checkRules(spot: Spot, effort: Effort): Generator<Verdict> {
  // What surrounds a value that is null or missing says whether it may be.
  if (spot.value === null || spot.value === undefined) return
  const rules = asList(spot.schema['x-kubernetes-validations']).map(asRecord)
  let context: Context | undefined
  for (const rule of rules) {
    const text = String(rule.rule ?? '')
    const program = read(text)
    const unknown = (why: string): Verdict => ({ unknown: why, rule: text })
    if (!('run' in program)) {
      yield unknown(`an expression ${program.message}`)
      continue
    }
    // It compares with what was there before, and before an object is made nothing was.
    const isTransition = /\boldSelf\b/.test(text)
    if (isTransition && rule.optionalOldSelf !== true) continue
    try {
      context ??= openContext(spot, effort)
    } catch (error) {
      yield unknown((error as Error).message)
      continue
    }
    const verdict = judge(rule, program, spot, context)
    if (verdict) yield verdict
  }
}

function openContext({ value, schema, isRoot }: Spot, effort: Effort): Context {
  return { variables: { self: toTyped(value, schema, isRoot), oldSelf: noValue() }, size: measure(value), effort }
}

/** `optional.none()`, which only an expression makes. */
function noValue(): unknown {
  const outcome = (read('optional.none()') as Expression).run({ variables: {}, size: 1, effort: { steps: 100 } })
  return 'value' in outcome ? outcome.value : null
}

function judge(
  rule: Readonly<Record<string, unknown>>,
  program: Expression,
  spot: Spot,
  context: Context,
): Verdict | undefined {
  const outcome = program.run(context)
  if ('value' in outcome && outcome.value === true) return undefined
  const named = [...spot.path, ...readFieldPath(rule.fieldPath)]
  if ('error' in outcome) {
    if (!/^No such key/.test(outcome.error))
      return { unknown: `an expression fails (${outcome.error})`, rule: program.text }
    const missing = outcome.missing ?? []
    const message = `${describeMissing(outcome, missing)}: ${program.text}`
    return { message, path: [...spot.path, ...missing], named, rule: program.text }
  }
  if (outcome.value !== false) return { unknown: 'an expression is neither true nor false', rule: program.text }
  const message = messageOf(rule, context) ?? `the object does not meet ${program.text.replace(/\s+/g, ' ').trim()}`
  const below =
    named.length > spot.path.length ? readFieldPath(rule.fieldPath) : findField(message, program, spot.value, context)
  return { message, path: [...spot.path, ...trim(below, spot.value)], named, rule: program.text }
}

const describeMissing = ({ error }: Extract<Outcome, { error: string }>, missing: FieldPath): string =>
  `asks for ${missing.length > 0 ? missing.join('.') : error.replace(/^No such key: /, '')}, which is not there`

function messageOf(
  { message, messageExpression }: Readonly<Record<string, unknown>>,
  context: Context,
): string | undefined {
  const program =
    typeof messageExpression === 'string' && messageExpression !== '' ? read(messageExpression) : undefined
  const made = program && 'run' in program ? program.run(context) : undefined
  const text = made && 'value' in made && typeof made.value === 'string' ? made.value.trim() : ''
  if (text !== '' && !/[\n\r]/.test(text)) return text
  return typeof message === 'string' && message.trim() !== '' ? message.trim() : undefined
}

/** `.a.b['c']`, as the definition was held to. */
function readFieldPath(path: unknown): FieldPath {
  const segments = /\.([A-Za-z_]\w*)|\['((?:[^'\\]|\\.)+)'\]/g
  return typeof path === 'string'
    ? [...path.matchAll(segments)].map(([, plain, quoted]) => plain ?? (quoted as string).replace(/\\(.)/g, '$1'))
    : []
}

/** A path of a rule, with its names as they are written; it ends at the first field that is not there. */
function trim(path: FieldPath, value: unknown): FieldPath {
  const written: (string | number)[] = []
  let at = value
  for (const segment of path) {
    const fields = mappingAt(at, [])
    const name = fields ? (Object.keys(fields).find(own => nameInCel(own) === segment) ?? segment) : segment
    written.push(name)
    at = valueAt(at, [name])
    if (at === undefined) break
  }
  return written
}
