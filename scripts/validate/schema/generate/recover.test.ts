import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { JsonSchema } from '../json-schema.ts'
import { modulesFolder } from '../testing.ts'
import { readDeclarations } from './declarations.ts'
import { createPackageLookup } from './lookup.ts'
import { KUBERNETES, PACKAGES } from './packages.ts'
import { recoverModule } from './recover.ts'
import { replacementFor } from './strict.ts'

const packages = PACKAGES.map(({ name }) => name).filter(name => name !== KUBERNETES.client)
const lookup = createPackageLookup(modulesFolder)
const modules = packages.flatMap(name =>
  readdirSync(join(modulesFolder, name, '_schemas'))
    .filter(file => file.endsWith('.js'))
    .map(file => ({ name, id: file.slice(0, -3), path: join(modulesFolder, name, '_schemas', file) })),
)

test('every compiled module of the packages is understood whole', () => {
  let properties = 0
  for (const { id, path } of modules) {
    // Of a kind that is no longer served.
    if (replacementFor(id) || id.endsWith('V1beta1JSONSchemaProps')) continue
    const schema = recoverModule(id, readFileSync(path, 'utf8'))
    properties += Object.keys(schema.properties ?? {}).length
  }
  expect(modules.length).toBeGreaterThan(4500)
  expect(properties).toBeGreaterThan(16000)
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

test('all fields that the .d.ts files declare are in the strict schemas, and required alike', () => {
  const raw = (id: string): JsonSchema =>
    recoverModule(id, readFileSync(join(modulesFolder, lookup.ownerOf(id), '_schemas', `${id}.js`), 'utf8'))
  const declarations = packages.flatMap(name => readDeclarations(join(modulesFolder, name)))
  const differences: string[] = []
  for (const { id, fields } of declarations) {
    // Removed kinds, whose lost descriptions nobody misses, and the one schema that is replaced.
    if (/V1beta1(PriorityClass|JSONSchemaProps|ExternalDocumentation|CustomResourceColumnDefinition)$/.test(id))
      continue
    if (replacementFor(id)) continue
    const known = Object.keys(lookup.strict(id).properties ?? {})
    const missing = [...fields.keys()].filter(field => !known.includes(field))
    if (missing.length > 0) differences.push(`${id} lacks ${missing}`)
    const { required = [], allOf } = raw(id)
    const mistaken = [...fields].filter(([field, must]) => !allOf && required.includes(field) !== must.required)
    if (mistaken.length > 0) differences.push(`${id} requires otherwise: ${mistaken}`)
  }
  expect(declarations.length).toBeGreaterThan(3900)
  expect(differences).toEqual([])
})
