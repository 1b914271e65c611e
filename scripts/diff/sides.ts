// Renders both versions of a tree, and of each only what the other does not have in the same way.
import { availableParallelism } from 'node:os'
import { join, posix, resolve } from 'node:path'
import { type RawSource, readSources } from '../tree/argocd/applications.ts'
import { readConfigured } from '../tree/configured.ts'
import { deploy } from '../tree/deploy.ts'
import type { ScopeOf } from '../tree/deployment/assemble.ts'
import { findApplicationRoots, type Renderings, readAndRender, type Settings } from '../tree/engine.ts'
import { readEnvironments } from '../tree/environments/declared.ts'
import { findHelm } from '../tree/helm/binary.ts'
import { findKustomize } from '../tree/kustomize/build/binary.ts'
import { isClusterKind } from '../tree/kustomize/trace/tables/cluster-kinds.ts'
import { describeMachine } from '../tree/machine.ts'
import { groupOf, stringAt } from '../tree/model/build.ts'
import type { KubernetesObject } from '../tree/model/resource.ts'
import { readFolders, readTree } from '../tree/read-tree.ts'
import { readCheckout } from '../tree/source/git-remote.ts'
import type { Sources } from '../tree/source/sources.ts'
import { typeOfKind } from '../tree/stored/types.ts'
import { compareInputs, type Inputs } from './inputs.ts'
import type { Side, SideName } from './model.ts'

export interface Sides {
  readonly base: Side
  readonly head: Side
  readonly inputs: Inputs
  /** Folders that were rendered because of what Applications say of them. */
  readonly named: ReadonlySet<string>
  renderMore(side: SideName, folders: readonly string[]): Promise<Renderings>
}

export interface SideOptions {
  /** Where the checkout is: its remotes say which Applications mean it. */
  readonly root: string
  /** These folders and what they read, and nothing else of the tree: nobody looks for Applications then. */
  readonly folders?: readonly string[]
  /** False: every build is rendered anew, and nothing is kept. */
  readonly cache?: boolean
  readonly onProgress?: Settings['onProgress']
}

/** How often an Application that is found may bring others that are found then. */
const MOST_ROUNDS = 10

/** `base` should share its files with `head` (openCommit's twin, layOver): what is one object in both is not compared. */
export async function renderSides(base: Sources, head: Sources, options: SideOptions): Promise<Sides> {
  const configured = readConfigured(head)
  // Each side names the repository as it knows it: a change of the address moves nothing.
  const urls = configured.urls.length ? [...new Set([...configured.urls, ...readConfigured(base).urls])] : []
  const settings = makeSettings(options, configured.exclude, urls)
  // The head first: what it has walked, the base need not ask for again.
  const { folders } = options
  const read = (one: Sources) => (folders ? readFolders(one, folders) : readTree(one, settings.exclude, false))
  const [next, old] = [read(head), read(base)]
  const trees = { base: old, head: next }
  const inputs = compareInputs(trees.base.value, trees.head.value, settings.exclude)
  const named = new Set<string>()
  /** What cannot be rendered and is the same in both need not be tried twice. */
  const lost = new Set<string>()
  const render = async (side: SideName): Promise<Renderings> => {
    const { value: tree } = trees[side]
    const own = new Set(tree.roots)
    const wanted = [...inputs.roots.filter(root => own.has(root)), ...findApplicationRoots(tree)]
    const chosen = [...new Set(wanted)].filter(root => !lost.has(root))
    const spares = (folder: string, source?: RawSource): boolean => inputs.isSame(folder, source) && !named.has(folder)
    const sources = side === 'base' ? base : head
    const { value } = await readAndRender(sources, {
      ...settings,
      read: trees[side],
      choose: () => chosen,
      spares,
      ...(folders && { folders }),
    })
    for (const root of value.failed.keys()) if (inputs.isSame(root)) lost.add(root)
    return value
  }
  let rendered = { base: await render('base'), head: await render('head') }
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const more = listOtherwiseNamed(rendered.base, rendered.head).filter(folder => !named.has(folder))
    if (more.length === 0) break
    for (const folder of more) named.add(folder)
    if (more.every(folder => !inputs.isSame(folder))) break
    rendered = { base: await render('base'), head: await render('head') }
  }
  const describe = (name: SideName): Side => {
    const renderings = rendered[name]
    const { value: deployment } = deploy(renderings, createScopes(renderings))
    return { name, renderings, deployment, environments: readEnvironments(name === 'base' ? base : head).order }
  }
  const renderMore = async (side: SideName, folders: readonly string[]): Promise<Renderings> =>
    (await readAndRender(side === 'base' ? base : head, { ...settings, folders })).value
  return { base: describe('base'), head: describe('head'), inputs, named, renderMore }
}

function makeSettings(
  { root, cache, onProgress }: SideOptions,
  exclude: readonly string[],
  urls: readonly string[],
): Settings {
  const machine = describeMachine()
  const checkout = urls.length ? undefined : readCheckout(resolve(root))
  const repository = urls.length
    ? { urls, prefix: '', isDeclared: true }
    : checkout && { ...checkout, isDeclared: false }
  return {
    exclude,
    repository,
    kustomize: () => findKustomize(machine),
    helm: () => findHelm(machine),
    parallelism: availableParallelism(),
    cacheFolder: cache === false ? undefined : join(machine.cacheFolder, 'renderings'),
    onProgress,
  }
}

/** The folders of Applications that only one side has, or that say something else there. */
function listOtherwiseNamed(base: Renderings, head: Renderings): readonly string[] {
  const index = ({ sources }: Renderings): ReadonlyMap<string, KubernetesObject> =>
    new Map([...sources.keys()].map(one => [JSON.stringify([one.metadata?.name, one.spec]), one]))
  const [olds, nexts] = [index(base), index(head)]
  const other = [...[...olds].filter(([key]) => !nexts.has(key)), ...[...nexts].filter(([key]) => !olds.has(key))].map(
    ([, object]) => object,
  )
  const { tree } = head
  return [
    ...new Set(
      other.flatMap(readSources).flatMap(({ path }) => {
        if (path === undefined || posix.isAbsolute(path)) return []
        // The root may stand in a folder of the repository: a path means what it ends in.
        const segments = posix
          .normalize(path)
          .replace(/(.)\/$/, '$1')
          .split('/')
        return segments.map((_, start) => segments.slice(start).join('/'))
      }),
    ),
  ].filter(folder => [tree, base.tree].some(one => one.sources.resolve(folder).kind === 'folder'))
}

/** Which kinds stand in no namespace: Kubernetes' own by table, others by their definition where the tree has it. */
function createScopes({ built }: Renderings): ScopeOf {
  const defined = new Map<string, string>()
  for (const object of [...built.values()].flat()) {
    if (object.kind !== 'CustomResourceDefinition') continue
    const [group, kind] = [stringAt(object, ['spec', 'group']), stringAt(object, ['spec', 'names', 'kind'])]
    defined.set(`${group}/${kind}`, stringAt(object, ['spec', 'scope']) ?? 'Namespaced')
  }
  return ({ apiVersion, kind }) => {
    const group = groupOf(apiVersion)
    const scope = defined.get(`${group}/${kind}`)
    if (scope !== undefined) return scope === 'Cluster' ? 'Cluster' : 'Namespaced'
    if (isClusterKind(apiVersion, kind)) return 'Cluster'
    return typeOfKind(group, kind) === undefined ? undefined : 'Namespaced'
  }
}
