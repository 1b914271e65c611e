// Says which roots may share one process of kustomize: those that render in it exactly as they do alone.
import type { Graph, Kustomization } from '../graph/kustomization.ts'
import type { KubernetesObject, Value } from '../../model/resource.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Sources } from '../../source/sources.ts'

/** Roots of one process, by the namespace that all their resources have and no other root of the batch has. */
export type Batch = ReadonlyMap<string, string>

/** Beyond this kustomize's search for names, which grows with the square of the resources, costs more than a start. */
export const MOST_RESOURCES = 400

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

/** Plans batches for as many processes as there are cores; what cannot share is left out. */
export function planBatches(
  roots: readonly string[],
  { graph, sources, parallelism }: { graph: Graph; sources: Sources; parallelism: number },
): readonly Batch[] {
  const sharing = roots.flatMap(root => {
    const namespace = namespaceAlone(root, graph, sources)
    return namespace === undefined ? [] : [{ root, namespace, size: countResources(root, graph) }]
  })
  const total = sharing.reduce((sum, { size }) => sum + size, 0)
  const limit = Math.min(MOST_RESOURCES, Math.ceil(total / parallelism))
  const open: { batch: Map<string, string>; size: number }[] = []
  const batches: Batch[] = []
  for (const { root, namespace, size } of sharing) {
    let target = open.find(({ batch }) => !batch.has(namespace))
    if (!target) {
      target = { batch: new Map(), size: 0 }
      open.push(target)
      batches.push(target.batch)
    }
    target.batch.set(namespace, root)
    target.size += size
    if (target.size >= limit) open.splice(open.indexOf(target), 1)
  }
  return batches.filter(({ size }) => size > 1)
}

const countResources = (root: string, graph: Graph): number =>
  graph.reach(root).reduce((sum, { documents }) => sum + documents, 1)

/** The namespace that everything of a root ends up in; undefined where the root cannot share a process. */
function namespaceAlone(root: string, graph: Graph, sources: Sources): string | undefined {
  const namespace = graph.kustomizations.get(root)?.value.namespace
  if (typeof namespace !== 'string' || namespace === '') return undefined
  return graph.reach(root).every(one => isLocal(one, sources)) ? namespace : undefined
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

/** Gives each resource to its root. Undefined where one of them belongs to none: then the batch proves nothing. */
export function splitBatch(
  resources: readonly KubernetesObject[],
  batch: Batch,
): ReadonlyMap<string, readonly KubernetesObject[]> | undefined {
  const split = new Map<string, KubernetesObject[]>([...batch.values()].map(root => [root, []]))
  for (const resource of resources) {
    const { kind, metadata } = resource
    const root = batch.get(String((kind === 'Namespace' ? metadata?.name : metadata?.namespace) ?? ''))
    if (root === undefined) return undefined
    split.get(root)?.push(resource)
  }
  return split
}
