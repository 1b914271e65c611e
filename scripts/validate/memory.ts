// Remembers where nothing was found, by all that it was judged by: what is the same is not judged again. Only what is clean is
// remembered, so that nothing which is said was said before.
import { join } from 'node:path'
import { realpathSync } from 'node:fs'
import type { Renderings } from '../tree/engine.ts'
import { hashBuild } from '../tree/kustomize/build/render-cache.ts'
import type { Build, Resource } from '../tree/model/build.ts'
import type { Answer } from '../tree/model/references/elsewhere.ts'
import type { ResourceIndex } from '../tree/model/resource-index.ts'
import type { KubernetesObject } from '../tree/model/resource.ts'
import { hashOwnCode } from '../tree/own-code.ts'
import { nameOf, openPack, type Pack } from '../tree/pack.ts'

export interface Memory {
  /** Whether nothing was found in a resource by its schema. */
  isClean(resource: Resource): boolean
  noteClean(resource: Resource): void
  /** Whether the rules found nothing in a build, with the same beside it and the same answers of the whole tree. */
  isQuiet(build: Build, beside: ResourceIndex, rules: string): boolean
  noteQuiet(build: Build, beside: ResourceIndex, rules: string, answers: readonly Answer[]): void
  save(): void
}

interface Remembered {
  /** The root of the tree on this machine: each has a memory of its own. */
  readonly root: string
  readonly cacheFolder: string | undefined
  readonly renderings: Renderings
  /** Those that the tree brings for its own kinds. */
  readonly definitions: readonly KubernetesObject[]
}

/** Without a cache folder nothing is remembered. */
export function openMemory({ root, cacheFolder, renderings, definitions }: Remembered): Memory {
  const path = cacheFolder && join(cacheFolder, `clean-${nameOf(realpathSync(root))}.json`)
  const pack = openPack(path)
  return path === undefined ? NO_MEMORY : remember(pack, renderings, nameOf(hashOwnCode(), definitions))
}

export const NO_MEMORY: Memory = {
  isClean: () => false,
  noteClean: () => {},
  isQuiet: () => false,
  noteQuiet: () => {},
  save: () => {},
}

/** `by` is what judges. */
function remember(pack: Pack, renderings: Renderings, by: string): Memory {
  const contentOf = createNaming(renderings)
  const neighbourhoods = new Map<ResourceIndex, string | undefined>()
  const nameResource = (resource: Resource): string | undefined => {
    // What is found in a definition depends on who has objects of its kind.
    if (resource.kind === 'CustomResourceDefinition') return undefined
    const content = contentOf(resource)
    return content && `${by}.${content}`
  }
  const nameNeighbourhood = (index: ResourceIndex): string | undefined => {
    const parts: unknown[] = [by, index.unseen]
    for (const resource of index.resources) {
      const content = contentOf(resource)
      if (content === undefined) return undefined
      const { build, namespace, isNamespaced, isClusterScoped } = resource
      parts.push(content, build, namespace ?? null, isNamespaced, isClusterScoped)
    }
    return nameOf(...parts)
  }
  const nameBuild = (build: Build, index: ResourceIndex, rules: string): string | undefined => {
    if (!neighbourhoods.has(index)) neighbourhoods.set(index, nameNeighbourhood(index))
    const beside = neighbourhoods.get(index)
    return beside && nameOf(beside, build.kind, build.id, rules)
  }
  return {
    isClean(resource) {
      const name = nameResource(resource)
      return name !== undefined && pack.get(name) !== undefined
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
    save: () => pack.save(),
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
