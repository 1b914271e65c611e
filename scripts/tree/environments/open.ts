// The declared environments of a tree that was rendered: which builds they are, and what skipped the one before.
import { posix, resolve } from 'node:path'
import type { Deployment } from '../deploy.ts'
import type { Renderings } from '../engine.ts'
import { type Container, isSameVersion, listContainers } from '../model/containers.ts'
import type { Resource } from '../model/build.ts'
import { fileOf, type NotExamined, type Stage } from '../model/place.ts'
import { listFiles } from '../read-tree.ts'
import { readCheckout } from '../source/git-remote.ts'
import { type Declaration, type DeclaredEnvironment, environmentOfValues, isBuildOf } from './declared.ts'
import { askPast, askPastOfFiles, type Past } from './history.ts'
import { findSibling } from './siblings.ts'
import { findUndeclared } from './undeclared.ts'

/** One build of an environment, rendered as a whole. */
export interface EnvironmentBuild {
  readonly environment: DeclaredEnvironment
  readonly folder: string
  readonly resources: readonly Resource[]
  /** What it is made of. */
  readonly files: ReadonlySet<string>
  /** What no other environment is made of. */
  readonly ownFiles: ReadonlySet<string>
  /** Set where a chart is rendered with values of the environment: `folder` is the file of values then. */
  readonly isChart?: true
}

/** An image that the environment before does not run. */
export interface Skipped {
  readonly build: EnvironmentBuild
  readonly before: EnvironmentBuild
  readonly resource: Resource
  readonly container: Container
  readonly past: Past
}

export interface Environments {
  readonly declaration: Declaration
  readonly builds: readonly EnvironmentBuild[]
  /** One application in each environment, in their order; undefined where it is not there or not rendered. */
  readonly families: readonly (readonly (EnvironmentBuild | undefined)[])[]
  readonly skipped: readonly Skipped[]
}

/** Without a declaration nothing is known, and nothing is guessed. */
export const NO_ENVIRONMENTS: Environments = {
  declaration: { order: [], mayDiffer: undefined, commits: 0 },
  builds: [],
  families: [],
  skipped: [],
}

/** Images of which the history is asked: each costs some renderings. */
const MOST_ASKED = 20

export async function openEnvironments(
  declaration: Declaration,
  deployment: Deployment,
  renderings: Renderings,
  root: string,
): Promise<Stage<Environments>> {
  if (declaration.order.length === 0) return { value: NO_ENVIRONMENTS, faults: [], notExamined: [] }
  const { builds, notExamined } = listBuilds(declaration, deployment, renderings)
  const families = listFamilies(declaration, builds)
  const skipped: Skipped[] = []
  for (const candidate of listCandidates(families)) {
    const isAsked = declaration.commits === 0 || skipped.length < MOST_ASKED
    skipped.push({ ...candidate, past: isAsked ? await askOf(candidate, root, declaration) : 'unknown' })
  }
  const unknown = skipped.flatMap(({ past, resource, container: { fieldPath, image }, before }): NotExamined[] => {
    if (past !== 'unknown') return []
    const reason = 'an image that may have run in the environment before: the history here does not say'
    return [{ place: { resource, fieldPath }, reason, detail: `${image} in ${before.environment.name}` }]
  })
  const value = { declaration, builds, families, skipped }
  return { value, faults: [], notExamined: [...notExamined, ...unknown] }
}

/** Of no commit nothing is asked: what does not run now does not count. */
async function askOf(
  { before, container }: Omit<Skipped, 'past'>,
  root: string,
  { commits }: Declaration,
): Promise<Past> {
  if (commits === 0) return 'never'
  const checkout = readCheckout(resolve(root))
  if (!checkout || !container.reference) return 'unknown'
  const history = { folder: root, prefix: checkout.prefix, commits }
  if (before.isChart) return askPastOfFiles(history, before.files, container.reference)
  return askPast(history, before.folder, before.files, container.reference)
}

