// Answers whether what a reference names is there, is not there, or cannot be known: the one look-up of all rules.
import { type Resource, stringAt, valueAt } from '../build.ts'
import { closest, isSlipOf } from '../closest.ts'
import { CLUSTER_KINDS, type KindId, wordOf } from '../references.ts'
import { isSameNamespace, type ResourceIndex } from '../resource-index.ts'
import type { Reference } from './read.ts'
import { type MadeHere, type Surroundings, surroundingsOf } from './surroundings.ts'

export type Answer =
  | {
      readonly state: 'there'
      /** Undefined where a controller or the platform makes it, or it is one of several. */
      readonly resource: Resource | undefined
      /** Undefined where what it holds is not known. */
      readonly keys: ReadonlySet<string> | undefined
    }
  | {
      readonly state: 'absent'
      /** False where nobody says the namespace, or more may be in the cluster than the tree shows. */
      readonly isCertain: boolean
      readonly near: Resource | undefined
      /** What the tree has instead where it is brought by any build: a kind, and a few of its names. */
      readonly instead?: Instead
      /** Whether kustomize gave `near` another name than it was written with, and does not know to write it here. */
      readonly isRenamed?: boolean
      /**
       * Whether `near` is what is meant without doubt, since nothing names it: then the name is mistaken where it is used,
       * or in `near` itself where several use it.
       */
      readonly slip: 'here' | 'there' | undefined
      /** Whether another reference to the same name is the one that tells of a slip in `near`: one fault is told once. */
      readonly isToldElsewhere?: boolean
    }
  | { readonly state: 'unknown' }

export interface Instead {
  readonly kind: string
  /** The first is what is likely meant where it is `near`; the very name in other `namespaces`, where they are said. */
  readonly names: readonly string[]
  readonly isNear: boolean
  readonly namespaces?: readonly string[]
}

const UNKNOWN: Answer = { state: 'unknown' }

/** What every cluster, or every namespace of one, has. */
const BUILT_IN: Readonly<Record<KindId, RegExp>> = {
  '/ConfigMap': /^(?:kube-root-ca\.crt|openshift-service-ca\.crt|istio-ca-root-cert)$/,
  '/ServiceAccount': /^(?:default|builder|deployer)$/,
  '/Service': /^kubernetes$/,
  'scheduling.k8s.io/PriorityClass': /^(?:system-|openshift-|gmp-)/,
  'rbac.authorization.k8s.io/ClusterRole':
    /^(?:cluster-admin|admin|edit|view|system:.+|cluster-(?:reader|status|monitoring-view)|basic-user|self-provisioner|(?:registry|monitoring)-.+)$/,
}

/** What Flux is installed with, in its own namespace. */
const isOfFlux = ({ to, name, namespace }: Reference): boolean =>
  name === 'flux-system' &&
  isSameNamespace(namespace, name) &&
  /^(?:source|kustomize)\.toolkit\.fluxcd\.io\/(?:GitRepository|OCIRepository|Kustomization)$/.test(to)

