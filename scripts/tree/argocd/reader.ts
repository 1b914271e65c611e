// Follows the Applications and ApplicationSets of a tree: what they render may bring more of them.
import { posix } from 'node:path'
import type { Settings } from '../engine.ts'
import { groupOf, listAt, stringAt } from '../model/build.ts'
import type { KubernetesObject } from '../model/resource.ts'
import type { Tree } from '../read-tree.ts'
import { SourceFile } from '../source/source-file.ts'
import { decideOwnRepository, type OwnRepository, pathInTree, type RawSource, readSources } from './applications.ts'
import { type Expansion, expandApplicationSet } from './applicationset/expand.ts'
import { distinctClusters } from './applicationset/generators/clusters.ts'
import type { ClusterSecret, GeneratorWorld } from './applicationset/generators/world.ts'
import { createRenderer } from './applicationset/go-template.ts'
import { readClusterSecret } from './installation.ts'
import { normalizeRepositoryUrl } from './repository-url.ts'
import { nameDocument } from './source/directory.ts'
import { renderSources } from './source/render-source.ts'
import type { RenderedSource } from './source/rendered.ts'
import type { SourceWorld } from './source/task.ts'

/** How deep an Application of Applications of Applications may go. */
const MAX_ROUNDS = 50

/** Collects objects as they are rendered, and renders what those of Argo CD bring. */
export class ApplicationReader {
  readonly sources = new Map<KubernetesObject, readonly RenderedSource[]>()
  readonly expansions = new Map<KubernetesObject, Expansion>()
  readonly #tree: Tree
  readonly #settings: Settings
  readonly #applications: KubernetesObject[] = []
  readonly #sets: KubernetesObject[] = []
  readonly #clusters: ClusterSecret[] = []
  /** Applications of one name that render the same are rendered once: what brings itself ends. */
  readonly #rendered = new Map<string, readonly RenderedSource[]>()
  #rounds = 0
  #files: readonly string[] | undefined
  #loose: ReturnType<typeof indexLoose> | undefined

  constructor(tree: Tree, settings: Settings) {
    this.#tree = tree
    this.#settings = settings
  }

  add(objects: Iterable<KubernetesObject>): void {
    for (const object of objects) {
      if (object.kind === 'Secret') this.#clusters.push(...readClusterSecret(object))
      if (groupOf(String(object.apiVersion ?? '')) !== 'argoproj.io') continue
      if (object.kind === 'Application') this.#applications.push(object)
      if (object.kind === 'ApplicationSet') this.#sets.push(object)
    }
  }

  get hasMore(): boolean {
    if (this.#rounds >= MAX_ROUNDS) return false
    return (
      this.#applications.some(object => !this.sources.has(object)) ||
      this.#sets.some(object => !this.expansions.has(object))
    )
  }

  /** Folders of kustomizations that Applications take as they are written. */
  listNamedFolders(): readonly string[] {
    const own = this.#decideOwn()
    const { graph, sources } = this.#tree
    const named = new Set<string>()
    for (const source of this.#applications.flatMap(readSources)) {
      const path = source.isChart ? undefined : pathInTree(source, own)
      const entry = path === undefined ? undefined : sources.resolve(path)
      if (entry?.kind === 'folder' && graph.kustomizations.has(entry.path)) named.add(entry.path)
    }
    return [...named]
  }

  /** Renders the Applications and expands the ApplicationSets that are new. */
  async readNext(plain: SourceWorld['plain']): Promise<void> {
    this.#rounds++
    const own = this.#decideOwn()
    const world = this.#describeSources(own, plain)
    const applications = this.#applications.filter(object => !this.sources.has(object))
    await inParallel(applications, this.#settings.parallelism, async object => {
      this.sources.set(object, await this.#renderOnce(object, world))
    })
    const sets = this.#sets.filter(object => !this.expansions.has(object))
    const generators = sets.length ? this.#describeGenerators(own) : undefined
    await inParallel(sets, this.#settings.parallelism, async object => {
      if (generators) this.expansions.set(object, await expandApplicationSet(object, generators))
    })
    const known = new Set([...this.#applications, ...this.#sets])
    for (const object of applications) {
      for (const { state } of this.sources.get(object) ?? []) {
        if (state.kind !== 'objects') continue
        const found = state.objects.map(one => one.object).filter(one => !known.has(one))
        for (const one of found) known.add(one)
        this.add(found)
      }
    }
    for (const object of sets) this.add(this.expansions.get(object)?.applications ?? [])
  }

  async #renderOnce(object: KubernetesObject, world: SourceWorld): Promise<readonly RenderedSource[]> {
    const key = JSON.stringify([object.metadata?.name, object.metadata?.namespace, object.spec])
    const known = this.#rendered.get(key)
    if (known) return known
    const rendered = await renderSources(object, world)
    this.#rendered.set(key, rendered)
    return rendered
  }

  get #all(): readonly string[] {
    this.#files ??= this.#tree.sources.list([])
    return this.#files
  }

