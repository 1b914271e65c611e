// Lists what each side brings to the clusters: every object once for each Application that syncs it, with its environment.
import { posix } from 'node:path'
import type { Application } from '../tree/argocd/application.ts'
import { type DeclaredEnvironment, environmentOfValues, isBuildOf } from '../tree/environments/declared.ts'
import type { Build } from '../tree/model/build.ts'
import type { Deployed } from './compare/pair.ts'
import type { Side } from './model.ts'

/** Builds by the folder that they render. `isKnown` says of which builds both sides are known. */
export function listDeployed(
  { deployment, environments }: Side,
  isKnown: (folder: string, application: string | undefined) => boolean,
): readonly Deployed[] {
  const owners = new Map<Build, Owner[]>()
  for (const application of deployment.applications) {
    for (const { state, path, namespace, chart } of application.sources) {
      for (const build of state.kind === 'builds' ? state.builds : []) {
        const folder = build.kind === 'source' ? posix.normalize(path).replace(/(.)\/$/, '$1') : build.id
        const environment = nameSource(folder, chart, application, environments)
        const owner = {
          application,
          folder,
          environment,
          namespace: namespace ?? application.destination.namespace,
        }
        owners.set(build, [...(owners.get(build) ?? []), owner])
      }
    }
  }
  return deployment.builds.flatMap((build): readonly Deployed[] => {
    const own = owners.get(build)
    if (!own) {
      const place = { build: build.id, application: undefined, cluster: undefined }
      const environment = nameEnvironment(build.id, environments)
      return isKnown(build.id, undefined) ? build.resources.map(resource => ({ ...place, environment, resource })) : []
    }
    return own.flatMap(({ application, folder, namespace, environment }) => {
      const { name } = application.resource
      if (!isKnown(folder, name)) return []
      const place = { build: folder, application: name, cluster: application.destination.cluster }
      return build.resources.map(resource => {
        const isPlaced = resource.namespace !== undefined || resource.isClusterScoped || namespace === undefined
        return { ...place, environment, resource: isPlaced ? resource : { ...resource, namespace } }
      })
    })
  })
}

interface Owner {
  readonly application: Application
  readonly folder: string
  readonly environment: string | undefined
  readonly namespace: string | undefined
}

/** The environment that a folder is rendered for: its own, else the one that its Application gives it. */
export const nameSource = (
  folder: string,
  chart: Application['sources'][number]['chart'],
  { resource }: Application,
  declared: readonly DeclaredEnvironment[],
): string | undefined => nameEnvironment(folder, declared) ?? (chart && nameChart(chart, resource, declared))

/** One chart serves all environments: the values that it is given say which, else where the Application stands. */
function nameChart(
  { valueFiles }: NonNullable<Application['sources'][number]['chart']>,
  { build, origin }: Application['resource'],
  declared: readonly DeclaredEnvironment[],
): string | undefined {
  const names = new Set(valueFiles.flatMap(path => nameOfValues(path, declared) ?? []))
  if (names.size > 1) return undefined
  const home = origin.kind === 'document' ? posix.dirname(origin.file) : build
  return [...names][0] ?? nameEnvironment(home, declared)
}

/** `envs/prod/web.yaml` by its folder, `values-prod.yaml` by its name. */
function nameOfValues(path: string, declared: readonly DeclaredEnvironment[]): string | undefined {
  if (declared.length) return environmentOfValues(path, declared)?.name
  const words = posix.basename(path).split(/[._-]/)
  return nameEnvironment(posix.dirname(path), []) ?? words.findLast(word => USUAL.test(word))
}

const HOLDERS = new Set(['overlays', 'environments', 'envs', 'env', 'clusters', 'stages'])
const USUAL = /^(?:dev|development|test|testing|qa|stage|staging|uat|preprod|prod|production)$/

/** As validation.yaml calls it; else the folder below `overlays` and the like, or one that is called as environments are. */
export function nameEnvironment(folder: string, declared: readonly DeclaredEnvironment[]): string | undefined {
  const known = declared.find(one => isBuildOf(one, folder))
  if (known || declared.length) return known?.name
  const segments = folder.split('/')
  const holder = segments.findLastIndex(segment => HOLDERS.has(segment))
  return (holder >= 0 ? segments[holder + 1] : undefined) ?? segments.findLast(segment => USUAL.test(segment))
}
