// Removes what `up` made, and nothing else.

import { existsSync } from 'node:fs'
import { loadManifest, readRelease } from './argocd/manifest.ts'
import { isOwn } from './ensure-cluster.ts'
import { stopGitServer } from './git/git-server.ts'
import { connect, type Kube, type KubeObject, kinds, kubectlArgs, list, mergePatch, read, remove } from './kube.ts'
import { names } from './manifests.ts'
import { messageOf, Problem } from './problem.ts'
import type { Progress } from './progress.ts'
import { providers } from './provider/choose.ts'
import { listUnsaved, removeRemote } from './git/repository.ts'
import { explainTermination, waitForAbsence } from './rollout.ts'
import { createRun, type Run } from './shell.ts'
import { kubeconfigOf, openStore, type State, type Store } from './state.ts'

export interface DownOptions {
  readonly root: string
  readonly stateRoot?: string
  readonly name: string
  /** Also where commits would be lost. */
  readonly force: boolean
  readonly argocdManifest?: string | undefined
  readonly signal: AbortSignal
  readonly progress: Progress
}

/** Returns what was removed; nothing where there was nothing. */
export async function takeDown(options: DownOptions): Promise<readonly string[]> {
  const { root, name, signal, progress } = options
  const store = openStore(options.stateRoot ?? root, name)
  if (!existsSync(store.folder)) return []
  const run = createRun(signal)
  const unlock = store.lock()
  const removed: string[] = []
  const step = async (title: string, work: () => Promise<unknown>) => {
    await progress.step(title, work)
    removed.push(title)
  }
  try {
    const state = store.read()
    if (state !== undefined) {
      if (!options.force) await requireSaved(run, root, store, state.remote ?? 'cluster')
      const provider = providers[state.provider]
      if (state.cluster === 'found') await removeFromExisting({ ...options, run, store, state }, step)
      else if (state.cluster !== 'none') {
        await provider.require(run)
        const there = await provider.exists(run, name)
        if (there && !(await isOwn(provider, run, name, state))) {
          progress.warn(`The cluster ${name} was not made from this checkout, and stays.`)
        } else if (there) {
          await step(`${state.provider} cluster ${name}`, () => provider.remove(run, name, store.kubeconfig))
        }
      }
      if (state.gitPort !== undefined && (await stopGitServer(store, state.gitListen ?? '127.0.0.1', state.gitPort)))
        removed.push('Git server')
      if (await removeRemote(run, root, store, state.remote ?? 'cluster'))
        removed.push(`remote ${state.remote ?? 'cluster'}`)
    }
    store.remove()
    return removed
  } finally {
    unlock()
  }
}

async function requireSaved(run: Run, root: string, store: Store, remote: string): Promise<void> {
  const unsaved = await listUnsaved(run, root, store)
  if (unsaved.length === 0) return
  throw new Problem(
    `${unsaved.length} commits were pushed to ${remote} and are in no branch of this checkout; nothing was removed`,
    {
      details: unsaved.slice(0, 20).join('\n'),
      advice: [
        `Keep them: git fetch ${JSON.stringify(store.repository)} "refs/heads/*:refs/heads/kept/*" "refs/tags/*:refs/tags/*"`,
        'Or give them up: npm run down -- --force',
      ],
    },
  )
}

interface Existing extends DownOptions {
  readonly run: Run
  readonly store: Store
  readonly state: State
}

type Step = (title: string, work: () => Promise<unknown>) => Promise<void>

/** A cluster of somebody else: each object that was applied, in an order that leaves no finalizer without its controller. */
async function removeFromExisting(work: Existing, step: Step): Promise<void> {
  const { state, store, signal } = work
  const kube = connect(state.context, kubeconfigOf(state, store))
  work.progress.info(`  ${state.context}: ${kube.server}`)
  const made = state.made ?? []
  // Gone when an earlier `down` was stopped after it had removed Argo CD.
  const isServed = (await read(kube, kinds.crd, 'applications.argoproj.io')) !== undefined
  const of = (kind: string) => made.filter(object => object.kind === kind && (isServed || kind === 'Namespace'))
  const wait = { timeout: 120_000, signal }
  const { namespace } = names
  if (of('Application').length > 0) {
    await step('Applications', async () => {
      for (const object of of('Application')) {
        const { items } = await list(kube, { kind: kinds.application, namespace, name: object.metadata.name })
        // Without the finalizer, prod's API would stay behind with nobody to look after it.
        if (items.length > 0 && object.cascade === true) await mergePatch(kube, withFinalizer(object))
        await remove(kube, object)
      }
      for (const { metadata } of of('Application')) {
        const unmet = `Application ${metadata.name} was not deleted`
        await waitForAbsence(kube, { kind: kinds.application, namespace, name: metadata.name }, { ...wait, unmet })
      }
    })
  }
  for (const object of of('AppProject')) await remove(kube, object)
  if (state.argocd === 'installed' || state.argocd === 'installing') await step('Argo CD', () => uninstall(work, kube))
  for (const object of of('Namespace')) {
    await step(`namespace ${object.metadata.name}`, () => removeNamespace(kube, object, wait))
  }
}

function withFinalizer({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata: { ...metadata, finalizers: ['resources-finalizer.argocd.argoproj.io'] } }
}

async function uninstall({ run, root, store, state, argocdManifest, signal }: Existing, kube: Kube): Promise<void> {
  const manifest = await loadManifest(readRelease(root), argocdManifest, `${store.folder}/../downloads`, signal)
  const args = [
    ...kubectlArgs(kube, kubeconfigOf(state, store)),
    'delete',
    '--namespace',
    names.namespace,
    '--ignore-not-found',
    '-f',
    manifest.file,
  ]
  await run('kubectl', args, { timeout: 180_000 })
}

async function removeNamespace(
  kube: Kube,
  object: KubeObject,
  wait: { timeout: number; signal: AbortSignal },
): Promise<void> {
  const { name } = object.metadata
  await remove(kube, object)
  try {
    await waitForAbsence(kube, { kind: kinds.namespace, name }, { ...wait, unmet: `namespace ${name} was not deleted` })
  } catch (error) {
    wait.signal.throwIfAborted()
    const { items } = await list(kube, { kind: kinds.namespace, name })
    throw new Problem(messageOf(error), {
      details: items.flatMap(explainTermination).join('\n'),
      advice: ['Something in it has a finalizer that nobody answers. Remove the finalizer, then run this again.'],
    })
  }
}