  #decideOwn(): OwnRepository {
    const sources = [...this.#applications.flatMap(readSources), ...this.#sets.flatMap(listSourcesOfSet)]
    return decideOwnRepository(sources, this.#settings.repository, this.#tree.stateOf)
  }

  #describeSources(own: OwnRepository, plain: SourceWorld['plain']): SourceWorld {
    this.#loose ??= indexLoose(this.#tree)
    const { known, byFolder } = this.#loose
    const { kustomize, helm, cacheFolder, spares } = this.#settings
    // Most trees never ask for it, and it is a walk of its own.
    const list = (): readonly string[] => this.#all
    return {
      tree: this.#tree,
      get files() {
        return list()
      },
      own,
      kustomize,
      helm: helm ?? (() => undefined),
      cacheFolder,
      known,
      looseIn: folder => byFolder.get(folder) ?? [],
      plain,
      ...(spares && { spares }),
    }
  }

  #describeGenerators(own: OwnRepository): GeneratorWorld {
    const { sources } = this.#tree
    const { prefix } = own
    const helm = this.#settings.helm?.()
    const inRepository = (path: string): string => (prefix === '' ? path : `${prefix}/${path}`)
    return {
      isOwn: (repoUrl, revision) => own.urls.has(normalizeRepositoryUrl(repoUrl)) && own.revisions.has(revision),
      files: this.#all.map(inRepository),
      readText(path) {
        const file = sources.read(prefix === '' ? path : path.slice(prefix.length + 1))
        return file instanceof SourceFile ? file.text : undefined
      },
      clusters: distinctClusters(this.#clusters),
      render: helm && createRenderer(helm, this.#settings.cacheFolder),
    }
  }
}

/** The loose manifests by the document they are, and by their folder. */
function indexLoose({ loose }: Tree) {
  const known = new Map<string, KubernetesObject>()
  const byFolder = new Map<string, KubernetesObject[]>()
  for (const { file, document, item, object } of loose) {
    known.set(nameDocument(file.path, document, item), object)
    const folder = posix.dirname(file.path)
    const list = byFolder.get(folder)
    if (list) list.push(object)
    else byFolder.set(folder, [object])
  }
  return { known, byFolder }
}

/** What an ApplicationSet says of its repository, as far as it is not a template. */
function listSourcesOfSet(set: KubernetesObject): readonly RawSource[] {
  const template = readSources({ spec: (set.spec as { template?: { spec?: unknown } } | undefined)?.template?.spec })
  const generators = listAt(set, ['spec', 'generators']).flatMap(entry => {
    const repoUrl = stringAt(entry, ['git', 'repoURL'])
    const revision = stringAt(entry, ['git', 'revision']) ?? ''
    const paths = listAt(entry, ['git', 'directories']).map(
      item => (stringAt(item, ['path']) ?? '').split(/\/?[*?[{]/)[0],
    )
    return paths.map(
      (path): RawSource => ({
        fieldPath: [],
        repoUrl,
        path: path || undefined,
        revision,
        namespace: undefined,
        isChart: false,
        value: undefined,
      }),
    )
  })
  return [...template, ...generators]
}

async function inParallel<Item>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = [...items].reverse()
  const run = async (): Promise<void> => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(Math.max(limit, 1), items.length) }, run))
}
