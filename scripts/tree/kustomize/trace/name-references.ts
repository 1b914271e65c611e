// Writes the new names of objects into the fields that name them.
import { type FieldSpec, readKind, readSpecs, walkSpec } from './field-spec.ts'
import {
  currentId,
  effectiveNamespace,
  isClusterScoped,
  isSelectedKind,
  kindOf,
  type KindSelector,
  nameOf,
  namespaceOf,
  originalId,
  previousIds,
  type TracedObject,
} from './object.ts'
import { StepError } from './step.ts'
import { NAME_REFERENCES } from './tables/name-references.ts'
import { fieldOf, isAbsent, type Origin, scalar, setField, textAt, textOf, type Traced } from './value.ts'

export interface BackReference {
  readonly to: KindSelector
  readonly from: readonly FieldSpec[]
}

export const DEFAULT_REFERENCES: readonly BackReference[] = NAME_REFERENCES.map(({ to, from }) => ({
  to: readKind(to),
  from: readSpecs(from),
}))

const byKind = new WeakMap<readonly BackReference[], Map<string, { to: KindSelector; spec: FieldSpec }[]>>()

export function fixReferences(objects: readonly TracedObject[], references: readonly BackReference[]): void {
  let known = byKind.get(references)
  if (!known) {
    known = new Map()
    byKind.set(references, known)
  }
  const names = groupByPreviousName(objects)
  for (const referrer of objects) {
    const id = originalId(referrer)
    const key = `${id.group}/${id.version}/${id.kind}`
    let specs = known.get(key)
    if (!specs) {
      specs = references.flatMap(({ to, from }) =>
        from
          .filter(spec => isSelectedKind(id, spec))
          .map(spec => ({ to, spec: { ...spec, group: '', version: '', kind: '' } })),
      )
      known.set(key, specs)
    }
    for (const { to, spec } of specs) {
      walkSpec(referrer, spec, {
        origin: referrer.root.origin,
        set: (node, put) => fix(referrer, node, put, { to, path: spec.path, names }),
      })
    }
  }
}

interface Reference {
  readonly to: KindSelector
  readonly path: readonly string[]
  readonly names: ReadonlyMap<string, readonly TracedObject[]>
}

function groupByPreviousName(objects: readonly TracedObject[]): ReadonlyMap<string, readonly TracedObject[]> {
  const names = new Map<string, TracedObject[]>()
  for (const object of objects) {
    for (const name of new Set(object.previous.map(one => one.name))) {
      const list = names.get(name)
      if (list) list.push(object)
      else names.set(name, [object])
    }
  }
  return names
}

function fix(referrer: TracedObject, node: Traced, put: (made: Traced) => void, reference: Reference): void {
  if (isAbsent(node)) return
  if (node.kind === 'sequence') {
    for (const [index, item] of node.items.entries()) {
      fix(
        referrer,
        item,
        made => {
          node.items[index] = made
        },
        reference,
      )
    }
    return
  }
  if (node.kind === 'scalar') {
    const found = select(referrer, node.text, reference, undefined)
    if (found && nameOf(found) !== node.text) put(renamed(node, found))
    return
  }
  const name = fieldOf(node, 'name')
  if (!name) throw new StepError(`${reference.path.join('/')} has no name`)
  const namespace = fieldOf(node, 'namespace')
  const found = select(referrer, textOf(name), reference, namespace === undefined ? undefined : textOf(namespace))
  if (!found || (nameOf(found) === textOf(name) && namespaceOf(found) === '')) return
  setField(node, 'name', renamed(name, found))
  const theirs = fieldOf(fieldOf(found.root, 'metadata'), 'namespace')
  if (theirs && namespaceOf(found) !== '') {
    const origin: Origin = {
      at: theirs.origin.at,
      ...(namespace ? { before: namespace.origin } : {}),
      from: [theirs.origin],
    }
    setField(node, 'namespace', scalar(textOf(theirs), origin))
  }
}

