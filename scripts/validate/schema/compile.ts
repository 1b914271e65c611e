// Turns a schema into functions that check values. Only what documents reach is ever compiled, and it takes so little
// that nothing is kept between runs.

import { isDeepStrictEqual } from 'node:util'
import type { FieldPath } from '../../tree/model/place.ts'
import { formats } from './formats.ts'
import { definitionOf, type JsonSchema, type JsonType, type Lookup } from './json-schema.ts'
import type { Pattern } from './re2.ts'

export interface RawFault {
  /** Of the value at fault, or of the object around a missing or unknown field. */
  readonly path: FieldPath
  /** As JSON Schema calls it. */
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
}

/** The state of one check: where it is, and what it has found. */
interface Run {
  readonly path: (string | number)[]
  readonly faults: RawFault[]
}

type Check = (value: unknown, run: Run) => void

export interface Compiler {
  /** Faults in the order of the schema, at most `maxFaults`; none within the branches of anyOf, oneOf and not. */
  check(id: string, value: unknown): readonly RawFault[]
}

/** Beyond this many faults one object is not looked into further. */
export const maxFaults = 200

const NO_PARAMS = {}

export function createCompiler(lookup: Lookup, compilePattern: (source: string) => Pattern): Compiler {
  const checks = new Map<string, Check>()
  return {
    check: (id, value) => {
      const run: Run = { path: [], faults: [] }
      checkOf(id)(value, run)
      return run.faults
    },
  }

  function checkOf(id: string): Check {
    let check = checks.get(id)
    if (!check) {
      check = compile(lookup(id))
      checks.set(id, check)
    }
    return check
  }

  function compile(schema: JsonSchema): Check {
    if (schema.$ref !== undefined) {
      const id = definitionOf(schema.$ref)
      let check: Check | undefined
      return (value, run) => {
        check ??= checkOf(id)
        check(value, run)
      }
    }
    const own = [
      compileNumber(schema),
      compileString(schema),
      ...compileJunctors(schema),
      compileEnum(schema),
      compileArray(schema),
      compileObject(schema),
    ].filter(check => check !== undefined)
    return guardType(schema.type, own.length === 1 ? (own[0] as Check) : sequence(own))
  }

  function compileString(schema: JsonSchema): Check | undefined {
    const { minLength, maxLength, pattern, format } = schema
    const hasFormat = format !== undefined && typeof formats[format as keyof typeof formats] === 'function'
    const isFormat = hasFormat ? (formats[format as keyof typeof formats] as (text: string) => boolean) : undefined
    if (minLength === undefined && maxLength === undefined && pattern === undefined && !isFormat) return undefined
    let compiled: Pattern | undefined
    return (value, run) => {
      if (typeof value !== 'string') return
      if (minLength !== undefined || maxLength !== undefined) checkSize(run, countCodePoints(value), 'Length', schema)
      if (pattern !== undefined) {
        compiled ??= compilePattern(pattern)
        if (!compiled.test(value)) addFault(run, 'pattern', { pattern })
      }
      if (isFormat && !isFormat(value)) addFault(run, 'format', { format })
    }
  }

  function compileArray(schema: JsonSchema): Check | undefined {
    const { items, minItems, maxItems } = schema
    const check = items && compile(items)
    if (!check && minItems === undefined && maxItems === undefined) return undefined
    return (value, run) => {
      if (!Array.isArray(value)) return
      checkSize(run, value.length, 'Items', schema)
      if (!check) return
      for (let index = 0; index < value.length; index++) {
        run.path.push(index)
        check(value[index], run)
        run.path.pop()
      }
    }
  }

  function compileObject(schema: JsonSchema): Check | undefined {
    const { required = [], properties, additionalProperties, minProperties, maxProperties } = schema
    // A Map, since a field may be called `constructor`.
    const fields = new Map(Object.entries(properties ?? {}).map(([name, field]) => [name, compile(field)]))
    const other = additionalProperties ? compile(additionalProperties) : undefined
    const hasSize = minProperties !== undefined || maxProperties !== undefined
    if (required.length === 0 && !properties && additionalProperties === undefined && !hasSize) return undefined
    return (value, run) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return
      if (hasSize) checkSize(run, Object.keys(value).length, 'Properties', schema)
      for (const name of required) {
        if (!hasField(value, name)) addFault(run, 'required', { missingProperty: name })
      }
      for (const key of Object.keys(value)) {
        if ((value as Record<string, unknown>)[key] === undefined) continue
        const check = fields.get(key) ?? other
        if (check) {
          run.path.push(key)
          check((value as Record<string, unknown>)[key], run)
          run.path.pop()
        } else if (additionalProperties === false) addFault(run, 'additionalProperties', { additionalProperty: key })
      }
    }
  }

  function compileJunctors({ allOf, anyOf, oneOf, not }: JsonSchema): Check[] {
    const checks: Check[] = []
    const compileBranches = (branches: readonly JsonSchema[]) => branches.map(compile)
    if (not) {
      const check = compile(not)
      checks.push((value, run) => {
        if (passes(check, value)) addFault(run, 'not', NO_PARAMS)
      })
    }
    if (anyOf) {
      const branches = compileBranches(anyOf)
      checks.push((value, run) => {
        if (!branches.some(check => passes(check, value))) addFault(run, 'anyOf', NO_PARAMS)
      })
    }
    if (oneOf) {
      const branches = compileBranches(oneOf)
      checks.push((value, run) => {
        if (branches.filter(check => passes(check, value)).length !== 1) addFault(run, 'oneOf', NO_PARAMS)
      })
    }
    if (allOf) checks.push(...compileBranches(allOf))
    return checks
  }
}

