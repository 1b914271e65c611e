// Brings a commit up on a cluster, from nothing or from wherever an earlier run stopped.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApplicationStatus } from '../argocd/applications.ts'
import { loadManifest, readRelease } from '../argocd/manifest.ts'
import { planObjects } from '../argocd/claim.ts'
import { settleAll } from '../concurrency.ts'
import { diagnose } from '../kube/diagnostics.ts'
import { ensureArgocd } from '../argocd/install.ts'
import { ensureCluster } from './ensure-cluster.ts'
import { ensureGitServer, gitUrl, stopGitServer } from '../git/git-server.ts'
import { type Call, callBothRoutes, openDoor } from '../kube/http.ts'
import { buildImage, nameImage } from '../image.ts'
import { connect, type Kube } from '../kube/kube.ts'
import { exportCommit, names, planBuilds, readDesiredState, revisionOf, type DesiredState } from '../desired-state.ts'
import { extendProblem, messageOf, Problem, usageProblem } from '../../command/problem.ts'
import type { Progress } from '../../command/progress.ts'
import { chooseProvider } from '../provider/choose.ts'
import type { Provider } from '../provider/provider.ts'
import {
  branch,
  ensureRemote,
  ensureRepository,
  gitDirOf,
  isDirty,
  publish,
  readHead,
  renameRemote,
  stage,
} from '../git/repository.ts'
import { type GivenOptions, recall } from './recall.ts'
import { requireUsableNamespaces } from '../kube/rollout.ts'
import { createRun, type Run } from '../shell.ts'
import {
  ensureStateRoot,
  kubeconfigOf,
  openStore,
  type RememberedOptions,
  type State,
  type Store,
} from '../state/state.ts'
import { syncAll } from './sync.ts'

export interface UpOptions extends GivenOptions {
  /** The checkout whose HEAD is brought up. */
  readonly root: string
  /** Where the state is kept; the checkout itself unless a test brings up a copy. */
  readonly stateRoot?: string
  readonly name: string
  /** Whom the cluster is for; the user where it is left out. */
  readonly purpose?: 'e2e'
  readonly nodeImage?: string | undefined
  readonly port?: number | undefined
  readonly signal: AbortSignal
  readonly progress: Progress
}

export interface EnvironmentResult {
  readonly name: string
  readonly namespace: string
  readonly status: ApplicationStatus
  readonly url: string | undefined
  readonly calls: readonly Call[]
}

export interface UpResult {
  readonly state: State
  readonly store: Store
  readonly kube: Kube
  readonly environments: readonly EnvironmentResult[]
  readonly remote: 'added' | 'there' | 'taken' | 'none'
  /** The checkout has changes that are not in the commit. */
  readonly dirty: boolean
}

/** How long a namespace that is being deleted is waited for. */
const terminating = 60_000

