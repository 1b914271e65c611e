// Which field a violated expression is about: the one that its message names, else one that the expression asks for.
import { listAt, mappingAt, valueAt } from '../../tree/model/build.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import { compile, type Context, type Expression, type Quantifier } from './expression.ts'

const PATH = /[A-Za-z_][\w-]*(?:\.[\w-]+|\[(?:\d{1,6}|"[^"\]]{1,300}"|'[^'\]]{1,300}')\])+/g
const SEGMENT = /([\w-]+)|\["([^"]+)"\]|\['([^']+)'\]/g

/** `object`: as it is written, which is where the field is looked for. */
export function findField(message: string, expression: Expression, object: unknown, context: Context): FieldPath {
  const words = new Set(message.match(/[\w-]+/g))
  const isNamed = (path: FieldPath): boolean => words.has(String(path.at(-1)))
  const named = readPaths(message, object)[0] ?? expression.fields.find(path => path.length > 1 && isNamed(path))
  if (named) return named
  for (const quantifier of expression.quantifiers) {
    const item = findItem(quantifier, object, context, expression.subject)
    if (!item) continue
    const field = quantifier.fields.find(isNamed) ?? quantifier.fields[0] ?? []
    return [...item, ...field]
  }
  return expression.fields[0] ?? []
}

/** Paths in a text that begin at a field of the object: `spec.replicas`, `object.spec.ports[0]`. */
function readPaths(message: string, object: unknown): readonly FieldPath[] {
  return [...message.slice(0, 10_000).matchAll(PATH)].flatMap(([text]) => {
    const segments = [...text.matchAll(SEGMENT)].map(([, plain, double, single]) => double ?? single ?? plain ?? '')
    const path = segments
      .slice(segments[0] === 'object' ? 1 : 0)
      .map(segment => (/^\d+$/.test(segment) ? Number(segment) : segment))
    const [first] = path
    const isThere = first !== undefined && mappingAt(object, [])?.[first] !== undefined
    return isThere && path.length > 1 ? [path] : []
  })
}

/** The first item that a predicate does not hold for. */
function findItem(
  { list, variable, predicate }: Quantifier,
  object: unknown,
  context: Context,
  subject: string,
): FieldPath | undefined {
  const program = compile(predicate, [...Object.keys(context.variables), variable], 'bool')
  if (!('run' in program)) return undefined
  const items = valueAt(context.variables[subject], list)
  const keys = Array.isArray(items) ? items.map((_, index) => index) : Object.keys(mappingAt(items, []) ?? {})
  // What the API server adds is not written.
  const limit = listAt(object, list).length || keys.length
  for (const key of keys.slice(0, limit)) {
    const item = Array.isArray(items) ? items[Number(key)] : key
    const outcome = program.run({ ...context, variables: { ...context.variables, [variable]: item } })
    if ('value' in outcome && outcome.value === false) return [...list, key]
  }
  return undefined
}
