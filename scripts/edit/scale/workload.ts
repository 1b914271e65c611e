// Says which workload of an environment is meant.
import { Problem, usageProblem } from '../../command/problem.ts'
import { valueAt } from '../../tree/model/build.ts'
import type { KubernetesObject } from '../../tree/model/resource.ts'
import type { Environment } from '../environment.ts'
import type { Rendered } from '../rendered.ts'

/** The names that a prefix or suffix of the overlay may have been put around. */
export const listShorter = (name: string): readonly string[] => {
  const parts = name.split('-')
  const fronts = parts.slice(1).map((_, index) => parts.slice(index + 1).join('-'))
  const ends = parts.slice(1).map((_, index) => parts.slice(0, parts.length - index - 1).join('-'))
  return [...fronts, ...ends]
}

/** Kinds with a number of replicas, and whatever else has one beside a pod template. */
const isScalable = (object: KubernetesObject): boolean =>
  ['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController', 'Rollout'].includes(object.kind ?? '') ||
  (typeof valueAt(object, ['spec', 'replicas']) === 'number' && valueAt(object, ['spec', 'template']) !== undefined)

export function chooseWorkload(
  { name }: Environment,
  { objects }: Rendered,
  wanted: string | undefined,
): KubernetesObject {
  const scalable = objects.filter(isScalable)
  const write = ({ kind, metadata }: KubernetesObject): string =>
    scalable.filter(other => other.metadata?.name === metadata?.name).length > 1
      ? `${kind}/${metadata?.name}`
      : `${metadata?.name}`
  const names = scalable.map(write)
  const matches = (object: KubernetesObject): boolean => {
    const [kind, bare] = wanted?.includes('/') ? wanted.split('/') : [undefined, wanted]
    return object.metadata?.name === bare && (kind === undefined || object.kind?.toLowerCase() === kind.toLowerCase())
  }
  const exact = wanted === undefined ? scalable : scalable.filter(matches)
  // The name before a prefix or suffix, where it can mean one workload alone.
  const fitting =
    exact.length || wanted === undefined
      ? exact
      : scalable.filter(one => listShorter(one.metadata?.name ?? '').includes(wanted))
  const [only, ...others] = fitting
  if (scalable.length === 0) throw new Problem(`${name} has nothing with a number of replicas`)
  if (!only) throw usageProblem(`no workload "${wanted}" in ${name}. There are: ${names.join(', ')}`)
  if (others.length) throw usageProblem(`${name} has several workloads, say which: ${names.join(', ')}`)
  return only
}
