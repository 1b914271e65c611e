// The post-receive hook of the remote `cluster`: makes Argo CD look at the pushed commit at once, and tells the pusher what came of it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { isSettled, listApplications, refresh, waitForApplications } from '../argocd/applications.ts'
import { nameImage } from '../image.ts'
import { apply, connect, type Kube } from '../kube/kube.ts'
import { readAdjustments } from '../adjustments.ts'
import { chooseImages, exportCommit, overrideRoot, readDesiredState, type DesiredState } from '../desired-state.ts'
import { messageOf } from '../../command/problem.ts'
import { formatSeconds } from '../../command/progress.ts'
import { findGitServer, isServedHere } from './git-server.ts'
import { branch, quietHook } from './repository.ts'
import { createRun, type Run } from '../shell.ts'
import { kubeconfigOf, openStore, type State, type Store } from '../state/state.ts'

/** How long a push waits to show that the commit was synced. Pods may take longer; `npm run status -- --watch` shows them. */
const patience = 15_000

const say = (line: string) => process.stdout.write(`${line}\n`)

async function afterPush(store: Store, state: State, commit: string): Promise<void> {
  const started = performance.now()
  const signal = AbortSignal.timeout(45_000)
  const folder = mkdtempSync(join(tmpdir(), 'flask-api-push-'))
  try {
    const run = createRun(signal)
    await exportCommit(run, store.repository, commit, folder)
    const tree = await readDesiredState(join(folder, 'tree'), commit)
    for (const line of await explainImages(run, store, state, tree)) say(line)
    const kube = await connect(state.context, kubeconfigOf(state, store))
    await applyOverrides(kube, state, tree)
    const environments = tree.environments.map(({ name }) => name)
    await refresh(kube, [tree.root.metadata.name, ...(await present(kube, environments))])
    const settled = isSettled(commit)
    const done = new Set<string>()
    await waitForApplications(
      kube,
      environments,
      { timeout: patience, signal, unmet: 'not every environment had synced' },
      status => {
        const synced = status.revision === commit && status.sync === 'Synced'
        if (synced && !done.has(status.name)) {
          done.add(status.name)
          const health = settled(status) ? 'Healthy' : status.health
          say(
            `${status.name}: synced to ${commit.slice(0, 8)} after ${formatSeconds((performance.now() - started) / 1000)}, ${health}`,
          )
        }
        return synced
      },
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What of the commit nobody runs: a push does not build. */
async function explainImages(
  run: Run,
  store: Store,
  state: State,
  { commit, environments }: DesiredState,
): Promise<string[]> {
  if (state.images === undefined) return []
  const { builds } = state.images
  const missing = environments.filter(({ image }) => builds[image] === undefined)
  if (missing.length > 0) {
    return missing.map(
      ({ name, image }) => `${name}: ${image} was not built here. npm run up builds your commit under that name.`,
    )
  }
  // Build arguments are not known here; their part of the name comes last.
  const built = await nameImage(run, store.repository, commit, [], {}).catch(() => undefined)
  if (built === undefined || environments.some(({ image }) => `${builds[image]}-`.startsWith(`${built}-`))) return []
  return ['app/ as it is in this commit runs nowhere yet: npm run up builds it.']
}

/** An environment whose commit names an image that was not built here gets what the commit names. */
async function applyOverrides(kube: Kube, state: State, tree: DesiredState): Promise<void> {
  const images = chooseImages(state.images, tree.environments)
  const { patches } = await readAdjustments(kube, state, tree)
  const objects = overrideRoot(tree, { url: state.gitUrl ?? '', revision: branch, images, patches })
  for (const object of objects) if (object.kind === 'Application') await apply(kube, object)
}

async function present(kube: Kube, environments: readonly string[]): Promise<readonly string[]> {
  const there = (await listApplications(kube)).map(({ metadata }) => metadata.name)
  return environments.filter(name => there.includes(name))
}

async function main(folder: string): Promise<void> {
  const pushed = (await text(process.stdin)).split('\n').map(line => line.split(' '))
  const commit = pushed.find(([, , ref]) => ref === `refs/heads/${branch}`)?.[1]
  if (process.env[quietHook] === '1') return
  if (commit === undefined) {
    say(`Argo CD follows ${branch} only: push to it, as \`git push\` to this remote does by itself.`)
    return
  }
  if (/^0+$/.test(commit)) return
  const store = openStore(dirname(dirname(folder)), basename(folder))
  const state = store.read()
  if (state?.gitUrl === undefined || state.applied === undefined) {
    say('The cluster is not ready yet: npm run up')
    return
  }
  if (!isServedHere(state)) {
    say('npm run up was told --repo-url: Argo CD reads that repository, not this one. Push there.')
    return
  }
  if ((await findGitServer(store, state.gitListen ?? '127.0.0.1', state.gitPort ?? 0)) === undefined) {
    say('The Git server is not running, so Argo CD does not see your commit: npm run up starts it.')
    return
  }
  await afterPush(store, state, commit)
}

try {
  await main(process.argv[2] ?? '')
} catch (error) {
  // The commit is in the repository already: this is news for the pusher, not a failure of the push.
  say(messageOf(error))
  say('The push was accepted. npm run status shows what Argo CD does with it.')
}
process.exit(0)
