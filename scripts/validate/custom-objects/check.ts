// Holds custom resources against what their definition in the tree asks beyond its schema: rules, and lists without
// duplicates. What cannot be evaluated here is not examined.
import type { Build, Resource } from '../../tree/model/build.ts'
import type { Fault, NotExamined } from '../../tree/model/place.ts'
import type { Soundness } from '../check-schemas.ts'
import { type Effort, MOST_STEPS_OF_A_RUN } from '../policies/expression.ts'
import type { CustomKind } from '../schema/crd.ts'
import type { Schemas } from '../schema/index.ts'
import { asList, asRecord } from '../schema/values.ts'
import { findDuplicates } from './lists.ts'
import { checkRules, hasRules } from './rules.ts'
import { fillDefaults, listSpots, type Spot, type Structural } from './structural.ts'

export interface CustomFindings {
  readonly faults: readonly Fault[]
  readonly notExamined: readonly NotExamined[]
}

const REASON = 'a rule of a CustomResourceDefinition that cannot be evaluated here'

export function checkCustomObjects(builds: readonly Build[], schemas: Schemas, isSound: Soundness): CustomFindings {
  const faults: Fault[] = []
  const unknown = new Map<string, NotExamined>()
  const effort: Effort = { steps: MOST_STEPS_OF_A_RUN }
  for (const { resources } of builds) {
    for (const resource of resources) {
      const kinds = schemas.definedAs(resource.object).filter(({ schema }) => isAsking(schema))
      if (kinds.length === 0 || !isSound(resource, [])) continue
      const found = kinds.map(kind => checkObject(resource, kind, effort))
      for (const { notExamined } of found)
        for (const [key, one] of notExamined) if (!unknown.has(key)) unknown.set(key, one)
      faults.push(
        ...agreeOn(
          found.map(one => one.faults),
          schemas.definedAs(resource.object).length,
        ),
      )
    }
  }
  return { faults, notExamined: [...unknown.values()] }
}

/** A tree may have several definitions of a kind, and nobody here knows which of them is in the cluster. */
function agreeOn([first = [], ...others]: readonly (readonly Fault[])[], definitions: number): readonly Fault[] {
  if (others.length + 1 < definitions) return []
  const keyOf = ({ values, places }: Fault): string => JSON.stringify([values, places.map(place => place.fieldPath)])
  const told = others.map(faults => new Set(faults.map(keyOf)))
  return first.filter(fault => told.every(keys => keys.has(keyOf(fault))))
}

const asking = new WeakMap<object, boolean>()

/** Most definitions ask for nothing that needs a look at each value. */
function isAsking(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false
  const known = asking.get(schema)
  if (known !== undefined) return known
  const text = JSON.stringify(schema)
  const asks = text.includes('"x-kubernetes-validations":') || /"x-kubernetes-list-type":"(set|map)"/.test(text)
  asking.set(schema, asks)
  return asks
}

interface Found {
  readonly faults: readonly Fault[]
  readonly notExamined: ReadonlyMap<string, NotExamined>
}

function checkObject(resource: Resource, kind: CustomKind, effort: Effort): Found {
  const faults: Fault[] = []
  const notExamined = new Map<string, NotExamined>()
  const by = `a rule of CustomResourceDefinition ${String(asRecord(kind.definition.metadata).name ?? '')}`
  for (const spot of listSpots(openRoot(resource, kind))) {
    for (const { path, message, key } of findDuplicates(spot))
      faults.push({
        ruleId: 'api-validation',
        message,
        values: ['duplicate', key],
        places: [{ resource, fieldPath: path }],
      })
    if (!hasRules(spot)) continue
    for (const verdict of checkRules(spot, effort)) {
      if ('unknown' in verdict) {
        const detail = `${resource.kind}: ${verdict.unknown}`
        notExamined.set(`${resource.group}/${resource.kind} ${verdict.rule}`, {
          place: { resource, fieldPath: [] },
          reason: REASON,
          detail,
        })
        continue
      }
      const { message, path, named, rule } = verdict
      faults.push({
        ruleId: 'api-validation',
        message: `${message} (${by})`,
        values: [rule],
        places: [{ resource, fieldPath: path }],
        fieldPath: named,
      })
    }
  }
  return { faults, notExamined }
}

function openRoot({ object }: Resource, { schema, definition, schemaPath }: CustomKind): Spot {
  const version = asRecord(asList(asRecord(definition.spec).versions)[Number(schemaPath[2])])
  const hasStatus = asRecord(version.subresources).status !== undefined
  // A status that has a resource of its own is dropped when the object is made.
  const written: Structural = hasStatus
    ? Object.fromEntries(Object.entries(object).filter(([name]) => name !== 'status'))
    : object
  const structural = asRecord(schema)
  return { value: fillDefaults(written, structural), schema: structural, path: [], isRoot: true }
}