function passes(check: Check, value: unknown): boolean {
  const run: Run = { path: [], faults: [] }
  check(value, run)
  return run.faults.length === 0
}

function sequence(checks: readonly Check[]): Check {
  return (value, run) => {
    for (const check of checks) check(value, run)
  }
}

/** A value of another type has one fault, its type. */
function guardType(type: JsonType | JsonType[] | undefined, check: Check): Check {
  if (type === undefined) return check
  const types = [type].flat()
  return (value, run) => {
    for (const one of types) if (isOfType(value, one)) return check(value, run)
    addFault(run, 'type', { type })
  }
}

function isOfType(value: unknown, type: JsonType): boolean {
  switch (type) {
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    case 'array':
      return Array.isArray(value)
    case 'integer':
      return Number.isInteger(value)
    case 'number':
      return Number.isFinite(value)
    case 'null':
      return value === null
    case 'string':
      return typeof value === 'string'
    case 'boolean':
      return typeof value === 'boolean'
  }
}

function compileNumber(schema: JsonSchema): Check | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, format } = schema
  const known = format === undefined ? undefined : formats[format as keyof typeof formats]
  const isFormat = typeof known === 'object' ? known.validate : undefined
  const limits = [minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf]
  if (limits.every(limit => limit === undefined) && !isFormat) return undefined
  return (value, run) => {
    if (typeof value !== 'number') return
    if (maximum !== undefined && value > maximum) addFault(run, 'maximum', { limit: maximum })
    if (minimum !== undefined && value < minimum) addFault(run, 'minimum', { limit: minimum })
    if (exclusiveMaximum !== undefined && value >= exclusiveMaximum)
      addFault(run, 'exclusiveMaximum', { limit: exclusiveMaximum })
    if (exclusiveMinimum !== undefined && value <= exclusiveMinimum)
      addFault(run, 'exclusiveMinimum', { limit: exclusiveMinimum })
    if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) addFault(run, 'multipleOf', { multipleOf })
    if (isFormat && !isFormat(value)) addFault(run, 'format', { format })
  }
}

function compileEnum({ enum: choices }: JsonSchema): Check | undefined {
  if (!choices) return undefined
  const plain = new Set(choices.filter(choice => typeof choice !== 'object' || choice === null))
  const others = choices.filter(choice => typeof choice === 'object' && choice !== null)
  return (value, run) => {
    if (plain.has(value) || others.some(choice => isDeepStrictEqual(choice, value))) return
    addFault(run, 'enum', { allowedValues: choices })
  }
}

function checkSize(run: Run, size: number, what: 'Length' | 'Items' | 'Properties', schema: JsonSchema): void {
  const max = schema[`max${what}`]
  const min = schema[`min${what}`]
  if (max !== undefined && size > max) addFault(run, `max${what}`, { limit: max })
  if (min !== undefined && size < min) addFault(run, `min${what}`, { limit: min })
}

function addFault(run: Run, keyword: string, params: RawFault['params']): void {
  if (run.faults.length < maxFaults) run.faults.push({ path: [...run.path], keyword, params })
}

/** A field that is undefined is one that is not there. */
function hasField(value: object, name: string): boolean {
  return Object.hasOwn(value, name) && (value as Record<string, unknown>)[name] !== undefined
}

function countCodePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}
