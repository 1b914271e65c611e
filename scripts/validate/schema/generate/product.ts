// Makes the committed schemas of the pinned packages: structure only, one file for each API version, in a stable order.

import { createHash } from 'node:crypto'
import { definitionOf, type JsonSchema, refTo } from '../json-schema.ts'
import type { ServedKind } from '../served.ts'
import { formatJson } from './format-json.ts'
import { listPackageKinds } from './kinds.ts'
import { createPackageLookup, type PackageLookup } from './lookup.ts'
import { PACKAGES, type SchemaPackage } from './packages.ts'
import { shareEqualParts } from './share.ts'

/** Texts by path below definitions/. Throws where a package has something this does not understand. */
export function makeProduct(modulesFolder: string): ReadonlyMap<string, string> {
  const lookup = createPackageLookup(modulesFolder)
  const kinds = listPackageKinds(modulesFolder)
  const names = nameDefinitions(kinds, lookup)
  const definitions = new Map([...names].map(([id, name]) => [name, rename(lookup.strict(id), names)]))
  if (definitions.size < names.size) throw new Error('two definitions have one name')
  // One Go type may be served as several kinds.
  for (const kind of kinds) {
    const name = names.get(kind.definition) as string
    if (name !== nameOfKind(kind)) definitions.set(nameOfKind(kind), refTo(name))
  }
  const files = new Map<string, Record<string, JsonSchema>>()
  for (const [name, schema] of shareEqualParts(definitions, nameOfPart)) {
    const [file, local] = name.split('#') as [string, string]
    files.set(file, { ...files.get(file), [local]: schema })
  }
  const product = new Map(
    [...files].sort().map(([file, definitions]) => [`${file}.json`, write(sortKeys(definitions))]),
  )
  const digest = createHash('sha256')
    .update(JSON.stringify([...product]))
    .digest('hex')
  return product.set('index.json', write({ digest, packages: listSources(), kinds: tabulate(kinds) }))
}

function nameOfKind({ source, apiVersion, kind }: ServedKind): string {
  return `${source}/${apiVersion.includes('/') ? apiVersion : `core/${apiVersion}`}#${kind}`
}

/** `IoK8sApiAppsV1DeploymentSpec`: the Go package, and the type in it. */
const goName = /^(.*V\d+(?:(?:alpha|beta)\d+)?)([A-Z]\w*)$/

/** Every definition that a kind reaches, by the packages' name: its file and its name there. */
function nameDefinitions(kinds: readonly ServedKind[], lookup: PackageLookup): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const fileOfGoPackage = new Map<string, string>()
  for (const kind of kinds) {
    if (names.has(kind.definition)) continue
    const name = nameOfKind(kind)
    names.set(kind.definition, name)
    const goPackage = goName.exec(kind.definition)?.[1]
    if (goPackage && goPackage.length > 10)
      fileOfGoPackage.set(goPackage, fileOfGoPackage.get(goPackage) ?? fileOf(name))
  }
  const folders = new Map(PACKAGES.map(({ name, folder }) => [name, folder]))
  for (const kind of kinds) {
    const open = [kind.definition]
    const seen = new Set(open)
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (!names.has(id))
        names.set(id, nameDefinition(id, kind, fileOfGoPackage, folders.get(lookup.ownerOf(id)) as string))
      for (const next of listReferences(lookup.strict(id))) {
        if (seen.has(next)) continue
        seen.add(next)
        open.push(next)
      }
    }
  }
  return names
}

function nameDefinition(
  id: string,
  firstUser: ServedKind,
  fileOfGoPackage: ReadonlyMap<string, string>,
  folder: string,
): string {
  const [, goPackage = '', type = id] = goName.exec(id) ?? []
  if (goPackage === 'IoK8sApimachineryPkgApisMetaV1') return `kubernetes/meta/v1#${type}`
  const file = fileOfGoPackage.get(goPackage)
  if (file !== undefined) return `${file}#${type}`
  // The client's names begin with a version alone.
  return /^V\d/.test(id) ? `${fileOf(nameOfKind(firstUser))}#${type}` : `${folder}/types#${id}`
}

function fileOf(name: string): string {
  return name.split('#', 1)[0] as string
}

function listReferences(schema: JsonSchema): string[] {
  return [...JSON.stringify(schema).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => definitionOf(ref as string))
}

/** A part is called after the first place that has it. */
function nameOfPart(definition: string, path: readonly string[]): string {
  return [definition, ...path].join('.')
}

/** The same schema with the names of the product, what matters most first. */
function rename(schema: JsonSchema, names: ReadonlyMap<string, string>): JsonSchema {
  if (schema.$ref !== undefined) return refTo(names.get(definitionOf(schema.$ref)) as string)
  const inner = (child: JsonSchema) => rename(child, names)
  const { type, format, pattern, required, properties, additionalProperties, items, anyOf, oneOf, not, ...rest } =
    schema
  const ordered = {
    type,
    format,
    pattern,
    ...rest,
    required,
    properties:
      properties && Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, inner(child)])),
    additionalProperties: additionalProperties && inner(additionalProperties),
    ...(additionalProperties === false && { additionalProperties }),
    items: items && inner(items),
    anyOf: anyOf?.map(inner),
    oneOf: oneOf?.map(inner),
    not: not && inner(not),
  }
  return Object.fromEntries(Object.entries(ordered).filter(([, value]) => value !== undefined))
}

function listSources(): Record<string, SchemaPackage['follows']> {
  const sources: Record<string, SchemaPackage['follows']> = {}
  for (const { folder, follows } of PACKAGES) sources[folder] = follows
  return sources
}

/** By apiVersion and kind: the scope and the folder. */
function tabulate(kinds: readonly ServedKind[]): Record<string, Record<string, string>> {
  const table: Record<string, Record<string, string>> = {}
  for (const { apiVersion, kind, scope, source } of kinds) {
    table[apiVersion] = { ...table[apiVersion], [kind]: `${scope} ${source}` }
  }
  return table
}

function sortKeys<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function write(value: unknown): string {
  return `${formatJson(value)}\n`
}
