// What is wrong in inputs of tests, in examples and in archives is told, and is not an error: nobody deploys it.
import type { Deployment } from '../tree/deploy.ts'
import type { Build } from '../tree/model/build.ts'
import { type Fault, isResourcePlace } from '../tree/model/place.ts'
import { findApplied } from '../tree/recipes.ts'
import type { Sources } from '../tree/source/sources.ts'
import { isCarriedAside, isRetired, isShownAside, type ReadByTests } from '../tree/source/test-inputs.ts'
import { type Locate, locatePlace } from './findings/gather.ts'
import { findFlux } from './flux.ts'
import { listSynced } from './placeholders.ts'
import { describeRule } from './rules/index.ts'

/**
 * Makes warnings of the errors in such files, unless an Application brings them. An archive is one by its name, unless a
 * kustomization elsewhere, Flux or a command takes from it. Where a tree says with kustomizations or
 * Applications what it deploys, examples that neither they nor Flux nor a command names are beside it; where it does not,
 * they are all there is. A chart is the whole of a program for whoever deploys it, and not of what it may be tried with.
 */
export function softenExamples(
  faults: readonly Fault[],
  deployment: Pick<Deployment, 'applications' | 'builds'>,
  readBy: ReadByTests,
  { sources, paths }: { readonly sources: Sources; readonly paths: readonly string[] },
  locateIn: Locate,
): readonly Fault[] {
  const synced = listSynced(deployment)
  const rendered = deployment.builds.filter(({ kind }) => kind !== 'directory')
  const bundles = new Set(rendered.flatMap(build => (isBundle(build) ? [build.id] : [])))
  const deployed = new Set(rendered.flatMap(({ id }) => (bundles.has(id) ? [] : [id])))
  const flux = findFlux(deployment.builds)
  const isApplied = findApplied(sources, paths)
  const hasChart = paths.some(path => path === 'Chart.yaml' || path.endsWith('/Chart.yaml'))
  const isBeside = (path: string, builds: readonly string[]): boolean =>
    !builds.some(build => deployed.has(build)) &&
    ((rendered.length > 0 && isShownAside(path)) ||
      ((rendered.length > 0 || hasChart) && isCarriedAside(path, sources)))
  /** What a kustomization elsewhere still reads is in use. */
  const isPast = (path: string, builds: readonly string[]): boolean =>
    isRetired(path) && builds.every(build => isRetired(`${build}/`))
  const isDeployed = (path: string): boolean => flux.reads(path) || isApplied(path)
  const whyNot = (path: string, builds: readonly string[]): string | undefined => {
    const why = isPast(path, builds) ? 'in an archive' : isBeside(path, builds) ? 'nothing here deploys it' : undefined
    return why === undefined || isDeployed(path) ? undefined : why
  }
  const known = new Map<string, ReturnType<ReadByTests>>()
  return faults.map(fault => {
    const { ruleId, severity = describeRule(ruleId).severity, message } = fault
    if (severity !== 'error') return fault
    const { path, builds } = locate(fault, bundles, locateIn)
    if (builds.some(build => synced.has(build))) return fault
    const reader = known.has(path) ? known.get(path) : readBy(path)
    known.set(path, reader)
    const why = reader ?? whyNot(path, builds)
    return why === undefined ? fault : { ...fault, severity: 'warning' as const, message: `${message} (${why})` }
  })
}

/** What operator-sdk makes a bundle of: examples become a text in its ClusterServiceVersion. */
const isBundle = ({ resources }: Build): boolean => resources.some(({ kind }) => kind === 'ClusterServiceVersion')

/** The file that the fault stands in, or for what a kustomization renders that kustomization, unless it is of a bundle. */
function locate(
  { places: [place], builds = [] }: Fault,
  bundles: ReadonlySet<string>,
  locateIn: Locate,
): { readonly path: string; readonly builds: readonly string[] } {
  if (!isResourcePlace(place)) return { path: place.range.file, builds }
  const { origin, build } = place.resource
  if (origin.kind === 'document') return { path: origin.file, builds: [build] }
  const path = bundles.has(build) ? locatePlace(place, locateIn).range.file : `${build}/kustomization.yaml`
  return { path, builds: [build] }
}
