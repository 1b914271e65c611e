// One object on its way through a build: its traced value, and every name, namespace and kind it has had.
import { isClusterKind } from './tables/cluster-kinds.ts'
import {
  clone,
  emptyMapping,
  fieldOf,
  isAbsent,
  isNull,
  type Mapping,
  type Origin,
  scalar,
  setField,
  textAt,
  textOf,
  type Traced,
} from './value.ts'

export interface Id {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly name: string
  readonly namespace: string
}

/** What a name was before a step changed it; group and version are those of today. */
export interface PreviousName {
  readonly name: string
  readonly namespace: string
  readonly kind: string
}

export interface TracedObject {
  root: Mapping
  previous: PreviousName[]
  prefixes: string[]
  suffixes: string[]
  /** Set for what a generator made: whether a hash is to be put behind the name. */
  needsHash: boolean
  isGenerated: boolean
  /** Names of vars that take their value from this object. */
  readonly vars: string[]
}

export const makeObject = (root: Mapping): TracedObject => ({
  root,
  previous: [],
  prefixes: [],
  suffixes: [],
  needsHash: false,
  isGenerated: false,
  vars: [],
})

export const cloneObject = (object: TracedObject): TracedObject => ({
  root: clone(object.root, new Map()),
  previous: [...object.previous],
  prefixes: [...object.prefixes],
  suffixes: [...object.suffixes],
  needsHash: object.needsHash,
  isGenerated: object.isGenerated,
  vars: [...object.vars],
})

export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/')
  return slash < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

export const kindOf = (object: TracedObject): string => textAt(object.root, 'kind')
export const nameOf = (object: TracedObject): string => textAt(object.root, 'metadata', 'name')
export const namespaceOf = (object: TracedObject): string => textAt(object.root, 'metadata', 'namespace')

export function currentId(object: TracedObject): Id {
  return {
    ...splitApiVersion(textAt(object.root, 'apiVersion')),
    kind: kindOf(object),
    name: nameOf(object),
    namespace: namespaceOf(object),
  }
}

export function previousIds(object: TracedObject): readonly Id[] {
  if (object.previous.length === 0) return []
  const apiVersion = splitApiVersion(textAt(object.root, 'apiVersion'))
  return object.previous.map(({ name, namespace, kind }) => ({ ...apiVersion, kind, name, namespace }))
}

/** The id it had first. */
export const originalId = (object: TracedObject): Id => previousIds(object)[0] ?? currentId(object)

export const allIds = (object: TracedObject): readonly Id[] => [...previousIds(object), currentId(object)]

export const isClusterScoped = ({ group, version, kind }: Id): boolean =>
  isClusterKind(group === '' ? version : `${group}/${version}`, kind)

const NO_NAMESPACE = '_non_namespaceable_'

/** The namespace by which kustomize compares: none is the same as `default`. */
export function effectiveNamespace(id: Id): string {
  if (isClusterScoped(id)) return NO_NAMESPACE
  return id.namespace === '' ? 'default' : id.namespace
}

export const isSameKind = (a: Id, b: Id): boolean => a.group === b.group && a.version === b.version && a.kind === b.kind

export const isSameId = (a: Id, b: Id): boolean =>
  a.name === b.name && isSameKind(a, b) && effectiveNamespace(a) === effectiveNamespace(b)

/** A kind as field specs give it: an empty part is any. */
export interface KindSelector {
  readonly group: string
  readonly version: string
  readonly kind: string
}

export const isSelectedKind = (id: KindSelector, selector: KindSelector): boolean =>
  (selector.group === '' || selector.group === id.group) &&
  (selector.version === '' || selector.version === id.version) &&
  (selector.kind === '' || selector.kind === id.kind)

export function rememberName(object: TracedObject): void {
  const id = currentId(object)
  object.previous.push({ name: id.name, namespace: effectiveNamespace(id), kind: id.kind })
}

