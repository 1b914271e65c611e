// Has Argo CD bring every environment to one source, and waits until it says so of that source and no earlier one.

import {
  type ApplicationStatus,
  follows,
  isAsked,
  isSettled,
  isStuck,
  listApplications,
  readApplication,
  refresh,
  restartSync,
  type Source,
} from '../argocd/applications.ts'
import { readBranchNow } from '../git/repository.ts'
import { apply, type Kube, type KubeObject, kinds } from '../kube/kube.ts'
import { readAdjustments } from '../adjustments.ts'
import { chooseImages, names, overrideRoot, type DesiredState } from '../desired-state.ts'
import { Problem } from '../../command/problem.ts'
import type { Progress } from '../../command/progress.ts'
import type { State } from '../state/state.ts'
import { watchUntil } from '../kube/watch.ts'

export interface WantedSync {
  readonly kube: Kube
  readonly tree: DesiredState
  readonly state: State
  /** What Argo CD is to follow at `state.gitUrl`. */
  readonly revision: string
  /** The bare repository it reads; undefined for a real remote, whose newest commit may not be this checkout's. */
  readonly repository: string | undefined
  readonly signal: AbortSignal
  readonly progress: Progress
}

const deadlines = { applications: 300_000, restart: 30_000 } as const

export async function syncAll(wanted: WantedSync): Promise<readonly ApplicationStatus[]> {
  const { kube, tree, state, revision, signal } = wanted
  const root = tree.root.metadata.name
  const environments = tree.environments.map(({ name }) => name)
  const images = chooseImages(state.images, tree.environments)
  const { patches, leftOut } = await readAdjustments(kube, state, tree)
  for (const one of leftOut) wanted.progress.info(`  Left out of ${one}: this cluster does not know the kind.`)
  const source = { repoURL: state.gitUrl ?? '', targetRevision: revision }
  const settled = (status: ApplicationStatus): boolean => {
    if (!isSettled(status.revision)(status) || !follows(status, source)) return false
    // Pushed while this waits: the hook of the push has chosen the images of that commit.
    if (isNewHead(wanted, status.revision)) return true
    if (wanted.repository !== undefined && status.revision !== tree.commit) return false
    return follows(status, { ...source, kustomize: { images: images[status.name] ?? [] } })
  }
  return wanted.progress.step('environments', async note => {
    for (const object of overrideRoot(tree, { url: source.repoURL, revision, images, patches })) {
      // Others may use the built-in project of an Argo CD that was there before.
      if (state.argocd === 'found' && object.kind === 'AppProject' && object.metadata.name === 'default') continue
      await apply(kube, object)
    }
    const there = (await listApplications(kube)).filter(({ metadata }) => environments.includes(metadata.name))
    const open = there.filter(application => !settled(readApplication(application)))
    if (open.length > 0 || there.length < environments.length) {
      const restart = { timeout: deadlines.restart, signal }
      await Promise.all(open.filter(isStuck).map(application => restartSync(kube, application, restart)))
      await refresh(kube, [root, ...there.map(({ metadata }) => metadata.name)])
    }
    const wait = { timeout: deadlines.applications, signal, unmet: 'not every environment was Synced and Healthy' }
    return watchUntil(kube, { kind: kinds.application, namespace: names.namespace }, wait, objects => {
      refuseUnreadable(
        wanted,
        objects.find(({ metadata }) => metadata.name === root),
      )
      const statuses = objects.map(readApplication).filter(({ name }) => environments.includes(name))
      note(environments.map(name => describe(name, statuses, source)).join(', '))
      const done = statuses.filter(settled)
      return done.length === environments.length ? done : undefined
    })
  })
}

function isNewHead({ repository, tree }: WantedSync, revision: string): boolean {
  return repository !== undefined && revision !== tree.commit && revision === readBranchNow(repository)
}

function describe(name: string, statuses: readonly ApplicationStatus[], source: Source): string {
  const status = statuses.find(one => one.name === name)
  if (status === undefined) return `${name} absent`
  return follows(status, source) ? `${name} ${status.sync}/${status.health}` : `${name} not compared yet`
}

/** What no waiting mends. Any other failure to read Git may pass. */
const unreadable =
  /^ComparisonError: .*(repository not found|no such host|authentication|permission denied|unable to resolve .* to a commit|path does not exist)/is

/** A remote that was named wrongly is said at once, not after five minutes. */
function refuseUnreadable({ repository, state, revision }: WantedSync, root: KubeObject | undefined): void {
  // Until it has looked again, Argo CD shows what it found before.
  if (repository !== undefined || root === undefined || isAsked(root)) return
  const status = readApplication(root)
  if (!follows(status, { repoURL: state.gitUrl ?? '', targetRevision: revision })) return
  const reason = status.messages.find(message => unreadable.test(message))
  if (reason === undefined) return
  throw new Problem(`Argo CD cannot read ${state.gitUrl} at ${revision}`, {
    details: reason,
    advice: [
      'Is it written right, and may Argo CD read it? A private repository needs credentials in Argo CD.',
      'Give the right one: --repo-url URL --revision REVISION.',
      ...(state.provider === 'existing' ? [] : ["Or go back to the cluster's own repository: --repo-url="]),
    ],
  })
}
