// What lives beside the resources of a build once all is synced.
import type { Deployment } from '../deploy.ts'
import type { Renderings } from '../engine.ts'
import type { Build } from '../model/build.ts'
import type { Elsewhere } from '../model/references/elsewhere.ts'
import { ResourceIndex } from '../model/resource-index.ts'
import { type Unseen, unseenIn } from '../model/unseen.ts'

/**
 * What lives beside the resources of a build: builds that Applications sync to the same cluster and namespace, and for
 * loose manifests all others, since nothing says which of them are applied together.
 */
export function createNeighbourhoods(
  builds: readonly Build[],
  destinations: ReadonlyMap<string, ReadonlySet<string>>,
  clusters: ReadonlyMap<string, ReadonlySet<string>>,
  unseen: readonly Unseen[],
  { salvaged, tree }: Renderings,
  elsewhere: Elsewhere,
): Pick<Deployment, 'ownOf' | 'besideOf'> {
  const byDestination = new Map<string, Build[]>()
  for (const build of builds) {
    for (const destination of destinations.get(build.id) ?? []) {
      const list = byDestination.get(destination)
      if (list) list.push(build)
      else byDestination.set(destination, [build])
    }
  }
  const indexes = new Map<string, ResourceIndex>()
  const loose = builds.filter(({ kind }) => kind === 'directory')
  const unread = tree.unread.map(path => ({ cluster: undefined, namespace: undefined, reason: `${path} is not read` }))
  const open = (
    key: string,
    members: () => readonly Build[],
    reach: ReadonlySet<string>,
    more: readonly Unseen[] = [],
  ): ResourceIndex => {
    let index = indexes.get(key)
    if (!index) {
      index = new ResourceIndex(
        members().flatMap(({ resources }) => resources),
        [...unseenIn(unseen, reach), ...more],
        elsewhere,
      )
      indexes.set(key, index)
    }
    return index
  }
  const none = new Set<string>()
  const ownOf = once((build: Build): ResourceIndex => {
    // What a base stands for without the root that completes it is not known.
    const isPart = build.kind === 'kustomize' && salvaged.has(build.id)
    const more = isPart
      ? [{ cluster: undefined, namespace: undefined, reason: `${build.id} is a part of a build` }]
      : []
    return open(`own ${build.kind} ${build.id}`, () => [build], clusters.get(build.id) ?? none, more)
  })
  return {
    ownOf,
    besideOf: once(build => {
      if (build.kind === 'directory') return open('loose', () => loose, none, unread)
      const places = [...(destinations.get(build.id) ?? [])].sort()
      // Of alternatives one is there: the build itself, and of others the first.
      const neighbours = new Set(
        places
          .flatMap(place => byDestination.get(place) ?? [])
          .filter(one => one === build || (one.variantOf === undefined && one.id !== build.variantOf)),
      )
      if (neighbours.size <= 1) return ownOf(build)
      const variant = build.variantOf === undefined ? '' : `${build.id}\n`
      return open(`beside ${variant}${places.join('\n')}`, () => [...neighbours], clusters.get(build.id) ?? none)
    }),
  }
}

/** Each rule asks the same of each build. */
function once<T>(make: (build: Build) => T): (build: Build) => T {
  const known = new Map<Build, T>()
  return build => {
    let value = known.get(build)
    if (value === undefined) {
      value = make(build)
      known.set(build, value)
    }
    return value
  }
}
