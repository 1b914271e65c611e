import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createBuiltinLookup, packageOf } from './builtin.ts'
import type { JsonSchema } from './json-schema.ts'
import { recoverModule } from './recover.ts'
import { replacementFor } from './strict.ts'
import { modulesFolder } from './testing.ts'

const packages = ['', 'apimachinery', 'argo-cd', 'gateway-api', 'prometheus-operator'].map(name =>
  name === '' ? 'kubernetes-models' : `@kubernetes-models/${name}`,
)
const modules = packages.flatMap(name =>
  readdirSync(join(modulesFolder, name, '_schemas'))
    .filter(file => file.endsWith('.js'))
    .map(file => ({ name, id: file.slice(0, -3), path: join(modulesFolder, name, '_schemas', file) })),
)

test('every compiled module of the packages is understood whole', () => {
  let properties = 0
  for (const { id, path, name } of modules) {
    expect(packageOf(id)).toBe(name)
    // Of a kind that is no longer served.
    if (replacementFor(id) || id.endsWith('V1beta1JSONSchemaProps')) continue
    const schema = recoverModule(id, readFileSync(path, 'utf8'))
    properties += Object.keys(schema.properties ?? {}).length
  }
  expect(modules.length).toBe(1555)
  expect(properties).toBeGreaterThan(6000)
})

test('a construct that is not known stops the build of schemas', () => {
  const path = join(modulesFolder, 'kubernetes-models/_schemas/IoK8sApiAppsV1DeploymentSpec.js')
  const source = readFileSync(path, 'utf8')
  const changes: [string, string][] = [
    ['keyword:"type"', 'keyword:"contains"'],
    ['params:{type:"integer"}', 'params:{kind:{}}'],
    ['function validate3(data,', 'function validate3(value,'],
    ['parentDataProperty:"replicas"', 'parentDataProperty:name'],
    ['validate0(data.replicas,', 'validate0(other,'],
    ['export const validate=validate1;', ''],
  ]
  for (const [from, to] of changes) {
    expect(source).toContain(from)
    expect(() => recoverModule('X', source.replace(from, to)), from).toThrow(/^X: /)
  }
})

interface Declared {
  readonly id: string
  /** By name: whether it must be there. */
  readonly fields: ReadonlyMap<string, boolean>
}

/** The interface of one `.d.ts`, whose members are written one a line, documentation between them. */
function readDeclaration(text: string): Declared | undefined {
  const id = text.match(/export type \{ \w+ as I(\w+)[, ]/)?.[1]
  const start = text.search(/export interface \w+[^{]*\{/)
  if (!id || start < 0) return undefined
  const fields = new Map<string, boolean>()
  let depth = 0
  for (const line of text.slice(text.indexOf('{', start) + 1).split('\n')) {
    const code = line.trim()
    if (code.startsWith('*') || code.startsWith('/*')) continue
    const member = depth === 0 && code.match(/^"([^"]+)"(\??):/)
    if (member) fields.set(member[1] as string, member[2] !== '?')
    for (const character of code.replace(/"[^"]*"/g, '')) depth += character === '{' ? 1 : character === '}' ? -1 : 0
    if (depth < 0) break
  }
  return { id, fields }
}

function readDeclarations(): Declared[] {
  return packages.flatMap(name =>
    readdirSync(join(modulesFolder, name), { recursive: true, withFileTypes: true })
      .filter(entry => entry.name.endsWith('.d.ts') && !entry.parentPath.endsWith('_schemas'))
      .flatMap(entry => readDeclaration(readFileSync(join(entry.parentPath, entry.name), 'utf8')) ?? []),
  )
}

test('all fields that the .d.ts files declare are in the strict schemas, and required alike', () => {
  const lookup = createBuiltinLookup(modulesFolder)
  const raw = (id: string): JsonSchema =>
    recoverModule(id, readFileSync(join(modulesFolder, packageOf(id), '_schemas', `${id}.js`), 'utf8'))
  const declarations = readDeclarations()
  const differences: string[] = []
  for (const { id, fields } of declarations) {
    // Removed kinds, whose lost descriptions nobody misses, and the one schema that is replaced.
    if (/V1beta1(PriorityClass|JSONSchemaProps|ExternalDocumentation|CustomResourceColumnDefinition)$/.test(id))
      continue
    if (replacementFor(id)) continue
    const known = Object.keys(lookup(id).properties ?? {})
    const missing = [...fields.keys()].filter(field => !known.includes(field))
    if (missing.length > 0) differences.push(`${id} lacks ${missing}`)
    const { required = [], allOf } = raw(id)
    const mistaken = [...fields].filter(([field, must]) => !allOf && required.includes(field) !== must)
    if (mistaken.length > 0) differences.push(`${id} requires otherwise: ${mistaken}`)
  }
  expect(declarations.length).toBe(1429)
  expect(differences).toEqual([])
})
