// Says which object of the base is which object of the head: the same one, one with another hash, renamed, or moved.
import { isDeepStrictEqual } from 'node:util'
import { withoutHash } from '../../tree/environments/names.ts'
import { listLeaves } from '../../tree/kustomize/trace/compare.ts'
import { type Resource, valueAt } from '../../tree/model/build.ts'

/** One object as one Application (or nobody) brings it to one cluster. */
export interface Deployed {
  readonly resource: Resource
  readonly build: string
  readonly application: string | undefined
  readonly cluster: string | undefined
  readonly environment: string | undefined
}

export interface Pair {
  readonly before: Deployed | undefined
  readonly after: Deployed | undefined
  /** How they are one, where name or owner differ. */
  readonly how: 'same' | 'hash' | 'renamed' | 'moved' | 'alone'
}

/** The objects of the head in their order, then what is gone. */
export function pairObjects(before: readonly Deployed[], after: readonly Deployed[]): readonly Pair[] {
  const found = new Map<Deployed, Pair>()
  const open = { before: new Set(before), after: new Set(after) }
  const settle = (old: Deployed, next: Deployed, how: Pair['how']): void => {
    open.before.delete(old)
    open.after.delete(next)
    found.set(next, { before: old, after: next, how })
  }
  const match = (keyOf: (one: Deployed) => string | undefined, how: Pair['how']): void => {
    const olds = new Map<string, Deployed[]>()
    for (const old of open.before) {
      const key = keyOf(old)
      if (key === undefined) continue
      const list = olds.get(key)
      if (list) list.push(old)
      else olds.set(key, [old])
    }
    for (const next of [...open.after]) {
      const key = keyOf(next)
      const old = key === undefined ? undefined : olds.get(key)?.shift()
      if (old) settle(old, next, how)
    }
  }
  match(one => join(owner(one), one.build, identity(one)), 'same')
  // The Application is the owner, whichever folder it takes.
  match(one => (one.application === undefined ? undefined : join(owner(one), identity(one))), 'same')
  match(one => join(owner(one), one.build, identity(one, nameWritten)), 'hash')
  match(one => join(one.cluster ?? '', identity(one)), 'moved')
  match(nameTurned, 'renamed')
  for (const [old, next] of findRenamed(open.before, open.after)) settle(old, next, 'renamed')
  const here = after.map((next): Pair => found.get(next) ?? { before: undefined, after: next, how: 'alone' })
  const gone = before.filter(old => open.before.has(old))
  return [...here, ...gone.map((old): Pair => ({ before: old, after: undefined, how: 'alone' }))]
}

const join = (...parts: readonly string[]): string => parts.join('\n')

const owner = ({ application, cluster }: Deployed): string => join(cluster ?? '', application ?? '')

const identity = ({ resource }: Deployed, nameOf = (one: Resource): string => one.name): string =>
  join(resource.namespace ?? '', resource.group, resource.kind, nameOf(resource))

/** What may become an object of another kind or group under its name: what runs pods, and a kind that moves to another group. */
function nameTurned(one: Deployed): string | undefined {
  const { resource } = one
  const turns = RUNNERS.has(`${resource.group}/${resource.kind}`) ? 'pods' : `kind ${resource.kind}`
  return join(owner(one), one.build, resource.namespace ?? '', resource.name, turns)
}

const RUNNERS = new Set([
  'apps/Deployment',
  'apps/StatefulSet',
  'apps/DaemonSet',
  'apps/ReplicaSet',
  '/ReplicationController',
  'argoproj.io/Rollout',
  'apps.openshift.io/DeploymentConfig',
])

const nameWritten = ({ kind, group, name }: Resource): string =>
  group === '' && (kind === 'ConfigMap' || kind === 'Secret') ? withoutHash(name) : name

/** So many of one kind are told one by one. */
const MOST_CANDIDATES = 100
const LEAST_SHARED = 0.7

/** Objects of one kind and owner whose content is the same, or nearly so, under another name or in another namespace. */
function* findRenamed(
  before: ReadonlySet<Deployed>,
  after: ReadonlySet<Deployed>,
): Generator<readonly [Deployed, Deployed]> {
  const place = (one: Deployed): string => join(owner(one), one.build, one.resource.group, one.resource.kind)
  const olds = Map.groupBy([...before], place)
  for (const [key, nexts] of Map.groupBy([...after], place)) {
    const candidates = new Set(olds.get(key) ?? [])
    if (candidates.size > MOST_CANDIDATES || nexts.length > MOST_CANDIDATES) continue
    const scored = nexts.flatMap(next =>
      [...candidates].map(old => ({ old, next, score: measureShared(old.resource, next.resource) })),
    )
    const taken = new Set<Deployed>()
    for (const { old, next, score } of scored.sort((a, b) => b.score - a.score)) {
      if (score < LEAST_SHARED || taken.has(old) || taken.has(next)) continue
      taken.add(old).add(next)
      yield [old, next]
    }
  }
}

/** Which part of the values is the same in both, names and namespaces aside; the same name says much. */
function measureShared(before: Resource, after: Resource): number {
  if (before.name === after.name) return 1
  const isNamed = (path: readonly (string | number)[]): boolean =>
    path[0] === 'metadata' && (path[1] === 'name' || path[1] === 'namespace')
  const olds = [...listLeaves(before.object)].filter(path => !isNamed(path))
  const nexts = [...listLeaves(after.object)].filter(path => !isNamed(path))
  const total = Math.max(olds.length, nexts.length)
  // What says nothing but its kind is like every other.
  if (total <= 2) return 0
  const same = olds.filter(path => isDeepStrictEqual(valueAt(before.object, path), valueAt(after.object, path)))
  return same.length / total
}
