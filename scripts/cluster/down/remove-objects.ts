// Removes from a cluster of somebody else what `up` made on it, in an order that leaves no finalizer without its controller.

import { isTrackedBy, key, rootOf } from '../argocd/claim.ts'
import { listApplied } from '../argocd/manifest.ts'
import { requireSameCluster } from '../up/ensure-cluster.ts'
import {
  connect,
  type Kind,
  type Kube,
  type KubeObject,
  kinds,
  kubectlArgs,
  list,
  mergePatch,
  read,
  remove,
  statusOf,
} from '../kube/kube.ts'
import { names } from '../desired-state.ts'
import { extendProblem, messageOf, Problem } from '../../command/problem.ts'
import type { Progress } from '../../command/progress.ts'
import { existing } from '../provider/existing.ts'
import { explainTermination, waitForAbsence } from '../kube/rollout.ts'
import type { Run } from '../shell.ts'
import type { State, Store } from '../state/state.ts'

export interface Removal {
  readonly run: Run
  readonly store: Store
  readonly state: State
  readonly signal: AbortSignal
  readonly progress: Progress
  step(title: string, work: () => Promise<unknown>): Promise<void>
}

/** Throws before anything is removed where it is another cluster, or where others came to use the Argo CD of `up`. */
export async function removeObjects(removal: Removal): Promise<void> {
  const { run, state, signal, progress } = removal
  // A refused `up` made nothing; an Argo CD that is there is no business of ours.
  if (!isInstalled(state) && (state.made ?? []).length === 0) return
  const forget = `Where that cluster is gone for good: npm run down -- --name ${state.name} --local`
  const kube = await advise(async () => connect(state.context), forget)
  progress.info(`  ${kube.context}: ${kube.server}`)
  try {
    await requireSameCluster(existing, run, state)
    await removeAll(removal, kube)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Problem) throw error
    const verb = statusOf(error) === undefined ? 'does not answer' : 'refuses'
    throw new Problem(`${kube.context} (${kube.server}) ${verb}: ${messageOf(error)}`, {
      advice: ['When it is to be reached again, run this again: it goes on from here.', forget],
      cause: error,
    })
  }
}

/** By `up`, or in part. */
export function isInstalled({ argocd }: State): boolean {
  return argocd === 'installed' || argocd === 'installing'
}

async function removeAll(removal: Removal, kube: Kube): Promise<void> {
  const { state, progress, step } = removal
  const made = state.made ?? []
  const known = new Set(made.map(key))
  const root = rootOf(made)
  // What was added in Git since is made by the root Application, so by `up`.
  const isOurs = (object: KubeObject) => known.has(key(object)) || isTrackedBy(root, object)
  const [applications, ...others] = await Promise.all([
    listServed(kube, kinds.application),
    listServed(kube, kinds.applicationSet),
    listServed(kube, kinds.appProject),
  ])
  const uninstalls = isInstalled(state)
  const foreign = [...applications, ...others.flat()].filter(object => !isOurs(object) && !isBuiltIn(object))
  if (uninstalls && foreign.length > 0) throw refuseUsed(kube, state, foreign)
  const ours = applications.filter(isOurs)
  if (ours.length > 0) await step('Applications', () => removeApplications(removal, kube, ours, root))
  for (const object of others.flat().filter(isOurs)) await remove(kube, object)
  if (uninstalls) await step('Argo CD', () => uninstall(removal, kube))
  for (const object of made.filter(({ kind }) => kind === 'Namespace')) {
    await step(`namespace ${object.metadata.name}`, () => removeNamespace(removal, kube, object))
  }
  for (const { metadata, spec } of ours.filter(object => !known.has(key(object)))) {
    const { destination } = spec as { destination?: { namespace?: string } }
    progress.warn(
      `The namespace ${destination?.namespace} of ${metadata.name}, which was added after \`up\`, may have been there before, and stays.`,
    )
  }
}

/** Nothing where the definition is gone: an earlier `down` was stopped after it had removed Argo CD. */
async function listServed(kube: Kube, kind: Kind): Promise<readonly KubeObject[]> {
  if ((await read(kube, kinds.crd, `${kind.plural}.argoproj.io`)) === undefined) return []
  return (await list(kube, { kind })).items
}

