// Installs the pinned Argo CD, asks it to look at Git, and waits for what it says about the Applications.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { kinds, type Kube, type KubeObject, list, mergePatch, read } from './kube.ts'
import { names } from './manifests.ts'
import { messageOf, Problem, usageProblem } from './problem.ts'
import type { Run } from './shell.ts'
import { type Wait, watchUntil } from './watch.ts'

export interface Release {
  readonly version: string
  readonly url: string
  readonly sha256: string
}

export interface Manifest {
  readonly text: string
  readonly sha256: string
  /** The file that kubectl applies. */
  readonly file: string
  readonly source: string
}

export function readRelease(root: string): Release {
  const file = join(root, 'argocd/install/release.json')
  const release = JSON.parse(readFileSync(file, 'utf8')) as Partial<Release>
  const { version, url, sha256 } = release
  if (version === undefined || url === undefined || !/^[0-9a-f]{64}$/.test(sha256 ?? '')) {
    throw usageProblem(`${file}: version, url and a sha256 of 64 hex digits are needed`)
  }
  return { version, url, sha256: sha256 as string }
}

/**
 * The install manifest: the pinned release, whose checksum is verified, or `override` (a file or URL), whose checksum is
 * the business of whoever names it. A verified download is kept in `cache`.
 */
export async function loadManifest(
  release: Release,
  override: string | undefined,
  cache: string,
  signal: AbortSignal,
): Promise<Manifest> {
  if (override !== undefined) {
    const text = /^https?:/.test(override) ? await download(override, signal) : readOverride(override)
    const file = join(cache, 'argocd-override.yaml')
    keep(file, text)
    return { text, sha256: digest(text), file, source: override }
  }
  const file = join(cache, `argocd-${release.sha256.slice(0, 16)}.yaml`)
  if (existsSync(file)) {
    const text = readFileSync(file, 'utf8')
    if (digest(text) === release.sha256) return { text, sha256: release.sha256, file, source: release.url }
  }
  const text = await download(release.url, signal)
  const sha256 = digest(text)
  if (sha256 !== release.sha256) {
    throw new Problem(`the Argo CD manifest is not the pinned one`, {
      details: `${release.url}\nsha256 expected: ${release.sha256}\nsha256 received: ${sha256}`,
      advice: [
        'Nothing was applied. Try again; if it stays like this, compare argocd/install/release.json with the release page.',
      ],
    })
  }
  keep(file, text)
  return { text, sha256, file, source: release.url }
}

const maximumBytes = 20 * 1024 * 1024

async function download(url: string, signal: AbortSignal): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(60_000)]) })
    if (!response.ok) throw new Error(`HTTP status ${response.status}`)
    const bytes = Buffer.from(await response.arrayBuffer())
    if (bytes.length > maximumBytes) throw new Error(`more than ${maximumBytes} bytes`)
    return bytes.toString('utf8')
  } catch (error) {
    signal.throwIfAborted()
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
    throw new Problem(`the Argo CD manifest could not be downloaded: ${messageOf(error)}${cause}`, {
      details: url,
      advice: ['Check the connection, or name a copy: --argocd-manifest FILE.'],
    })
  }
}

function readOverride(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw usageProblem(`--argocd-manifest ${file} cannot be read: ${messageOf(error)}`)
  }
}

