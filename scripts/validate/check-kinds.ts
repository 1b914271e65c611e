// Finds kinds that cannot be right, in what is rendered, and counts those of which nothing is known.
import { type Build, groupOf, type Resource, valueAt } from '../tree/model/build.ts'
import type { Renderings } from '../tree/engine.ts'
import {
  type Fault,
  faultAt,
  type FieldPath,
  isResourcePlace,
  type NotExamined,
  type Place,
} from '../tree/model/place.ts'
import type { KubernetesObject } from '../tree/model/resource.ts'
import { listLostSources, placeOf, refOf, type SourceDocument } from './check-sources.ts'
import type { Config } from './config.ts'
import { type Locate, locatePlace } from './findings/gather.ts'
import type { Schemas } from './schema/index.ts'
import { listServed } from './schema/served.ts'

/** An object, as it is rendered or (where that is not known) as it is written. */
type Subject = { readonly object: KubernetesObject } & (
  | { readonly resource: Resource; readonly source?: undefined }
  | { readonly source: SourceDocument; readonly resource?: undefined }
)

/**
 * Objects of kinds without a schema: an error where something is known of the group, else one line for each kind.
 * `locate` is asked only of objects that share a name: one base in several builds is one object, two files are two.
 */
export function checkKinds(
  builds: readonly Build[],
  renderings: Renderings,
  schemas: Schemas,
  config: Config,
  locate: Locate,
): { readonly faults: readonly Fault[]; readonly notExamined: readonly NotExamined[] } {
  const allowed = new Set(config.unknownKinds.allow.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`))
  const servedKinds = new Set(listServed().map(({ kind }) => kind))
  const knownGroups = new Set(listServed().map(({ apiVersion }) => groupOf(apiVersion)))
  const faults: Fault[] = []
  const open = new Map<
    string,
    { readonly first: Place; readonly reason: string; readonly named: Map<string, Place[]> }
  >()
  const isTwin = findTwins(builds, schemas)
  const subjects = [...listSubjects(builds, renderings)]
  const isForeign = findForeign(subjects, schemas, servedKinds)
  for (const subject of subjects) {
    const { apiVersion = '', kind = '', metadata } = subject.object as Partial<KubernetesObject>
    if (typeof apiVersion !== 'string' || typeof kind !== 'string' || schemas.isKnown({ apiVersion, kind })) continue
    const fail = (ruleId: string, message: string, field: string, shown = field): void => {
      faults.push(faultOf(subject, ruleId, message, field, shown))
    }
    if (apiVersion === '') fail('schema-validation', 'apiVersion is required', 'apiVersion', 'kind')
    else if (kind === '' && knownGroups.has(groupOf(apiVersion)))
      fail('schema-validation', 'kind is required', 'kind', 'apiVersion')
    // The items of a real one were read instead of it.
    else if (apiVersion === 'v1' && kind === 'List') fail('schema-validation', 'items must be a list', 'items')
    else {
      const field = servedKinds.has(kind) ? 'apiVersion' : 'kind'
      const isAllowed = allowed.has(`${apiVersion} ${kind}`)
      const unknown = schemas.explainUnknown({ apiVersion, kind })
      const foreign =
        kind === ''
          ? 'it has none, and its group is that of another program'
          : isForeign({ apiVersion, kind })
            ? 'one of several that only another program has in this version'
            : // Without a name it is no object of a cluster: the configuration of an API server is written so.
              apiVersion === 'v1' && unknown.isStrange && metadata === undefined
              ? 'a file of another program: it has no metadata'
              : undefined
      const { isMistake, reason } = foreign === undefined ? unknown : { isMistake: false, reason: foreign }
      if (isMistake && !isAllowed) {
        const message = `unknown kind ${kind} of ${apiVersion}: ${reason}`
        // Beside it lies the same for newer clusters.
        const severity = isTwin(subject) ? { severity: 'warning' as const } : {}
        faults.push({ ...faultOf(subject, 'unknown-kind', message, field, field), ...severity })
        continue
      }
      const key = `${apiVersion} ${kind}`
      const place = placeIn(subject, [field])
      const known = open.get(key) ?? {
        first: place,
        reason: isAllowed ? 'validation.yaml allows it' : reason,
        named: new Map<string, Place[]>(),
      }
      open.set(key, known)
      const name = `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`
      const namesakes = known.named.get(name)
      if (namesakes) namesakes.push(place)
      else known.named.set(name, [place])
    }
  }
  const notExamined = [...open].map(([key, { first, reason, named }]): NotExamined => {
    const objects = [...named.values()].reduce((sum, places) => sum + countWritten(places, locate), 0)
    const count = objects === 1 ? '1 object' : `${objects} objects`
    return { place: first, reason: `a kind without a schema (${reason})`, detail: `${count} of ${key.trim()}` }
  })
  return { faults, notExamined }
}

/** One may be a slip. */
const FEWEST_OF_A_PROGRAM = 3

/** Kinds of a program that calls its own version `v1`, as Kubernetes does: a tree has several that nothing knows. */
function findForeign(
  subjects: readonly Subject[],
  schemas: Schemas,
  servedKinds: ReadonlySet<string>,
): (one: { readonly apiVersion: string; readonly kind: string }) => boolean {
  const strange = new Set<string>()
  const known = new Set<string>()
  for (const { object } of subjects) {
    const { apiVersion, kind } = object as Partial<KubernetesObject>
    if (apiVersion !== 'v1' || typeof kind !== 'string' || kind === '' || known.has(kind)) continue
    known.add(kind)
    if (!schemas.isKnown({ apiVersion, kind }) && schemas.explainUnknown({ apiVersion, kind }).isStrange)
      strange.add(kind)
  }
  const isProgram = [...strange].filter(kind => !servedKinds.has(kind)).length >= FEWEST_OF_A_PROGRAM
  return ({ apiVersion, kind }) => isProgram && apiVersion === 'v1' && strange.has(kind)
}

/** Whether an object of the cluster that nothing builds is in the tree once more, in a version of its group that is known. */
function findTwins(builds: readonly Build[], schemas: Schemas): (subject: Subject) => boolean {
  let known: ReadonlySet<string> | undefined
  const nameOf = ({ group, kind, name }: Resource): string => `${group} ${kind} ${name}`
  const loose = new Set(builds.filter(({ kind }) => kind === 'directory').map(({ id }) => id))
  return ({ resource }) => {
    if (resource?.origin.kind !== 'document' || !loose.has(resource.build)) return false
    known ??= new Set(
      builds.flatMap(({ resources }) =>
        resources.filter(({ object, isClusterScoped }) => isClusterScoped && schemas.isKnown(object)).map(nameOf),
      ),
    )
    return known.has(nameOf(resource))
  }
}

/** How many objects stand behind places of one kind and name: as many as are written. */
function countWritten(places: readonly Place[], locate: Locate): number {
  if (places.length === 1) return 1
  const written = places.map(place => locatePlace(place, locate).range)
  return new Set(written.map(({ file, line }) => `${file}:${line}`)).size
}

function* listSubjects(builds: readonly Build[], renderings: Renderings): Generator<Subject> {
  for (const { resources } of builds) for (const resource of resources) yield { object: resource.object, resource }
  for (const source of listLostSources(renderings)) yield { object: source.one.object, source }
}

const placeIn = ({ resource, source }: Subject, fieldPath: FieldPath): Place =>
  resource ? { resource, fieldPath } : placeOf(source.one, fieldPath)

function faultOf(subject: Subject, ruleId: string, message: string, field: string, shown: string): Fault {
  const { resource, source } = subject
  if (resource) return { ruleId, message, values: [field], places: [{ resource, fieldPath: [shown] }] }
  const fault = faultAt(ruleId, message, placeOf(source.one, [shown]).range, [field], [field])
  return { ...fault, builds: source.builds, resource: refOf(source.one.object) }
}

/**
 * What misses an object only because the object's own kind is mistyped is not a second mistake: a patch, a new name; nor is
 * an entry of images whose image stands in a field that nobody knows, such as a mistyped `containers`.
 */
export function withoutMissed(found: readonly Fault[], told: readonly Fault[]): readonly Fault[] {
  const mistyped = told.flatMap(({ ruleId, resource, places: [place] }) => {
    const one = isResourcePlace(place) ? place.resource : resource
    return ruleId === 'unknown-kind' && one ? [one] : []
  })
  const unread = told.flatMap(({ ruleId, places: [place] }) => {
    if (ruleId !== 'schema-validation' || !isResourcePlace(place)) return []
    return [{ build: place.resource.build, value: valueAt(place.resource.object, place.fieldPath) }]
  })
  const isMissed = ({ values }: Fault): boolean =>
    mistyped.some(({ kind, name }) => values.includes(`kind ${kind}`) && values.includes(`name ${name}`))
  // kustomize knows the references of a kind by its name.
  const isLost = ({ places: [place] }: Fault): boolean =>
    isResourcePlace(place) &&
    mistyped.some(({ kind, name }) => place.resource.kind === kind && place.resource.name === name)
  const isUnread = ({ values: [name], builds }: Fault): boolean =>
    unread.some(({ build, value }) => builds?.includes(build) === true && holdsImage(value, String(name)))
  return found.filter(
    fault =>
      !(fault.ruleId === 'unmatched-patch-target' && isMissed(fault)) &&
      !(fault.ruleId === 'lost-name-reference' && isLost(fault)) &&
      !(fault.ruleId === 'unmatched-image' && isUnread(fault)),
  )
}

function holdsImage(value: unknown, name: string): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { image } = value as { readonly image?: unknown }
  if (typeof image === 'string' && image.startsWith(name) && /^(?:$|[:@])/.test(image.slice(name.length))) return true
  return Object.values(value).some(one => holdsImage(one, name))
}
