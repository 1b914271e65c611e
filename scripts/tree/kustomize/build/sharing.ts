// Says which roots render among others exactly as they do alone, and what of them is the namespace's.
import { listAt, stringAt, valueAt } from '../../model/build.ts'
import type { Value } from '../../model/resource.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Sources } from '../../source/sources.ts'
import { parseText } from '../../source/yaml/parse.ts'
import type { Graph, Kustomization } from '../graph/kustomization.ts'

/** A root that may share a process. All that it renders is in one namespace, or says nothing of any. */
export interface Member {
  readonly root: string
  /** Undefined: its resources name none. */
  readonly namespace: string | undefined
  /** Of the Namespace that it brings, where it brings one. */
  readonly name: string | undefined
}

/**
 * Fields whose effect ends where the kustomization ends. All others (`vars`, `configurations`, `openapi`, `crds`, plugins,
 * `sortOptions`, `buildMetadata`) hold for the whole process.
 */
const LOCAL_FIELDS = new Set([
  'apiVersion',
  'kind',
  'metadata',
  'resources',
  'bases',
  'components',
  'namespace',
  'namePrefix',
  'nameSuffix',
  'labels',
  'commonLabels',
  'commonAnnotations',
  'images',
  'replicas',
  'patches',
  'patchesStrategicMerge',
  'configMapGenerator',
  'secretGenerator',
  'generatorOptions',
  'replacements',
])

/**
 * Kinds that a name of another namespace may stand in, or that have no namespace to tell them apart: kustomize looks for
 * the name among all that it has read (api/filters/nameref, sameCurrentNamespaceAsReferrer).
 */
const isCrossing = (kind: string): boolean =>
  kind === 'RoleBinding' || (kind !== 'Namespace' && CLUSTER_KINDS.has(kind)) || kind.startsWith('Cluster')

const CLUSTER_KINDS = new Set([
  'APIService',
  'CSIDriver',
  'CSINode',
  'CertificateSigningRequest',
  'CustomResourceDefinition',
  'FlowSchema',
  'GatewayClass',
  'IngressClass',
  'MutatingWebhookConfiguration',
  'Namespace',
  'Node',
  'PersistentVolume',
  'PriorityClass',
  'PriorityLevelConfiguration',
  'RuntimeClass',
  'StorageClass',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
  'VolumeAttachment',
])

/** Undefined where the root cannot share a process. */
export function judgeRoot(root: string, graph: Graph, sources: Sources): Member | undefined {
  if (!graph.reach(root).every(one => isLocal(one, sources))) return undefined
  const { namespaces, names } = scopeOf(root, graph, sources)
  return namespaces.size > 1 || names.size > 1
    ? undefined
    : { root, namespace: [...namespaces][0], name: [...names][0] }
}

const judged = new WeakMap<Kustomization, boolean>()

function isLocal(kustomization: Kustomization, sources: Sources): boolean {
  let known = judged.get(kustomization)
  if (known === undefined) {
    known = judge(kustomization, sources)
    judged.set(kustomization, known)
  }
  return known
}

function judge({ value, files }: Kustomization, sources: Sources): boolean {
  if (!Object.keys(value).every(field => LOCAL_FIELDS.has(field))) return false
  // A replacement is made after the namespace was set, and may set another one.
  if (value.replacements !== undefined) return false
  return files.every(({ path, reference }) => {
    if (reference.content !== 'resource') return true
    const file = sources.read(path)
    return file instanceof SourceFile && !file.parse('kustomize').documents.some(hasCrossing)
  })
}

export function hasCrossing(document: Value): boolean {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return false
  const { kind, items } = document as { readonly [key: string]: Value }
  if (Array.isArray(items) && items.some(hasCrossing)) return true
  return typeof kind !== 'string' || isCrossing(kind)
}

/** What the resources of a kustomization are called by. */
interface Scope {
  /** Their namespaces; undefined is one: that of those that state none. A patch that may give another one counts as two. */
  readonly namespaces: ReadonlySet<string | undefined>
  /** Of the Namespaces among them. */
  readonly names: ReadonlySet<string>
}