/** Looks an object up among what lives beside the one that names it. */
export function lookUp(reference: Reference, index: ResourceIndex): Answer {
  const { to, name, namespace, from } = reference
  const there = chooseNamesakes(index.named(to, name, namespace), from)
  const [only, second] = there
  if (only && there.every(one => surroundingsOf(index).areVersions(one, from))) return UNKNOWN
  if (only) return { state: 'there', resource: second ? undefined : only, keys: joinKeys(there.map(keysOf)) }
  if (BUILT_IN[to]?.test(name) || isOfFlux(reference)) return { state: 'there', resource: undefined, keys: undefined }
  const around = surroundingsOf(index)
  const made = around.made.find(one => one.kind === to && isOf(one, reference))
  if (made) return { state: 'there', resource: undefined, keys: made.keys && new Set(made.keys) }
  if (index.elsewhere?.mayBring(to, name, namespace, from)) return UNKNOWN
  const candidates = index.ofKindId(to).filter(one => isSameNamespace(one.namespace, namespace))
  const isNamed = (one: Resource): boolean =>
    (around.named.get(`${to} ${one.name}`) ?? []).some(user => isSameNamespace(user.namespace, one.namespace))
  const free = candidates.filter(one => !isNamed(one))
  const own = free.filter(one => one.build === from.build)
  const renamed = own.filter(one => isRenamed(name, one.name, from.name))
  if (renamed.length === 1) return { state: 'absent', isCertain: true, near: renamed[0], isRenamed: true, slip: 'here' }
  const users = around.named.get(`${to} ${name}`) ?? []
  const isToldElsewhere = users.some(one => one.from !== from) && chooseTeller(users)?.from !== from
  const voices = countVoices(users)
  const slip = findSlip(name, own)
  if (slip) {
    const side = isMistakenThere(voices, name, slip, around) ? 'there' : 'here'
    return { state: 'absent', isCertain: true, near: slip, slip: side, isToldElsewhere }
  }
  const sibling = findSibling(reference, index)
  if (sibling) return { state: 'absent', isCertain: false, near: sibling, slip: 'here' }
  const instead = findInstead(reference, index)
  const isCluster = CLUSTER_KINDS.has(to)
  const near = findOtherWorkload(reference, index) ?? findNear(name, candidates)
  const isFar = namespace !== undefined && namespace !== from.namespace && !index.elsewhere?.isInUse(namespace)
  if (instead?.isNear || (instead && !isFar)) {
    const isCertain = near !== undefined && !instead.isNear && !mayHoldUnseen(index, to, namespace)
    return { state: 'absent', isCertain, near: instead.isNear ? undefined : near, instead, slip: undefined }
  }
  if (isFar || mayHoldUnseen(index, to, namespace)) return UNKNOWN
  // The rest of a cluster brings classes and roles of its own; a tree that has some of a kind may mean to have all.
  if (isCluster && (OF_PLATFORM.has(to) ? !near : candidates.length === 0)) return UNKNOWN
  const isHere = !isCluster && namespace !== undefined && namespace === from.namespace
  const isCertain = isHere && (near !== undefined || !BY_HAND.has(to) || index.elsewhere?.isSynced(from.build) === true)
  const isMeant = near !== undefined && voices > 1 && free.includes(near)
  return { state: 'absent', isCertain, near, slip: isMeant ? 'there' : undefined, isToldElsewhere }
}

/** Of objects of one name those of the same build, if there are; of others nobody says which is there. */
function chooseNamesakes(found: readonly Resource[], from: Resource): readonly Resource[] {
  if (found.length < 2) return found
  const own = found.filter(({ build }) => build === from.build)
  return own.length > 0 ? own : found
}

/** All that one of them has; undefined where it is not known of one. */
function joinKeys(lists: readonly (ReadonlySet<string> | undefined)[]): ReadonlySet<string> | undefined {
  if (lists.length === 1) return lists[0]
  const known = lists.filter(keys => keys !== undefined)
  return known.length < lists.length ? undefined : new Set(known.flatMap(keys => [...keys]))
}

/** Of several that agree on a mistaken name the first that cannot do without the object tells of it. */
const chooseTeller = (users: readonly Reference[]): Reference | undefined =>
  users.find(one => !one.isOptional && one.field.isDispensable !== true) ?? users[0]

/** A mistake is copied within a list, and hardly from one kind of field to another. */
const countVoices = (users: readonly Reference[]): number => {
  const fields = new Map(users.map(one => [one.from, new Set<string>()]))
  for (const { from, field } of users) fields.get(from)?.add(field.at)
  return [...fields.values()].reduce((sum, { size }) => sum + size, 0)
}

/**
 * Whether the object's own name is the mistaken one: several references agree on the other, or the word in which they differ
 * is one that the names, labels and kinds around have, while nothing else has the object's.
 */
