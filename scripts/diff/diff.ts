// The pipeline of `npm run diff`: two versions rendered, their objects compared, each change with its line and its risk.
import type { Application } from '../tree/argocd/application.ts'
import { createLocator, type Locate } from '../tree/kustomize/trace/locate.ts'
import { type Resource, renderedResource } from '../tree/model/build.ts'
import { isAncestor } from '../tree/source/ancestors.ts'
import type { Sources } from '../tree/source/sources.ts'
import { compareDeployed, type LocateOn, type Locators } from './compare/compare.ts'
import { listDeployed, nameEnvironment, nameSource } from './deployed.ts'
import type { ComparedObject, Comparison, DiffReport, Risk, Side } from './model.ts'
import { createRemovedLocator } from './removed.ts'
import { renderSides, type SideOptions, type Sides } from './sides.ts'
import { listNotRendered } from './unrendered.ts'
import { createValuesLocator } from './values.ts'

/** A shared folder that changed, and what its change reaches. */
export interface Reach {
  readonly folder: string
  /** Environments, in their order. */
  readonly environments: readonly string[]
  /** Folders of builds that belong to none. */
  readonly others: readonly string[]
  /** Whether anything that it reaches is rendered in another way. */
  readonly hasEffect: boolean
}

export interface Diff extends DiffReport {
  /** The changes with the objects themselves. */
  readonly objects: readonly ComparedObject[]
  readonly reach: readonly Reach[]
  /** How many builds have other inputs. */
  readonly builds: number
  /** Whether Applications of the tree say what is deployed: then it is known of a build that none of them deploys it. */
  readonly hasApplications: boolean
}

/** Judges a comparison: the rules of risk, or none. */
export type Judge = (comparison: Comparison) => Promise<readonly Risk[]>

/** `base` should share its files with `head`. Throws a Problem for what is not the tree's fault. */
export async function diffSources(
  base: Sources,
  head: Sources,
  options: SideOptions & { readonly judge?: Judge },
): Promise<Diff> {
  const sides = await renderSides(base, head, options)
  const comparison = compareSides(sides, options.root)
  const risks = options.judge ? await options.judge(comparison) : []
  const changes = comparison.objects.map(({ change }) => change)
  const { objects, notRendered } = comparison
  const reach = describeReach(sides, changes)
  const hasApplications = [sides.base, sides.head].some(({ deployment }) => deployment.applications.length > 0)
  return { changes, risks, notRendered, objects, reach, builds: sides.inputs.roots.length, hasApplications }
}

function compareSides(sides: Sides, root: string): Comparison {
  const { base, head, inputs } = sides
  const notRendered = listNotRendered([base, head], inputs)
  const lost = new Set(notRendered.map(({ build }) => build))
  const isKnown = (folder: string): boolean => !lost.has(folder)
  const locators = createLocators(base, head)
  const compared = compareDeployed(listDeployed(base, isKnown), listDeployed(head, isKnown), locators)
  const objects = sortObjects(compared, head)
  return {
    base,
    head,
    objects,
    notRendered,
    locate: locators.on,
    locateRemoved: locators.removed,
    isAncestor: (commit, of) => isAncestor(root, commit, of),
    async renderMore(side, folders) {
      const { built } = await sides.renderMore(side, folders)
      const read = (folder: string, objects: readonly Resource['object'][]): readonly Resource[] =>
        objects.map((object, index) => renderedResource(folder, object, index))
      return new Map([...built].map(([folder, objects]) => [folder, read(folder, objects)]))
    },
  }
}

