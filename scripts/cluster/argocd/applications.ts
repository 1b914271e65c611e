// Asks Argo CD to look at Git, and reads what it says about the Applications.

import { kinds, type Kube, type KubeObject, list, mergePatch } from '../kube/kube.ts'
import { names } from '../desired-state.ts'
import { type Wait, watchUntil } from '../kube/watch.ts'

export async function listApplications(kube: Kube): Promise<readonly KubeObject[]> {
  return (await list(kube, { kind: kinds.application, namespace: names.namespace })).items
}

/** Taken away by Argo CD together with what it found. */
const refreshAnnotation = 'argocd.argoproj.io/refresh'

/** Makes Argo CD compare with Git at once instead of at its next poll. */
export async function refresh(kube: Kube, applications: readonly string[]): Promise<void> {
  await Promise.all(
    applications.map(name =>
      mergePatch(kube, {
        apiVersion: kinds.application.apiVersion,
        kind: kinds.application.kind,
        metadata: { name, namespace: names.namespace, annotations: { [refreshAnnotation]: 'normal' } },
      }),
    ),
  )
}

/** Whether it was asked to compare and has not done so yet. */
export function isAsked({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[refreshAnnotation] !== undefined
}

/** An operation that failed, or waits for its next try after a failure: Argo CD does not begin another one by itself soon. */
export function isStuck({ status }: KubeObject): boolean {
  const { phase = '', finishedAt } = (status as ApplicationObject | undefined)?.operationState ?? {}
  return ['Failed', 'Error'].includes(phase) || (phase === 'Running' && finishedAt !== undefined)
}

/**
 * Ends the operation at work and starts a whole sync. Self-healing syncs only what differed when it began: in a namespace
 * that has gone since, it tries in vain for minutes, and nothing else is synced meanwhile.
 */
export async function restartSync(kube: Kube, application: KubeObject, wait: Omit<Wait, 'unmet'>): Promise<void> {
  const { apiVersion, kind } = kinds.application
  const { name, namespace } = application.metadata as { name: string; namespace: string }
  const patch = (fields: object) => mergePatch(kube, { apiVersion, kind, metadata: { name, namespace }, ...fields })
  if (application.operation !== undefined) {
    await patch({ status: { operationState: { phase: 'Terminating' } } })
    const unmet = `the running operation of ${name} was not ended`
    await watchUntil(kube, { kind: kinds.application, namespace, name }, { ...wait, unmet }, ([object]) =>
      object?.operation === undefined ? true : undefined,
    )
  }
  const { syncPolicy = {} } = application.spec as { syncPolicy?: { syncOptions?: unknown; retry?: unknown } }
  await patch({
    operation: {
      initiatedBy: { username: 'npm run up' },
      retry: syncPolicy.retry,
      sync: { prune: true, syncOptions: syncPolicy.syncOptions },
    },
  })
}

/** Where an Application reads its manifests. */
export interface Source {
  readonly repoURL?: string
  readonly targetRevision?: string
  readonly kustomize?: { readonly images?: readonly string[] }
}

export interface ApplicationStatus {
  readonly name: string
  readonly namespace: string
  readonly revision: string
  readonly sync: string
  readonly health: string
  readonly operation: string
  /** Faults that Argo CD or the last operation reported. */
  readonly messages: readonly string[]
  readonly outOfSync: readonly string[]
  readonly images: readonly string[]
  /** The one it has, and the one that all of this was said of: an earlier one, until Argo CD has looked again. */
  readonly sources: readonly [Source, Source]
}

interface ApplicationObject {
  readonly source?: Source
  readonly destination?: { readonly namespace?: string }
  readonly sync?: {
    readonly status?: string
    readonly revision?: string
    readonly comparedTo?: { readonly source?: Source }
  }
  readonly health?: { readonly status?: string }
  readonly operationState?: { readonly phase?: string; readonly message?: string; readonly finishedAt?: string }
  readonly conditions?: readonly { readonly type: string; readonly message: string }[]
  readonly resources?: readonly {
    readonly kind: string
    readonly name: string
    readonly namespace?: string
    readonly status?: string
  }[]
  readonly summary?: { readonly images?: readonly string[] }
}

export function readApplication(object: KubeObject): ApplicationStatus {
  const spec = (object.spec ?? {}) as ApplicationObject
  const status = (object.status ?? {}) as ApplicationObject
  const phase = status.operationState?.phase ?? ''
  const messages = (status.conditions ?? []).map(({ type, message }) => `${type}: ${message}`)
  if (['Failed', 'Error', 'Running'].includes(phase) && status.operationState?.message) {
    messages.push(`${phase}: ${status.operationState.message}`)
  }
  return {
    name: object.metadata.name,
    namespace: spec.destination?.namespace ?? '',
    revision: status.sync?.revision ?? '',
    sync: status.sync?.status ?? 'Unknown',
    health: status.health?.status ?? 'Unknown',
    operation: phase,
    messages,
    outOfSync: (status.resources ?? [])
      .filter(resource => resource.status !== undefined && resource.status !== 'Synced')
      .map(({ kind, name }) => `${kind}/${name}`),
    images: status.summary?.images ?? [],
    sources: [spec.source ?? {}, status.sync?.comparedTo?.source ?? {}],
  }
}

/** Waits until `accept` holds for each named Application. */
export async function waitForApplications(
  kube: Kube,
  applications: readonly string[],
  wait: Wait,
  accept: (status: ApplicationStatus) => boolean,
): Promise<readonly ApplicationStatus[]> {
  return watchUntil(kube, { kind: kinds.application, namespace: names.namespace }, wait, objects => {
    const statuses = objects.map(readApplication).filter(({ name }) => applications.includes(name))
    const accepted = statuses.filter(accept)
    return accepted.length === applications.length ? accepted : undefined
  })
}

export function isSettled(revision: string): (status: ApplicationStatus) => boolean {
  return status =>
    status.sync === 'Synced' &&
    status.health === 'Healthy' &&
    status.revision === revision &&
    status.operation !== 'Running'
}

/** Whether it has this source and was compared with it. What the source says of kustomize beside the images is not looked at. */
export function follows({ sources }: ApplicationStatus, wanted: Source): boolean {
  const images = wanted.kustomize?.images ?? []
  return sources.every(
    ({ repoURL, targetRevision, kustomize }) =>
      repoURL === wanted.repoURL &&
      targetRevision === wanted.targetRevision &&
      images.every(image => kustomize?.images?.includes(image)),
  )
}
