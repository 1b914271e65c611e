// The environments of a tree, as validation.yaml declares them: which builds they are and in which order a release goes through.
import { posix } from 'node:path'
import { listAt, mappingAt, stringAt, valueAt } from './model/build.ts'
import { SourceFile } from './source/source-file.ts'
import type { Sources } from './source/sources.ts'

export interface DeclaredEnvironment {
  readonly name: string
  /** Folders of builds; `*` stands for one segment. */
  readonly builds: readonly string[]
  /** Where its images may come from: a host with the path below it, as `ghcr.io/acme`. Empty: nothing is said. */
  readonly registries: readonly string[]
  readonly replicas: { readonly minimum: number; readonly maximum: number }
}

export const CONFIGURATION = 'validation.yaml'

/** The declared environments in their order; empty where validation.yaml declares none. What has another shape is left out. */
export function readEnvironments(sources: Sources): readonly DeclaredEnvironment[] {
  const file = sources.read(CONFIGURATION)
  const root = file instanceof SourceFile ? file.parse('kubectl').documents[0] : undefined
  return listAt(root, ['environments', 'order']).flatMap(entry => {
    const name = stringAt(entry, ['name'])
    if (name === undefined || !mappingAt(entry, [])) return []
    const texts = (key: string) => listAt(entry, [key]).filter(item => typeof item === 'string')
    const bound = (key: string, fallback: number): number => {
      const value = valueAt(entry, ['replicas', key])
      return typeof value === 'number' ? value : fallback
    }
    const builds = texts('builds').map(path => posix.normalize(path).replace(/(.)\/$/, '$1'))
    const replicas = { minimum: bound('minimum', 0), maximum: bound('maximum', Number.POSITIVE_INFINITY) }
    return [{ name, builds, registries: texts('registries'), replicas }]
  })
}

/** Whether a folder is one of the environment's builds. */
export const isBuildOf = ({ builds }: DeclaredEnvironment, folder: string): boolean =>
  builds.some(pattern => {
    const [wanted, given] = [pattern.split('/'), folder.split('/')]
    return (
      wanted.length === given.length && wanted.every((segment, index) => segment === '*' || segment === given[index])
    )
  })
