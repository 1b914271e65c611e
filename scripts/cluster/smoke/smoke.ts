// The smoke test: a cluster of its own, the commit's image, every manifest accepted by the API server, dev answering; then all of it gone.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kubectlArgs } from '../kube/kube.ts'
import { loadManifest, readRelease } from '../argocd/manifest.ts'
import { settleAll } from '../concurrency.ts'
import { diagnose, keepLogs } from '../kube/diagnostics.ts'
import { dryRunAll, prepare } from './dry-run.ts'
import { type Call, callBothRoutes, forward, openDoor } from '../kube/http.ts'
import { buildImage, nameImage } from '../image.ts'
import { connect, type Kube } from '../kube/kube.ts'
import {
  type SyncedEnvironment,
  exportCommit,
  names,
  readDesiredState,
  splitImage,
  type DesiredState,
} from '../desired-state.ts'
import { findPortRange } from '../ports.ts'
import { extendProblem, messageOf, Problem } from '../../command/problem.ts'
import type { Progress } from '../../command/progress.ts'
import { kind } from '../provider/kind.ts'
import { nodePorts } from '../provider/provider.ts'
import { gitDirOf, readHead } from '../git/repository.ts'
import { waitForRollout } from '../kube/rollout.ts'
import { createRun, type Run } from '../shell.ts'
import { ensureStateRoot } from '../state/state.ts'

export interface SmokeOptions {
  readonly root: string
  readonly nodeImage?: string | undefined
  readonly argocdManifest?: string | undefined
  readonly buildArgs: readonly string[]
  /** Leaves the cluster for a look at it. */
  readonly keep: boolean
  readonly logs: string
  readonly signal: AbortSignal
  readonly progress: Progress
}

export interface SmokeResult {
  readonly cluster: string
  readonly kubeconfig: string
  readonly dryRuns: readonly string[]
  readonly unchecked: readonly string[]
  readonly warnings: readonly string[]
  /** Calls by the way they took. */
  readonly calls: readonly { readonly by: string; readonly url: string; readonly calls: readonly Call[] }[]
}

export async function smokeTest(options: SmokeOptions): Promise<SmokeResult> {
  const { root, signal, progress } = options
  const run = createRun(signal)
  await kind.require(run)
  const commit = await readHead(run, root)
  const folder = mkdtempSync(join(tmpdir(), 'flask-api-smoke-'))
  const cluster = `flask-api-smoke-${process.pid}-${Date.now().toString(36)}`
  const kubeconfig = join(folder, 'kubeconfig')
  let failed = true
  try {
    const gitDir = await gitDirOf(run, root)
    await exportCommit(run, gitDir, commit, folder)
    const tree = await readDesiredState(join(folder, 'tree'), commit)
    const reference = await nameImage(run, gitDir, commit, options.buildArgs)
    const result = await exercise({ ...options, run, tree, reference, cluster, kubeconfig, folder })
    failed = false
    return result
  } finally {
    if (failed && !signal.aborted) await keepLogs(cluster, options.logs, progress)
    if (options.keep && !signal.aborted) {
      progress.info(`  The cluster ${cluster} is kept: kubectl --kubeconfig ${kubeconfig} get pods -A`)
      progress.info(`  When it is not needed any more: kind delete cluster --name ${cluster}`)
    } else {
      const removal = progress
        .step('cluster deleted', () => removeCluster(cluster, kubeconfig))
        .finally(() => rmSync(folder, { recursive: true, force: true }))
      // What went wrong before is what is reported.
      await (failed ? removal.catch(warnOf(progress, cluster)) : removal)
    }
  }
}

function warnOf(progress: Progress, cluster: string): (error: unknown) => void {
  return error => progress.warn(`the cluster ${cluster} could not be removed: ${messageOf(error)}`)
}

/** With a signal of its own: it also has to work after Ctrl-C. */
async function removeCluster(cluster: string, kubeconfig: string): Promise<void> {
  await kind.remove(createRun(AbortSignal.timeout(120_000)), cluster, kubeconfig)
}

interface Work extends SmokeOptions {
  readonly run: Run
  readonly tree: DesiredState
  readonly reference: string
  readonly cluster: string
  readonly kubeconfig: string
  readonly folder: string
}

