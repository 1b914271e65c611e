// The schemas come from one maintainer's generator; the official client has the same API at first hand. Each definition
// that a served kind reaches is held against the client's model: names of fields, types, and what is required.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { definitionOf, type JsonSchema } from '../json-schema.ts'
import { groupOf } from '../kind.ts'
import { modulesFolder } from '../testing.ts'
import { recoverClientModel } from './client-model.ts'
import { listPackageKinds } from './kinds.ts'
import { createPackageLookup } from './lookup.ts'
import { recoverModule } from './recover.ts'
import { replacementFor } from './strict.ts'

const models = join(modulesFolder, '@kubernetes/client-node/dist/gen/models')

function readModel(name: string): JsonSchema {
  const path = join(models, name)
  return recoverClientModel(name, readFileSync(`${path}.js`, 'utf8'), readFileSync(`${path}.d.ts`, 'utf8'))
}

/** The client puts the group before the version where two groups share a name. */
function modelOf(apiVersion: string, kind: string): string {
  const version = (apiVersion.split('/').at(-1) as string).replace('v', 'V')
  const label = groupOf(apiVersion).split('.')[0] || 'core'
  const long = `${(label[0] as string).toUpperCase()}${label.slice(1)}${version}${kind}`
  return existsSync(join(models, `${long}.js`)) ? long : `${version}${kind}`
}

const { strict: lookup } = createPackageLookup(modulesFolder)
const kinds = listPackageKinds(modulesFolder)
const differences: string[] = []
const compared = new Set<string>()

function compare(id: string, model: string): void {
  if (compared.has(id) || replacementFor(id) || !existsSync(join(models, `${model}.js`))) return
  compared.add(id)
  const ours = lookup(id)
  const theirs = readModel(model)
  const names = Object.keys(ours.properties ?? {})
  const others = Object.keys(theirs.properties ?? {})
  const unequal = [...names.filter(name => !others.includes(name)), ...others.filter(name => !names.includes(name))]
  if (unequal.length > 0) differences.push(`${model}: ${unequal}`)
  // A kind's own names are optional to a client that fills them in.
  const isKind = kinds.some(({ definition }) => definition === id)
  const required = readRequired(id).filter(name => !isKind || (name !== 'apiVersion' && name !== 'kind'))
  if (required.sort().join() !== (theirs.required ?? []).sort().join()) {
    differences.push(`${model} requires ${theirs.required}, not ${required}`)
  }
  for (const name of names) compareTypes(`${model}.${name}`, ours.properties?.[name], theirs.properties?.[name])
}

/** As published: api-truth.ts departs from it on purpose. */
function readRequired(id: string): string[] {
  const name = id.startsWith('IoK8sApimachinery') ? '@kubernetes-models/apimachinery' : 'kubernetes-models'
  const schema = recoverModule(id, readFileSync(join(modulesFolder, name, '_schemas', `${id}.js`), 'utf8'))
  // Where a struct is embedded, what it requires comes with it.
  return schema.allOf ? [...(lookup(id).required ?? [])] : [...(schema.required ?? [])]
}

function compareTypes(place: string, ours: JsonSchema | undefined, theirs: JsonSchema | undefined): void {
  if (!ours || !theirs) return
  if (ours.items || theirs.items) {
    if (!ours.items || !theirs.items) differences.push(`${place} is a list for one of them`)
    compareTypes(place, ours.items, theirs.items)
    return
  }
  if (ours.additionalProperties || theirs.additionalProperties) {
    if (!ours.additionalProperties || !theirs.additionalProperties)
      differences.push(`${place} is a map for one of them`)
    compareTypes(place, ours.additionalProperties || undefined, theirs.additionalProperties || undefined)
    return
  }
  if (ours.$ref) {
    const target = lookup(definitionOf(ours.$ref))
    if (!theirs.$ref) {
      compareScalars(place, target, theirs)
      return
    }
    compare(definitionOf(ours.$ref), definitionOf(theirs.$ref))
    return
  }
  if (!theirs.$ref) compareScalars(place, ours, theirs)
}

function compareScalars(place: string, ours: JsonSchema, theirs: JsonSchema): void {
  const types = [ours.type ?? []].flat()
  // `any` and `object` are what the client says of whatever is open; a quantity is a string to it.
  if (theirs.type === undefined || types.length === 0 || ours.format === 'quantity') return
  const allowed = [theirs.type].flat().flatMap(type => (type === 'number' ? ['number', 'integer'] : [type]))
  if (!types.some(type => allowed.includes(type))) differences.push(`${place} is ${theirs.type}, not ${ours.type}`)
}

test('the schemas of Kubernetes agree with the official client', () => {
  for (const { apiVersion, kind, source, definition } of kinds) {
    if (source === 'kubernetes' && definition.startsWith('Io')) compare(definition, modelOf(apiVersion, kind))
  }
  expect(compared.size).toBeGreaterThan(450)
  expect(differences).toEqual([])
})
