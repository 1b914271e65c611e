// Holds every resource against the schema of its kind and what the API server checks beyond it, and says which fields
// later rules cannot rely on.
import { createHash } from 'node:crypto'
import type { Build, Resource } from '../tree/model/build.ts'
import { closest, editDistance } from '../tree/model/closest.ts'
import { type Fault, type FieldPath, isResourcePlace, isSamePath, isWithin } from '../tree/model/place.ts'
import type { KubernetesObject } from '../tree/model/resource.ts'
import { checkMetadata } from './check-metadata.ts'
import { type Memory, NO_MEMORY } from './memory.ts'
import { describeRule } from './rules/index.ts'
import { type JudgedFault, judgeObject } from './schema/api/judge.ts'
import type { SchemaFault, Schemas } from './schema/index.ts'
import { joinSlid, listMoved } from './schema/slid.ts'

/** What tells whether a field is as the API wants it. */
export type Soundness = (resource: Resource, path: FieldPath) => boolean

/** Validates every resource. */
export function checkSchemas(
  builds: readonly Build[],
  schemas: Schemas,
  memory: Pick<Memory, 'isClean' | 'noteClean'> = NO_MEMORY,
): { readonly faults: readonly Fault[]; readonly isSound: Soundness } {
  const byResource = new Map<Resource, readonly SchemaFault[]>()
  const refused = new Map<Resource, FieldPath[]>()
  const faults: Fault[] = []
  const judge = createJudge(schemas)
  for (const build of builds) {
    for (const resource of build.resources) {
      if (memory.isClean(resource)) continue
      const { found, judged, isWhole } = judge(resource.object)
      if (found === undefined) {
        faults.push(...checkMetadata(resource, schemas))
        continue
      }
      if (found.length > 0) byResource.set(resource, found)
      if (found.length + judged.length === 0 && isWhole) memory.noteClean(resource)
      const moved = listMoved(found)
      for (const { at, ...fault } of judged) {
        // What is not where it belongs lacks whatever is asked of it there.
        if (fault.ruleId === 'api-validation' && moved.some(place => isWithin(at, place))) continue
        if (fault.ruleId === 'api-validation' && isMisspelt(at, found)) continue
        const severity = isDropped(resource, fault, at, found) ? 'warning' : fault.severity
        faults.push({ ...fault, severity, places: [{ resource, fieldPath: at }] })
        if (severity === 'error' && fault.toldBy === undefined && fault.ruleId === 'api-validation')
          refused.set(resource, [...(refused.get(resource) ?? []), at])
      }
    }
  }
  return { faults, isSound: createSoundness(byResource, refused) }
}

interface Judged {
  readonly found: readonly SchemaFault[] | undefined
  readonly judged: readonly JudgedFault[]
  /** Whether all of it could be examined. */
  readonly isWhole: boolean
}

/** Definitions are long, and often the same in many builds: each text is judged once. */
function createJudge(schemas: Schemas): (object: KubernetesObject) => Judged {
  const known = new Map<string, Judged>()
  const judge = (object: KubernetesObject): Judged => {
    const unexamined = schemas.notExamined.length
    const found = schemas.validate(object)
    const judged = found ? judgeObject(object, withoutEchoes(found)) : []
    return { found, judged, isWhole: schemas.notExamined.length === unexamined }
  }
  return object => {
    if (object.kind !== 'CustomResourceDefinition') return judge(object)
    const text = createHash('sha256').update(JSON.stringify(object)).digest('hex')
    const judged = known.get(text) ?? judge(object)
    known.set(text, judged)
    return judged
  }
}

/** The API server drops what the definition of a custom resource does not know. */
const isDropped = (
  { group }: Resource,
  { ruleId, values }: Omit<JudgedFault, 'at'>,
  at: FieldPath,
  all: readonly SchemaFault[],
): boolean =>
  ruleId === 'schema-validation' &&
  values[0] === 'additionalProperties' &&
  group === 'argoproj.io' &&
  // What is misspelt and required is missed.
  !all.some(other => other.keyword === 'required' && isEcho(other, [{ fieldPath: at }]))

/**
 * What the API server refuses leads nowhere, and is told as what it is: a port name that cannot be one is not a port that
 * nobody has. `isLookUp`: the rules that look for what a field names.
 */
export function withoutRefused(
  found: readonly Fault[],
  faults: readonly Fault[],
  isLookUp: (ruleId: string) => boolean,
): readonly Fault[] {
  const refused = new Map<Resource, FieldPath[]>()
  for (const { ruleId, severity, toldBy, places } of faults) {
    if (ruleId !== 'api-validation' || severity === 'warning' || toldBy !== undefined) continue
    for (const { resource, fieldPath } of places.filter(isResourcePlace))
      refused.set(resource, [...(refused.get(resource) ?? []), fieldPath])
  }
  if (refused.size === 0) return found
  return found.filter(
    ({ ruleId, places: [place] }) =>
      !isLookUp(ruleId) ||
      !isResourcePlace(place) ||
      !refused.get(place.resource)?.some(path => isSamePath(path, place.fieldPath)),
  )
}

