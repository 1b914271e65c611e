// What the Kubernetes API would refuse of an object by its schema alone: built-in kinds, the custom resources of three
// packages, and those that the tree defines.

import { createRequire } from 'node:module'
import type { FieldPath } from '../../tree/model/place.ts'
import type { KubernetesObject } from '../../tree/model/resource.ts'
import type { CustomKind, CustomKinds } from './crd.ts'
import { type Definitions, openDefinitions } from './definitions.ts'
import type { UnknownKind } from './explain-unknown.ts'
import type { SchemaFault } from './faults.ts'
import { refTo } from './json-schema.ts'
import { type GroupVersionKind, groupOf } from './kind.ts'
import { findServed, isOfKubernetes, releasesOf, type Scope, type ServedKind } from './served.ts'

export type { SchemaFault } from './faults.ts'
export type { GroupVersionKind } from './kind.ts'
export type { Scope } from './served.ts'

/** A part of a schema that is not applied, or a value that was not tested. */
export interface UnexaminedSchema {
  readonly object: KubernetesObject
  readonly fieldPath: FieldPath
  readonly reason: string
}

export interface Schemas {
  /** Undefined: no schema is known for the kind. */
  validate(object: KubernetesObject): readonly SchemaFault[] | undefined
  isKnown(kind: GroupVersionKind): boolean
  /** Whether an unknown kind is a mistake, and one sentence that helps. */
  explainUnknown(kind: GroupVersionKind): UnknownKind
  /** The definitions of the tree that say what an object of the kind may be. Empty: none, or one that is too large. */
  definedAs(kind: GroupVersionKind): readonly CustomKind[]
  /** Undefined: the kind is unknown. */
  scopeOf(kind: GroupVersionKind): Scope | undefined
  /** Grows while objects are validated. */
  readonly notExamined: readonly UnexaminedSchema[]
}

export interface SchemaOptions {
  /** Those in use. */
  readonly kinds: readonly GroupVersionKind[]
  /** Of the tree. They win over what the packages say of the same kind. */
  readonly customResourceDefinitions: readonly KubernetesObject[]
}

type Known =
  | { readonly custom: CustomKind; readonly served?: undefined }
  | { readonly custom?: undefined; readonly served: ServedKind }

// Modules that a faultless run does without are read in the midst of a synchronous validation.
const requireHere = createRequire(import.meta.url)

export async function openSchemas(options: SchemaOptions): Promise<Schemas> {
  const customKinds = await readCustomResourceDefinitions(options.customResourceDefinitions)
  const notExamined: UnexaminedSchema[] = []
  let current: KubernetesObject | undefined
  const definitions = openDefinitions({
    lookupCustom: customKinds.lookup,
    onTooLong: pattern => {
      const reason = `a value is too long to be tested against ${pattern}`
      const last = notExamined.at(-1)
      if (!current || (last?.object === current && last.reason === reason)) return
      notExamined.push({ object: current, fieldPath: [], reason })
    },
  })
  const kinds = new Map<string, Map<string, Known | undefined>>()
  /** Most objects are of few kinds. */
  const find = (kind: GroupVersionKind): Known | undefined => {
    const ofVersion = kinds.get(kind.apiVersion) ?? new Map<string, Known | undefined>()
    kinds.set(kind.apiVersion, ofVersion)
    if (!ofVersion.has(kind.kind)) ofVersion.set(kind.kind, findKind(kind, customKinds))
    return ofVersion.get(kind.kind)
  }
  const examineDefinition = createExaminer(options.kinds, find, notExamined)

  return {
    validate: object => {
      const known = find(object)
      if (!known) return undefined
      current = object
      const faults = known.custom ? checkCustom(known.custom, object) : checkServed(known.served, object)
      return isDefinition(object) ? [...faults, ...examineDefinition(object)] : faults
    },
    isKnown: kind => find(kind) !== undefined,
    explainUnknown: kind => {
      const { explainUnknownKind } = requireHere('./explain-unknown.ts') as typeof import('./explain-unknown.ts')
      return explainUnknownKind(kind, customKinds.list())
    },
    definedAs: kind => {
      const custom = find(kind)?.custom
      const all = custom ? [custom, ...customKinds.othersOf(custom)] : []
      return all.every(one => customKinds.entryOf(one) !== undefined) ? all : []
    },
    scopeOf: kind => {
      const known = find(kind)
      return known?.custom?.scope ?? known?.served?.scope
    },
    notExamined,
  }

  function checkServed(kind: ServedKind, object: KubernetesObject): readonly SchemaFault[] {
    const { source, definition } = kind
    const faults = check(definitions, definition, object, !isOfKubernetes(source))
    if (hasCertainSchema(source)) return faults
    return faults.filter(fault => !isFilledIn(fault) && !isLost(fault)).map(fault => withDoubt(fault, kind))
  }

  function checkCustom(custom: CustomKind, object: KubernetesObject): readonly SchemaFault[] {
    const entry = customKinds.entryOf(custom)
    if (entry !== undefined) return withoutDisputed(check(definitions, entry, object, true), custom, entry, object)
    notExamined.push({ object, fieldPath: [], reason: `the schema of ${custom.kind} is too large to be examined` })
    return []
  }

  /** Faults in which all definitions of the kind agree: a tree may have a full and a short one, or two versions. */
  function withoutDisputed(
    faults: readonly SchemaFault[],
    custom: CustomKind,
    entry: string,
    object: KubernetesObject,
  ): readonly SchemaFault[] {
    if (faults.length === 0) return faults
    const entries = new Set(customKinds.othersOf(custom).map(other => customKinds.entryOf(other)))
    entries.delete(entry)
    let agreed = faults
    for (const other of entries) {
      const told = new Set(other === undefined ? [] : check(definitions, other, object, true).map(keyOfFault))
      agreed = agreed.filter(fault => told.has(keyOfFault(fault)))
    }
    return agreed
  }
}

