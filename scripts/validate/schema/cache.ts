// Keeps compiled definitions between runs in one file, with V8's own form of them, so that a run neither compiles nor
// even parses. The file is a hint: whatever is wrong with it, it is left aside and written anew.

import { createHash, randomUUID } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import type { JsonSchema } from './json-schema.ts'

/** Compiled code before it has its surroundings: `require` of the run time, `check` for references. */
export type Factory = (require: unknown, check: unknown) => unknown

export interface Definition {
  readonly factory: Factory
  readonly schema: () => JsonSchema
}

export type DefinitionMap = ReadonlyMap<string, Definition>

const fileName = 'schemas.cache'
const maxBytes = 64 * 2 ** 20
const maxDefinitions = 3000
/** Versions of these, V8 and our own sources decide what is in the file. */
const packages = [
  'kubernetes-models',
  '@kubernetes-models/apimachinery',
  '@kubernetes-models/argo-cd',
  '@kubernetes-models/gateway-api',
  '@kubernetes-models/prometheus-operator',
  '@kubernetes/client-node',
  'ajv',
]

/** Throws where a package is not installed. */
export function computeCacheKey(modulesFolder: string): string {
  const hash = createHash('sha256').update(process.versions.v8)
  for (const name of packages) hash.update(readVersion(modulesFolder, name))
  for (const file of readdirSync(import.meta.dirname).sort()) {
    if (/(?<!\.test)\.(ts|json)$/.test(file)) hash.update(file).update(readFileSync(join(import.meta.dirname, file)))
  }
  return hash.digest('hex')
}

function readVersion(modulesFolder: string, name: string): string {
  try {
    const text = readFileSync(join(modulesFolder, name, 'package.json'), 'utf8')
    return `${name}@${/"version":\s*"([^"]+)"/.exec(text)?.[1]}\n`
  } catch (cause) {
    throw new Error(`the package ${name} is not installed: run npm ci`, { cause })
  }
}

/** Empty where there is no file, or one that was cut short, changed, or written for another key. */
export function readCache(folder: string | undefined, key: string): DefinitionMap {
  if (folder === undefined) return new Map()
  try {
    return readDefinitions(join(folder, fileName), key)
  } catch {
    return new Map()
  }
}

/**
 * Adds definitions to those in the file by now, under a name of its own that is then renamed: a reader sees the old
 * file or the new one, whole. Only `used` ones are kept when there are too many. Never throws: a full or read-only disk
 * costs time on the next run, nothing else.
 */
export function addToCache(folder: string | undefined, key: string, made: DefinitionMap, used: Set<string>): void {
  if (folder === undefined) return
  const all = new Map([...readCache(folder, key), ...made])
  const kept = all.size <= maxDefinitions ? all : new Map([...all].filter(([id]) => used.has(id)))
  const temporary = join(folder, `${fileName}.${randomUUID()}`)
  try {
    const content = pack(key, kept)
    if (content.length > maxBytes) return
    mkdirSync(folder, { recursive: true })
    writeFileSync(temporary, content, { flag: 'wx' })
    renameSync(temporary, join(folder, fileName))
  } catch {
    removeQuietly(temporary)
  }
}

function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // It never came to be.
  }
}

/** One line: hash of the rest. One line: key and lengths. Then JavaScript (ASCII), V8's form of it, schemas as JSON. */
function pack(key: string, definitions: DefinitionMap): Buffer {
  const members = [...definitions].map(([id, { factory }]) => `${JSON.stringify(id)}:(${factory})`)
  const source = `({${members.join(',\n')}})`
  const script = new Script(toAscii(source), { filename: fileName })
  script.runInThisContext()
  const compiled = script.createCachedData()
  const schemas = JSON.stringify(Object.fromEntries([...definitions].map(([id, { schema }]) => [id, schema()])))
  const parts = [Buffer.from(toAscii(source), 'latin1'), compiled, Buffer.from(schemas)]
  const head = JSON.stringify({ key, lengths: parts.map(part => part.length) })
  const body = Buffer.concat([Buffer.from(`${head}\n`), ...parts])
  return Buffer.concat([Buffer.from(`${seal(body)}\n`), body])
}

function readDefinitions(file: string, key: string): DefinitionMap {
  const status = lstatSync(file)
  if (!status.isFile() || status.size > maxBytes) return new Map()
  const content = readFileSync(file)
  const end = content.indexOf('\n')
  const body = content.subarray(end + 1)
  if (content.toString('latin1', 0, end) !== seal(body)) return new Map()
  const start = body.indexOf('\n')
  const head = JSON.parse(body.toString('latin1', 0, start)) as { key: string; lengths: [number, number, number] }
  if (head.key !== key) return new Map()
  const compiledAt = start + 1 + head.lengths[0]
  const schemasAt = compiledAt + head.lengths[1]
  const script = new Script(body.toString('latin1', start + 1, compiledAt), {
    filename: fileName,
    cachedData: body.subarray(compiledAt, schemasAt),
  })
  const factories = script.runInThisContext() as Record<string, Factory>
  let schemas: Record<string, JsonSchema> | undefined
  const schemaOf = (id: string): JsonSchema => {
    schemas ??= JSON.parse(body.toString('utf8', schemasAt)) as Record<string, JsonSchema>
    return schemas[id] as JsonSchema
  }
  return new Map(Object.entries(factories).map(([id, factory]) => [id, { factory, schema: () => schemaOf(id) }]))
}

/** Non-ASCII only ever stands in string literals. */
function toAscii(source: string): string {
  return source.replace(/[\u0080-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function seal(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex')
}
