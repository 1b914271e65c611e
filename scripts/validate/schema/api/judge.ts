// Brings together what the schema and the API server's own checks say of one object, so that one mistake is said once.

import { valueAt } from '../../../tree/model/build.ts'
import { type FieldPath, isSamePath, isWithin } from '../../../tree/model/place.ts'
import type { KubernetesObject } from '../../../tree/model/resource.ts'
import type { Severity } from '../../findings/finding.ts'
import type { SchemaFault } from '../faults.ts'
import { type ApiFault, checkApi, checkCustomMetadata } from './index.ts'

/** A fault with the rule that it belongs to. */
export interface JudgedFault {
  readonly ruleId: 'schema-validation' | 'api-validation'
  readonly severity: Severity
  readonly message: string
  /** As the API server names the field. */
  readonly fieldPath: FieldPath
  /** The value to correct. */
  readonly at: FieldPath
  /** What tells it from another fault of the same field. */
  readonly values: readonly string[]
  readonly toldBy?: string
  readonly lacks?: 'field' | 'volume'
}

/** What the server refuses before it looks at values: it cannot decode the object. */
const DECODING = new Set(['additionalProperties', 'type', 'format', 'limit', 'pattern'])

/**
 * `schema`: the faults of the schema. Of a built-in kind the server does not ask what the schema says of required
 * fields and choices, so that such a fault counts where its own checks have one too.
 */
export function judgeObject(object: KubernetesObject, schema: readonly SchemaFault[]): readonly JudgedFault[] {
  const api = checkApi(object)
  if (api === undefined) return judgeCustom(object, schema)
  if (api.length === 0 && schema.length === 0) return []
  const decoding = schema.filter(fault => isOfDecoding(fault, object) && !isDropped(fault, object))
  const judged = schema
    .filter(fault => decoding.includes(fault) || isDropped(fault, object))
    .map(fault => (isDropped(fault, object) ? asWarning(ofSchema(fault)) : ofSchema(fault)))
  const told = new Set<ApiFault>()
  for (const fault of schema) {
    if (isOfDecoding(fault, object)) continue
    // What is not there at all lacks all that belongs into it.
    const same = api.filter(other =>
      fault.keyword === 'required' && other.isAbsence
        ? isWithin(placeOf(other), fieldOf(fault))
        : isSamePath(placeOf(other), fieldOf(fault)),
    )
    const [first] = same
    // The schema knows the field, and the server the kind: a Job restarts less than a Pod may.
    const message = fault.keyword === 'enum' && same.length > 1 ? narrowestOf(same).message : fault.message
    if (first) judged.push(ofSchema({ ...fault, message }, first))
    for (const other of same) told.add(other)
  }
  for (const fault of withoutTwins(api)) {
    const place = placeOf(fault)
    const follows =
      told.has(fault) ||
      (fault.isAbsence && decoding.length > 0) ||
      decoding.some(({ fieldPath }) => isWithin(place, fieldPath) || isWithin(fieldPath, place))
    if (!follows) judged.push(ofApi(fault))
  }
  return judged
}

/** A custom resource has the schema of its definition, and the metadata of every object. */
function judgeCustom(object: KubernetesObject, schema: readonly SchemaFault[]): readonly JudgedFault[] {
  const own = checkCustomMetadata(object).filter(
    fault => !schema.some(({ fieldPath }) => fieldPath.length > 0 && isWithin(placeOf(fault), fieldPath)),
  )
  return [...schema.map(fault => ofSchema(fault)), ...withoutTwins(own).map(ofApi)]
}

function ofApi(fault: ApiFault): JudgedFault {
  const { severity, message, fieldPath, toldBy, lacks } = fault
  const values = [fieldPath.join('/')]
  const at = placeOf(fault)
  return {
    ruleId: 'api-validation',
    severity,
    message,
    fieldPath,
    at,
    values,
    ...(toldBy && { toldBy }),
    ...(lacks && { lacks }),
  }
}

/** What tells a fault of the schema from another one at the same field. */
export const valuesOf = ({ keyword, missing }: SchemaFault): readonly string[] =>
  missing === undefined ? [keyword] : [keyword, missing]

function ofSchema(fault: SchemaFault, same?: ApiFault): JudgedFault {
  const { message, isUnsure } = fault
  const at = fieldOf(fault)
  const severity = isUnsure ? 'warning' : 'error'
  const fieldPath = same?.fieldPath ?? at
  return { ruleId: 'schema-validation', severity, message, fieldPath, at, values: valuesOf(fault) }
}

const asWarning = (fault: JudgedFault): JudgedFault => ({ ...fault, severity: 'warning' })

/** Below `items` and `additionalProperties` of its schema a definition is decoded without looking for unknown fields. */
function isDropped({ keyword, fieldPath }: SchemaFault, { kind }: KubernetesObject): boolean {
  if (kind !== 'CustomResourceDefinition' || keyword !== 'additionalProperties') return false
  const holder = fieldPath.slice(0, -1)
  return holder.some(
    (segment, index) =>
      (segment === 'items' || segment === 'additionalProperties') && holder[index - 1] !== 'properties',
  )
}

/** A number that does not fit into the 32 bits of its field cannot be decoded; others are merely out of range. */
function isOfDecoding({ keyword, fieldPath }: SchemaFault, object: KubernetesObject): boolean {
  if (keyword !== 'minimum' && keyword !== 'maximum') return DECODING.has(keyword)
  const value = valueAt(object, fieldPath)
  return typeof value === 'number' && Math.abs(value + 0.5) > 2 ** 31
}

/** The field that a fault is about: of a missing one its own place, not that of its holder. */
function fieldOf({ fieldPath, missing }: SchemaFault): FieldPath {
  return missing === undefined ? fieldPath : [...fieldPath, missing]
}

const placeOf = ({ at, fieldPath }: ApiFault): FieldPath => at ?? fieldPath

/** What is said of one field, and named alike, is one fault: the one that leaves the fewest values. */
function withoutTwins(faults: readonly ApiFault[]): readonly ApiFault[] {
  if (faults.length < 2) return faults
  const keyOf = (one: ApiFault): string => JSON.stringify([placeOf(one), one.fieldPath, one.severity])
  return [...Map.groupBy(faults, keyOf).values()].map(narrowestOf)
}

const narrowestOf = (faults: readonly ApiFault[]): ApiFault =>
  faults.reduce((least, one) => ((one.choices ?? Infinity) < (least.choices ?? Infinity) ? one : least))
