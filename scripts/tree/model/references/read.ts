// Reads from an object which others it names.
import { groupOf, type Resource, stringAt, valueAt } from '../build.ts'
import { memoize } from '../memo.ts'
import type { FieldPath } from '../place.ts'
import { podTemplateOf } from '../pod-template.ts'
import { CLUSTER_KINDS, type KindId, REFERENCE_FIELDS, type ReferenceField } from '../references.ts'

/** A value of the object that makes the reference, with its place. */
export interface Named<Value> {
  readonly value: Value
  readonly fieldPath: FieldPath
}

export interface Reference {
  readonly field: ReferenceField
  readonly from: Resource
  /** Where the name stands. */
  readonly fieldPath: FieldPath
  readonly to: KindId
  readonly name: string
  /** Undefined for kinds without one, and where nobody says it. */
  readonly namespace: string | undefined
  /** Whether what is named may be absent. */
  readonly isOptional: boolean
  readonly keys: readonly Named<string>[]
  readonly port: Named<string | number> | undefined
}

interface Compiled {
  readonly field: ReferenceField
  readonly at: readonly string[]
}

const split = (path: string): readonly string[] =>
  path === '' ? [] : path.split(/(?<!\\)\//).map(segment => segment.replaceAll('\\/', '/'))

const OF_PODS: Compiled[] = []
const BY_KIND = new Map<KindId, Compiled[]>()
for (const field of REFERENCE_FIELDS) {
  const compiled = { field, at: split(field.at) }
  if (field.of === 'pods') OF_PODS.push(compiled)
  else for (const kind of field.of) BY_KIND.set(kind, [...(BY_KIND.get(kind) ?? []), compiled])
}

/** Every object that a resource names. */
export const readReferences = memoize((resource: Resource): readonly Reference[] => [...listReferences(resource)])

function* listReferences(resource: Resource): Generator<Reference> {
  for (const one of BY_KIND.get(`${resource.group}/${resource.kind}`) ?? []) yield* readField(resource, one, [])
  const specPath = podTemplateOf(resource)?.specPath
  if (specPath) for (const one of OF_PODS) yield* readField(resource, one, specPath)
}

/** The port that says that a backend is an annotation: its name is that of an action. Source: AWS Load Balancer Controller. */
const ACTION = 'use-annotation'

function* readField(resource: Resource, { field, at }: Compiled, root: FieldPath): Generator<Reference> {
  for (const { value: holder, fieldPath } of walk(valueAt(resource.object, root), at, root)) {
    const nameAt = split(field.name)
    const written = stringAt(holder, nameAt)
    if (!written || (field.unless !== undefined && stringAt(holder, [field.unless]))) continue
    const to = readKind(field, holder)
    const port = readPort(field, holder, fieldPath)
    if (to === undefined || port?.value === ACTION) continue
    const [name, qualifier] = field.isQualified ? (written.split('/').reverse() as [string, string?]) : [written]
    const said = qualifier ?? (field.namespace === undefined ? undefined : stringAt(holder, [field.namespace]))
    yield {
      field,
      from: resource,
      fieldPath: [...fieldPath, ...nameAt],
      to,
      name,
      namespace: CLUSTER_KINDS.has(to) ? undefined : said || resource.namespace,
      isOptional: field.mayBeOptional === true && valueAt(holder, ['optional']) === true,
      keys: (field.keys ?? []).flatMap(path => readTexts(holder, path, fieldPath)),
      port,
    }
  }
}

function readKind({ to }: ReferenceField, holder: unknown): KindId | undefined {
  if (typeof to === 'string') return to
  const kind = stringAt(holder, [to.kind])
  const group = to.group === undefined ? undefined : stringAt(holder, [to.group])
  if (kind === undefined) return to.usually || undefined
  if (group === undefined) return to.usually === '' ? `/${kind}` : `${to.usually.split('/')[0]}/${kind}`
  return `${to.group === 'apiVersion' ? groupOf(group) : group}/${kind}`
}

const readTexts = (holder: unknown, path: string, base: FieldPath): readonly Named<string>[] =>
  [...walk(holder, split(path), base)].flatMap(({ value, fieldPath }) =>
    typeof value === 'string' && value !== '' ? [{ value, fieldPath }] : [],
  )

function readPort(field: ReferenceField, holder: unknown, base: FieldPath): Named<string | number> | undefined {
  for (const path of field.ports ?? []) {
    const value = valueAt(holder, split(path))
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') {
      return { value, fieldPath: [...base, ...split(path)] }
    }
  }
  return undefined
}

function* walk(value: unknown, path: readonly string[], base: FieldPath): Generator<Named<unknown>> {
  const [segment, ...rest] = path
  if (value === undefined || value === null) return
  if (segment === undefined) yield { value, fieldPath: base }
  else if (segment !== '*') yield* walk(valueAt(value, [segment]), rest, [...base, segment])
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* walk(item, rest, [...base, index])
  }
}
