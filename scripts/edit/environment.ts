// Says which environments the tree has, and which folder and file a name on the command line means.
import { posix } from 'node:path'
import { Problem, usageProblem } from '../command/problem.ts'
import { type DeclaredEnvironment, isBuildOf, readEnvironments } from '../tree/environments/declared.ts'
import { findSibling as findSiblingFolder } from '../tree/environments/siblings.ts'
import { stringAt } from '../tree/model/build.ts'
import { closest } from '../tree/model/closest.ts'
import { SourceFile } from '../tree/source/source-file.ts'
import { isKustomizationName, KUSTOMIZATION_NAMES, normalizePath, type Sources } from '../tree/source/sources.ts'

export interface Environment {
  /** As people call it: `prod`, or the folder where a name would not be enough. */
  readonly name: string
  /** As `overlays/prod`. */
  readonly folder: string
  /** The kustomization file, relative to the root. */
  readonly file: string
  /** What validation.yaml says of it; undefined where that says nothing. */
  readonly declared: DeclaredEnvironment | undefined
  /** The environments that validation.yaml puts before it, in their order. */
  readonly earlier: readonly DeclaredEnvironment[]
}

/** The environments that are declared; else the folders of overlays/; else every folder with a kustomization. */
export function listEnvironments(sources: Sources): readonly Environment[] {
  const { order } = readEnvironments(sources)
  const folders = listKustomizations(sources)
  const declared = order.flatMap(one => folders.filter(folder => isBuildOf(one, folder)))
  const overlays = folders.filter(folder => posix.dirname(folder) === 'overlays')
  // A component is nothing by itself, and is built where somebody lists it.
  const builds = declared.length || overlays.length ? [] : folders.filter(folder => !isComponent(sources, folder))
  const chosen = declared.length ? declared : overlays.length ? overlays : builds
  return chosen.map(folder => describe(sources, folder, order, chosen))
}

const listKustomizations = (sources: Sources): readonly string[] => {
  const files = sources.list([]).filter(path => isKustomizationName(posix.basename(path)))
  return [...new Set(files.map(path => posix.dirname(path)))]
}

function isComponent(sources: Sources, folder: string): boolean {
  const path = findKustomizationFile(sources, folder)
  const file = path === undefined ? undefined : sources.read(path)
  const [document] = file instanceof SourceFile ? file.parse('kustomize').documents : []
  return stringAt(document, ['kind']) === 'Component'
}

function describe(
  sources: Sources,
  folder: string,
  order: readonly DeclaredEnvironment[],
  all: readonly string[],
): Environment {
  const at = order.findIndex(one => isBuildOf(one, folder))
  const declared = order[at]
  const name = declared?.name ?? posix.basename(folder)
  const isAlone = all.filter(
    other => (order.find(one => isBuildOf(one, other))?.name ?? posix.basename(other)) === name,
  )
  const file = findKustomizationFile(sources, folder) ?? posix.join(folder, KUSTOMIZATION_NAMES[0])
  return {
    name: isAlone.length > 1 ? folder : name,
    folder,
    file,
    declared,
    earlier: at < 0 ? [] : order.slice(0, at),
  }
}

/** By its name, by its folder, or by the last segment of its folder where no other has it. */
export function findEnvironment(sources: Sources, wanted: string | undefined): Environment {
  const environments = listEnvironments(sources)
  const names = environments.map(({ name }) => name)
  const shown = names.length > 20 ? `${names.slice(0, 20).join(', ')} and ${names.length - 20} more` : names.join(', ')
  if (environments.length === 0) {
    throw new Problem('there is no kustomization here', { exitCode: 2, advice: ['--root DIR is the tree to edit'] })
  }
  if (wanted === undefined) throw usageProblem(`name an environment: ${shown}`)
  const named = environments.find(({ name }) => name === wanted)
  if (named) return named
  const path = normalizePath(wanted)
  const folder = isKustomizationName(posix.basename(path)) ? posix.dirname(path) : path
  if (wanted.includes('/') && findKustomizationFile(sources, folder)) {
    return describe(sources, folder, readEnvironments(sources).order, [folder])
  }
  const fitting = listKustomizations(sources).filter(path => posix.basename(path) === wanted)
  const [only] = fitting
  if (only !== undefined && fitting.length === 1)
    return describe(sources, only, readEnvironments(sources).order, [only])
  requireFolder(sources, wanted)
  if (fitting.length > 1) {
    const few = fitting.slice(0, 5).join(' or ')
    const more = fitting.length > 5 ? ` or ${fitting.length - 5} more` : ''
    throw usageProblem(`"${wanted}" may be ${few}${more}: write the folder`)
  }
  const near = closest(wanted, wanted.includes('/') ? listKustomizations(sources) : names)
  const last = environments.filter(one => wanted.endsWith(`-${one.name}`))
  const meant = near ?? (last.length === 1 ? last[0]?.name : undefined)
  throw usageProblem(`no environment "${wanted}"${meant ? `; did you mean ${meant}?` : '.'} There are: ${shown}`)
}

/** Throws for an environment that is declared, and of which no folder is there. */
function requireFolder(sources: Sources, wanted: string): void {
  const declared = readEnvironments(sources).order.find(({ name }) => name === wanted)
  if (!declared) return
  const builds = declared.builds.join(', ')
  throw new Problem(`validation.yaml has ${wanted} at ${builds}, and no kustomization is there`, {
    exitCode: 2,
    advice: ['bring it back (`git log -- FOLDER` shows where it went), or correct environments: of validation.yaml'],
  })
}

/** The kustomization file of a folder, by whichever of its three names; undefined when there is none. */
export const findKustomizationFile = (sources: Sources, folder: string): string | undefined =>
  KUSTOMIZATION_NAMES.map(name => posix.join(folder, name)).find(path => sources.resolve(path).kind === 'file')

/** The environment of a stage that is the same application as another; undefined where none is. */
export function findSibling(
  sources: Sources,
  stage: DeclaredEnvironment,
  { declared, folder }: Environment,
): Environment | undefined {
  const all = listEnvironments(sources).filter(one => one.declared?.name === stage.name)
  const folders = all.map(one => one.folder)
  const found = declared && findSiblingFolder(declared, folder, stage, folders)
  return all.find(one => one.folder === found)
}
