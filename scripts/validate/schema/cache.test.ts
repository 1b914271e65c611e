import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addToCache, computeCacheKey, type Definition, readCache } from './cache.ts'
import { openSchemas } from './index.ts'
import { deployment, modulesFolder } from './testing.ts'

const root = mkdtempSync(join(tmpdir(), 'schemas-'))
const program = join(root, 'program.mjs')
const run = promisify(execFile)
const good = deployment()
const bad = deployment(draft => {
  draft.spec.replicas = 'x'
})
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } }
const fault = 'spec.replicas must be an integer, not the string "x"'

beforeAll(() => {
  // What a run does, in a process of its own that tells whether it has read ajv.
  const index = pathToFileURL(join(import.meta.dirname, 'index.ts')).href
  writeFileSync(
    program,
    `import { createRequire } from 'node:module'
import { openSchemas } from ${JSON.stringify(index)}
const [cacheFolder, objects] = process.argv.slice(2)
const modulesFolder = ${JSON.stringify(modulesFolder)}
const schemas = await openSchemas({ kinds: [], customResourceDefinitions: [], cacheFolder, modulesFolder })
const messages = JSON.parse(objects).flatMap(object => schemas.validate(object).map(fault => fault.message))
const compiled = Object.keys(createRequire(import.meta.url).cache).some(file => file.includes('/ajv/'))
process.stdout.write(JSON.stringify({ messages, compiled }))`,
  )
})
afterAll(() => rmSync(root, { recursive: true }))

interface Outcome {
  readonly messages: string[]
  readonly compiled: boolean
}

async function validate(folder: string, ...objects: unknown[]): Promise<Outcome> {
  const { stdout } = await run(process.execPath, [program, folder, JSON.stringify(objects)], { timeout: 60_000 })
  return JSON.parse(stdout) as Outcome
}

const fileOf = (folder: string): string => join(folder, 'schemas.cache')

test('the second run compiles nothing, reads no ajv, and says the same', async () => {
  const folder = join(root, 'plain')
  expect(await validate(folder, good, bad)).toEqual({ messages: [fault], compiled: true })
  expect(readdirSync(folder)).toEqual(['schemas.cache'])
  expect(await validate(folder, good, bad)).toEqual({ messages: [fault], compiled: false })
  // Another field of a known kind is another definition.
  const wider = deployment(draft => {
    draft.spec.strategy = { type: 'Recreat' }
  })
  expect((await validate(folder, wider)).compiled).toBe(true)
  expect((await validate(folder, wider, bad)).compiled).toBe(false)
})

test('trees that take turns do not undo each other', async () => {
  const folder = join(root, 'turns')
  expect((await validate(folder, good)).compiled).toBe(true)
  expect((await validate(folder, service)).compiled).toBe(true)
  for (const object of [good, service, good]) expect((await validate(folder, object)).compiled).toBe(false)
})

test('runs at the same time leave one whole file', async () => {
  const folder = join(root, 'together')
  const runs = await Promise.all(Array.from({ length: 6 }, () => validate(folder, good, bad, service)))
  for (const { messages } of runs) expect(messages).toEqual([fault])
  expect(readdirSync(folder)).toEqual(['schemas.cache'])
  expect((await validate(folder, good, bad, service)).compiled).toBe(false)
})

describe('a file that is not what was written is made anew', () => {
  const folder = join(root, 'broken')
  let whole: Buffer
  beforeAll(async () => {
    await validate(folder, good, bad)
    whole = readFileSync(fileOf(folder))
  })

  const flip = (place: number) => (bytes: Buffer) => {
    const copy = Buffer.from(bytes)
    const index = Math.floor(copy.length * place)
    copy[index] = (copy[index] as number) ^ 1
    return copy
  }
  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['empty', () => Buffer.alloc(0)],
    ['cut to a third', bytes => bytes.subarray(0, bytes.length / 3)],
    ['cut by one byte', bytes => bytes.subarray(0, -1)],
    ['longer', bytes => Buffer.concat([bytes, bytes])],
    ['one bit of the seal', flip(0)],
    ['one bit of the head', flip(0.0002)],
    ['one bit of the code', flip(0.2)],
    ['one bit of the compiled code', flip(0.6)],
    ['one bit of the schemas', flip(0.999)],
    ['of another program', () => Buffer.from('module.exports = () => { throw new Error("run") }\n')],
  ])('%s', async (_, change) => {
    writeFileSync(fileOf(folder), change(whole))
    expect(readCache(folder, computeCacheKey(modulesFolder)).size).toBe(0)
    const options = { kinds: [], customResourceDefinitions: [], cacheFolder: folder, modulesFolder }
    const schemas = await openSchemas(options)
    expect(schemas.validate(bad)?.map(({ message }) => message)).toEqual([fault])
    expect(schemas.validate(good)).toEqual([])
    await new Promise(resolve => setImmediate(resolve))
    expect(readCache(folder, computeCacheKey(modulesFolder)).size).toBeGreaterThan(5)
  })

  test('written for another version', () => {
    writeFileSync(fileOf(folder), whole)
    expect(readCache(folder, computeCacheKey(modulesFolder)).size).toBeGreaterThan(5)
    expect(readCache(folder, 'another key').size).toBe(0)
  })
})

test('a place that cannot be written costs nothing but time', async () => {
  const file = join(root, 'file')
  writeFileSync(file, '')
  const inTheWay = join(root, 'in-the-way')
  mkdirSync(fileOf(inTheWay), { recursive: true })
  for (const folder of [file, join(file, 'below'), inTheWay]) {
    expect(await validate(folder, bad)).toEqual({ messages: [fault], compiled: true })
  }
  expect(statSync(file).size).toBe(0)
  expect(readdirSync(inTheWay)).toEqual(['schemas.cache'])
})

test('definitions that nobody uses go when there are too many', () => {
  const folder = join(root, 'many')
  const schema = { type: 'string' as const }
  const definition: Definition = { factory: () => null, schema: () => schema }
  const names = Array.from({ length: 3000 }, (_, index) => `d${index}`)
  addToCache(folder, 'k', new Map(names.map(id => [id, definition])), new Set())
  expect(readCache(folder, 'k').size).toBe(3000)
  addToCache(folder, 'k', new Map([['new', definition]]), new Set(['new', 'd7']))
  expect([...readCache(folder, 'k').keys()]).toEqual(['d7', 'new'])
  expect(readCache(folder, 'k').get('d7')?.schema()).toEqual(schema)
})

test('the key follows the versions of the packages', () => {
  const fake = join(root, 'node_modules')
  const packages = ['kubernetes-models', '@kubernetes/client-node', 'ajv'].concat(
    ['apimachinery', 'argo-cd', 'gateway-api', 'prometheus-operator'].map(name => `@kubernetes-models/${name}`),
  )
  const install = (name: string, version: string) => {
    mkdirSync(join(fake, name), { recursive: true })
    writeFileSync(join(fake, name, 'package.json'), JSON.stringify({ name, version }))
  }
  for (const name of packages) install(name, '1.0.0')
  const keys = new Set([computeCacheKey(fake)])
  for (const name of packages) {
    install(name, '1.0.1')
    keys.add(computeCacheKey(fake))
  }
  expect(keys.size).toBe(packages.length + 1)
})

test('a package that is not installed is named', async () => {
  const nothing = join(root, 'nothing')
  const options = { kinds: [], customResourceDefinitions: [], cacheFolder: undefined, modulesFolder: nothing }
  await expect(openSchemas(options)).rejects.toThrow('the package kubernetes-models is not installed: run npm ci')
  expect(existsSync(nothing)).toBe(false)
})
