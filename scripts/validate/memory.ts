// Remembers where nothing was found, by all that it was judged by: what is the same is not judged again. Only what is clean is
// remembered, so that nothing which is said was said before.
import { createHash } from 'node:crypto'
import type { Renderings } from '../tree/engine.ts'
import { CONFIGURATION } from '../tree/environments/declared.ts'
import type { Kustomization } from '../tree/kustomize/graph/kustomization.ts'
import { hashBuild } from '../tree/kustomize/build/render-cache.ts'
import type { Build, Resource } from '../tree/model/build.ts'
import type { Answer } from '../tree/model/references/elsewhere.ts'
import type { ResourceIndex } from '../tree/model/resource-index.ts'
import type { KubernetesObject } from '../tree/model/resource.ts'
import { hashOwnCode } from '../tree/own-code.ts'
import { nameOf, type Pack } from '../tree/pack.ts'
import { SourceFile } from '../tree/source/source-file.ts'
import type { Reader } from './rules/rule.ts'

export interface Memory {
  /** Whether nothing was found in a resource by its schema. */
  isClean(resource: Resource): boolean
  noteClean(resource: Resource): void
  /** Whether the rules found nothing in a build, with the same beside it and the same answers of the whole tree. */
  isQuiet(build: Build, beside: ResourceIndex, rules: string): boolean
  noteQuiet(build: Build, beside: ResourceIndex, rules: string, answers: readonly Answer[]): void
  /** Whether the rules found nothing in a file. */
  isQuietFile(file: SourceFile, rules: string): boolean
  noteQuietFile(file: SourceFile, rules: string): void
  /**
   * Whether the rules found nothing in a kustomization, with the same builds that read it and the same beside the build that
   * it is the root of.
   */
  isQuietKustomization(kustomization: Kustomization, readers: readonly Reader[], rules: string, beside: Beside): boolean
  noteQuietKustomization(kustomization: Kustomization, readers: readonly Reader[], rules: string, beside: Beside): void
}

interface Remembered {
  readonly pack: Pack
  readonly renderings: Renderings
  /** Those that the tree brings for its own kinds. */
  readonly definitions: readonly KubernetesObject[]
}

/** What lives beside a build; undefined where there is none. */
type Beside = ResourceIndex | undefined

export const NO_MEMORY: Memory = {
  isClean: () => false,
  noteClean: () => {},
  isQuiet: () => false,
  noteQuiet: () => {},
  isQuietFile: () => false,
  noteQuietFile: () => {},
  isQuietKustomization: () => false,
  noteQuietKustomization: () => {},
}

export function openMemory({ pack, renderings, definitions }: Remembered): Memory {
  /** What judges. */
  const by = nameOf(hashOwnCode(), definitions).slice(0, 20)
  const contentOf = createNaming(renderings)
  const neighbourhoods = new Map<ResourceIndex, string | undefined>()
  const nameResource = (resource: Resource): string | undefined => {
    // What is found in a definition depends on who has objects of its kind.
    if (resource.kind === 'CustomResourceDefinition') return undefined
    const content = contentOf(resource)
    return content && `${by}.${content}`
  }
  const nameNeighbourhood = (index: ResourceIndex): string | undefined => {
    const hash = createHash('sha256').update(nameOf(by, index.unseen))
    for (const resource of index.resources) {
      const content = contentOf(resource)
      if (content === undefined) return undefined
      const { build, namespace, isNamespaced, isClusterScoped } = resource
      hash.update(`${JSON.stringify([content, build, namespace ?? null, isNamespaced, isClusterScoped])}\n`)
    }
    return hash.digest('base64url')
  }
  const nameBeside = (index: ResourceIndex): string | undefined => {
    if (!neighbourhoods.has(index)) neighbourhoods.set(index, nameNeighbourhood(index))
    return neighbourhoods.get(index)
  }
  const nameFile = ({ hash }: SourceFile, rules: string): string => `${by}.${hash}.${rules}`
  const nameKustomization = (
    { folder, faults }: Kustomization,
    readers: readonly Reader[],
    rules: string,
    index: Beside,
  ): string | undefined => {
    const { tree, kustomize } = renderings
    const beside = index && nameBeside(index)
    const isKnown = kustomize && faults.length === 0 && (index === undefined) === (beside === undefined)
    if (!isKnown || readers.some(({ build }) => !build)) return undefined
    const configuration = tree.sources.read(CONFIGURATION)
    const hash = (of: string): string => hashBuild(of, tree.sources, tree.graph, kustomize)
    const environments = configuration instanceof SourceFile ? configuration.hash : ''
    const read = readers.flatMap(({ root }) => [root, hash(root)])
    return nameOf(by, rules, folder, hash(folder), environments, beside ?? '', read)
  }
  const nameBuild = (build: Build, index: ResourceIndex, rules: string): string | undefined => {
    const beside = nameBeside(index)
    return beside && nameOf(beside, build.kind, build.id, rules)
  }
  return {
    isClean(resource) {
      const name = nameResource(resource)
      return name !== undefined && pack.has(name)
    },
    noteClean(resource) {
      const name = nameResource(resource)
      if (name !== undefined) pack.set(name, 1)
    },
    isQuiet(build, index, rules) {
      const name = nameBuild(build, index, rules)
      const answers = name === undefined ? undefined : pack.get<readonly Answer[]>(name)
      return answers?.every(answer => index.elsewhere?.isStill(answer) === true) === true
    },
    noteQuiet(build, index, rules, answers) {
      const name = nameBuild(build, index, rules)
      if (name !== undefined) pack.set(name, answers)
    },
    isQuietFile: (file, rules) => pack.has(nameFile(file, rules)),
    noteQuietFile: (file, rules) => pack.set(nameFile(file, rules), 1),
    isQuietKustomization(...asked) {
      const name = nameKustomization(...asked)
      return name !== undefined && pack.has(name)
    },
    noteQuietKustomization(...asked) {
      const name = nameKustomization(...asked)
      if (name !== undefined) pack.set(name, 1)
    },
  }
}

/** What the content of a resource is known by, without its being looked at; undefined where it is not known so. */
function createNaming({ tree, kustomize, partial }: Renderings): (resource: Resource) => string | undefined {
  const { sources, graph } = tree
  const loose = new Map(
    tree.loose.map(({ object, file, document, item }) => [
      object,
      nameOf(file.path, file.hash, document, item ?? null),
    ]),
  )
  return ({ origin, build, object }) => {
    if (origin.kind !== 'rendered') return loose.get(object)
    if (partial.has(build) || !kustomize) return undefined
    return `${hashBuild(build, sources, graph, kustomize)}.${origin.index}`
  }
}
