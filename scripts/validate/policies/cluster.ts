// Whether two resources end up in one cluster: for certain, perhaps, or not.
import type { Resource } from '../../tree/model/build.ts'
import type { Deployment } from '../../tree/deploy.ts'

/** `own`: of the same build; `same`: of the same cluster; `perhaps`: nobody says which. */
export type Reach = 'own' | 'same' | 'perhaps'

const ORDER: readonly Reach[] = ['own', 'same', 'perhaps']

export const worse = (a: Reach, b: Reach): Reach => (ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b)

export const describeReach = (reach: Reach): string => (reach === 'perhaps' ? ', if both are of one cluster' : '')

/** What shows how something is used is in no cluster beside the rest. */
const EXAMPLE = /(?:^|\/)(?:examples?|samples?)(?:\/|$)/

/** Undefined: they are never together. */
export function reachOf({ applications }: Deployment): (a: Resource, b: Resource) => Reach | undefined {
  const clusters = new Map<string, Set<string>>()
  for (const { destination, sources } of applications) {
    for (const { state } of sources) {
      for (const { id } of state.kind === 'builds' ? state.builds : []) {
        const known = clusters.get(id) ?? new Set<string>()
        clusters.set(id, known)
        if (destination.cluster !== undefined) known.add(destination.cluster)
      }
    }
  }
  return (a, b) => {
    if (a.build === b.build) return 'own'
    const [one, other] = [clusters.get(a.build), clusters.get(b.build)]
    if (!one?.size || !other?.size) return EXAMPLE.test(a.build) || EXAMPLE.test(b.build) ? undefined : 'perhaps'
    return [...one].some(cluster => other.has(cluster)) ? 'same' : undefined
  }
}
