// The schemas that a run uses: the committed ones, each file read when the first document reaches it, and those that
// come with the tree.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Compiler, createCompiler } from './compile.ts'
import type { JsonSchema, Lookup } from './json-schema.ts'

export interface Definitions extends Compiler {
  readonly lookup: Lookup
}

export interface DefinitionOptions {
  /** Definitions that come from a CustomResourceDefinition; undefined: it is a built-in one. */
  readonly lookupCustom: (id: string) => JsonSchema | undefined
  /** A text was too long to be tested against this pattern, and passes. */
  readonly onTooLong: (pattern: string) => void
}

const folder = join(import.meta.dirname, 'definitions')
// Most runs test no pattern.
const requireHere = createRequire(import.meta.url)

export function openDefinitions({ lookupCustom, onTooLong }: DefinitionOptions): Definitions {
  const lookup: Lookup = id => lookupCustom(id) ?? lookUpBuiltin(id)
  const { check } = createCompiler(lookup, source => {
    const { compilePattern, createEffort } = requireHere('./re2.ts') as typeof import('./re2.ts')
    effort ??= createEffort(onTooLong)
    return compilePattern(source, effort)
  })
  let effort: import('./re2.ts').Effort | undefined
  return { lookup, check }
}

const files = new Map<string, Readonly<Record<string, JsonSchema>>>()

/** The name of a definition is that of its file, then its own: `kubernetes/apps/v1#Deployment`. */
function lookUpBuiltin(id: string): JsonSchema {
  const [file, name] = id.split('#') as [string, string]
  let definitions = files.get(file)
  if (!definitions) {
    definitions = JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8')) as Record<string, JsonSchema>
    files.set(file, definitions)
  }
  const schema = Object.hasOwn(definitions, name) ? definitions[name] : undefined
  if (!schema) throw new Error(`there is no definition ${id}`)
  return schema
}
