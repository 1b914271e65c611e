// Talks to one API server, named by context.

import type {
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObject,
  KubernetesObjectApi,
  PatchStrategy,
} from '@kubernetes/client-node'
import { within } from '../concurrency.ts'
import { messageOf, usageProblem } from '../../command/problem.ts'

/** An object as the API server sends it; only what this code reads is described where it is read. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid?: string
    readonly generation?: number
    readonly creationTimestamp?: string
    readonly deletionTimestamp?: string
    readonly finalizers?: readonly string[]
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[]
  }
  readonly [field: string]: unknown
}

export interface Kube {
  readonly config: KubeConfig
  readonly context: string
  readonly server: string
  readonly core: CoreV1Api
  readonly apps: AppsV1Api
  readonly objects: KubernetesObjectApi
}

export interface Kind {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
}

export const kinds = {
  application: { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', plural: 'applications' },
  applicationSet: { apiVersion: 'argoproj.io/v1alpha1', kind: 'ApplicationSet', plural: 'applicationsets' },
  appProject: { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', plural: 'appprojects' },
  crd: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', plural: 'customresourcedefinitions' },
  deployment: { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments' },
  statefulSet: { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets' },
  autoscaler: {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
  },
  configMap: { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps' },
  event: { apiVersion: 'v1', kind: 'Event', plural: 'events' },
  lease: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', plural: 'leases' },
  namespace: { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces' },
  node: { apiVersion: 'v1', kind: 'Node', plural: 'nodes' },
  pod: { apiVersion: 'v1', kind: 'Pod', plural: 'pods' },
  service: { apiVersion: 'v1', kind: 'Service', plural: 'services' },
} as const satisfies Record<string, Kind>

/**
 * Connects to `context` of `file` (or of KUBECONFIG), never to the context that happens to be current. The client takes
 * longer to load than all else together, and what fails before there is a cluster does not need it.
 */
export async function connect(context: string, file?: string): Promise<Kube> {
  const { AppsV1Api, CoreV1Api, KubeConfig, KubernetesObjectApi } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  try {
    if (file === undefined) config.loadFromDefault()
    else config.loadFromFile(file)
  } catch (error) {
    throw usageProblem(`the kubeconfig ${file ?? 'of KUBECONFIG'} cannot be read: ${messageOf(error)}`)
  }
  if (config.getContextObject(context) === null) {
    const known = config.contexts.map(({ name }) => name)
    throw usageProblem(
      `there is no context ${context} in ${file ?? process.env.KUBECONFIG ?? '~/.kube/config'}`,
      known.length > 0 ? `Contexts there: ${known.join(', ')}.` : 'It names no context at all.',
    )
  }
  config.setCurrentContext(context)
  return {
    config,
    context,
    server: config.getCurrentCluster()?.server ?? '',
    core: config.makeApiClient(CoreV1Api),
    apps: config.makeApiClient(AppsV1Api),
    objects: KubernetesObjectApi.makeApiClient(config),
  }
}

/** `kubectl` for one context, named in each call. */
export function kubectlArgs(kube: Pick<Kube, 'context'>, kubeconfig: string | undefined): readonly string[] {
  return ['--context', kube.context, ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig])]
}

/** Milliseconds. An API server that hangs would hold a call, and whoever waits for its end, for five minutes. */
const callTimeout = 30_000

/**
 * One answer of the API server. That it is asked too much (429), it says of calls that it has not begun: while it reads
 * the objects of a kind after its start, and when others ask a lot. The call is made again when it says.
 */
async function call<T>(ask: () => Promise<T>): Promise<T> {
  const end = performance.now() + callTimeout
  for (;;) {
    try {
      return await within(ask(), callTimeout)
    } catch (error) {
      const { headers = {} } = (error ?? {}) as { headers?: Readonly<Record<string, string>> }
      const wait = Number(headers['retry-after'] ?? 1) * 1000
      if (statusOf(error) !== 429 || !(performance.now() + wait < end)) throw error
      await new Promise(resolve => setTimeout(resolve, wait))
    }
  }
}

export interface Selection {
  readonly kind: Kind
  readonly namespace?: string
  readonly name?: string
  readonly labelSelector?: string
}

/** The objects of a selection as plain JSON, and the version of the list. */
export async function list(
  kube: Kube,
  what: Selection,
): Promise<{ items: readonly KubeObject[]; resourceVersion: string }> {
  const { kind, namespace, name, labelSelector } = what
  const fieldSelector = name === undefined ? undefined : `metadata.name=${name}`
  const none = undefined
  const answer = await call(() =>
    kube.objects.list(kind.apiVersion, kind.kind, namespace, none, none, none, fieldSelector, labelSelector),
  )
  // Typed classes with Date fields become what a watch sends.
  const items = JSON.parse(JSON.stringify(answer.items)) as KubeObject[]
  return { items, resourceVersion: answer.metadata?.resourceVersion ?? '' }
}

/** One object, or undefined where there is none. */
export async function read(kube: Kube, kind: Kind, name: string, namespace?: string): Promise<KubeObject | undefined> {
  try {
    const metadata = namespace === undefined ? { name } : { name, namespace }
    const object = await call(() => kube.objects.read({ apiVersion: kind.apiVersion, kind: kind.kind, metadata }))
    return JSON.parse(JSON.stringify(object)) as KubeObject
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}

/** Server-side apply: makes the object, or changes only what `object` names. */
export async function apply(kube: Kube, object: KubeObject, fieldManager = 'flask-api-up'): Promise<void> {
  await patch(kube, object, 'ServerSideApply', { fieldManager, force: true })
}

export async function mergePatch(kube: Kube, object: KubeObject): Promise<void> {
  await patch(kube, object, 'MergePatch')
}

async function patch(
  kube: Kube,
  object: KubeObject,
  strategy: keyof typeof PatchStrategy,
  { fieldManager, force }: { readonly fieldManager?: string; readonly force?: boolean } = {},
): Promise<void> {
  const sent = object as unknown as KubernetesObject
  const { PatchStrategy } = await import('@kubernetes/client-node')
  const how = PatchStrategy[strategy]
  await call(() => kube.objects.patch(sent, undefined, undefined, fieldManager, force, how))
}

/** Deletes an object; one that is gone already is fine. */
export async function remove(
  kube: Kube,
  object: KubeObject,
  propagation: 'Background' | 'Foreground' = 'Background',
): Promise<void> {
  const sent = object as unknown as KubernetesObject
  try {
    await call(() => kube.objects.delete(sent, undefined, undefined, undefined, undefined, propagation))
  } catch (error) {
    if (statusOf(error) !== 404) throw error
  }
}

export function statusOf(error: unknown): number | undefined {
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown }
  if (typeof code === 'number') return code
  return typeof statusCode === 'number' ? statusCode : undefined
}
