// On a cluster of somebody else: tells what is ours from what is theirs, refuses what is taken, and notes what was not there
// before, so that it alone is removed.

import { type Kube, type KubeObject, kinds, list, read } from '../kube/kube.ts'
import { names, type DesiredState } from '../desired-state.ts'
import { usageProblem } from '../../command/problem.ts'
import type { MadeObject, State } from '../state/state.ts'

/** The objects that `up` is about to make. Throws where one of them exists and is somebody else's. */
export async function planObjects(kube: Kube, state: State, tree: DesiredState): Promise<readonly MadeObject[]> {
  const before = state.made ?? []
  const wanted: readonly MadeObject[] = [
    reference(tree.root),
    ...tree.environments.map(({ name }) => ({ ...reference(tree.root, name), cascade: true })),
    ...tree.argocd
      .filter(({ kind, metadata }) => kind === 'AppProject' && metadata.name !== 'default')
      .map(object => reference(object)),
  ]
  const known = new Set(before.map(key))
  const fresh = wanted.filter(object => !known.has(key(object)))
  const taken = [...(await findTaken(kube, fresh, before)), ...(await findRunning(kube, fresh, tree))]
  if (taken.length > 0) {
    throw usageProblem(
      `${kube.context} has these already, made by somebody else: ${taken.join(', ')}`,
      'Nothing of them was changed. Choose another cluster, or have them removed by whoever made them.',
    )
  }
  const { items } = await list(kube, { kind: kinds.namespace })
  const there = items.map(({ metadata }) => metadata.name)
  const namespaces = tree.environments
    .filter(({ namespace }) => !there.includes(namespace))
    .map(({ namespace }) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }))
  return [...before, ...fresh, ...namespaces.filter(object => !known.has(key(object)))]
}

async function findTaken(
  kube: Kube,
  wanted: readonly MadeObject[],
  before: readonly MadeObject[],
): Promise<readonly string[]> {
  const found = await Promise.all(
    wanted.map(async ({ kind, metadata }) =>
      read(kube, kind === 'AppProject' ? kinds.appProject : kinds.application, metadata.name, metadata.namespace),
    ),
  )
  return found
    .filter(object => object !== undefined)
    .filter(object => !isTrackedBy(rootOf(before), object))
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
}

/** An API that was applied by hand: Argo CD would take it over, and `down` would delete it. */
async function findRunning(kube: Kube, fresh: readonly MadeObject[], tree: DesiredState): Promise<readonly string[]> {
  const environments = tree.environments.filter(({ name }) => fresh.some(({ metadata }) => metadata.name === name))
  const found = await Promise.all(
    environments.flatMap(({ name, namespace }) =>
      [
        { kind: kinds.deployment, object: names.deployment },
        { kind: kinds.service, object: names.service },
      ].map(async ({ kind, object }) => {
        const there = await read(kube, kind, object, namespace)
        return there === undefined || isTrackedBy(name, there) ? [] : [`${kind.kind} ${namespace}/${object}`]
      }),
    ),
  )
  return found.flat()
}

/** The root Application's name: of all that were made, it alone does not go with what it owns. */
export function rootOf(made: readonly MadeObject[]): string | undefined {
  return made.find(({ kind, cascade }) => kind === kinds.application.kind && cascade !== true)?.metadata.name
}

/**
 * Whether this Application of Argo CD's namespace manages the object. Argo CD marks what it manages with group, kind,
 * namespace and name, so a copy under another name does not count.
 * https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/
 */
export function isTrackedBy(application: string | undefined, { apiVersion, kind, metadata }: KubeObject): boolean {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : ''
  const id = `${application}:${group}/${kind}:${metadata.namespace}/${metadata.name}`
  return application !== undefined && metadata.annotations?.['argocd.argoproj.io/tracking-id'] === id
}

function reference({ apiVersion, kind, metadata }: KubeObject, name = metadata.name): MadeObject {
  return { apiVersion, kind, metadata: { name, namespace: metadata.namespace ?? names.namespace } }
}

/** Tells objects of a cluster apart; those made here are in one namespace, or in none. */
export function key({ kind, metadata }: MadeObject): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`
}
