// Finds references to what is not there. Each rule says which references it looks at; what is there, one look-up knows.
import { listAt, type Resource, stringAt, valueAt } from '../../../tree/model/build.ts'
import { closest } from '../../../tree/model/closest.ts'
import {
  type Answer,
  type Instead,
  isKeyAskedBySeveral,
  lookUp,
  plainNameOf,
} from '../../../tree/model/references/look-up.ts'
import { type Reference, readReferences } from '../../../tree/model/references/read.ts'
import { type KindId, wordOf } from '../../../tree/model/references.ts'
import type { FieldPath } from '../../../tree/model/place.ts'
import type { ResourceIndex } from '../../../tree/model/resource-index.ts'
import type { ResourceContext, ResourcePlace, RuleFinding } from '../rule.ts'

/** The references of a resource that name what is not there, or a key or port that it does not have. */
export function* findDangling(
  { resource, index, isSound }: ResourceContext,
  isMeant: (reference: Reference) => boolean,
): Generator<RuleFinding> {
  const told = new Set<string>()
  for (const reference of readReferences(resource)) {
    if (!isMeant(reference) || !isSound(resource, reference.fieldPath)) continue
    const answer = lookUp(reference, index)
    if (answer.state === 'absent') {
      const key = `${reference.to} ${reference.name} ${reference.namespace}`
      // What a resource names twice is missing once.
      const isTold = told.has(key) || (answer.slip === 'there' && answer.isToldElsewhere === true)
      const finding = isTold ? undefined : describeAbsence(reference, answer)
      told.add(key)
      if (finding) yield finding
    } else if (answer.state === 'there') {
      if (answer.keys && (!answer.resource || isSound(answer.resource, ['data']))) {
        yield* findMissingKeys(reference, answer.keys, answer.resource, index)
      }
      if (answer.resource && isSound(answer.resource, ['spec', 'ports'])) {
        yield* findMissingPort(reference, answer.resource)
      }
    }
  }
}

/** Whether a reference is to one of the kinds. */
export const isTo =
  (...kinds: readonly KindId[]) =>
  ({ to }: Reference): boolean =>
    kinds.includes(to)

const isConfiguration = (kind: KindId): boolean => kind === '/Secret' || kind === '/ConfigMap'

/** Whether nobody says where the resource goes: it may be a part that others complete. */
const isNowhere = ({ namespace }: Resource): boolean => namespace === undefined

function describeAbsence(
  { from, fieldPath, to, name, namespace, isOptional, field }: Reference,
  { near, instead, isCertain, slip, isRenamed }: Answer & { state: 'absent' },
): RuleFinding | undefined {
  const kind = wordOf(to)
  // Secrets are kept out of Git: that one is not here proves little.
  const isSecret = to === '/Secret'
  const isLikely = isSecret ? !isNowhere(from) : field.isDispensable !== true
  // Of configuration there is much that nobody keeps in Git: only a like name is worth a word.
  const isAnythingLike = instead !== undefined && (instead.isNear === true || !isConfiguration(to))
  if (field.isOftenElsewhere === true && !near && !isAnythingLike) return undefined
  if (slip === undefined && (isOptional || (!isCertain && !isLikely))) return undefined
  // A route works from the moment that somebody brings its Service, and Argo CD syncs it without: another team's may be on its way.
  const isBroughtByOthers = isSecret || to === '/Service'
  const isWarning = isOptional || field.isDispensable === true || !isCertain || (isBroughtByOthers && !near)
  const found = describeFound({ from, fieldPath, to, field, namespace }, near, instead, isRenamed)
  const places: [ResourcePlace, ...ResourcePlace[]] = [{ resource: from, fieldPath: found.fieldPath }]
  if (near && slip === 'there') places.unshift({ resource: near, fieldPath: ['metadata', 'name'] })
  return {
    message: `there is no ${kind} ${name}${found.where ?? ''}${isCertain ? '' : ' among the manifests'}${found.hint}`,
    values: [kind, name],
    places,
    ...(isWarning ? { severity: 'warning' } : {}),
  }
}

