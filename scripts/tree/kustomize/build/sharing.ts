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
  const reach = graph.reach(root)
  if (!reach.every(one => isLocal(one, sources))) return undefined
  const namespace = graph.kustomizations.get(root)?.value.namespace
  // Set last, it holds for everything, and names a Namespace too.
  if (typeof namespace === 'string' && namespace !== '') return { root, namespace, name: namespace }
  if (!reach.every(one => namesNone(one, sources))) return undefined
  const names = reach.flatMap(one => listNames(one, sources))
  return names.length > 1 ? undefined : { root, namespace: undefined, name: names[0] }
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

const namingNone = new WeakMap<Kustomization, boolean>()

/** Whether nothing that a kustomization brings or changes is given a namespace or another name by it. */
function namesNone(kustomization: Kustomization, sources: Sources): boolean {
  const known = namingNone.get(kustomization) ?? judgeNames(kustomization, sources)
  namingNone.set(kustomization, known)
  return known
}

function judgeNames(kustomization: Kustomization, sources: Sources): boolean {
  const { value } = kustomization
  const generators = ['configMapGenerator', 'secretGenerator'].flatMap(field => listAt(value, [field]))
  const entries = ['patches', 'patchesStrategicMerge'].flatMap(field => listAt(value, [field]))
  const patches = entries.flatMap(entry => {
    const text = typeof entry === 'string' ? entry : stringAt(entry, ['patch'])
    // A path is a text too, and gives nothing a name.
    return text === undefined ? [] : parseText(text, 'kustomize').documents
  })
  return (
    value.namespace === undefined &&
    !generators.some(entry => valueAt(entry, ['namespace']) !== undefined) &&
    !entries.some(entry => valueAt(entry, ['options']) !== undefined) &&
    !readDocuments(kustomization, 'resource', sources).some(statesNamespace) &&
    ![...patches, ...readDocuments(kustomization, 'patch', sources)].some(mayMove)
  )
}

/** Names of the Namespaces that a kustomization brings. */
const listNames = (kustomization: Kustomization, sources: Sources): readonly string[] =>
  readDocuments(kustomization, 'resource', sources).flatMap(document =>
    valueAt(document, ['kind']) === 'Namespace' ? [stringAt(document, ['metadata', 'name']) ?? ''] : [],
  )

const readDocuments = ({ files }: Kustomization, content: 'resource' | 'patch', sources: Sources): readonly Value[] =>
  files.flatMap(({ path, reference }) => {
    const file = reference.content === content ? sources.read(path) : undefined
    return file instanceof SourceFile ? file.parse('kustomize').documents : []
  })

const statesNamespace = (document: unknown): boolean =>
  valueAt(document, ['metadata', 'namespace']) !== undefined || listAt(document, ['items']).some(statesNamespace)

/** Fields of which a JSON patch may change what it likes. */
const CONTENT = /^\/(?:spec|data|metadata\/(?:labels|annotations))(?:\/|$)/

/** Whether a patch may give a resource another namespace, name or kind. */
function mayMove(patch: Value): boolean {
  if (!Array.isArray(patch)) return statesNamespace(patch)
  return patch.some(operation =>
    ['path', 'from'].some(field => {
      const pointer = valueAt(operation, [field])
      return pointer !== undefined && !CONTENT.test(String(pointer))
    }),
  )
}
