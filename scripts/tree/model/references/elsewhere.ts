// Objects that the tree holds besides what lives together: another build, or a person, may bring them to the same place.
import { isDeepStrictEqual } from 'node:util'
import { listReach } from '../pod-makers.ts'
import { type Build, groupOf, type Resource, stringAt } from '../build.ts'
import { closest } from '../closest.ts'
import { Lists } from '../lists.ts'
import type { KindId } from '../references.ts'
import type { KubernetesObject } from '../resource.ts'

interface Entry {
  readonly namespace: string | undefined
  readonly build: string | undefined
}

export class Elsewhere {
  /** By kind and name. */
  readonly #entries = new Lists<Entry>()
  /** The builds that bring something to a namespace. */
  readonly #namespaces = new Map<string, Set<string | undefined>>()

  /** The builds whose operators may bring something to a namespace that is not their own. */
  readonly #reached = new Map<string, Set<string>>()

  readonly #synced: ReadonlySet<string>

  /** Told of each answer: what was made of answers is right as long as they are the same. */
  onAnswer: ((answer: Answer) => void) | undefined

  /**
   * `unlisted` are manifests that nothing deploys: somebody may apply them by hand. `synced` are the builds that an
   * Application brings.
   */
  constructor(builds: readonly Build[], unlisted: readonly KubernetesObject[], synced: ReadonlySet<string>) {
    this.#synced = synced
    for (const { id, resources } of builds) {
      for (const resource of resources) {
        const kind = `${resource.group}/${resource.kind}`
        this.#add(kind, resource.name, resource.build === id ? resource : { namespace: resource.namespace, build: id })
        for (const namespace of listReach(resource)) if (namespace !== resource.namespace) this.#reach(namespace, id)
      }
    }
    for (const object of unlisted) {
      const kind = `${groupOf(`${object.apiVersion ?? ''}`)}/${object.kind}`
      const namespace = stringAt(object, ['metadata', 'namespace'])
      this.#add(kind, stringAt(object, ['metadata', 'name']) ?? '', { namespace, build: undefined })
    }
  }

  #add(kind: KindId, name: string, entry: Entry): void {
    this.#entries.add(kind, name, entry)
    if (entry.namespace === undefined) return
    const builds = this.#namespaces.get(entry.namespace)
    if (builds) builds.add(entry.build)
    else this.#namespaces.set(entry.namespace, new Set([entry.build]))
  }

  #reach(namespace: string | undefined, build: string): void {
    if (namespace === undefined) return
    const builds = this.#reached.get(namespace)
    if (builds) builds.add(build)
    else this.#reached.set(namespace, new Set([build]))
  }

  /** The builds that hold an object, or another version of it. */
  #holdersOf({ group, kind, name }: Identity): ReadonlySet<string | undefined> {
    return new Set(this.#entries.get(`${group}/${kind}`, name).map(({ build }) => build))
  }

  #say<Said extends Answer['answer']>(question: Answer['question'], answer: Said): Said {
    this.onAnswer?.({ question, answer })
    return answer
  }

  /** Whether an Application brings the build. */
  isSynced(build: string): boolean {
    return this.#say(['isSynced', build], this.#synced.has(build))
  }

  /** Whether something of the tree is in the namespace. */
  isInUse(namespace: string): boolean {
    return this.#say(['isInUse', namespace], this.#namespaces.has(namespace))
  }

  /** Whether others than some builds, and other versions of what the resource is a part of, are in its namespace. */
  isShared({ group, kind, name, namespace }: Identity, known: ReadonlySet<string>): boolean {
    if (namespace === undefined) return false
    const builds = [...(this.#namespaces.get(namespace) ?? []), ...(this.#reached.get(namespace) ?? [])]
    const others = builds.filter(build => build === undefined || !known.has(build))
    const holders = others.length > 0 ? this.#holdersOf({ group, kind, name }) : NONE
    const isShared = others.some(build => build === undefined || !holders.has(build))
    return this.#say(['isShared', { group, kind, name, namespace }, [...known]], isShared)
  }

  /**
   * Whether something that is not in the same build could bring the object. A build that holds the asking resource as well
   * is another version of the same, for another place.
   */
  mayBring(wanted: KindId, wantedName: string, wantedNamespace: string | undefined, from: Identity): boolean {
    const { group, kind, name } = from
    const bringers = this.#entries.get(wanted, wantedName).filter(entry => {
      const isElsewhere = entry.namespace !== undefined && entry.namespace !== wantedNamespace
      return !isElsewhere || wantedNamespace === undefined
    })
    const holders = bringers.length > 0 ? this.#holdersOf(from) : NONE
    const mayBring = bringers.some(({ build }) => build === undefined || !holders.has(build))
    return this.#say(['mayBring', wanted, wantedName, wantedNamespace ?? null, { group, kind, name }], mayBring)
  }

  /** The namespaces that have an object of this name, as far as they are said. */
  namespacesOf(kind: KindId, name: string): readonly string[] {
    const said = this.#entries.get(kind, name).flatMap(({ namespace }) => namespace ?? [])
    return this.#say(['namespacesOf', kind, name], [...new Set(said)].sort().slice(0, MOST_NAMES))
  }

  /** What the tree has of a kind instead of a name that nothing has: the nearest, or else a few. */
  namesInstead(kind: KindId, name: string): readonly string[] {
    const names = this.#entries.secondsOf(kind).filter(one => /^[\w.-]+$/.test(one))
    const near = closest(name, names)
    const instead = near === undefined ? [...names].sort().slice(0, MOST_NAMES) : [near]
    return this.#say(['namesInstead', kind, name], instead)
  }

  /** Whether a question has an answer that was given before. */
  isStill({ question, answer }: Answer): boolean {
    switch (question[0]) {
      case 'isSynced':
        return this.isSynced(question[1]) === answer
      case 'isInUse':
        return this.isInUse(question[1]) === answer
      case 'isShared':
        return this.isShared(question[1], new Set(question[2])) === answer
      case 'mayBring':
        return this.mayBring(question[1], question[2], question[3] ?? undefined, question[4]) === answer
      case 'namespacesOf':
        return isDeepStrictEqual(this.namespacesOf(question[1], question[2]), answer)
      case 'namesInstead':
        return isDeepStrictEqual(this.namesInstead(question[1], question[2]), answer)
    }
  }
}

/** Who asks. */
type Identity = Pick<Resource, 'group' | 'kind' | 'name'> & { readonly namespace?: string | undefined }

/** One question and what was said to it, as plain data. */
export interface Answer {
  readonly question:
    | readonly ['isSynced', string]
    | readonly ['isInUse', string]
    | readonly ['isShared', Identity, readonly string[]]
    | readonly ['mayBring', KindId, string, string | null, Identity]
    | readonly ['namespacesOf' | 'namesInstead', KindId, string]
  readonly answer: boolean | readonly string[]
}

/** More names than a sentence says are no help. */
const MOST_NAMES = 4

const NONE: ReadonlySet<string | undefined> = new Set()
