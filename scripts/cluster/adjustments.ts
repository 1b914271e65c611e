// What an environment is given on this cluster beyond its commit: a door for a laptop, and no kind that the cluster lacks.

import { type DesiredState, type KustomizePatch, names, type SyncedEnvironment } from './desired-state.ts'
import type { Kube, KubeObject } from './kube/kube.ts'
import type { State } from './state/state.ts'

/** Groups of every API server that this repository runs on; the others come with a controller. */
const builtIn = new Set([
  '',
  'apps',
  'autoscaling',
  'batch',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
])

export interface Adjustments {
  /** `patches` of kustomize by Application. */
  readonly patches: Readonly<Record<string, readonly KustomizePatch[]>>
  /** `flask-api-prod: PodMonitor`: what is left out, since this cluster does not know the kind. */
  readonly leftOut: readonly string[]
}

/**
 * On a cluster that was made here each environment's Service gets a NodePort. A kind that the cluster does not know is left
 * out: one of them would fail the whole sync. Asks the API server only where an environment has such a kind.
 */
export async function readAdjustments(kube: Kube, state: State, tree: DesiredState): Promise<Adjustments> {
  const foreign = tree.environments.some(({ objects }) => objects.some(object => !builtIn.has(groupOf(object))))
  const served = foreign ? await listGroups(kube) : builtIn
  return adjust(tree.environments, { nodePorts: state.provider !== 'existing', served })
}

async function listGroups(kube: Kube): Promise<ReadonlySet<string>> {
  const { ApisApi } = await import('@kubernetes/client-node')
  const { groups } = await kube.config.makeApiClient(ApisApi).getAPIVersions()
  return new Set([...builtIn, ...groups.map(({ name }) => name)])
}

export function adjust(
  environments: readonly SyncedEnvironment[],
  { nodePorts, served }: { readonly nodePorts: boolean; readonly served: ReadonlySet<string> },
): Adjustments {
  const adjusted = environments.map(({ name, objects }) => {
    const missing = objects.filter(object => !served.has(groupOf(object)))
    const closed = nodePorts ? objects.filter(isClosedService) : []
    return {
      name,
      leftOut: missing.map(({ kind }) => `${name}: ${kind}`),
      patches: [
        ...missing.map(object => patchOf(object, { $patch: 'delete' })),
        ...closed.map(object => patchOf(object, { spec: { type: 'NodePort' } })),
      ],
    }
  })
  return {
    patches: Object.fromEntries(adjusted.map(({ name, patches }) => [name, patches])),
    leftOut: adjusted.flatMap(({ leftOut }) => leftOut),
  }
}

function isClosedService({ kind, metadata, spec }: KubeObject): boolean {
  const { type = 'ClusterIP' } = (spec ?? {}) as { type?: string }
  return kind === 'Service' && metadata.name === names.service && type === 'ClusterIP'
}

function patchOf({ apiVersion, kind, metadata }: KubeObject, fields: object): KustomizePatch {
  const patch = { apiVersion, kind, metadata: { name: metadata.name }, ...fields }
  return { target: { kind, name: `^${metadata.name}$` }, patch: JSON.stringify(patch) }
}

function groupOf({ apiVersion }: KubeObject): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}
