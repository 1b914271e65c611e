// The environments of a tree, as validation.yaml declares them: builds, order, bounds, and what may differ between them.
import { posix } from 'node:path'
import { listAt, mappingAt, stringAt, valueAt } from '../model/build.ts'
import { SourceFile } from '../source/source-file.ts'
import type { Sources } from '../source/sources.ts'

export interface DeclaredEnvironment {
  readonly name: string
  /** Folders of builds; `*` stands for one segment. */
  readonly builds: readonly string[]
  /** Where its images may come from: a host with the path below it, as `ghcr.io/acme`. Empty: nothing is said. */
  readonly registries: readonly string[]
  readonly replicas: { readonly minimum: number; readonly maximum: number }
  /** Quantities of one container, by resource, as `cpu: 2`. */
  readonly resources: { readonly minimum: Quantities; readonly maximum: Quantities }
}

export type Quantities = Readonly<Record<string, unknown>>

/** Fields that may differ, in some objects or in all; an object without a path may be missing as a whole. */
export interface Difference {
  readonly kind?: string
  readonly name?: string
  /** A JSON pointer in segments; `*` stands for one. What is below it belongs to it. */
  readonly path?: readonly string[]
}

export interface Declaration {
  /** In the order in which a release goes through them. */
  readonly order: readonly DeclaredEnvironment[]
  /** Undefined where validation.yaml does not say: then nothing is compared. */
  readonly mayDiffer: readonly Difference[] | undefined
  /** How many commits back the environment before may have run what an environment runs. */
  readonly commits: number
}

export const CONFIGURATION = 'validation.yaml'
const DEFAULT_COMMITS = 200

/** What validation.yaml declares; no environment where it declares none. What has another shape is left out. */
export function readEnvironments(sources: Sources): Declaration {
  const file = sources.read(CONFIGURATION)
  return readDeclaration(file instanceof SourceFile ? file : undefined)
}

/** As readEnvironments, of a configuration that lies elsewhere. */
export function readDeclaration(file: SourceFile | undefined): Declaration {
  const section = valueAt(file?.parse('kubectl').documents[0], ['environments'])
  const order = listAt(section, ['order']).flatMap(readEnvironment)
  const commits = valueAt(section, ['commits'])
  return {
    order,
    mayDiffer: Array.isArray(valueAt(section, ['mayDiffer']))
      ? listAt(section, ['mayDiffer']).flatMap(readDifference)
      : undefined,
    commits: typeof commits === 'number' ? commits : DEFAULT_COMMITS,
  }
}

function readEnvironment(entry: unknown): readonly DeclaredEnvironment[] {
  const name = stringAt(entry, ['name'])
  if (name === undefined || !mappingAt(entry, [])) return []
  const texts = (key: string) => listAt(entry, [key]).filter(item => typeof item === 'string')
  const bound = (key: string, fallback: number): number => {
    const value = valueAt(entry, ['replicas', key])
    return typeof value === 'number' ? value : fallback
  }
  const amounts = (key: string): Quantities => mappingAt(entry, ['resources', key]) ?? {}
  return [
    {
      name,
      builds: texts('builds').map(path => posix.normalize(path).replace(/(.)\/$/, '$1')),
      registries: texts('registries'),
      replicas: { minimum: bound('minimum', 0), maximum: bound('maximum', Number.POSITIVE_INFINITY) },
      resources: { minimum: amounts('minimum'), maximum: amounts('maximum') },
    },
  ]
}

function readDifference(entry: unknown): readonly Difference[] {
  if (typeof entry === 'string') return [{ path: readPointer(entry) }]
  if (!mappingAt(entry, [])) return []
  const [kind, name, path] = ['kind', 'name', 'path'].map(key => stringAt(entry, [key]))
  return [
    {
      ...(kind === undefined ? {} : { kind }),
      ...(name === undefined ? {} : { name }),
      ...(path === undefined ? {} : { path: readPointer(path) }),
    },
  ]
}

const readPointer = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map(segment => segment.replaceAll('~1', '/').replaceAll('~0', '~'))

/** Whether a folder is one of the environment's builds. */
export const isBuildOf = ({ builds }: DeclaredEnvironment, folder: string): boolean =>
  builds.some(pattern => captureSegments(pattern, folder) !== undefined)

/** The one environment that a file of values is for: a pattern of it names the file, or the folder of the file. */
export function environmentOfValues(
  path: string,
  order: readonly DeclaredEnvironment[],
): DeclaredEnvironment | undefined {
  const found = order.filter(one => isBuildOf(one, path) || isBuildOf(one, posix.dirname(path)))
  return found.length === 1 ? found[0] : undefined
}

/** What the stars of a pattern stand for in a folder; undefined where it does not fit. */
export function captureSegments(pattern: string, folder: string): readonly string[] | undefined {
  const [wanted, given] = [pattern.split('/'), folder.split('/')]
  const fits =
    wanted.length === given.length && wanted.every((segment, index) => segment === '*' || segment === given[index])
  return fits ? given.filter((_, index) => wanted[index] === '*') : undefined
}