function listBuilds(
  { order }: Declaration,
  { builds, applications }: Deployment,
  { tree, built, partial, failed, refused }: Renderings,
): { readonly builds: readonly EnvironmentBuild[]; readonly notExamined: readonly NotExamined[] } {
  const found: Omit<EnvironmentBuild, 'ownFiles'>[] = []
  const readers = new Map<string, Set<DeclaredEnvironment>>()
  const notExamined: NotExamined[] = []
  const { graph } = tree
  const directories = builds.filter(({ kind }) => kind === 'directory')
  const note = (environment: DeclaredEnvironment, files: ReadonlySet<string>): void => {
    for (const file of files) readers.set(file, (readers.get(file) ?? new Set()).add(environment))
  }
  for (const environment of order) {
    for (const [folder, { file }] of graph.kustomizations) {
      if (!isBuildOf(environment, folder)) continue
      const files = listFiles(graph, folder)
      note(environment, files)
      if (built.has(folder) && !partial.has(folder)) {
        const resources = findForApplication(folder, applications) ?? resourcesOf(builds, folder)
        found.push({ environment, folder, resources, files })
      } else if (partial.has(folder) || failed.has(folder) || refused.has(folder)) {
        const reason = 'an environment whose build is not rendered as a whole'
        notExamined.push({ place: fileOf(file.path), reason, detail: `${environment.name}: ${folder}` })
      }
    }
    for (const { id: folder, resources } of directories) {
      if (!isBuildOf(environment, folder)) continue
      const files = new Set(resources.flatMap(({ origin }) => (origin.kind === 'document' ? [origin.file] : [])))
      note(environment, files)
      found.push({ environment, folder, resources, files })
    }
  }
  const others = [...built.keys()].filter(folder => !order.some(environment => isBuildOf(environment, folder)))
  const candidates = others.map(folder => ({ folder, files: listFiles(graph, folder) }))
  for (const folder of findUndeclared(found, candidates)) {
    const file = graph.kustomizations.get(folder)?.file.path ?? folder
    const reason = 'an overlay of no environment that validation.yaml declares'
    notExamined.push({ place: fileOf(file), reason, detail: folder })
  }
  for (const build of listCharts(order, applications, tree)) {
    note(build.environment, build.files)
    found.push(build)
  }
  const own = ({ files }: { readonly files: ReadonlySet<string> }): ReadonlySet<string> =>
    new Set([...files].filter(file => readers.get(file)?.size === 1))
  return { builds: found.map(build => ({ ...build, ownFiles: own(build) })), notExamined }
}

/** Charts that Applications of this tree render with values of one environment. */
function* listCharts(
  order: readonly DeclaredEnvironment[],
  applications: Deployment['applications'],
  { sources }: Renderings['tree'],
): Generator<Omit<EnvironmentBuild, 'ownFiles'>> {
  for (const { resource, sources: own } of applications) {
    for (const { chart, state } of own) {
      if (!chart || state.kind !== 'builds' || state.isPartial) continue
      const named = chart.valueFiles.flatMap(path => {
        const environment = environmentOfValues(path, order)
        return environment ? [{ path, environment }] : []
      })
      const [first] = named
      if (!first || named.some(({ environment }) => environment !== first.environment)) continue
      const within = sources.list([]).filter(path => path.startsWith(`${chart.folder}/`))
      const application = resource.origin.kind === 'document' ? [resource.origin.file] : []
      const files = new Set([...within, ...chart.valueFiles, ...application])
      const resources = state.builds.flatMap(build => build.resources)
      yield { environment: first.environment, folder: first.path, resources, files, isChart: true }
    }
  }
}

const resourcesOf = (builds: Deployment['builds'], folder: string): readonly Resource[] =>
  builds.find(({ id, kind }) => id === folder && kind === 'kustomize')?.resources ?? []

/** What an Application makes of the folder with settings of its own; undefined where none, or several, do. */
function findForApplication(folder: string, applications: Deployment['applications']): readonly Resource[] | undefined {
  const made = applications.flatMap(({ sources }) =>
    sources.flatMap(({ path, state }) =>
      state.kind === 'builds' && posix.normalize(path).replace(/\/$/, '') === folder ? state.builds : [],
    ),
  )
  const [only] = made
  return made.length === 1 && only?.kind === 'source' ? only.resources : undefined
}

function listFamilies({ order }: Declaration, builds: readonly EnvironmentBuild[]): Environments['families'] {
  const families = new Map<string, readonly (EnvironmentBuild | undefined)[]>()
  const byEnvironment = order.map(environment => builds.filter(build => build.environment === environment))
  for (const { environment, folder } of builds) {
    const family = order.map((other, index) => {
      const candidates = byEnvironment[index] ?? []
      if (other === environment) return candidates.find(one => one.folder === folder)
      const sibling = findSibling(
        environment,
        folder,
        other,
        candidates.map(one => one.folder),
      )
      return candidates.find(one => one.folder === sibling)
    })
    families.set(JSON.stringify(family.map(one => one?.folder ?? null)), family)
  }
  return [...families.values()]
}

/** Each image of an environment that its application does not run in the environment before, once. */
function* listCandidates(families: Environments['families']): Generator<Omit<Skipped, 'past'>> {
  const seen = new Set<Container['object']>()
  for (const family of families) {
    for (const [index, build] of family.entries()) {
      const before = family[index - 1]
      if (!build || !before) continue
      const running = before.resources.flatMap(({ object }) => listContainers([object]))
      for (const resource of build.resources) {
        if (seen.has(resource.object)) continue
        for (const container of listContainers([resource.object])) {
          const { reference } = container
          if (!reference || running.some(one => one.reference && isSameVersion(reference, one.reference))) continue
          seen.add(resource.object)
          yield { build, before, resource, container }
        }
      }
    }
  }
}
