// One policy on one object: conditions, variables and validations, in the order in which the API server takes them.
// Source: k8s.io/apiserver/pkg/admission/plugin/policy/validating (validator.go).
import { listAt, type Resource, stringAt, valueAt } from '../../tree/model/build.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import { compile, type Context, type Effort, type Expression } from './expression.ts'
import { findField } from './named-field.ts'
import type { Subject } from './subject.ts'
import { measure, toCel } from './values.ts'

/** `rule` is the expression that is not met. */
export type Verdict =
  | { readonly message: string; readonly path: FieldPath; readonly rule: string }
  | { readonly unknown: string }

const VARIABLES = ['object', 'oldObject', 'request', 'namespaceObject', 'authorizer', 'params', 'variables']

type Program = Expression | { readonly unknown: string }

const programs = new Map<string, Program>()

function read(text: string): Program {
  const known = programs.get(text)
  if (known) return known
  // Its functions are not known here.
  const asks = /\bauthorizer\b/.test(text)
  const program = compile(text, VARIABLES)
  const made = asks
    ? { unknown: 'it asks what the sender may do' }
    : 'run' in program
      ? checkNames(program)
      : { unknown: `an expression ${program.message}` }
  programs.set(text, made)
  return made
}

function checkNames(program: Expression): Program {
  for (const field of ['userInfo', 'options', 'subResource'])
    if (program.names('request', field)) return { unknown: `it asks for request.${field}` }
  return program
}

export function* evaluate(
  policy: Resource,
  subject: Subject,
  param: Resource | undefined,
  effort: Effort,
): Generator<Verdict> {
  const context = openContext(policy, subject, param, effort)
  for (const condition of listAt(policy.object, ['spec', 'matchConditions'])) {
    const value = run(stringAt(condition, ['expression']) ?? '', context)
    if (value.value === false) return
    if (value.value !== true) {
      yield { unknown: value.unknown ?? 'a condition is neither true nor false' }
      return
    }
  }
  const ignoresErrors = stringAt(policy.object, ['spec', 'failurePolicy']) === 'Ignore'
  for (const validation of listAt(policy.object, ['spec', 'validations'])) {
    const verdict = validate(validation, subject, context, ignoresErrors)
    if (verdict) yield verdict
  }
}

function validate(
  validation: unknown,
  subject: Subject,
  context: Context,
  ignoresErrors: boolean,
): Verdict | undefined {
  const text = stringAt(validation, ['expression']) ?? ''
  const { value, unknown, missing } = run(text, context)
  if (value === true) return undefined
  const program = read(text) as Expression
  // Labels and annotations have no defaults: what is missing there is missing in the cluster, and the request is refused.
  if (missing?.[0] === 'metadata' && missing.length > 1 && !ignoresErrors)
    return { message: `${missing.join('.')} is not there`, path: missing, rule: text }
  if (value !== false) return { unknown: unknown ?? 'an expression is neither true nor false' }
  const written = stringAt(validation, ['messageExpression'])
  const made = written ? run(written, context).value : undefined
  const own = typeof made === 'string' && made.trim() !== '' && !/[\n\r]/.test(made.trim()) ? made.trim() : undefined
  const message =
    own ?? stringAt(validation, ['message'])?.trim() ?? `the object does not meet ${text.replace(/\s+/g, ' ').trim()}`
  const object = valueAt(subject.resource.object, subject.prefix)
  return { message, path: findField(message, program, object, context), rule: text }
}

interface Result {
  readonly value?: unknown
  readonly unknown?: string
  readonly missing?: FieldPath
}

function run(text: string, context: Context): Result {
  const program = read(text)
  if (!('run' in program)) return program
  const outcome = program.run(context)
  if ('value' in outcome) return outcome
  return { unknown: `an expression fails (${outcome.error})`, ...(outcome.missing && { missing: outcome.missing }) }
}

function openContext(policy: Resource, subject: Subject, param: Resource | undefined, effort: Effort): Context {
  const { object, group, version, kind, plural, name, namespace, namespaceObject } = subject
  const type = { group, version }
  const variables: Record<string, unknown> = {
    object: toCel(object),
    oldObject: null,
    namespaceObject: namespaceObject ? toCel(namespaceObject.object) : null,
    params: param ? toCel(param.object) : null,
    authorizer: null,
    request: {
      operation: 'CREATE',
      kind: { ...type, kind },
      requestKind: { ...type, kind },
      resource: { ...type, resource: plural },
      requestResource: { ...type, resource: plural },
      name,
      ...(namespace !== undefined && { namespace }),
      dryRun: false,
    },
  }
  const context: Context = { variables, size: measure(object) + measure(param?.object), effort }
  variables.variables = openVariables(policy, context)
  return context
}

/** Each is worked out when it is asked for, once. */
function openVariables(policy: Resource, context: Context): object {
  const holder = {}
  for (const variable of listAt(policy.object, ['spec', 'variables'])) {
    const name = stringAt(variable, ['name']) ?? ''
    Object.defineProperty(holder, name, {
      enumerable: true,
      configurable: true,
      get() {
        const { value, unknown } = run(stringAt(variable, ['expression']) ?? '', context)
        if (unknown !== undefined) throw new Error(unknown)
        Object.defineProperty(holder, name, { value, enumerable: true })
        return value
      },
    })
  }
  return holder
}