function isMistakenThere(
  voices: number,
  name: string,
  { name: own, kind }: Resource,
  { words }: Surroundings,
): boolean {
  if (voices > 1) return true
  const [asked, written] = [name.split('-'), plainNameOf(own).split('-')]
  if (asked.length !== written.length) return false
  const at = asked.findIndex((word, index) => word !== written[index])
  const [right = '', wrong = ''] = [asked[at], written[at]]
  const isOfKind = (word: string): boolean => kind.toLowerCase().includes(word.toLowerCase())
  // The reference itself is one use of a word, and the object's name another.
  const isKnown = isOfKind(right) || (words().get(right) ?? 0) > 0
  return right.length > 2 && isKnown && !isOfKind(wrong) && (words().get(wrong) ?? 0) <= 1
}

/** Whether several ask an object for a key that it does not have: then the key is mistaken in the object. */
export function isKeyAskedBySeveral({ to, name, namespace }: Reference, key: string, index: ResourceIndex): boolean {
  const users = surroundingsOf(index).named.get(`${to} ${name}`) ?? []
  const asking = users.filter(
    one => isSameNamespace(one.namespace, namespace) && one.keys.some(({ value }) => value === key),
  )
  return countVoices(asking) > 1
}

/** Kinds of one sort, in a namespace and in the cluster. */
const SIBLINGS: readonly (readonly [KindId, KindId])[] = [
  ['rbac.authorization.k8s.io/Role', 'rbac.authorization.k8s.io/ClusterRole'],
  ['cert-manager.io/Issuer', 'cert-manager.io/ClusterIssuer'],
  ['external-secrets.io/SecretStore', 'external-secrets.io/ClusterSecretStore'],
]

const siblingOf = (to: KindId): KindId | undefined =>
  SIBLINGS.find(pair => pair.includes(to))?.find(kind => kind !== to)

/** An object of the other kind under this very name, where the reference says the wrong kind. */
function findSibling({ to, name, from }: Reference, index: ResourceIndex): Resource | undefined {
  const other = siblingOf(to)
  return other ? index.named(other, name, from.namespace).find(one => one.build === from.build) : undefined
}

/** Routes of any namespace name them. */
const GATEWAY = 'gateway.networking.k8s.io/Gateway'

const FLUX_KUSTOMIZATION = 'kustomize.toolkit.fluxcd.io/Kustomization'

/** What is made before anything is synced, often by the program that installs Flux. */
const OF_BOOTSTRAP: ReadonlySet<KindId> = new Set(
  ['GitRepository', 'OCIRepository', 'Bucket'].map(kind => `source.toolkit.fluxcd.io/${kind}`),
)

/** What the tree has instead of an object that no build of it brings; undefined where it has nothing of the kind. */
function findInstead(
  { to, name, namespace, from, field }: Reference,
  { elsewhere }: ResourceIndex,
): Instead | undefined {
  if (!elsewhere || !(field.isOftenElsewhere || to === GATEWAY)) return undefined
  const other = siblingOf(to)
  if (other && elsewhere.mayBring(other, name, from.namespace, from))
    return { kind: wordOf(other), names: [name], isNear: true }
  // What a Kustomization of Flux moves is not where its manifest says.
  const isMoved = to !== FLUX_KUSTOMIZATION && stringAt(from.object, ['spec', 'targetNamespace']) !== undefined
  const namespaces = elsewhere.namespacesOf(to, name)
  if (namespaces.length > 0 && namespace !== undefined && !namespaces.includes(namespace))
    return isMoved ? undefined : { kind: wordOf(to), names: [name], isNear: true, namespaces }
  const names = elsewhere.namesInstead(to, name)
  const [first] = names
  if (first === undefined || first === name) return undefined
  const isNear = name.length >= 5 && isSlipOf(first, name)
  // Of files that nothing lists, nobody says what is applied beside them.
  const isLoose = from.origin.kind === 'document' && to !== FLUX_KUSTOMIZATION
  const isAll = field.isOftenElsewhere === true && !OF_BOOTSTRAP.has(to) && !isLoose
  return isNear || isAll ? { kind: wordOf(to), names, isNear } : undefined
}