/** The reference stays where it was written; the name that it became is a further part of it. */
function renamed(node: Traced, object: TracedObject): Traced {
  const name = fieldOf(fieldOf(object.root, 'metadata'), 'name')
  const from = [...(node.origin.from ?? []), ...(name ? [name.origin] : [])]
  return scalar(nameOf(object), { ...node.origin, from })
}

function select(
  referrer: TracedObject,
  name: string,
  { to, path, names }: Reference,
  namespace: string | undefined,
): TracedObject | undefined {
  const own = currentId(referrer)
  const isOwnCluster = isClusterScoped(own)
  const bound = isOwnCluster ? undefined : boundNamespaces(referrer)
  let candidates = (names.get(name) ?? []).filter(object => {
    const id = currentId(object)
    if (isOwnCluster || isClusterScoped(id)) return true
    return effectiveNamespace(id) === effectiveNamespace(own) || bound?.has(namespaceOf(object)) === true
  })
  if (namespace !== undefined) {
    const byOriginal = candidates.filter(
      object => !isClusterScoped(originalId(object)) && effectiveNamespace(originalId(object)) === namespace,
    )
    candidates = byOriginal.length
      ? byOriginal
      : candidates.filter(
          object => !isClusterScoped(currentId(object)) && effectiveNamespace(currentId(object)) === namespace,
        )
  }
  candidates = candidates.filter(object => {
    const previous = previousIds(object)
    return previous.some(id => id.name === name) && previous.some(id => isSelectedKind(id, to))
  })
  if (path.join('/').endsWith('roleRef/name')) {
    const role = fieldOf(referrer.root, 'roleRef')
    const [group, kind] = [textAt(role, 'apiGroup'), textAt(role, 'kind')]
    if (fieldOf(role, 'apiGroup') && fieldOf(role, 'kind')) {
      candidates = candidates.filter(object =>
        previousIds(object).some(id => isSelectedKind(id, { group, kind, version: '' })),
      )
    }
  }
  if (!isOwnCluster) {
    candidates = candidates.filter(object => {
      const id = currentId(object)
      return (
        isClusterScoped(id) || kindOf(object) === 'ServiceAccount' || effectiveNamespace(id) === effectiveNamespace(own)
      )
    })
  }
  if (candidates.length <= 1) return candidates[0]
  candidates = candidates.filter(object => isSameContext(object, referrer, true))
  if (candidates.length > 1) candidates = candidates.filter(object => isSameContext(object, referrer, false))
  const [first, ...others] = candidates
  if (!first || others.length === 0) return first
  const isSame = others.every(
    one => nameOf(one) === nameOf(first) && (namespace === undefined || namespaceOf(one) === namespaceOf(first)),
  )
  if (!isSame) throw new StepError(`${name} names more than one object`)
  return first
}

function boundNamespaces(referrer: TracedObject): ReadonlySet<string> | undefined {
  if (kindOf(referrer) !== 'RoleBinding') return undefined
  const subjects = fieldOf(referrer.root, 'subjects')
  const found = new Set<string>()
  for (const subject of subjects?.kind === 'sequence' ? subjects.items : []) {
    if (textAt(subject, 'kind') === 'ServiceAccount' && fieldOf(subject, 'namespace'))
      found.add(textAt(subject, 'namespace'))
  }
  return found
}

function isSameContext(a: TracedObject, b: TracedObject, mayBeEmpty: boolean): boolean {
  const same = (one: readonly string[], two: readonly string[]): boolean =>
    (mayBeEmpty && (one.length === 0 || two.length === 0)) || hasSameEnd(one, two)
  return same(a.prefixes, b.prefixes) && same(a.suffixes, b.suffixes)
}

function hasSameEnd(a: readonly string[], b: readonly string[]): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  if (short.length === 0) return long.length === 0
  return short.every((text, index) => text === long[index + long.length - short.length])
}