async function exercise(work: Work): Promise<SmokeResult> {
  const { run, tree, reference, cluster, kubeconfig, progress, signal, nodeImage } = work
  const hostPort = await findPortRange(
    nodePorts.count,
    Array.from({ length: 50 }, (_, index) => 20_080 + index * 100),
  )
  const downloads = join(ensureStateRoot(work.root), 'downloads')
  const manifest = await loadManifest(readRelease(tree.folder), work.argocdManifest, downloads, signal)
  await settleAll([
    progress.step('cluster', () =>
      kind.create(run, { name: cluster, kubeconfig, hostPort, ...(nodeImage === undefined ? {} : { nodeImage }) }),
    ),
    progress.step('image', async note => {
      const built = await buildImage(run, join(tree.folder, 'app'), reference, work.buildArgs)
      note(`${reference}${built ? '' : ', built before'}`)
    }),
  ])
  const kube = await connect(kind.contextOf(cluster), kubeconfig)
  const [dev] = tree.environments.filter(({ path }) => path === 'overlays/dev')
  if (dev === undefined) throw new Problem('no Application in apps/ syncs overlays/dev')
  try {
    await progress.step('image into the cluster', () => loadAs(work, dev.image))
    await progress.step('namespaces and CRDs', () => prepare(run, kube, kubeconfig, tree, manifest.text, signal))
    const checked = await progress.step('server-side dry run of everything', async note => {
      const result = await dryRunAll(run, kube, kubeconfig, tree, dev.namespace)
      note(`${result.dryRuns.length} folders, ${result.warnings.length} warnings`)
      return result
    })
    await progress.step('kubectl apply -k overlays/dev', () =>
      run('kubectl', [...kubectlArgs(kube, kubeconfig), 'apply', '-k', runnable(work, dev)]),
    )
    await progress.step('rollout', note =>
      waitForRollout(kube, dev.namespace, names.deployment, { timeout: 120_000, signal }, note),
    )
    const calls = await progress.step('both routes from outside', async note => {
      const answers = await callFromOutside(kube, dev.namespace, hostPort, signal)
      note(answers.map(({ by }) => by).join(', '))
      return answers
    })
    return { cluster, kubeconfig, ...checked, calls }
  } catch (error) {
    signal.throwIfAborted()
    const problem = error instanceof Problem ? error : new Problem(messageOf(error), { cause: error })
    const details = await diagnose(kube, [dev.namespace])
    mkdirSync(join(work.logs, cluster), { recursive: true })
    writeFileSync(join(work.logs, cluster, 'diagnosis.txt'), `${problem.message}\n${problem.details}\n${details}\n`)
    throw extendProblem(problem, {
      details,
      advice: [`The logs of the cluster are kept in ${join(work.logs, cluster)}.`],
    })
  }
}

/** Loads the image, and names it in the node as Git does: a tag of the user's own engine is never moved. */
async function loadAs({ run, cluster, reference }: Work, named: string): Promise<void> {
  await kind.load(run, cluster, [reference])
  if (splitImage(named).digest !== undefined) return
  const full = (image: string) =>
    /^[^/]+[.:][^/]*\//.test(image) ? image : `docker.io/${image.includes('/') ? '' : 'library/'}${image}`
  const node = `${cluster}-control-plane`
  await run('docker', [
    'exec',
    node,
    'ctr',
    '--namespace',
    'k8s.io',
    'images',
    'tag',
    '--force',
    full(reference),
    full(named),
  ])
}

/** The overlay itself; where it names a digest, which only a registry can serve, a copy that names the built image. */
function runnable({ folder, tree, reference }: Work, { path, image }: SyncedEnvironment): string {
  const overlay = join(tree.folder, path)
  const { name, digest } = splitImage(image)
  if (digest === undefined) return overlay
  const wrapper = join(folder, 'wrapper')
  mkdirSync(wrapper)
  const built = splitImage(reference)
  const kustomization = {
    resources: [join('..', 'tree', path)],
    images: [{ name, newName: built.name, newTag: built.tag }],
  }
  writeFileSync(join(wrapper, 'kustomization.yaml'), JSON.stringify(kustomization))
  return wrapper
}

/** By the mapped host port, as on any machine; and through the API server, where no address of the cluster is reachable. */
async function callFromOutside(
  kube: Kube,
  namespace: string,
  hostPort: number,
  signal: AbortSignal,
): Promise<SmokeResult['calls']> {
  const results: SmokeResult['calls'][number][] = []
  for (const open of [
    () => openDoor(kube, namespace, names.service, { hostPort, signal }),
    () => forward(kube, namespace, names.service),
  ]) {
    const door = await open()
    try {
      results.push({ by: door.by, url: door.url, calls: await callBothRoutes(door.url, signal) })
    } finally {
      await door.close()
    }
  }
  return results
}
