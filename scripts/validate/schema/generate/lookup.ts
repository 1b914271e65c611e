// Finds each definition in the package that has it, and closes it.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type JsonSchema, type Lookup, refTo } from '../json-schema.ts'
import { recoverClientModel } from './client-model.ts'
import { readDeclarations } from './declarations.ts'
import { KUBERNETES, PACKAGES } from './packages.ts'
import { recoverModule } from './recover.ts'
import { makeStrict, replacementFor } from './strict.ts'

export interface PackageLookup {
  /** Strict, as the API server reads it. Throws where no package has the definition. */
  readonly strict: Lookup
  /** As the package has it. */
  readonly recovered: Lookup
  /** The npm package of a definition. */
  ownerOf(id: string): string
}

/** Definitions go by the packages' own names, which begin with that of a Go package. */
export function createPackageLookup(modulesFolder: string): PackageLookup {
  const owners = new Map<string, string>()
  for (const { name } of PACKAGES) {
    if (name === KUBERNETES.client) continue
    for (const file of readdirSync(join(modulesFolder, name, '_schemas'))) {
      if (!file.endsWith('.js')) continue
      const id = file.slice(0, -3)
      const other = owners.get(id)
      if (other && readModule(id, other, modulesFolder) !== readModule(id, name, modulesFolder)) {
        throw new Error(`${id} is one thing in ${other} and another in ${name}`)
      }
      owners.set(id, name)
    }
  }
  const ownerOf = (id: string): string => owners.get(id) ?? KUBERNETES.client
  const lost = findLostDescriptions(modulesFolder)
  const cached = new Map<string, JsonSchema>()
  const recovered: Lookup = id => {
    let schema = cached.get(id)
    if (!schema) {
      schema = replacementFor(id) ?? recover(id, ownerOf(id), modulesFolder)
      const description = lost.get(id)
      if (description) schema.properties = { ...schema.properties, description }
      cached.set(id, schema)
    }
    return schema
  }
  return { strict: id => makeStrict(id, recovered(id), recovered), recovered, ownerOf }
}

/** The packages' generator takes a field called `description` for documentation. */
function findLostDescriptions(modulesFolder: string): ReadonlyMap<string, JsonSchema> {
  const lost = new Map<string, JsonSchema>()
  for (const { name } of PACKAGES) {
    if (name === KUBERNETES.client) continue
    for (const { id, fields } of readDeclarations(join(modulesFolder, name))) {
      const type = fields.get('description')?.type
      if (type === undefined || replacementFor(id)) continue
      const named = /^I(\w+);$/.exec(type)?.[1]
      if (type !== 'string;' && !named) throw new Error(`${id}: description is ${type}`)
      lost.set(id, named ? refTo(named) : { type: 'string' })
    }
  }
  return lost
}

function recover(id: string, owner: string, modulesFolder: string): JsonSchema {
  if (owner === KUBERNETES.client) {
    const path = join(modulesFolder, owner, 'dist/gen/models', id)
    return recoverClientModel(id, readFileSync(`${path}.js`, 'utf8'), readFileSync(`${path}.d.ts`, 'utf8'))
  }
  return recoverModule(id, readModule(id, owner, modulesFolder))
}

function readModule(id: string, owner: string, modulesFolder: string): string {
  return readFileSync(join(modulesFolder, owner, '_schemas', `${id}.js`), 'utf8')
}
