// What pods may do on their node, as a set of powers: a change that adds one is told, and so is a Namespace that allows more.
import { listAt, pairsAt, stringAt, valueAt } from '../../tree/model/build.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import { type Container, isMapping, listContainers, type Pods, podsOf } from './pods.ts'
import { type Level, type ObjectRule, staysOf, typeOf } from './risk.ts'

interface Power {
  /** What makes two of them the same. */
  readonly key: string
  /** Undefined where all containers of the pod have it. */
  readonly container?: string
  readonly says: string
  readonly level: Level
  readonly fieldPath: FieldPath
  /** The field of a security context that gave the power up while it was written. */
  readonly field?: string
  /** What everybody has who does not give it up: a new workload is not told of it. */
  readonly isUsual?: true
}

/** A field of the container's security context, else of the pod's. */
const contextOf = (container: unknown, spec: unknown, field: string): unknown =>
  valueAt(container, ['securityContext', field]) ?? valueAt(spec, ['securityContext', field])

function* listPodPowers({ spec, path }: Pods): Generator<Power> {
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) {
    if (valueAt(spec, [field]) !== true) continue
    yield { key: field, says: `shares the node's namespace (${field})`, level: 'danger', fieldPath: [...path, field] }
  }
  if (valueAt(spec, ['automountServiceAccountToken']) !== false) {
    const fieldPath = [...path, 'automountServiceAccountToken']
    const says = 'holds a token of its ServiceAccount'
    yield { key: 'token', says, level: 'caution', fieldPath, field: 'automountServiceAccountToken', isUsual: true }
  }
  for (const [index, volume] of listAt(spec, ['volumes']).entries()) {
    const host = stringAt(volume, ['hostPath', 'path'])
    if (host === undefined) continue
    const fieldPath = [...path, 'volumes', index, 'hostPath', 'path']
    yield { key: `hostPath ${host}`, says: `mounts ${host} of the node`, level: 'danger', fieldPath }
  }
}

function* listContainerPowers({ spec, path }: Pods, { name, path: at, value }: Container): Generator<Power> {
  const context = (field: string): unknown => contextOf(value, spec, field)
  const placeOf = (field: string): FieldPath => {
    const isOwn = valueAt(value, ['securityContext', field]) !== undefined
    return [...(isOwn ? at : path), 'securityContext', field]
  }
  const power = (key: string, says: string, level: Level, field: string, more: { isUsual?: true } = {}): Power => ({
    key: `${name} ${key}`,
    container: name,
    says: `${says} (container ${name})`,
    level,
    fieldPath: placeOf(field),
    field,
    ...more,
  })
  if (context('privileged') === true) yield power('privileged', 'runs privileged', 'danger', 'privileged')
  if (context('runAsUser') === 0) yield power('root', 'runs as root', 'danger', 'runAsUser')
  else if (context('runAsUser') === undefined && context('runAsNonRoot') !== true) {
    yield power('root', 'may run as root', 'danger', 'runAsNonRoot', { isUsual: true })
  }
  if (context('allowPrivilegeEscalation') !== false) {
    const says = 'may gain more privileges than its parent'
    yield power('escalation', says, 'danger', 'allowPrivilegeEscalation', { isUsual: true })
  }
  if (context('readOnlyRootFilesystem') !== true) {
    yield power('write', 'may write to its root file system', 'caution', 'readOnlyRootFilesystem', { isUsual: true })
  }
  const seccomp = valueAt(context('seccompProfile'), ['type'])
  if (seccomp === 'Unconfined') yield power('seccomp', 'may use every system call', 'danger', 'seccompProfile')
  const { add, drop } = readCapabilities(value)
  for (const one of add) {
    // The one that Pod Security allows on its strictest level.
    const level = one === 'NET_BIND_SERVICE' ? 'caution' : 'danger'
    yield power(`capability ${one}`, `gains the capability ${one}`, level, 'capabilities')
  }
  if (!drop.includes('ALL')) {
    yield power('capabilities', 'keeps the usual capabilities', 'danger', 'capabilities', { isUsual: true })
  }
  for (const [index, port] of listAt(value, ['ports']).entries()) {
    const host = valueAt(port, ['hostPort'])
    if (typeof host !== 'number' || host === 0) continue
    const says = `takes port ${host} of the node (container ${name})`
    yield { key: `port ${host}`, says, level: 'caution', fieldPath: [...at, 'ports', index, 'hostPort'] }
  }
}

function readCapabilities(container: unknown): { readonly add: readonly string[]; readonly drop: readonly string[] } {
  const [add, drop] = ['add', 'drop'].map(key =>
    listAt(container, ['securityContext', 'capabilities', key]).map(one => `${one}`.replace(/^CAP_/, '')),
  )
  return { add: add ?? [], drop: drop ?? [] }
}

const listPowers = (pods: Pods): readonly Power[] => [
  ...listPodPowers(pods),
  ...listContainers(pods).flatMap(container => [...listContainerPowers(pods, container)]),
]

export const privilegesGained: ObjectRule = {
  id: 'privileges-gained',
  level: 'danger',
  summary: 'pods that may do more on their node than before',
  why: 'Who takes over such a container has more of the node, and with it of the other pods there.',
  *check(object) {
    const pods = podsOf(object)
    if (!pods || !isMapping(pods.after.spec)) return
    const had = pods.before && new Set(listPowers(pods.before).map(({ key }) => key))
    const names = pods.before && new Set(listContainers(pods.before).map(({ name }) => name))
    for (const power of listPowers(pods.after)) {
      const { key, says, level, fieldPath, isUsual, container } = power
      // What is new has given up nothing.
      const isNew = !names || (container !== undefined && !names.has(container))
      if (had?.has(key) || (isUsual && isNew)) continue
      const isWritten = valueAt(pods.after.resource.object, fieldPath) !== undefined
      const old = isWritten ? undefined : findGivenUp(power, pods.before)
      yield { says, level, ...(old ? { fieldPath: old, side: 'base' as const } : { fieldPath }) }
    }
  },
}

/** Where the version before gave up what nothing gives up any more. */
function findGivenUp({ container, field }: Power, before: Pods | undefined): FieldPath | undefined {
  if (!before || field === undefined) return undefined
  if (container === undefined) return [...before.path, field]
  const twin = listContainers(before).find(({ name }) => name === container)
  if (!twin) return undefined
  const own = ['securityContext', field]
  return [...(valueAt(twin.value, own) === undefined ? before.path : twin.path), ...own]
}

const LEVELS = ['privileged', 'baseline', 'restricted']
const ENFORCE = 'pod-security.kubernetes.io/enforce'

export const podSecurityLowered: ObjectRule = {
  id: 'pod-security-lowered',
  level: 'danger',
  summary: 'a Namespace that enforces a lower level of Pod Security, or none',
  why: 'From then on pods are admitted there that the level before refused.',
  *check(object) {
    const stays = staysOf(object)
    if (!stays || typeOf(stays.after) !== '/Namespace') return
    const [old, next] = [stays.before, stays.after].map(one => pairsAt(one.object, ['metadata', 'labels'])[ENFORCE])
    const rank = (level: string | undefined): number => Math.max(0, LEVELS.indexOf(level ?? ''))
    if (rank(next) >= rank(old)) return
    const fieldPath = ['metadata', 'labels', ENFORCE]
    const side = next === undefined ? { side: 'base' as const } : {}
    yield { says: `enforces Pod Security ${next ?? 'no more'} instead of ${old}`, fieldPath, ...side }
  },
}