/** A mapping below another one, made where it is not there. */
export function ensureMapping(parent: Mapping, name: string, origin: Origin): Mapping {
  const known = fieldOf(parent, name)
  if (known?.kind === 'mapping') return known
  const made = emptyMapping(origin)
  setField(parent, name, made)
  return made
}

export function setMetadata(object: TracedObject, name: string, text: string, origin: Origin): void {
  setField(ensureMapping(object.root, 'metadata', origin), name, scalar(text, origin))
}

export function labelsOf(object: TracedObject, field: 'labels' | 'annotations'): ReadonlyMap<string, string> {
  const labels = fieldOf(fieldOf(object.root, 'metadata'), field)
  const pairs = new Map<string, string>()
  if (labels?.kind === 'mapping') for (const [key, { value }] of labels.entries) pairs.set(key, textOf(value))
  return pairs
}

/** Empty objects are dropped wherever kustomize goes over its list. */
export const isEmptyObject = (root: Traced | undefined): boolean =>
  isAbsent(root) || (root?.kind === 'mapping' && root.entries.size === 0)

export function findByAnyId(objects: readonly TracedObject[], isIt: (id: Id) => boolean): readonly TracedObject[] {
  return objects.filter(object => allIds(object).some(isIt))
}

/** kustomize keeps its notes in annotations. */
export const hasNotes = ({ previous, prefixes, suffixes, isGenerated }: TracedObject): boolean =>
  previous.length > 0 || prefixes.length > 0 || suffixes.length > 0 || isGenerated

/** Whether helm made it inside of a build: its namespace is helm's. Source: kustomize, NamespaceTransformer. */
export const isMadeByHelm = (object: TracedObject): boolean =>
  labelsOf(object, 'annotations').has('internal.config.kubernetes.io/helm-generated')

/** Annotations that kustomize keeps its notes in, and takes out at the end: also where a manifest was copied from its output. */
const NOTES: ReadonlySet<string> = new Set([
  ...[
    ...['previousKinds', 'previousNames', 'previousNamespaces', 'prefixes', 'suffixes', 'allowNameChange'],
    ...['allowKindChange', 'refBy', 'generatorBehavior', 'needsHashSuffix', 'path', 'index', 'seqindent', 'id'],
    ...['annotations-migration-resource-id', 'helm-generated'],
  ].map(name => `internal.config.kubernetes.io/${name}`),
  'config.kubernetes.io/path',
  'config.kubernetes.io/index',
  'config.k8s.io/id',
])

/** Where kustomize takes its notes out again it writes all annotations anew, as strings, and drops an empty list of them. */
export function dropNotes(object: TracedObject): void {
  const metadata = fieldOf(object.root, 'metadata')
  const annotations = fieldOf(metadata, 'annotations')
  if (metadata?.kind !== 'mapping' || !annotations) return
  if (annotations.kind === 'mapping') for (const note of NOTES) annotations.entries.delete(note)
  if (isNull(annotations) || (annotations.kind === 'mapping' && annotations.entries.size === 0)) {
    metadata.entries.delete('annotations')
    return
  }
  if (annotations.kind !== 'mapping') return
  for (const { value } of annotations.entries.values()) if (value.kind === 'scalar') value.tag = 'str'
}

/** Equal for ids that are the same. */
export const keyOf = (id: Id): string =>
  JSON.stringify([id.group, id.version, id.kind, id.name, effectiveNamespace(id)])

/** The objects of documents; a List is taken apart. */
export function* readObjects(documents: readonly (Traced | undefined)[]): Generator<TracedObject> {
  const pending = [...documents]
  for (let document = pending.shift(); document !== undefined || pending.length > 0; document = pending.shift()) {
    if (document?.kind !== 'mapping' || isEmptyObject(document)) continue
    const items = fieldOf(document, 'items')
    if (textAt(document, 'kind').endsWith('List') && items) {
      if (items.kind === 'sequence') pending.push(...items.items)
      continue
    }
    yield makeObject(document)
  }
}
