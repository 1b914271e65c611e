// Finds what people call a build: a folder with a kustomization, an Application by its name, or a build as validate names it.
import { availableParallelism } from 'node:os'
import { join, posix, resolve } from 'node:path'
import { Problem, usageProblem } from '../command/problem.ts'
import { isApplication } from '../tree/argocd/applications.ts'
import { readConfigured } from '../tree/configured.ts'
import { assemble } from '../tree/deployment/assemble.ts'
import { findApplicationRoots, readAndRender, type Renderings, type Settings } from '../tree/engine.ts'
import { findHelm } from '../tree/helm/binary.ts'
import { findKustomize } from '../tree/kustomize/build/binary.ts'
import { describeMachine } from '../tree/machine.ts'
import type { Build, Resource } from '../tree/model/build.ts'
import { closest } from '../tree/model/closest.ts'
import { isResourcePlace } from '../tree/model/place.ts'
import { readCheckout } from '../tree/source/git-remote.ts'
import { KUSTOMIZATION_NAMES, type Sources } from '../tree/source/sources.ts'

export interface FoundBuild {
  readonly renderings: Renderings
  readonly resources: readonly Resource[]
}

/** Throws a Problem for what is not there; it says what is. */
export async function findBuild(sources: Sources, root: string, wanted: string): Promise<FoundBuild> {
  const folder = posix.normalize(wanted).replace(/\/+$/, '') || '.'
  const hasKustomization = KUSTOMIZATION_NAMES.some(
    name => sources.resolve(posix.join(folder, name)).kind !== 'missing',
  )
  return hasKustomization ? renderFolder(sources, folder) : renderApplication(sources, root, wanted, folder)
}

async function renderFolder(sources: Sources, folder: string): Promise<FoundBuild> {
  const machine = describeMachine()
  const { value: renderings } = await readAndRender(sources, {
    exclude: [],
    repository: undefined,
    kustomize: () => findKustomize(machine),
    parallelism: 1,
    cacheFolder: undefined,
    folders: [folder],
    choose: ({ graph }) => (graph.kustomizations.has(folder) ? [folder] : []),
  })
  const build = assembleAll(renderings).find(({ id, kind }) => id === folder && kind === 'kustomize')
  if (!build) throw failure(folder, renderings)
  if (build.resources.length === 0) throw emptyOf(folder, renderings)
  return { renderings, resources: build.resources }
}

/** What Argo CD renders for one Application: its sources, with its settings laid over them. */
async function renderApplication(sources: Sources, root: string, wanted: string, folder: string): Promise<FoundBuild> {
  const { value: renderings } = await readAndRender(sources, describeWhole(sources, root))
  const builds = assembleAll(renderings)
  const applications = builds.flatMap(({ resources }) => resources.filter(isApplication))
  const named = applications.filter(({ name }) => name === wanted)
  const chosen = builds.filter(({ id }) => id === wanted)
  for (const { object } of named.slice(0, 1)) {
    for (const source of renderings.sources.get(object) ?? []) {
      const { state } = source
      const isOf = ({ id, from }: Build): boolean =>
        state.kind === 'folder' ? id === state.folder : from?.includes(source) === true
      chosen.push(...builds.filter(isOf).slice(0, 1))
    }
  }
  const resources = chosen.flatMap(build => build.resources)
  if (resources.length > 0) return { renderings, resources }
  if (named.length > 0) throw nothingOf(wanted)
  const known = [...builds.map(({ id }) => id), ...applications.map(({ name }) => name)]
  const near = closest(wanted, known)
  const below = [...renderings.tree.graph.kustomizations.keys()].filter(one => one.startsWith(`${folder}/`)).sort()
  const names = [...new Set(applications.map(({ name }) => name))]
  throw usageProblem(
    `${wanted} has no kustomization.yaml, and no Application is called that${near ? `; did you mean ${near}?` : ''}`,
    below.length
      ? `Below it are ${listFirst(below)}`
      : names.length
        ? `The Applications are ${listFirst(names)}`
        : 'Name a folder with one, as in: npm run why -- overlays/prod',
  )
}

const listFirst = (names: readonly string[]): string =>
  `${names.slice(0, MOST_NAMES).join(', ')}${names.length > MOST_NAMES ? ', …' : ''}`

const MOST_NAMES = 20

/** Nobody asks why for namespaces here: a resource is where it says itself. */
const assembleAll = (renderings: Renderings): readonly Build[] =>
  assemble(
    renderings,
    () => undefined,
    () => undefined,
  )

function describeWhole(sources: Sources, root: string): Settings {
  const machine = describeMachine()
  const { exclude, urls } = readConfigured(sources)
  const checkout = urls.length ? undefined : readCheckout(resolve(root))
  return {
    exclude,
    repository: urls.length ? { urls, prefix: '', isDeclared: true } : checkout && { ...checkout, isDeclared: false },
    kustomize: () => findKustomize(machine),
    helm: () => findHelm(machine),
    parallelism: availableParallelism(),
    cacheFolder: join(machine.cacheFolder, 'renderings'),
    choose: findApplicationRoots,
  }
}

const emptyOf = (folder: string, { tree }: Renderings): Problem =>
  new Problem(`${folder} renders nothing by itself`, {
    details:
      tree.graph.kustomizations.get(folder)?.kind === 'Component'
        ? 'It is a Component: ask for a build that lists it under components'
        : 'It brings no resources',
    exitCode: 1,
  })

const nothingOf = (application: string): Problem =>
  new Problem(`nothing of the Application ${application} is rendered here`, {
    details:
      'Its source is another repository or a chart of a registry, or cannot be rendered: npm run validate says which',
    exitCode: 1,
  })

function failure(build: string, { tree, failed }: Renderings): Problem {
  const fault = tree.graph.reach(build).flatMap(({ faults }) => faults)[0] ?? failed.get(build)?.fault
  const place = fault?.places[0]
  const at = place && !isResourcePlace(place) ? `${place.range.file}:${place.range.line} ` : ''
  return new Problem(`${build} cannot be rendered`, { details: at + (fault?.message ?? ''), exitCode: 1 })
}
