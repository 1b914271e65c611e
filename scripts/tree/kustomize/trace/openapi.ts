// What a build's own schema (`openapi`) and the definitions of `crds` say: how lists are merged, and which fields name objects.
import { mappingAt, valueAt } from '../../model/build.ts'
import { type Configuration, DEFAULT_CONFIGURATION } from './configuration.ts'
import type { FieldSpec } from './field-spec.ts'
import type { MergeShape } from './merge-shapes.ts'

type Schema = Readonly<Record<string, unknown>>

/** The shape of a kind; undefined where the schema does not know it. */
export type Shapes = (apiVersion: string, kind: string) => MergeShape | undefined

const MOST_REFERENCES = 50

/** The shapes of a schema that takes the place of kustomize's own. */
export function readShapes(document: unknown): Shapes {
  const definitions = mappingAt(document, ['definitions']) ?? {}
  const kinds = new Map<string, Schema>()
  for (const definition of Object.values(definitions) as Schema[]) {
    const named = valueAt(definition, ['x-kubernetes-group-version-kind'])
    for (const one of Array.isArray(named) ? named : []) {
      const [group, version, kind] = ['group', 'version', 'kind'].map(field => valueAt(one, [field]))
      kinds.set(`${group ? `${group}/` : ''}${version} ${kind}`, definition)
    }
  }
  return (apiVersion, kind) => {
    const schema = kinds.get(`${apiVersion} ${kind}`)
    return schema && shapeOf(schema, definitions)
  }
}

function resolve(schema: unknown, definitions: Schema): Schema | undefined {
  let found = schema
  for (let count = 0; count < MOST_REFERENCES; count++) {
    const reference = valueAt(found, ['$ref'])
    if (typeof reference !== 'string') return mappingAt(found, [])
    found = definitions[reference.replace('#/definitions/', '')]
  }
  return undefined
}

function shapeOf(schema: Schema, definitions: Schema): MergeShape {
  const below = (one: unknown): MergeShape | undefined => {
    const resolved = resolve(one, definitions)
    return resolved && shapeOf(resolved, definitions)
  }
  const isList = [schema.type].flat().join() === 'array'
  if (!isList) {
    const field = (name: string): MergeShape | undefined =>
      below(valueAt(schema, ['properties', name]) ?? valueAt(schema, ['additionalProperties']))
    return { field }
  }
  const items = below(schema.items)
  const strategy = schema['x-kubernetes-patch-strategy']
  const isMerged = typeof strategy === 'string' && strategy.split(',').includes('merge')
  const listed = schema['x-kubernetes-list-map-keys']
  const single = schema['x-kubernetes-patch-merge-key']
  const keys = Array.isArray(listed) ? listed.map(String) : typeof single === 'string' ? [single] : []
  return { ...(items ? { items } : {}), ...(isMerged ? { keys } : { isReplaced: true }) }
}

/** What a file of `crds` adds to the configuration. */
export function readDefinitions(document: unknown): Configuration {
  const types = mappingAt(document, []) ?? {}
  const found: Found = { references: [], commonLabels: [], commonAnnotations: [], namePrefix: [] }
  for (const name of Object.keys(types)) {
    const properties = propertiesOf(types, name)
    if (['kind', 'apiVersion', 'metadata'].every(field => Object.hasOwn(properties, field)))
      collect(types, name, [], name.slice(name.lastIndexOf('.') + 1), found)
  }
  const { references, ...specs } = found
  const none = Object.keys(DEFAULT_CONFIGURATION.specs).map(field => [field, []])
  return { specs: { ...(Object.fromEntries(none) as Configuration['specs']), ...specs }, references }
}

interface Found {
  readonly references: Configuration['references'][number][]
  readonly commonLabels: FieldSpec[]
  readonly commonAnnotations: FieldSpec[]
  readonly namePrefix: FieldSpec[]
}

const propertiesOf = (types: Schema, name: string): Schema =>
  mappingAt(types, [name, 'Schema', 'properties']) ?? mappingAt(types, [name, 'schema', 'properties']) ?? {}

function collect(types: Schema, name: string, above: readonly string[], kind: string, found: Found): void {
  if (above.length > MOST_REFERENCES) return
  for (const [field, property] of Object.entries(propertiesOf(types, name))) {
    const path = [...above, field]
    const spec: FieldSpec = { group: '', version: '', kind, path, create: false }
    const text = (key: string): string | undefined => {
      const value = valueAt(property, [key])
      return typeof value === 'string' ? value : undefined
    }
    if (text('x-kubernetes-annotation') !== undefined) found.commonAnnotations.push(spec)
    if (text('x-kubernetes-label-selector') !== undefined) found.commonLabels.push(spec)
    if (text('x-kubernetes-identity') !== undefined) found.namePrefix.push(spec)
    const version = text('x-kubernetes-object-ref-api-version')
    const named = text('x-kubernetes-object-ref-kind')
    if (version !== undefined && named !== undefined) {
      const key = text('x-kubernetes-object-ref-name-key') ?? 'name'
      found.references.push({
        to: { group: '', version, kind: named },
        from: [{ ...spec, path: [...path, key] }],
      })
    }
    const reference = text('$ref')
    if (reference !== undefined) collect(types, reference, path, kind, found)
  }
}
