// On a cluster of somebody else: refuses what is taken, and notes what was not there before, so that it alone is removed.

import { type Kube, type KubeObject, kinds, list, read } from '../kube.ts'
import { names, type Tree } from '../manifests.ts'
import { usageProblem } from '../problem.ts'
import type { MadeObject, State } from '../state.ts'

const appProject = { apiVersion: kinds.application.apiVersion, kind: 'AppProject', plural: 'appprojects' }

/** The objects that `up` is about to make. Throws where one of them exists and is somebody else's. */
export async function planObjects(kube: Kube, state: State, tree: Tree): Promise<readonly MadeObject[]> {
  const before = state.made ?? []
  const wanted: readonly MadeObject[] = [
    reference(tree.root),
    ...tree.environments.map(({ name }) => ({ ...reference(tree.root, name), cascade: true })),
    ...tree.argocd
      .filter(({ kind, metadata }) => kind === 'AppProject' && metadata.name !== 'default')
      .map(object => reference(object)),
  ]
  const taken: string[] = []
  for (const object of wanted) {
    if (before.some(one => one.kind === object.kind && one.metadata.name === object.metadata.name)) continue
    const kind = object.kind === 'AppProject' ? appProject : kinds.application
    if ((await read(kube, kind, object.metadata.name, names.namespace)) !== undefined)
      taken.push(`${object.kind} ${object.metadata.name}`)
  }
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
  const known = new Set(before.map(key))
  return [...before, ...[...wanted, ...namespaces].filter(object => !known.has(key(object)))]
}

function reference({ apiVersion, kind, metadata }: KubeObject, name = metadata.name): MadeObject {
  return { apiVersion, kind, metadata: { name, namespace: metadata.namespace ?? names.namespace } }
}

function key({ kind, metadata }: MadeObject): string {
  return `${kind}/${metadata.name}`
}