export async function bringUp(given: UpOptions): Promise<UpResult> {
  const stateRoot = given.stateRoot ?? given.root
  const store = openStore(stateRoot, given.name)
  const { options: recalled, remembered, used } = recall(given, store.read())
  const options = { ...given, ...recalled }
  const provider = chooseProvider(options.provider)
  checkOptions(provider, options)
  if (used.length > 0) options.progress.info(`  As before: ${used.join(' ')}`)
  const run = createRun(options.signal)
  await provider.require(run)
  const head = await readHead(run, options.root)
  const unlock = store.lock()
  const folder = mkdtempSync(join(tmpdir(), 'flask-api-up-'))
  try {
    return await bringUpLocked({
      ...options,
      provider,
      remembered,
      run,
      store,
      head,
      folder,
      cache: join(ensureStateRoot(stateRoot), 'downloads'),
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
    unlock()
  }
}

interface Work extends Omit<UpOptions, 'provider'> {
  readonly provider: Provider
  readonly remote: string
  readonly buildArgs: readonly string[]
  readonly remembered: RememberedOptions
  readonly run: Run
  readonly store: Store
  readonly head: string
  readonly folder: string
  readonly cache: string
}

function checkOptions(provider: Provider, { context, repoUrl, revision }: UpOptions): void {
  if (provider.name === 'existing') {
    if (context === undefined)
      throw usageProblem(
        '--provider existing: the cluster must be named',
        'Add --context NAME. `kubectl config get-contexts` lists the names.',
      )
    if (repoUrl === undefined)
      throw usageProblem(
        '--provider existing: the cluster reads Git from a real remote',
        'Add --repo-url URL (and --revision).',
      )
  } else if (context !== undefined)
    throw usageProblem(`--context belongs to --provider existing; ${provider.name} has a context of its own`)
  if (revision !== undefined && repoUrl === undefined) throw usageProblem('--revision belongs to --repo-url')
}

async function bringUpLocked(work: Work): Promise<UpResult> {
  const { provider, run, store, progress, signal } = work
  let state: State = { ...(store.read() ?? newState(work)), options: work.remembered }
  if (state.provider !== provider.name) {
    throw usageProblem(
      `${work.name} was made with ${state.provider}`,
      `Go on with --provider ${state.provider}, or npm run down, or choose another --name.`,
    )
  }
  const context = provider.contextOf(work.context ?? work.name)
  if (state.context !== context)
    throw usageProblem(
      `${work.name} belongs to the context ${state.context}, not to ${context}`,
      'Choose another --name.',
    )

  const gitDir = work.repoUrl === undefined ? store.repository : await gitDirOf(run, work.root)
  const commit = await progress.step('commit', async note => {
    const followed = work.repoUrl === undefined ? await stageHead(work) : work.head
    await exportCommit(run, gitDir, followed, work.folder)
    // A real remote decides what runs; argocd/ is of this commit.
    const meaning = work.repoUrl === undefined ? '' : `, for what is applied; the environments follow ${work.repoUrl}`
    note(`${followed.slice(0, 12)}${followed === work.head ? meaning : ', which was pushed on top of your HEAD'}`)
    return followed
  })
  const tree = await readDesiredState(join(work.folder, 'tree'), commit)
  const reference = provider.name === 'existing' ? undefined : await nameImage(run, gitDir, commit, work.buildArgs)

  // Before anything is made: a manifest that is not to be had, or not the pinned one, should cost nobody a cluster.
  const manifest = await loadManifest(readRelease(tree.folder), work.argocdManifest, work.cache, signal)
  const [clusterState] = await settleAll([
    progress.step(`cluster ${context}`, note => ensureCluster({ ...work, context, note }, state)),
    reference === undefined
      ? Promise.resolve()
      : progress.step('image', async note => {
          const built = await buildImage(run, join(tree.folder, 'app'), reference, work.buildArgs)
          note(`${reference}${built ? '' : ', built before'}`)
        }),
  ])
  state = clusterState
  const kube = await connect(context, kubeconfigOf(state, store))
  try {
    if (reference !== undefined) {
      if (!(await provider.has(run, work.name, reference))) {
        await progress.step('image into the cluster', () => provider.load(run, work.name, [reference]))
      }
      const references = tree.environments.map(({ image }) => image)
      const builds = planBuilds(state.images?.builds ?? {}, references, reference)
      state = store.write({ ...state, images: { name: tree.imageName, builds } })
    }
    const namespaces = [names.namespace, ...tree.environments.map(({ namespace }) => namespace)]
    await requireUsableNamespaces(kube, namespaces, { timeout: terminating, signal })
    state = await ensureArgocd({ ...work, kube, tree, manifest }, state)
    state = await ensureRemoteUrl(work, state)
    if (state.cluster === 'found') state = store.write({ ...state, made: await planObjects(kube, state, tree) })
    // Not before its image is in the cluster: a commit whose build fails can still be amended.
    if (work.repoUrl === undefined) await publish(run, work.root, store, commit)
    const source =
      work.repoUrl === undefined
        ? { revision: branch, repository: store.repository }
        : { revision: work.revision ?? revisionOf(tree), repository: undefined }
    const statuses = await syncAll({ kube, tree, state, ...source, signal, progress })
    state = store.write({ ...state, applied: tree.environments.map(({ name }) => name) })
    let remote: UpResult['remote'] = 'none'
    if (work.repoUrl === undefined) {
      state = await renameRemote(run, work.root, store, state, work.remote)
      remote = await ensureRemote(run, work.root, store, work.remote)
    }
    const environments = await callAll(work, state, kube, tree, statuses)
    return { state, store, kube, environments, remote, dirty: await isDirty(run, work.root) }
  } catch (error) {
    signal.throwIfAborted()
    // Refused, and nothing was tried: what the cluster says of itself explains nothing, and may be somebody else's.
    if (error instanceof Problem && error.exitCode === 2) throw error
    const problem = error instanceof Problem ? error : new Problem(messageOf(error), { cause: error })
    const details = await diagnose(kube, [names.namespace, ...tree.environments.map(({ namespace }) => namespace)])
    throw extendProblem(problem, { details, advice: adviseOnFailure(details, state, work.repoUrl) })
  }
}

function newState(work: Work): State {
  const context = work.provider.contextOf(work.context ?? work.name)
  const purpose = work.purpose === undefined ? {} : { purpose: work.purpose }
  const made = { cluster: 'none', argocd: 'none' } as const
  return { version: 1, name: work.name, ...purpose, provider: work.provider.name, context, ...made }
}

async function stageHead({ run, root, store, head }: Work): Promise<string> {
  await ensureRepository(run, store)
  return stage(run, root, store, head)
}

/** Where Argo CD reads Git: the given remote, or the server of the bare repository. */
async function ensureRemoteUrl(work: Work, state: State): Promise<State> {
  const { provider, run, store, signal } = work
  if (work.repoUrl !== undefined) return store.write({ ...state, gitUrl: work.repoUrl })
  const host = await provider.gitHost(run, work.name)
  const { gitListen, gitPort } = state
  // The engine was set up anew: pods reach this machine by another address.
  if (gitPort !== undefined && gitListen !== undefined && gitListen !== host.listen) {
    await stopGitServer(store, gitListen, gitPort)
  }
  const port = await ensureGitServer(store, host, state.gitPort, signal)
  return store.write({ ...state, gitPort: port, gitUrl: gitUrl(host, port), gitListen: host.listen })
}

async function callAll(
  work: Work,
  state: State,
  kube: Kube,
  tree: DesiredState,
  statuses: readonly ApplicationStatus[],
): Promise<readonly EnvironmentResult[]> {
  const { signal, progress } = work
  return progress.step('the API answers', note =>
    Promise.all(
      tree.environments.map(async ({ name, namespace }) => {
        const door = await openDoor(kube, namespace, names.service, { hostPort: state.hostPort, signal })
        try {
          const calls = await callBothRoutes(door.url, signal)
          note(`by ${door.by}`)
          const status = statuses.find(one => one.name === name) as ApplicationStatus
          return { name, namespace, status, url: door.by === 'port forward' ? undefined : door.url, calls }
        } finally {
          await door.close()
        }
      }),
    ),
  )
}

function adviseOnFailure(details: string, state: State, repoUrl: string | undefined): readonly string[] {
  const again = 'Run it again: it goes on from here. `npm run status` shows where it stands, `npm run down` removes it.'
  if (/ErrImageNeverPull|ImagePullBackOff|ErrImagePull/.test(details)) {
    return [
      `An image is not in the cluster and cannot be pulled. Built here: ${Object.keys(state.images?.builds ?? {}).join(', ') || 'nothing'}.`,
      again,
    ]
  }
  if (
    repoUrl === undefined &&
    /ComparisonError: .*(failed to list refs|repository not found|dial tcp|connection refused)/i.test(details)
  ) {
    return [
      `Argo CD cannot read ${state.gitUrl}. A firewall between the containers and this machine is the usual cause (ufw: \`sudo ufw allow from 172.16.0.0/12\`).`,
      again,
    ]
  }
  return [again]
}