/**
 * A rule that finds a fault of the same field says more about it than the API server does. What only warns takes the place
 * of nothing but a warning, of that very field.
 */
export function withoutTold(
  faults: readonly Fault[],
  found: readonly Fault[],
): { readonly faults: readonly Fault[]; readonly found: readonly Fault[] } {
  interface Told {
    readonly ruleId: string
    readonly path: FieldPath
    readonly isError: boolean
    readonly fault: Fault
  }
  const places = new Map<Resource, Told[]>()
  for (const fault of found) {
    const { ruleId, places: at, severity } = fault
    const isError = (severity ?? describeRule(ruleId).severity) === 'error'
    for (const place of at.filter(isResourcePlace)) {
      const known = places.get(place.resource)
      const entry = { ruleId, path: place.fieldPath, isError, fault }
      if (known) known.push(entry)
      else places.set(place.resource, [entry])
    }
  }
  // The finding that stays names the field as the server does.
  const names = new Map<Fault, FieldPath>()
  const left = faults.filter(({ ruleId, toldBy, severity, fieldPath: named, places: [place] }) => {
    if (ruleId !== 'api-validation' || !isResourcePlace(place)) return true
    const { resource, fieldPath } = place
    const better = places.get(resource)?.find(other => {
      if (other.ruleId === toldBy) return true
      if (!other.isError) return severity === 'warning' && isSamePath(fieldPath, other.path)
      return isWithin(fieldPath, other.path) && isNear(fieldPath, other.path)
    })
    if (better?.isError && severity !== 'warning' && named && !names.has(better.fault)) names.set(better.fault, named)
    return better === undefined
  })
  return {
    faults: left,
    found: found.map(fault => {
      const fieldPath = fault.fieldPath ?? names.get(fault)
      return fieldPath === undefined ? fault : { ...fault, fieldPath }
    }),
  }
}

const isNear = (path: FieldPath, other: FieldPath): boolean => other.length > 1 && path.length - other.length <= 1

/** A misspelt key is one fault, and a block out of its place: that something is missing then goes without saying. */
export function withoutEchoes(faults: readonly SchemaFault[]): readonly SchemaFault[] {
  const unknown = faults.filter(({ keyword }) => keyword === 'additionalProperties')
  const follows = (fault: SchemaFault): boolean => isEcho(fault, unknown) || isMisspelt(fault.fieldPath, unknown)
  return joinSlid(faults.filter(fault => fault.keyword !== 'required' || !follows(fault)))
}

/**
 * Whether a path leads through a field that one of the unknown ones is meant to be. A patch or a transformer makes the field
 * all the same, and all that the misspelt one holds is missing in it.
 */
const isMisspelt = (path: FieldPath, faults: readonly Pick<SchemaFault, 'keyword' | 'fieldPath'>[]): boolean =>
  faults.some(({ keyword, fieldPath }) => {
    const next = path[fieldPath.length - 1]
    return (
      keyword === 'additionalProperties' &&
      typeof next === 'string' &&
      isWithin(path, fieldPath.slice(0, -1)) &&
      isTypoOf(String(fieldPath.at(-1)), next)
    )
  })

/** Whether a missing field is one of the unknown ones, misspelt. */
function isEcho({ missing, fieldPath }: SchemaFault, unknown: readonly Pick<SchemaFault, 'fieldPath'>[]): boolean {
  return (
    missing !== undefined &&
    unknown.some(
      one => isSamePath(one.fieldPath.slice(0, -1), fieldPath) && isTypoOf(String(one.fieldPath.at(-1)), missing),
    )
  )
}

const isTypoOf = (word: string, meant: string): boolean => closest(word, [meant]) !== undefined

/** What others name: where one is refused, another was meant, and what the list has is not known. */
const NAMES = new Set(['name', 'port', 'containerPort'])

const isNameBelow = (at: FieldPath, path: FieldPath): boolean =>
  isWithin(at, path) &&
  (NAMES.has(String(at.at(-1)))
    ? at.length - path.length === 2
    : path.at(-1) === 'data' && at.length - path.length === 1)

/** Whether no fault of the schema stands at, above or below a field, and no name in it is refused. */
function createSoundness(
  faults: ReadonlyMap<Resource, readonly SchemaFault[]>,
  refused: ReadonlyMap<Resource, readonly FieldPath[]>,
): Soundness {
  return (resource, path) =>
    !refused.get(resource)?.some(at => isWithin(path, at) || isNameBelow(at, path)) &&
    !faults.get(resource)?.some(fault => {
      // What is missing says nothing of its neighbours.
      const { missing } = fault
      const at = missing === undefined ? fault.fieldPath : [...fault.fieldPath, missing]
      if (isWithin(at, path)) return true
      if (fault.keyword !== 'additionalProperties') return isWithin(path, at) && at.length > 0
      // An unknown key stands for the field whose misspelling it is.
      const parent = fault.fieldPath.slice(0, -1)
      const next = path[parent.length]
      const key = String(fault.fieldPath.at(-1))
      return isWithin(path, parent) && next !== undefined && editDistance(key, String(next), 3) <= 3
    })
}
