// Says which roots are long lists of files, and may be built a slice at a time: kustomize's time grows with the square.
import type { Graph } from '../graph/kustomization.ts'
import type { KubernetesObject } from '../../model/resource.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Sources } from '../../source/sources.ts'
import { MOST_RESOURCES } from './batch.ts'
import { hasCrossing } from './sharing.ts'

/** What some files of a root hold, in the order of the list. */
export interface Slice {
  readonly root: string
  readonly paths: readonly string[]
}

/** Fields that do to each resource what they would do to it alone. */
const PLAIN_FIELDS = new Set([
  'apiVersion',
  'kind',
  'metadata',
  'resources',
  'namespace',
  'labels',
  'commonAnnotations',
])

/** The slices of a root, at most MOST_RESOURCES each where files allow; undefined where it must be built whole. */
export function planSlices(
  root: string,
  { graph, sources }: { graph: Graph; sources: Sources },
): readonly Slice[] | undefined {
  const kustomization = graph.kustomizations.get(root)
  if (!kustomization || kustomization.documents <= MOST_RESOURCES || kustomization.folders.length > 0) return undefined
  const { value, files } = kustomization
  if (!Object.keys(value).every(field => PLAIN_FIELDS.has(field))) return undefined
  const slices: string[][] = []
  let size = Number.POSITIVE_INFINITY
  for (const { path } of files) {
    const file = sources.read(path)
    if (!(file instanceof SourceFile)) return undefined
    const { documents } = file.parse('kustomize')
    if (documents.some(hasCrossing)) return undefined
    if (size + documents.length > MOST_RESOURCES) {
      slices.push([])
      size = 0
    }
    slices.at(-1)?.push(path)
    size += documents.length
  }
  return slices.map(paths => ({ root, paths }))
}

/**
 * All resources of a root, in kustomize's order. Undefined where a slice failed, or stands in another order than the one
 * known here, or two of them have one object: then kustomize has its say on the whole.
 */
export function joinSlices(
  slices: readonly (readonly KubernetesObject[] | undefined)[],
): readonly KubernetesObject[] | undefined {
  const joined: (Place & { readonly resource: KubernetesObject })[] = []
  for (const slice of slices) {
    if (!slice) return undefined
    const placed = slice.map(resource => ({ ...placeOf(resource), resource }))
    if (placed.some((one, index) => index > 0 && comparePlaces(placed[index - 1] ?? one, one) >= 0)) return undefined
    joined.push(...placed)
  }
  joined.sort(comparePlaces)
  // No namespace and `default` are one to kustomize.
  const names = new Set(joined.map(({ name }) => name.replace('|default|', '|~X|')))
  return names.size === joined.length ? joined.map(({ resource }) => resource) : undefined
}

/** kustomize's `legacy` order, its default (api/internal/builtins/SortOrderTransformer.go): some kinds first, some last. */
const FIRST = [
  'Namespace',
  'ResourceQuota',
  'StorageClass',
  'CustomResourceDefinition',
  'ServiceAccount',
  'PodSecurityPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'Endpoints',
  'Service',
  'LimitRange',
  'PriorityClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
]
const LAST = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

interface Place {
  readonly rank: number
  readonly name: string
}

function placeOf({ apiVersion = '', kind = '', metadata }: KubernetesObject): Place {
  const slash = apiVersion.indexOf('/')
  const group = slash < 0 ? '~G' : apiVersion.slice(0, slash)
  const version = apiVersion.slice(slash + 1)
  const rank = FIRST.includes(kind) ? FIRST.indexOf(kind) - FIRST.length : LAST.indexOf(kind) + 1
  const name = `${group}_${version}_${kind}|${metadata?.namespace || '~X'}|${metadata?.name}`
  return { rank, name }
}

function comparePlaces(a: Place, b: Place): number {
  if (a.rank !== b.rank) return a.rank - b.rank
  return a.name < b.name ? -1 : Number(a.name > b.name)
}
