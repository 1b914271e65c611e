// The engine: a set of files becomes builds. Everything that renders a tree goes through here, with one pinned kustomize.
import { posix } from 'node:path'
import type { Expansion } from './argocd/applicationset/expand.ts'
import { isApplication, type RawSource, type Repository } from './argocd/applications.ts'
import { ApplicationReader } from './argocd/reader.ts'
import type { RenderedSource } from './argocd/source/rendered.ts'
import type { Helm } from './helm/binary.ts'
import type { Kustomize } from './kustomize/build/binary.ts'
import { type FailedBuild, renderRoots } from './kustomize/build/builds.ts'
import { inflateCharts } from './kustomize/charts/inflate.ts'
import { isWhole, listSoundBelow, renderAllPartly } from './kustomize/build/partial.ts'
import type { Graph } from './kustomize/graph/kustomization.ts'
import { groupOf } from './model/build.ts'
import { isResourcePlace, type Stage } from './model/place.ts'
import type { KubernetesObject } from './model/resource.ts'
import { listSourceDocuments, readFolders, readTree, type Tree } from './read-tree.ts'
import type { LooseDocument } from './source/manifests.ts'
import type { SourceFile } from './source/source-file.ts'
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
  /** Whether kustomize may inflate charts, whatever the tree says. */
  readonly inflatesCharts?: boolean
  /** Processes at a time. */
  readonly parallelism: number
  /** Where renderings are kept; undefined: nowhere. */
  readonly cacheFolder: string | undefined
  /** These folders and what they read, and nothing else of the tree. */
  readonly folders?: readonly string[]
  /** Chooses the roots to render. Folders that Applications name join them. Without it all roots are rendered. */
  readonly choose?: (tree: Tree) => readonly string[]
  /** Renders what is left of a root that cannot be rendered as it is. For judging alone: nobody deploys the half of a build. */
  readonly salvage?: boolean
  /** The tree, where it has been read already. */
  readonly read?: Stage<Tree>
  /** Folders that Applications name, and that nobody wants to know of: they count as unknown. */
  readonly spares?: (folder: string, source?: RawSource) => boolean
  /** True where others render the rest: folders that Applications name are theirs. */
  readonly isShare?: boolean
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
  /** Roots that were not given to kustomize, since a file of theirs has a fault, and of which nothing was rendered. */
  readonly refused: ReadonlySet<string>
  /** Roots that were rendered without some of their entries, each with the graph that it was rendered by. */
  readonly partial: ReadonlyMap<string, Graph>
  /** Folders that are rendered on their own, since the root that reads them is not. */
  readonly salvaged: ReadonlySet<string>
  /** Folders of roots that are not rendered as a whole, and that fail for a reason of their own. */
  readonly broken: ReadonlyMap<string, FailedBuild>
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
  const asWritten =
    settings.read ?? (settings.folders ? readFolders(sources, settings.folders) : readTree(sources, settings.exclude))
  const read = await withCharts(asWritten, settings)
  const tree = read.value
  const roots = settings.choose?.(tree) ?? tree.roots
  const value = await render(tree, roots, settings)
  const rendered = [...value.sources.values()].flat().map(({ chart }) => chart && posix.join(chart, 'Chart.yaml'))
  const inflated = new Set(
    [...(tree.templates?.values() ?? [])].map(template => template.replace(/\/templates\/.*$/, '/Chart.yaml')),
  )
  const charts = new Set([...rendered, ...inflated])
  const notExamined = read.notExamined.filter(({ place }) => isResourcePlace(place) || !charts.has(place.range.file))
  return { ...read, value, notExamined }
}

/** With charts in the place of `helmCharts`, where they may be rendered and lie in the tree. */
async function withCharts(read: Stage<Tree>, settings: Settings): Promise<Stage<Tree>> {
  const { inflatesCharts, graph } = read.value
  const isAsked = [...graph.kustomizations.values()].some(({ value }) => Array.isArray(value.helmCharts))
  const helm = isAsked && (inflatesCharts || settings.inflatesCharts) ? settings.helm?.() : undefined
  return helm ? inflateCharts(read, { ...settings, helm }) : read
}

/** Renders the roots, then the folders that the Applications found so far name, until there are no new ones. */
async function render(tree: Tree, roots: readonly string[], settings: Settings): Promise<Renderings> {
  const { graph, sources } = tree
  const built = new Map<string, readonly KubernetesObject[]>()
  const failed = new Map<string, FailedBuild>()
  const refused = new Set<string>()
  const partial = new Map<string, Graph>()
  const salvaged = new Set<string>()
  const broken = new Map<string, FailedBuild>()
  const kustomize = roots.length ? settings.kustomize() : undefined
  const reader = new ApplicationReader(tree, settings)
  reader.add(tree.loose.map(({ object }) => object))
  const known = new Set<string>()
  const renderFolders = async (wanted: readonly string[]): Promise<void> => {
    for (const root of wanted) known.add(root)
    const isSound = (root: string): boolean => graph.reach(root).every(({ faults }) => faults.length === 0)
    for (const root of wanted) if (!isSound(root)) refused.add(root)
    if (wanted.length === 0) return
    const options = { ...settings, sources, graph, kustomize: kustomize ?? settings.kustomize() }
    const keep = (root: string, resources: readonly KubernetesObject[]): void => {
      built.set(root, resources)
      reader.add(resources)
    }
    const sound = wanted.filter(root => !refused.has(root))
    for (const [root, result] of await renderRoots(sound, options)) {
      if ('fault' in result) failed.set(root, result)
      else keep(root, result.resources)
    }
    if (!settings.salvage) return
    const unsound = wanted.filter(root => refused.has(root))
    const parts = await renderAllPartly(unsound, options)
    for (const [folder, result] of parts.broken) broken.set(folder, result)
    for (const [root, result] of parts.builds) {
      refused.delete(root)
      partial.set(root, result.graph)
      keep(root, result.resources)
    }
    let lost = wanted.filter(root => !built.has(root) && !isOverrun(failed.get(root)))
    const told = new Set([...failed.keys()].flatMap(root => graph.reach(root).map(({ folder }) => folder)))
    // What fails is looked into, until nothing sound is left below it.
    while (lost.length > 0) {
      const below = listSoundBelow(graph, lost, built.keys())
      lost = []
      for (const [root, result] of await renderRoots(below, options)) {
        if ('fault' in result) {
          if (isOverrun(result)) continue
          lost.push(root)
          if (!told.has(root) && isWhole(graph, root)) broken.set(root, result)
          continue
        }
        known.add(root)
        salvaged.add(root)
        keep(root, result.resources)
      }
    }
  }
  await renderFolders(roots)
  const plain = async (folder: string): Promise<readonly KubernetesObject[] | undefined> => {
    if (!known.has(folder)) await renderFolders([folder])
    return built.get(folder)
  }
  // Who asks for some folders wants what they render, not what that brings.
  while (!settings.folders && !settings.isShare && reader.hasMore) {
    const named = reader.listNamedFolders().filter(path => !known.has(path) && !settings.spares?.(path))
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
    partial,
    salvaged,
    broken,
    folders,
    sources: reader.sources,
    expansions: reader.expansions,
  }
}

const isOverrun = (build: FailedBuild | undefined): boolean =>
  /^the build (?:took|printed) more than/.test(build?.text ?? '')

/** Patches that an Application names, and files it passes over, are not manifests of their own. */
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
  const mayHold = (file: SourceFile): boolean => file.holds('argoproj.io')
  return tree.roots.filter(root =>
    listSourceDocuments(tree.graph, tree.sources, root, mayHold).some(({ object }) => isApplicationObject(object)),
  )
}
