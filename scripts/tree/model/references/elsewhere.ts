// Objects that the tree holds besides what lives together: another build, or a person, may bring them to the same place.
import { type Build, groupOf, type Resource, stringAt } from '../build.ts'
import type { KindId } from '../references.ts'
import type { KubernetesObject } from '../resource.ts'

interface Entry {
  readonly namespace: string | undefined
  readonly build: string | undefined
}

export class Elsewhere {
  readonly #entries = new Map<string, Entry[]>()
  readonly #identities = new Map<string, Set<string>>()
  /** The builds that bring something to a namespace. */
  readonly #namespaces = new Map<string, Set<string | undefined>>()

  readonly #synced: ReadonlySet<string>

  /**
   * `unlisted` are manifests that nothing deploys: somebody may apply them by hand. `synced` are the builds that an
   * Application brings.
   */
  constructor(builds: readonly Build[], unlisted: readonly KubernetesObject[], synced: ReadonlySet<string>) {
    this.#synced = synced
    for (const { id, resources } of builds) {
      const identities = this.#identities.get(id) ?? new Set()
      this.#identities.set(id, identities)
      for (const resource of resources) {
        identities.add(identityOf(resource))
        const kind = `${resource.group}/${resource.kind}`
        this.#add(kind, resource.name, { namespace: resource.namespace, build: id })
      }
    }
    for (const object of unlisted) {
      const kind = `${groupOf(`${object.apiVersion ?? ''}`)}/${object.kind}`
      const namespace = stringAt(object, ['metadata', 'namespace'])
      this.#add(kind, stringAt(object, ['metadata', 'name']) ?? '', { namespace, build: undefined })
    }
  }

  #add(kind: KindId, name: string, entry: Entry): void {
    const key = `${kind} ${name}`
    const list = this.#entries.get(key)
    if (list) list.push(entry)
    else this.#entries.set(key, [entry])
    if (entry.namespace === undefined) return
    const builds = this.#namespaces.get(entry.namespace)
    if (builds) builds.add(entry.build)
    else this.#namespaces.set(entry.namespace, new Set([entry.build]))
  }

  /** Whether an Application brings the build. */
  isSynced(build: string): boolean {
    return this.#synced.has(build)
  }

  /** Whether something of the tree is in the namespace. */
  isInUse(namespace: string): boolean {
    return this.#namespaces.has(namespace)
  }

  /** Whether others than some builds, and other versions of what the resource is a part of, are in its namespace. */
  isShared(resource: Resource, known: ReadonlySet<string>): boolean {
    if (resource.namespace === undefined) return false
    const own = identityOf(resource)
    return [...(this.#namespaces.get(resource.namespace) ?? [])].some(
      build => build === undefined || !(known.has(build) || this.#identities.get(build)?.has(own)),
    )
  }

  /**
   * Whether something that is not in the same build could bring the object. A build that holds the asking resource as well
   * is another version of the same, for another place.
   */
  mayBring(kind: KindId, name: string, namespace: string | undefined, from: Resource): boolean {
    const own = identityOf(from)
    return (this.#entries.get(`${kind} ${name}`) ?? []).some(entry => {
      if (entry.namespace !== undefined && namespace !== undefined && entry.namespace !== namespace) return false
      return entry.build === undefined || !this.#identities.get(entry.build)?.has(own)
    })
  }
}

const identityOf = ({ group, kind, name }: Resource): string => `${group}/${kind} ${name}`
