// Runs compiled definitions. Each is loaded when the first document reaches it, from the cache or made on the spot, so
// that a run pays for what its documents use.

import { createRequire } from 'node:module'
import { isDeepStrictEqual } from 'node:util'
import { compileFunction } from 'node:vm'
import { addToCache, computeCacheKey, type Definition, type Factory, readCache } from './cache.ts'
import { formats } from './formats.ts'
import type { JsonSchema, Lookup } from './json-schema.ts'

/** What ajv says of one fault. */
export interface RawFault {
  readonly instancePath: string
  readonly schemaPath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
}

export interface Definitions {
  readonly lookup: Lookup
  /** No faults: null. */
  check(id: string, value: unknown): readonly RawFault[] | null
}

export interface DefinitionOptions {
  readonly cacheFolder: string | undefined
  readonly modulesFolder: string
  /** Definitions that come from a CustomResourceDefinition; undefined: it is a built-in one. */
  readonly lookupCustom: (id: string) => JsonSchema | undefined
  /** A text was too long to be tested against this pattern, and passes. */
  readonly onTooLong: (pattern: string) => void
}

interface Validator {
  (value: unknown, context: { readonly instancePath: string }): boolean
  errors: RawFault[] | null
}

interface Generator {
  readonly lookup: Lookup
  readonly compile: (schema: JsonSchema) => string
}

/** Beyond this many faults one object is not looked into further. */
export const maxFaults = 200

// Modules off the path of a warm, faultless run are read when they are needed, in the midst of a synchronous check.
const requireHere = createRequire(import.meta.url)

/** Throws where the packages with the schemas are not installed. */
export function openDefinitions(options: DefinitionOptions): Definitions {
  const { cacheFolder, modulesFolder } = options
  const key = computeCacheKey(modulesFolder)
  const known = new Map(readCache(cacheFolder, key))
  const made = new Map<string, Definition>()
  const used = new Set<string>()
  const validators = new Map<string, Validator>()
  const runtime = createRuntime(options.onTooLong)
  let generator: Generator | undefined

  const define = (id: string): Definition => {
    const definition = known.get(id) ?? make(id)
    used.add(id)
    return definition
  }
  const make = (id: string): Definition => {
    generator ??= loadGenerator(modulesFolder)
    const schema = options.lookupCustom(id) ?? generator.lookup(id)
    const factory = compileFunction(generator.compile(schema), ['require', 'check'], { filename: id }) as Factory
    const definition = { factory, schema: () => schema }
    // Saved once the caller has gone through its documents.
    if (made.size === 0) setImmediate(save)
    made.set(id, definition)
    known.set(id, definition)
    return definition
  }
  const save = () => {
    addToCache(cacheFolder, key, made, used)
    made.clear()
  }
  /** Compiled code calls this for each reference; faults are added to those found so far. */
  const check = (id: string, value: unknown, instancePath: string, faults: RawFault[] | null): RawFault[] | null => {
    if (faults !== null && faults.length >= maxFaults) return faults
    let validator = validators.get(id)
    if (!validator) {
      validator = define(id).factory(runtime, check) as Validator
      validators.set(id, validator)
    }
    if (validator(value, { instancePath })) return faults
    const found = validator.errors ?? []
    if (faults === null) return found
    for (const fault of found) faults.push(fault)
    return faults
  }
  return { lookup: id => define(id).schema(), check: (id, value) => check(id, value, '', null) }
}

function loadGenerator(modulesFolder: string): Generator {
  const { createBuiltinLookup } = requireHere('./builtin.ts') as typeof import('./builtin.ts')
  const { createCompiler } = requireHere('./compile.ts') as typeof import('./compile.ts')
  return { lookup: createBuiltinLookup(modulesFolder), compile: createCompiler() }
}

/** The modules that compiled code asks for: ours, and ours in place of two of ajv's run time. */
function createRuntime(onTooLong: (pattern: string) => void): (name: string) => unknown {
  let compile: ((source: string) => unknown) | undefined
  return name => {
    switch (name) {
      case 'formats':
        return { formats }
      case 're2': {
        const { compilePattern, createEffort } = requireHere('./re2.ts') as typeof import('./re2.ts')
        const effort = createEffort(onTooLong)
        compile ??= source => compilePattern(source, effort)
        return { compilePattern: compile }
      }
      case 'ajv/dist/runtime/ucs2length':
        return { default: countCodePoints }
      case 'ajv/dist/runtime/equal':
        return { default: isDeepStrictEqual }
      default:
        throw new Error(`compiled schemas ask for ${name}`)
    }
  }
}

function countCodePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}