/** What cannot be known here: no names, and two of them. */
const UNKNOWN = ['', '/']

function scopeOf(folder: string, graph: Graph, sources: Sources): Scope {
  const kustomization = graph.kustomizations.get(folder)
  if (!kustomization) return { namespaces: new Set(UNKNOWN), names: new Set() }
  const { value, kind, folders } = kustomization
  const scopes = [ownScope(kustomization, sources), ...folders.map(({ path }) => scopeOf(path, graph, sources))]
  const names = new Set(scopes.flatMap(scope => [...scope.names]))
  const { namespace } = value
  // Set last, it holds for everything, and a Namespace gets its name. That of a component holds for what it does not read.
  if (typeof namespace !== 'string' || namespace === '') {
    return { namespaces: new Set(scopes.flatMap(scope => [...scope.namespaces])), names }
  }
  if (kind === 'Component') return { namespaces: new Set(UNKNOWN), names }
  return { namespaces: new Set([namespace]), names: new Set(names.size === 0 ? [] : [namespace]) }
}

const scopes = new WeakMap<Kustomization, Scope>()

function ownScope(kustomization: Kustomization, sources: Sources): Scope {
  const known = scopes.get(kustomization) ?? readScope(kustomization, sources)
  scopes.set(kustomization, known)
  return known
}

function readScope({ value, files }: Kustomization, sources: Sources): Scope {
  const read = (content: 'resource' | 'patch'): readonly Value[] =>
    files.flatMap(({ path, reference }) => {
      const file = reference.content === content ? sources.read(path) : undefined
      return file instanceof SourceFile ? file.parse('kustomize').documents : []
    })
  const resources = read('resource').flatMap(listObjects)
  const generators = ['configMapGenerator', 'secretGenerator'].flatMap(field => listAt(value, [field]))
  const entries = ['patches', 'patchesStrategicMerge'].flatMap(field => listAt(value, [field]))
  const patches = entries.flatMap(entry => {
    const text = typeof entry === 'string' ? entry : stringAt(entry, ['patch'])
    // A path is a text too, and gives nothing a name.
    return text === undefined ? [] : parseText(text, 'kustomize').documents
  })
  const mayMove = entries.some(entry => valueAt(entry, ['options']) !== undefined)
  return {
    namespaces: new Set([
      ...resources.filter(one => !isNamespace(one)).flatMap(one => namespacesOf(valueAt(one, ['metadata']))),
      ...generators.flatMap(namespacesOf),
      ...[...patches, ...read('patch')].flatMap(listGiven),
      ...(mayMove ? UNKNOWN : []),
    ]),
    names: new Set(resources.filter(isNamespace).flatMap(one => stringAt(one, ['metadata', 'name']) || UNKNOWN)),
  }
}

const isNamespace = (document: unknown): boolean => valueAt(document, ['kind']) === 'Namespace'

const listObjects = (document: unknown): readonly unknown[] =>
  Array.isArray(valueAt(document, ['items'])) ? listAt(document, ['items']).flatMap(listObjects) : [document]

function namespacesOf(metadata: unknown): readonly (string | undefined)[] {
  const namespace = valueAt(metadata, ['namespace'])
  return namespace === undefined || typeof namespace === 'string' ? [namespace || undefined] : UNKNOWN
}

/** Fields of which a JSON patch may change what it likes. */
const CONTENT = /^\/(?:spec|data|metadata\/(?:labels|annotations))(?:\/|$)/

/** Namespaces that a patch may give what it changes. */
function listGiven(patch: Value): readonly (string | undefined)[] {
  if (!Array.isArray(patch)) {
    const metadata = listObjects(patch).map(one => valueAt(one, ['metadata']))
    return metadata.flatMap(one => (valueAt(one, ['namespace']) === undefined ? [] : namespacesOf(one)))
  }
  const isContent = patch.every(operation =>
    ['path', 'from'].every(field => {
      const pointer = valueAt(operation, [field])
      return pointer === undefined || CONTENT.test(String(pointer))
    }),
  )
  return isContent ? [] : UNKNOWN
}