function keep(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.${process.pid}`, text)
  renameSync(`${file}.${process.pid}`, file)
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The images a manifest names. */
export function listImages(manifest: string): readonly string[] {
  const found = [...manifest.matchAll(/^\s*(?:- )?image: *["']?([^\s"'#]+)/gm)].map(([, image]) => image as string)
  return [...new Set(found)].sort()
}

/** The CustomResourceDefinitions of a manifest, as text: parsing two megabytes to print them again would cost a second. */
export function selectCrds(manifest: string): string {
  return manifest
    .split(/^---$/m)
    .filter(document => /^kind: CustomResourceDefinition$/m.test(document))
    .join('\n---\n')
}

/** True where an Argo CD answers that nobody here installed. */
export async function hasArgocd(kube: Kube): Promise<boolean> {
  const crd = await read(kube, kinds.crd, 'applications.argoproj.io')
  if (crd === undefined) return false
  return (await read(kube, kinds.statefulSet, 'argocd-application-controller', names.namespace)) !== undefined
}

/** `kubectl` for one context, named in each call. */
export function kubectlArgs(kube: Pick<Kube, 'context'>, kubeconfig: string | undefined): readonly string[] {
  return ['--context', kube.context, ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig])]
}

export async function installArgocd(
  run: Run,
  kube: Kube,
  kubeconfig: string | undefined,
  root: string,
  manifest: Manifest,
): Promise<void> {
  const target = kubectlArgs(kube, kubeconfig)
  await run('kubectl', [
    ...target,
    'apply',
    '--server-side',
    '--force-conflicts',
    '-f',
    join(root, 'argocd/install/namespace.yaml'),
  ])
  await run(
    'kubectl',
    [...target, 'apply', '-n', names.namespace, '--server-side', '--force-conflicts', '-f', manifest.file],
    {
      timeout: 180_000,
    },
  )
}

/** Deployments and StatefulSets of Argo CD, all of them ready. */
export async function waitForArgocd(
  kube: Kube,
  wait: Omit<Wait, 'unmet'>,
  note: (text: string) => void,
): Promise<void> {
  const { namespace } = names
  await watchUntil(
    kube,
    { kind: kinds.statefulSet, namespace },
    { ...wait, unmet: 'Argo CD was not ready' },
    objects => (objects.length > 0 && objects.every(isReady) ? true : undefined),
  )
  await watchUntil(
    kube,
    { kind: kinds.deployment, namespace },
    { ...wait, unmet: 'Argo CD was not ready' },
    objects => {
      const ready = objects.filter(isReady).length
      note(`${ready} of ${objects.length} ready`)
      return objects.length > 0 && ready === objects.length ? true : undefined
    },
  )
}

interface WorkloadStatus {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly updatedReplicas?: number
  readonly availableReplicas?: number
}

/** A Deployment or StatefulSet whose newest template runs in all wanted replicas and in no others. */
export function isReady(object: KubeObject): boolean {
  const wanted = (object.spec as { replicas?: number }).replicas ?? 1
  const status = (object.status ?? {}) as WorkloadStatus
  return (
    (status.observedGeneration ?? 0) >= (object.metadata.generation ?? 0) &&
    (status.updatedReplicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted
  )
}

export async function listApplications(kube: Kube): Promise<readonly KubeObject[]> {
  return (await list(kube, { kind: kinds.application, namespace: names.namespace })).items
}

/** Makes Argo CD compare with Git at once instead of at its next poll. */
export async function refresh(kube: Kube, applications: readonly string[]): Promise<void> {
  await Promise.all(
    applications.map(name =>
      mergePatch(kube, {
        apiVersion: kinds.application.apiVersion,
        kind: kinds.application.kind,
        metadata: { name, namespace: names.namespace, annotations: { 'argocd.argoproj.io/refresh': 'normal' } },
      }),
    ),
  )
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
}

interface ApplicationObject {
  readonly destination?: { readonly namespace?: string }
  readonly sync?: { readonly status?: string; readonly revision?: string }
  readonly health?: { readonly status?: string }
  readonly operationState?: { readonly phase?: string; readonly message?: string }
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
  }
}

/** Waits until `accept` holds for each named Application. */
export async function waitForApplications(
  kube: Kube,
  applications: readonly string[],
  wait: Wait,
  accept: (status: ApplicationStatus) => boolean,
  note: (text: string) => void = () => {},
): Promise<readonly ApplicationStatus[]> {
  return watchUntil(kube, { kind: kinds.application, namespace: names.namespace }, wait, objects => {
    const statuses = objects.map(readApplication).filter(({ name }) => applications.includes(name))
    const accepted = statuses.filter(accept)
    note(applications.map(name => describe(name, statuses)).join(', '))
    return accepted.length === applications.length ? accepted : undefined
  })
}

function describe(name: string, statuses: readonly ApplicationStatus[]): string {
  const status = statuses.find(one => one.name === name)
  return status === undefined ? `${name} absent` : `${name} ${status.sync}/${status.health}`
}

export function isSettled(revision: string): (status: ApplicationStatus) => boolean {
  return status =>
    status.sync === 'Synced' &&
    status.health === 'Healthy' &&
    status.revision === revision &&
    status.operation !== 'Running'
}