const keyOfFault = ({ fieldPath, keyword, missing }: SchemaFault): string =>
  JSON.stringify([fieldPath, keyword, missing ?? ''])

function check(
  definitions: Definitions,
  id: string,
  object: KubernetesObject,
  isCustom: boolean,
): readonly SchemaFault[] {
  const first = definitions.check(id, object)
  if (first.length === 0) return []
  const { dropNulls } = requireHere('./nulls.ts') as typeof import('./nulls.ts')
  const { describeFaults } = requireHere('./faults.ts') as typeof import('./faults.ts')
  const { lookup } = definitions
  const root = refTo(id)
  const seen = dropNulls(object, root, { lookup, emptyItems: isCustom ? 'kept' : 'zero' })
  const raw = seen === object ? first : definitions.check(id, seen)
  return describeFaults(raw, { object, root, lookup, isCustom })
}

async function readCustomResourceDefinitions(definitions: readonly KubernetesObject[]): Promise<CustomKinds> {
  if (definitions.length > 0) return (await import('./crd.ts')).readCustomKinds(definitions)
  return { find: () => undefined, othersOf: () => [], list: () => [], entryOf: () => '', lookup: () => undefined }
}

/** Where the tree defines a kind, its definition alone says which versions there are; but nobody redefines Kubernetes. */
function findKind(kind: GroupVersionKind, customKinds: CustomKinds): Known | undefined {
  const served = findServed(kind)
  if (served && isOfKubernetes(served.source)) return { served }
  const custom = customKinds.find(kind)
  if (custom) return custom.served ? { custom } : undefined
  const group = groupOf(kind.apiVersion)
  if (customKinds.list().some(other => other.kind === kind.kind && groupOf(other.apiVersion) === group))
    return undefined
  return served && { served }
}

/** Argo CD's is compared with the definitions of the version that is installed here; those of operators with none. */
function hasCertainSchema(source: string): boolean {
  return isOfKubernetes(source) || source === 'argo-cd'
}

/** The packages' generator takes a field called `description` for documentation, and not all declarations have it. */
function isLost({ keyword, fieldPath }: SchemaFault): boolean {
  return keyword === 'additionalProperties' && fieldPath.at(-1) === 'description'
}

/** Operators that run a container of their own making give it its name. */
function isFilledIn({ missing, fieldPath }: SchemaFault): boolean {
  return missing === 'name' && fieldPath.some(segment => /containers?$/i.test(String(segment)))
}

/**
 * The operator in the cluster may be newer than the schema, and have the field or the choice; and the packages do not
 * say which fields have a default, and so need not be there.
 */
function withDoubt(fault: SchemaFault, { source, apiVersion }: ServedKind): SchemaFault {
  if (fault.isSlip || !['additionalProperties', 'required', 'enum'].includes(fault.keyword)) return fault
  return { ...fault, message: `${fault.message} (as of ${releasesOf(source, groupOf(apiVersion))})`, isUnsure: true }
}

function isDefinition({ apiVersion, kind }: KubernetesObject): boolean {
  return apiVersion === 'apiextensions.k8s.io/v1' && kind === 'CustomResourceDefinition'
}

/** Looks into each CustomResourceDefinition once; those of kinds in use at once, for what of them is not applied. */
function createExaminer(
  kinds: readonly GroupVersionKind[],
  find: (kind: GroupVersionKind) => Known | undefined,
  notExamined: UnexaminedSchema[],
): (definition: KubernetesObject) => readonly SchemaFault[] {
  const examined = new Map<KubernetesObject, readonly SchemaFault[]>()
  const examine = (definition: KubernetesObject) => {
    const known = examined.get(definition)
    if (known) return known
    const { checkCustomResourceDefinition } = requireHere('./crd-check.ts') as typeof import('./crd-check.ts')
    const { faults, unread } = checkCustomResourceDefinition(definition)
    for (const part of unread) notExamined.push({ object: definition, ...part })
    examined.set(definition, faults)
    return faults
  }
  for (const kind of kinds) {
    const custom = find(kind)?.custom
    if (custom) examine(custom.definition)
  }
  return examine
}