/** Argo CD makes this project itself. */
function isBuiltIn({ kind, metadata }: KubeObject): boolean {
  return kind === kinds.appProject.kind && metadata.name === 'default' && metadata.namespace === names.namespace
}

function refuseUsed(kube: Kube, state: State, foreign: readonly KubeObject[]): Problem {
  return new Problem(`others use the Argo CD that \`up\` installed on ${kube.context}; nothing was removed`, {
    details: foreign.map(key).join('\n'),
    advice: [
      'It cannot go without these. Have them removed by whoever made them, then run this again.',
      `Or leave all that is on the cluster as it is: npm run down -- --name ${state.name} --local`,
    ],
  })
}

async function removeApplications(
  { signal }: Removal,
  kube: Kube,
  applications: readonly KubeObject[],
  root: string | undefined,
): Promise<void> {
  const { namespace } = names
  const isRoot = ({ metadata }: KubeObject) => metadata.name === root
  // The root first: it would make the others again.
  for (const object of [...applications.filter(isRoot), ...applications.filter(object => !isRoot(object))]) {
    // Without the finalizer, prod's API would stay behind with nobody to look after it.
    if (!isRoot(object) && !isCascading(object)) await mergePatch(kube, withFinalizer(object))
    await remove(kube, object)
  }
  for (const { metadata } of applications) {
    const { name } = metadata
    const wait = { timeout: 120_000, signal, unmet: `Application ${name} was not deleted` }
    await advise(
      () => waitForAbsence(kube, { kind: kinds.application, namespace, name }, wait),
      `See why: kubectl --context ${kube.context} -n ${namespace} get application ${name} -o yaml. Then run this again: it goes on from here.`,
      `Argo CD deletes what it runs, then its finalizer. Where Argo CD itself is gone, remove the finalizer: kubectl --context ${kube.context} -n ${namespace} patch application ${name} --type merge -p '{"metadata":{"finalizers":null}}'`,
    )
  }
}

const finalizer = 'resources-finalizer.argocd.argoproj.io'

/** One that is being deleted may not get another finalizer; Argo CD has more than one that says the same. */
function isCascading({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined || (metadata.finalizers ?? []).some(one => one.startsWith(finalizer))
}

function withFinalizer({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, namespace = names.namespace, finalizers = [] } = metadata
  return { apiVersion, kind, metadata: { name, namespace, finalizers: [...finalizers, finalizer] } }
}

async function uninstall({ run, store, state }: Removal, kube: Kube): Promise<void> {
  const applied = listApplied(store.folder)
  if (applied.length === 0) {
    if ((await read(kube, kinds.crd, 'applications.argoproj.io')) === undefined) return
    throw new Problem(`what was installed of Argo CD is not known: ${store.folder} has no manifest of it`, {
      advice: ['Run `npm run up` again with the options of then, which writes it, then this.'],
    })
  }
  const target = [...kubectlArgs(kube, undefined), '--namespace', names.namespace]
  for (const file of applied) {
    await advise(
      () => run('kubectl', [...target, 'delete', '--ignore-not-found', '-f', file], { timeout: 180_000 }),
      `Run this again: it goes on from here. Where it ends like this once more, something has a finalizer that nobody answers: kubectl --context ${kube.context} get applications,applicationsets,appprojects -A`,
      `To leave the rest on the cluster as it is: npm run down -- --name ${state.name} --local`,
    )
  }
}

async function removeNamespace({ signal }: Removal, kube: Kube, object: KubeObject): Promise<void> {
  const { name } = object.metadata
  await remove(kube, object)
  try {
    const wait = { timeout: 120_000, signal, unmet: `namespace ${name} was not deleted` }
    await waitForAbsence(kube, { kind: kinds.namespace, name }, wait)
  } catch (error) {
    signal.throwIfAborted()
    const { items } = await list(kube, { kind: kinds.namespace, name })
    throw new Problem(messageOf(error), {
      details: items.flatMap(explainTermination).join('\n'),
      advice: ['Something in it has a finalizer that nobody answers. Remove the finalizer, then run this again.'],
    })
  }
}

async function advise<T>(work: () => Promise<T>, ...advice: readonly string[]): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof Problem ? extendProblem(error, { advice }) : error
  }
}
