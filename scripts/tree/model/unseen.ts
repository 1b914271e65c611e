// What may be in a cluster without being seen here: the third state, beside "is there" and "is not there".

/** Something that was not examined and may bring objects into a namespace. */
export interface Unseen {
  /** Undefined: it may be any. */
  readonly cluster: string | undefined
  /** Undefined: it may be any. */
  readonly namespace: string | undefined
  /** Completes "it may be that ...": `build overlays/dev fails`. */
  readonly reason: string
}

const mayBe = (a: string | undefined, b: string | undefined): boolean => a === undefined || b === undefined || a === b

/** What may be unseen in one of the clusters; no cluster at all means that it is not known which. */
export const unseenIn = (unseen: readonly Unseen[], clusters: ReadonlySet<string>): readonly Unseen[] =>
  unseen.filter(({ cluster }) => cluster === undefined || clusters.size === 0 || clusters.has(cluster))

/** Namespaces that the platform fills: static pods, add-ons, operators of the distribution. */
const OF_PLATFORM = /^(?:kube-system|kube-public|kube-node-lease|openshift(?:-.+)?|gke-.+|gmp-.+)$/

export const isOfPlatform = (namespace: string): boolean => OF_PLATFORM.test(namespace)

/** Why an absence in a namespace proves nothing; undefined where everything that could be there was examined. */
export function whyIncomplete(unseen: readonly Unseen[], namespace: string | undefined): string | undefined {
  if (namespace !== undefined && isOfPlatform(namespace)) return `the platform brings its own objects to ${namespace}`
  return unseen.find(one => mayBe(one.namespace, namespace))?.reason
}
