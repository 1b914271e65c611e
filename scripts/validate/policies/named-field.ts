// Which field a violated expression is about: the one that its message names, else one that the expression asks for, else
// one whose value the message quotes.
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
  // What is asked of all objects, such as the kind, says little.
  return expression.fields.find(path => path.length > 1) ?? findValue(message, object) ?? expression.fields[0] ?? []
}

/** A text of the object that the message quotes, the longest that stands in it as a whole. */
function findValue(message: string, object: unknown): FieldPath | undefined {
  const words = new Set(message.split(/[\s,;'"`()[\]]+/).map(word => word.replace(/[.:]$/, '')))
  const found: { readonly path: FieldPath; readonly length: number }[] = []
  const walk = (value: unknown, path: FieldPath): void => {
    // A shorter one is in many sentences.
    if (typeof value === 'string' && value.length > 4 && words.has(value)) found.push({ path, length: value.length })
    const children = Array.isArray(value) ? value.entries() : Object.entries(mappingAt(value, []) ?? {})
    for (const [key, item] of children) walk(item, [...path, key])
  }
  walk(mappingAt(object, ['spec']), ['spec'])
  return found.sort((a, b) => b.length - a.length)[0]?.path
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
