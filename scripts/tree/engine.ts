// The engine: a set of files becomes builds. Everything that renders a tree goes through here, with one pinned kustomize.
import { posix } from 'node:path'
import type { Expansion } from './argocd/applicationset/expand.ts'
import { isApplication, type Repository } from './argocd/applications.ts'
import { ApplicationReader } from './argocd/reader.ts'
import type { RenderedSource } from './argocd/source/rendered.ts'
import type { Helm } from './helm/binary.ts'
import type { Kustomize } from './kustomize/build/binary.ts'
import { type FailedBuild, renderRoots } from './kustomize/build/builds.ts'
import { groupOf } from './model/build.ts'
import type { Stage } from './model/place.ts'
import type { KubernetesObject } from './model/resource.ts'
import { listSourceDocuments, readFolders, readTree, type Tree } from './read-tree.ts'
import type { LooseDocument } from './source/manifests.ts'
import type { Sources } from './source/sources.ts'

export interface Settings {
  /** Patterns as in .gitignore, relative to the root. */
  readonly exclude: readonly string[]
  /** Whose Applications mean this tree. */
  readonly repository: Repository | undefined
  /** Asked for once, and only where something is to be rendered. */
  readonly kustomize: () => Kustomize
  /** For charts and Go templates; undefined where there is none. Without it they are not examined. */
  readonly helm?: () => Helm | undefined
  /** Processes at a time. */
  readonly parallelism: number
  /** Where renderings are kept; undefined: nowhere. */
  readonly cacheFolder: string | undefined
  /** These folders and what they read, and nothing else of the tree. */
  readonly folders?: readonly string[]
  /** Chooses the roots to render. Folders that Applications name join them. Without it all roots are rendered. */
  readonly choose?: (tree: Tree) => readonly string[]
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/** What was rendered, before anything is known of schemas and namespaces. */
export interface Renderings {
  readonly tree: Tree
  /** Undefined where nothing was to be rendered. */
  readonly kustomize: Kustomize | undefined
  readonly built: ReadonlyMap<string, readonly KubernetesObject[]>
  /** Builds that kustomize refused. */
  readonly failed: ReadonlyMap<string, FailedBuild>
  /** Roots that were not given to kustomize, since a file of theirs has a fault. */
  readonly refused: ReadonlySet<string>
  /** Loose manifests by folder. */
  readonly folders: ReadonlyMap<string, readonly LooseDocument[]>
  /** What the sources of each Application render, and what each ApplicationSet makes. */
  readonly sources: ReadonlyMap<KubernetesObject, readonly RenderedSource[]>
  readonly expansions: ReadonlyMap<KubernetesObject, Expansion>
}

/**
 * Reads a tree and renders it. The faults are those of the files; what kustomize says of a build stands in `failed`,
 * since it may only follow from what a later stage knows better.
 */
export async function readAndRender(sources: Sources, settings: Settings): Promise<Stage<Renderings>> {
  const read = settings.folders ? readFolders(sources, settings.folders) : readTree(sources, settings.exclude)
  const tree = read.value
  const roots = settings.choose?.(tree) ?? tree.roots
  const value = await render(tree, roots, settings)
  return { ...read, value }
}

/** Renders the roots, then the folders that the Applications found so far name, until there are no new ones. */
async function render(tree: Tree, roots: readonly string[], settings: Settings): Promise<Renderings> {
  const { graph, sources } = tree
  const built = new Map<string, readonly KubernetesObject[]>()
  const failed = new Map<string, FailedBuild>()
  const refused = new Set<string>()
  const kustomize = roots.length ? settings.kustomize() : undefined
  const reader = new ApplicationReader(tree, settings)
  reader.add(tree.loose.map(({ object }) => object))
  const known = new Set<string>()
  const renderFolders = async (wanted: readonly string[]): Promise<void> => {
    for (const root of wanted) known.add(root)
    const isSound = (root: string): boolean => graph.reach(root).every(({ faults }) => faults.length === 0)
    for (const root of wanted) if (!isSound(root)) refused.add(root)
    const sound = wanted.filter(root => !refused.has(root))
    const results = sound.length
      ? await renderRoots(sound, { ...settings, sources, graph, kustomize: kustomize ?? settings.kustomize() })
      : []
    for (const [root, result] of results) {
      if ('fault' in result) failed.set(root, result)
      else {
        built.set(root, result.resources)
        reader.add(result.resources)
      }
    }
  }
  await renderFolders(roots)
  const plain = async (folder: string): Promise<readonly KubernetesObject[] | undefined> => {
    if (!known.has(folder)) await renderFolders([folder])
    return built.get(folder)
  }
  while (reader.hasMore) {
    const named = reader.listNamedFolders().filter(path => !known.has(path))
    if (named.length) await renderFolders(named)
    await reader.readNext(plain)
  }
  const settled = dropRead(tree, reader.sources.values())
  const folders = Map.groupBy(settled.loose, ({ file }) => posix.dirname(file.path))
  return {
    tree: settled,
    kustomize,
    built,
    failed,
    refused,
    folders,
    sources: reader.sources,
    expansions: reader.expansions,
  }
}

/** Patches that an Application names, and files it passes over, are no manifests of their own. */
function dropRead(tree: Tree, sources: Iterable<readonly RenderedSource[]>): Tree {
  const read = new Set<string>()
  for (const { reads, faults } of [...sources].flat()) {
    for (const path of reads ?? []) read.add(path)
    for (const { ruleId, range } of faults)
      if (range && ruleId === 'application-without-manifests') read.add(range.file)
  }
  return read.size === 0 ? tree : { ...tree, loose: tree.loose.filter(({ file }) => !read.has(file.path)) }
}

const isApplicationObject = (object: KubernetesObject): boolean => {
  const group = groupOf(object.apiVersion ?? '')
  return isApplication({ group, kind: object.kind }) || (group === 'argoproj.io' && object.kind === 'ApplicationSet')
}

/** Roots that may render Applications, which the rest needs to know its namespaces. */
export function findApplicationRoots(tree: Tree): readonly string[] {
  return tree.roots.filter(root =>
    [...listSourceDocuments(tree.graph, tree.sources, root)].some(({ object }) => isApplicationObject(object)),
  )
}