/** As a release goes through the environments; then what belongs to none: what Applications sync, then the rest. */
function sortObjects(objects: readonly ComparedObject[], { environments }: Side): readonly ComparedObject[] {
  const rank = ({ change: { environment, application } }: ComparedObject): number => {
    const at = environments.findIndex(({ name }) => name === environment)
    if (at >= 0) return at
    return environments.length + (environment !== undefined ? 0 : application !== undefined ? 1 : 2)
  }
  const nameOf = ({ change: { environment, application, build } }: ComparedObject): string =>
    [environment ?? '', application ?? '', build].join('\n')
  const order = (a: ComparedObject, b: ComparedObject): number => {
    if (rank(a) !== rank(b)) return rank(a) - rank(b)
    const [left, right] = [nameOf(a), nameOf(b)]
    return left === right ? 0 : left < right ? -1 : 1
  }
  return objects.toSorted(order)
}

/** Each side is traced when the first of its fields is asked for. */
function createLocators(base: Side, head: Side): Locators {
  const known = new Map<Side, Locate>()
  const locateRemoved = createRemovedLocator(base, head)
  const on: LocateOn = (name, resource, ...fields) => {
    const side = name === 'base' ? base : head
    let locate = known.get(side)
    if (!locate) {
      locate = createLocator(side.renderings)
      known.set(side, locate)
    }
    let last: ReturnType<Locate> | undefined
    for (const field of fields) {
      const located = locate(resource, field)
      if (!last || located.rank > last.rank) last = located
    }
    return last && { file: last.range.file, line: last.range.line, ...(name === 'base' ? { side: name } : {}) }
  }
  const value = createValuesLocator(base, head, on)
  const removed: Locators['removed'] = (before, path, after) => {
    const written = on('base', before, path)
    return written && (locateRemoved(written, before, path, after) ?? written)
  }
  return { on, removed, value }
}

function describeReach({ base, head, inputs }: Sides, changes: DiffReport['changes']): readonly Reach[] {
  const touched = new Set(changes.map(({ build }) => build))
  const { environments } = head
  const folders = [...inputs.shared].map(([folder, builds]): Reach => {
    const users = builds.map(build => ({ name: build, environment: nameEnvironment(build, environments) }))
    return { folder, ...sortUsers(users, head), hasEffect: builds.some(build => touched.has(build)) }
  })
  const charts = [...listChangedCharts(base, head)].map(([folder, applications]): Reach => {
    const users = applications.map(({ application, chart }) => {
      const environment = nameSource(folder, chart, application, environments)
      return { name: application.resource.name, environment }
    })
    return { folder, ...sortUsers(users, head), hasEffect: touched.has(folder) }
  })
  return [...folders, ...charts].sort(
    (a, b) => b.environments.length - a.environments.length || (a.folder < b.folder ? -1 : 1),
  )
}

function sortUsers(
  users: readonly { readonly name: string; readonly environment: string | undefined }[],
  { environments: declared }: Side,
): Pick<Reach, 'environments' | 'others'> {
  const rank = (name: string): number => declared.findIndex(one => one.name === name)
  const environments = [...new Set(users.flatMap(({ environment }) => environment ?? []))]
  return {
    environments: environments.sort((a, b) => rank(a) - rank(b)),
    others: users.flatMap(({ name, environment }) => (environment === undefined ? [name] : [])),
  }
}

type Chart = NonNullable<Application['sources'][number]['chart']>

/** Charts that several Applications take, and of which a file is another one. */
function listChangedCharts(
  base: Side,
  head: Side,
): ReadonlyMap<string, readonly { readonly application: Application; readonly chart: Chart }[]> {
  const users = head.deployment.applications.flatMap(application =>
    application.sources.flatMap(({ chart }) => (chart ? [{ application, chart }] : [])),
  )
  const trees = [base, head].map(({ renderings }) => renderings.tree.sources)
  const isOther = (path: string): boolean => {
    const [old, next] = trees.map(sources => (sources.resolve(path).kind === 'file' ? sources.read(path) : undefined))
    return old !== next
  }
  const changed = [...Map.groupBy(users, ({ chart }) => chart.folder)].filter(
    ([folder, all]) =>
      all.length > 1 &&
      trees.some(sources => sources.list([]).some(path => path.startsWith(`${folder}/`) && isOther(path))),
  )
  return new Map(changed)
}
