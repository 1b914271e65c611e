// A definition that nothing deploys may be that of another cluster, or an old copy. What contradicts it alone, and not the
// release of the operator that is known here, is not a mistake that can be known.
import { type Build, type Resource, stringAt } from '../tree/model/build.ts'
import { type Fault, type FieldPath, isResourcePlace, type NotExamined } from '../tree/model/place.ts'
import type { KubernetesObject } from '../tree/model/resource.ts'
import { isRetired } from '../tree/source/test-inputs.ts'
import { isCustomResourceDefinition } from './schema/crd.ts'
import { openSchemas, type SchemaFault } from './schema/index.ts'
import { findServed, isOfKubernetes } from './schema/served.ts'

/** Takes out such faults of what builds render; `listDeployed` has the definitions that something deploys, or the policy names. */
export async function withoutUndeployed(
  faults: readonly Fault[],
  builds: readonly Build[],
  definitions: readonly KubernetesObject[],
  listDeployed: () => readonly KubernetesObject[],
): Promise<{ readonly faults: readonly Fault[]; readonly notExamined: readonly NotExamined[] }> {
  if (definitions.length === 0 || !faults.some(({ ruleId }) => RULES.has(ruleId))) return { faults, notExamined: [] }
  const known = listKinds(listDeployed())
  const open = new Set([...listKinds(definitions)].filter(kind => !known.has(kind)))
  if (open.size === 0) return { faults, notExamined: [] }
  const rendered = new Set(builds.flatMap(({ kind, resources }) => (kind === 'directory' ? [] : resources)))
  const retired = listRetired(builds)
  const released = await openSchemas({ kinds: [], customResourceDefinitions: [] })
  const notExamined: NotExamined[] = []
  const judged = new Map<Resource, readonly SchemaFault[]>()
  /** What the release says of the same field; undefined where it is not asked. */
  const askRelease = ({ ruleId, values: [keyword], places: [place] }: Fault): readonly SchemaFault[] | undefined => {
    if (!RULES.has(ruleId) || !isResourcePlace(place)) return undefined
    const { resource, fieldPath } = place
    const kind = `${resource.group} ${resource.kind}`
    if (!open.has(kind) || !(rendered.has(resource) || retired.has(kind))) return undefined
    const served = findServed(resource.object)
    // Of what is not released either, a definition that is in use is all that is known.
    if (!served) return retired.has(kind) ? [] : undefined
    if (isOfKubernetes(served.source)) return undefined
    const others = judged.get(resource) ?? released.validate(resource.object) ?? []
    judged.set(resource, others)
    return others.filter(one => one.keyword === keyword && isNear(one.fieldPath, fieldPath))
  }
  const isOfAnother = findOtherExamples(builds, open)
  const kept = faults.flatMap((fault): readonly Fault[] => {
    if (isOfAnother(fault)) {
      const reason = 'a kind whose definition in the tree belongs to another example'
      notExamined.push({ place: fault.places[0], reason, detail: fault.message })
      return []
    }
    const same = askRelease(fault)
    if (same === undefined || same.some(({ isUnsure }) => !isUnsure)) return [fault]
    if (same.length > 0) return [{ ...fault, severity: 'warning' }]
    const reason = 'a kind whose definition in the tree nothing deploys, and which its operator has otherwise'
    notExamined.push({ place: fault.places[0], reason, detail: fault.message })
    return []
  })
  return { faults: kept, notExamined }
}

/** A folder of what is there only where a test runs, or with another program. */
const ELSEWHERE = /(?:^|\/)(?:test-?data|fixtures|vendor)\//i

const isUnused = (path: string): boolean => isRetired(path) || ELSEWHERE.test(path)

const isOfNothing = ({ origin, build }: Resource): boolean =>
  isUnused(origin.kind === 'document' ? origin.file : `${build}/`)

/** Kinds whose definitions all lie in a folder of what nothing deploys any more, or here. */
function listRetired(builds: readonly Build[]): ReadonlySet<string> {
  const found = builds.flatMap(({ resources }) => resources.filter(({ object }) => isCustomResourceDefinition(object)))
  const current = listKinds(found.filter(one => !isOfNothing(one)).map(({ object }) => object))
  return new Set([...listKinds(found.map(({ object }) => object))].filter(kind => !current.has(kind)))
}

/** Each example is tried by itself: what one brings is not there for the objects of another one, but for definitions alone. */
function findOtherExamples(builds: readonly Build[], open: ReadonlySet<string>): (fault: Fault) => boolean {
  const loose = builds.filter(({ kind }) => kind === 'directory')
  const folders = new Set(loose.map(({ id }) => id))
  const defining = loose.map(({ id, resources }) => ({
    folder: id,
    kinds: listKinds(resources.map(({ object }) => object)),
    isWhole: resources.some(({ object }) => !isCustomResourceDefinition(object)),
  }))
  return ({ ruleId, places: [place] }) => {
    if (!RULES.has(ruleId) || !isResourcePlace(place) || !folders.has(place.resource.build)) return false
    const { group, kind, build } = place.resource
    const [examples] = EXAMPLES.exec(build) ?? []
    const found = defining.filter(({ kinds }) => kinds.has(`${group} ${kind}`))
    const isApart = (folder: string): boolean =>
      !`${build}/`.startsWith(`${folder}/`) && !`${folder}/`.startsWith(`${build}/`)
    return (
      examples !== undefined &&
      open.has(`${group} ${kind}`) &&
      found.every(({ folder, isWhole }) => isWhole && folder.startsWith(examples) && isApart(folder))
    )
  }
}

const EXAMPLES = /^(?:.*\/)?(?:samples?|examples?|demos?)\//

const RULES = new Set(['unknown-kind', 'schema-validation'])

/** What is missing is told of the mapping that lacks it. */
const isNear = (path: FieldPath, other: FieldPath): boolean =>
  Math.abs(path.length - other.length) <= 1 && path.every((one, at) => at >= other.length || one === other[at])

const listKinds = (definitions: readonly KubernetesObject[]): ReadonlySet<string> =>
  new Set(
    definitions
      .filter(isCustomResourceDefinition)
      .map(one => `${stringAt(one, ['spec', 'group']) ?? ''} ${stringAt(one, ['spec', 'names', 'kind']) ?? ''}`),
  )

/** The objects of builds that are applied as a whole, and the sources of those that are not rendered. */
export const listDeployedObjects = (
  builds: readonly Build[],
  documents: readonly { readonly one: { readonly object: KubernetesObject }; readonly builds: readonly string[] }[],
): readonly KubernetesObject[] => [
  ...builds.flatMap(({ kind, resources }) =>
    kind === 'directory' ? [] : resources.filter(one => !isOfNothing(one)).map(({ object }) => object),
  ),
  ...documents.flatMap(({ one, builds: readers }) =>
    readers.some(reader => !isUnused(`${reader}/`)) ? [one.object] : [],
  ),
]