/** What is there instead, and where the mistake is: at the kind or the namespace where the name is right. */
function describeFound(
  { from, fieldPath, to, field, namespace }: Pick<Reference, 'from' | 'fieldPath' | 'to' | 'field' | 'namespace'>,
  near: Resource | undefined,
  instead: Instead | undefined,
  isRenamed = false,
): { readonly where?: string; readonly hint: string; readonly fieldPath: FieldPath } {
  const like = near ?? instead
  const holder = fieldPath.slice(0, -1)
  if (like && like.kind !== wordOf(to))
    return { hint: `, but a ${like.kind} of this name`, fieldPath: [...holder, 'kind'] }
  if (near) {
    const hint = isRenamed
      ? `: kustomize names it ${near.name}, and does not know this field`
      : `; did you mean ${plainNameOf(near.name)}?`
    return { hint, fieldPath }
  }
  if (instead?.namespaces) {
    const path = field.namespace === undefined ? undefined : [...holder, field.namespace]
    const isWritten = path !== undefined && stringAt(from.object, path) !== undefined
    return {
      where: ` in namespace ${namespace}`,
      hint: `, but in ${instead.namespaces.join(', ')}`,
      fieldPath: isWritten ? path : fieldPath,
    }
  }
  const [first, ...more] = instead?.names ?? []
  if (first === undefined) return { hint: '', fieldPath }
  return { hint: instead?.isNear ? `; did you mean ${first}?` : `; there is ${[first, ...more].join(', ')}`, fieldPath }
}

function* findMissingKeys(
  reference: Reference,
  keys: ReadonlySet<string>,
  resource: Resource | undefined,
  index: ResourceIndex,
): Generator<RuleFinding> {
  const { from, to, name, keys: asked, isOptional } = reference
  if (isOptional) return
  for (const { value, fieldPath } of asked) {
    if (keys.has(value)) continue
    const near = closest(value, keys)
    const places: [ResourcePlace, ...ResourcePlace[]] = [{ resource: from, fieldPath }]
    const field = ['data', 'stringData', 'binaryData'].find(
      one => valueAt(resource?.object, [one, near ?? '']) !== undefined,
    )
    if (resource && field !== undefined && near !== undefined) {
      const place: ResourcePlace = { resource, fieldPath: [field, near] }
      if (isKeyAskedBySeveral(reference, value, index)) places.unshift(place)
      else places.push(place)
    }
    const known = [...keys].slice(0, 5).join(', ')
    const hint =
      near === undefined
        ? `it has ${known}${keys.size > 5 ? ` and ${keys.size - 5} more` : ''}`
        : `did you mean ${near}?`
    const plain = plainNameOf(name)
    yield { message: `${wordOf(to)} ${plain} has no key ${value}; ${hint}`, values: [plain, value], places }
  }
}

function* findMissingPort({ from, port }: Reference, { object, kind, name }: Resource): Generator<RuleFinding> {
  if (!port || kind !== 'Service' || stringAt(object, ['spec', 'type']) === 'ExternalName') return
  const ports = listAt(object, ['spec', 'ports'])
  const field = typeof port.value === 'number' ? 'port' : 'name'
  if (ports.length === 0 || ports.some(one => valueAt(one, [field]) === port.value)) return
  const target = ports.find(one => valueAt(one, ['targetPort']) === port.value)
  const known = ports.map(
    one => `${stringAt(one, ['name']) ? `${stringAt(one, ['name'])} ` : ''}${valueAt(one, ['port'])}`,
  )
  const hint = target
    ? `${port.value} is the target of its port ${valueAt(target, ['port'])}`
    : `it has ${known.join(', ')}`
  yield {
    message: `Service ${name} has no port ${port.value}; ${hint}`,
    values: [name, port.value],
    places: [{ resource: from, fieldPath: port.fieldPath }],
  }
}