const WORKLOADS: readonly KindId[] = ['apps/Deployment', 'apps/StatefulSet', 'apps/DaemonSet', 'argoproj.io/Rollout']

/** A workload of this very name and another kind. */
function findOtherWorkload({ to, name, namespace }: Reference, index: ResourceIndex): Resource | undefined {
  if (!WORKLOADS.includes(to)) return undefined
  return WORKLOADS.flatMap(kind => index.named(kind, name, namespace))[0]
}

/** Classes that come with the cluster, whatever the tree adds to them. */
const OF_PLATFORM: ReadonlySet<KindId> = new Set([
  'storage.k8s.io/StorageClass',
  'networking.k8s.io/IngressClass',
  'gateway.networking.k8s.io/GatewayClass',
  'node.k8s.io/RuntimeClass',
])

/** What people make by hand or with other tools, where no Application keeps the tree and the cluster alike. */
const BY_HAND: ReadonlySet<KindId> = new Set(['/ConfigMap', '/Secret', '/ServiceAccount', '/PersistentVolumeClaim'])

/** The candidate that is a typing mistake away, or else the only one of which a part of the name is forgotten. */
function findNear(name: string, candidates: readonly Resource[]): Resource | undefined {
  const near = closest(
    name,
    candidates.map(one => plainNameOf(one.name)),
  )
  if (near !== undefined) return candidates.find(one => plainNameOf(one.name) === near)
  const related = candidates.filter(one => one.name.startsWith(`${name}-`) || name.startsWith(`${one.name}-`))
  return related.length === 1 ? related[0] : undefined
}

/** Whether objects of a kind may be in a namespace that nothing shows: a controller or a program makes them. */
export const mayHoldUnseen = (index: ResourceIndex, kind: KindId, namespace: string | undefined): boolean =>
  index.whyIncomplete(namespace) !== undefined || surroundingsOf(index).mayMake(kind, namespace)

const isOf = ({ name, namespace }: MadeHere, reference: Reference): boolean =>
  isSameNamespace(namespace, reference.namespace) &&
  (name === undefined || (typeof name === 'string' ? name === reference.name : name(reference.name)))

/** What kustomize appends to the name of a generated object. */
const HASH = /-[2456789bcdfghkmt]{10}$/

/** A name without the hash that kustomize appends to it, as people write it. */
export const plainNameOf = (name: string): string => name.replace(HASH, '')

/** The object of which the name is one slip of the keyboard away. */
function findSlip(name: string, free: readonly Resource[]): Resource | undefined {
  if (name.length < 5) return undefined
  const near = closest(
    name,
    free.map(one => plainNameOf(one.name)),
  )
  if (near === undefined || !isSlipOf(near, name)) return undefined
  return free.find(one => plainNameOf(one.name) === near)
}

/** Whether kustomize made one name of the other: with a hash, or a prefix that the one who names it has too. */
function isRenamed(name: string, made: string, holder: string): boolean {
  const plain = plainNameOf(made)
  if (plain === name) return true
  return plain.endsWith(`-${name}`) && holder.startsWith(plain.slice(0, -name.length))
}

/** Annotations and labels by which others write into a ConfigMap or Secret that is declared for them. */
const FILLED = /(?:^|[./-])(?:inject|replicat|reflect|sync|copy-from|trusted-ca)/i

/** The keys of a ConfigMap or Secret; undefined where others may add to them. */
function keysOf({ object, kind, group }: Resource): ReadonlySet<string> | undefined {
  if (group !== '' || (kind !== 'ConfigMap' && kind !== 'Secret')) return undefined
  const keys = ['data', 'stringData', 'binaryData'].flatMap(field => Object.keys(Object(valueAt(object, [field]))))
  const marks = ['annotations', 'labels'].flatMap(field => Object.keys(Object(valueAt(object, ['metadata', field]))))
  // A Secret that is declared empty is one that somebody fills.
  if (keys.length === 0 || marks.some(mark => FILLED.test(mark))) return undefined
  return valueAt(object, ['type']) === 'kubernetes.io/service-account-token' ? undefined : new Set(keys)
}
