// Sees to it that Argo CD is there and ready, whatever an earlier run left of it.

import { join } from 'node:path'
import { hasImage } from '../image.ts'
import { type Kube, kinds, kubectlArgs, read } from '../kube/kube.ts'
import { names, type DesiredState } from '../desired-state.ts'
import { messageOf, usageProblem } from '../../command/problem.ts'
import type { Progress } from '../../command/progress.ts'
import type { Provider } from '../provider/provider.ts'
import { isReady } from '../kube/rollout.ts'
import type { Run } from '../shell.ts'
import { kubeconfigOf, type State, type Store } from '../state/state.ts'
import { type Wait, watchUntil } from '../kube/watch.ts'
import { keepApplied, listImages, type Manifest } from './manifest.ts'

export interface WantedArgocd {
  readonly provider: Provider
  readonly run: Run
  readonly store: Store
  readonly kube: Kube
  readonly tree: DesiredState
  readonly manifest: Manifest
  /** Of the cluster. */
  readonly name: string
  readonly signal: AbortSignal
  readonly progress: Progress
}

const deadline = 300_000

export async function ensureArgocd(wanted: WantedArgocd, state: State): Promise<State> {
  const { run, store, kube, provider, tree, manifest, progress, signal } = wanted
  const complete = state.argocd === 'installed' && state.argocdManifest === manifest.sha256
  if (state.argocd === 'found' || (state.argocd === 'none' && (await hasArgocd(kube)))) {
    progress.info('  Argo CD is there already and stays as it is.')
    return store.write({ ...state, argocd: 'found' })
  }
  if (provider.name === 'existing' && state.argocd === 'none' && (await hasDefinitions(kube))) {
    throw usageProblem(
      `${kube.context} has the definitions of an Argo CD that is not in the namespace ${names.namespace}`,
      'Installing a second one would take over its definitions and roles. Nothing was changed.',
      'Choose another cluster, or apply argocd/ by the Argo CD that is there.',
    )
  }
  // A cluster made here goes as a whole.
  if (provider.name === 'existing') keepApplied(store.folder, manifest)
  if (complete && (await hasArgocd(kube))) {
    await waitForArgocd(kube, { timeout: deadline, signal }, () => {})
    return state
  }
  return progress.step('Argo CD', async note => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: names.namespace } }
    const before = (state.made ?? []).filter(
      ({ kind, metadata }) => `${kind}/${metadata.name}` !== `Namespace/${names.namespace}`,
    )
    const ours =
      before.length < (state.made ?? []).length || (await read(kube, kinds.namespace, names.namespace)) === undefined
    const made = ours ? [...before, namespace] : before
    const installing = store.write({ ...state, argocd: 'installing', made })
    if (provider.name !== 'existing') await preload(wanted)
    const target = kubectlArgs(kube, kubeconfigOf(state, store))
    // The labels of a namespace that was there before are its owner's.
    if (ours) await applyFile(run, target, join(tree.folder, 'argocd/install/namespace.yaml'))
    await applyFile(run, [...target, '--namespace', names.namespace], manifest.file)
    await waitForArgocd(kube, { timeout: deadline, signal }, note)
    return store.write({ ...installing, argocd: 'installed', argocdManifest: manifest.sha256 })
  })
}

/** What this machine has need not be pulled again by the cluster; what cannot be loaded is pulled. */
async function preload({ provider, run, manifest, name, signal, progress }: WantedArgocd): Promise<void> {
  const images = listImages(manifest.text)
  const local = await Promise.all(images.map(async image => ((await hasImage(run, image)) ? [image] : [])))
  if (local.flat().length === 0) return
  try {
    await provider.load(run, name, local.flat())
  } catch (error) {
    signal.throwIfAborted()
    progress.warn(`Argo CD's images could not be loaded, and are pulled by the cluster: ${messageOf(error)}`)
  }
}

async function hasDefinitions(kube: Kube): Promise<boolean> {
  return (await read(kube, kinds.crd, 'applications.argoproj.io')) !== undefined
}

/** True where an Argo CD answers that nobody here installed. */
export async function hasArgocd(kube: Kube): Promise<boolean> {
  if (!(await hasDefinitions(kube))) return false
  return (await read(kube, kinds.statefulSet, 'argocd-application-controller', names.namespace)) !== undefined
}

async function applyFile(run: Run, target: readonly string[], file: string): Promise<void> {
  await run('kubectl', [...target, 'apply', '--server-side', '--force-conflicts', '-f', file], { timeout: 180_000 })
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
