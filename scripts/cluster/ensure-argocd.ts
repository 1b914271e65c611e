// Sees to it that Argo CD is there and ready, whatever an earlier run left of it.

import { hasArgocd, installArgocd, waitForArgocd } from './argocd.ts'
import { listImages, type Manifest } from './argocd-manifest.ts'
import { hasImage } from './image.ts'
import { type Kube, kinds, read } from './kube.ts'
import { names, type Tree } from './manifests.ts'
import type { Progress } from './progress.ts'
import type { Provider } from './provider/provider.ts'
import type { Run } from './shell.ts'
import { kubeconfigOf, type State, type Store } from './state.ts'

export interface WantedArgocd {
  readonly provider: Provider
  readonly run: Run
  readonly store: Store
  readonly kube: Kube
  readonly tree: Tree
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
    if (provider.name !== 'existing') {
      // What this machine has need not be pulled again by the cluster.
      const images = listImages(manifest.text)
      const local = await Promise.all(images.map(async image => ((await hasImage(run, image)) ? [image] : [])))
      if (local.flat().length > 0) await provider.load(run, wanted.name, local.flat())
    }
    await installArgocd(run, kube, kubeconfigOf(state, store), tree.folder, manifest)
    await waitForArgocd(kube, { timeout: deadline, signal }, note)
    return store.write({ ...installing, argocd: 'installed', argocdManifest: manifest.sha256 })
  })
}
