// Which resources surely live in one namespace of one cluster: what is said of two of them needs that.
import type { Resource } from '../../../tree/model/build.ts'

/** Kinds whose pods are there to stay. */
export const LASTING: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Rollout',
  'DeploymentConfig',
])

/** Loose manifests surely belong together in one file alone; and where nobody says the namespace, only those of one build. */
export function isTogether(one: Resource, other: Resource): boolean {
  if (one.namespace !== other.namespace) return false
  const files = [one, other].map(({ origin }) => (origin.kind === 'document' ? origin.file : undefined))
  if (files.some(file => file !== undefined)) return files[0] === files[1]
  return one.build === other.build || one.namespace !== undefined
}

export const isSameObject = (one: Resource, other: Resource): boolean =>
  one.group === other.group && one.kind === other.kind && one.name === other.name
