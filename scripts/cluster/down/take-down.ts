// Removes what `up` made, and nothing else.

import { existsSync } from 'node:fs'
import { key } from '../argocd/claim.ts'
import { isOwn } from '../up/ensure-cluster.ts'
import { stopGitServer } from '../git/git-server.ts'
import { Problem } from '../../command/problem.ts'
import type { Progress } from '../../command/progress.ts'
import { providers } from '../provider/choose.ts'
import { listUnsaved, removeRemote } from '../git/repository.ts'
import { isInstalled, removeObjects } from './remove-objects.ts'
import { createRun, type Run } from '../shell.ts'
import { openStore, type State, type Store } from '../state/state.ts'

export interface DownOptions {
  readonly root: string
  readonly stateRoot?: string
  readonly name: string
  /** Also where commits would be lost. */
  readonly force: boolean
  /** Only what is on this machine: the cluster is gone for good, or is to stay. */
  readonly local?: boolean
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
      if (options.local === true) progress.warn(describeLeft(state))
      else if (state.cluster === 'found') await removeObjects({ run, store, state, signal, progress, step })
      else if (state.cluster !== 'none') await removeCluster(options, run, store, state, step)
      if (state.gitPort !== undefined && (await stopGitServer(store, state.gitListen ?? '127.0.0.1', state.gitPort)))
        removed.push('Git server')
      if (await removeRemote(run, root, store, state.remote ?? 'cluster'))
        removed.push(`remote ${state.remote ?? 'cluster'}`)
    }
    store.remove()
    if (options.local === true) removed.push('what this checkout knew of it')
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

type Step = (title: string, work: () => Promise<unknown>) => Promise<void>

async function removeCluster(
  { name, progress }: DownOptions,
  run: Run,
  store: Store,
  state: State,
  step: Step,
): Promise<void> {
  const provider = providers[state.provider]
  await provider.require(run)
  const there = await provider.exists(run, name)
  if (there && !(await isOwn(provider, run, name, state))) {
    progress.warn(`The cluster ${name} was not made from this checkout, and stays.`)
  } else if (there) {
    await step(`${state.provider} cluster ${name}`, () => provider.remove(run, name, store.kubeconfig))
  }
}

function describeLeft(state: State): string {
  const { context, cluster, made = [] } = state
  if (cluster !== 'found') return `The cluster of the context ${context} stays, where it is still there.`
  const left = [...(isInstalled(state) ? ['Argo CD'] : []), ...made.map(key)]
  return `What is on ${context} stays, where it is still there: ${left.join(', ') || 'nothing was made'}.`
}
