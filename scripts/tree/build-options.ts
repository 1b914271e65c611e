// How the owners of a tree have kustomize called, as far as the tree says it.
import { posix } from 'node:path'
import { isIn } from './kustomize/graph/follow.ts'
import { stringAt } from './model/build.ts'
import { isBuiltUnrestricted } from './recipes.ts'
import { SourceFile } from './source/source-file.ts'
import { KUSTOMIZATION_NAMES, normalizePath, type Sources } from './source/sources.ts'

const OPTIONS = '(?:kustomize\\.buildOptions|kustomizeBuildOptions)["\']?\\s*:.*'
/** kustomize may read files beside and above a kustomization. */
const LOAD_OPTION = new RegExp(`${OPTIONS}LoadRestrictionsNone`)
/** kustomize may inflate charts. */
const HELM_OPTION = new RegExp(`${OPTIONS}--enable-helm`)

/** Whether the Argo CD that the tree configures gives kustomize an option. */
function hasOption(sources: Sources, paths: readonly string[], option: RegExp): boolean {
  return listManifests(sources, paths).some(file => file.holds('uildOptions') && option.test(file.text))
}

/** Whether Argo CD lets kustomize inflate charts. */
export const inflatesCharts = (sources: Sources, paths: readonly string[]): boolean =>
  hasOption(sources, paths, HELM_OPTION)

/** Which folders are built without kustomize's restriction to files in and below the folder. */
export function findUnrestricted(sources: Sources, paths: readonly string[]): (folder: string) => boolean {
  if (hasOption(sources, paths, LOAD_OPTION) || isBuiltUnrestricted(sources, paths)) return () => true
  const isOfFlux = findBuiltByFlux(sources, paths)
  // Asked for each path of a kustomization, of which one may have very many.
  const known = new Map<string, boolean>()
  return folder => {
    const answer = known.get(folder) ?? (isOfFlux(folder) || saysSo(sources, folder))
    known.set(folder, answer)
    return answer
  }
}

/** Whether a kustomization says in a comment that it is built so: `# kustomize build --load-restrictor LoadRestrictionsNone`. */
function saysSo(sources: Sources, folder: string): boolean {
  const names = KUSTOMIZATION_NAMES.map(name => posix.join(folder, name))
  // Whoever reads what is not there has it told.
  const files = names.filter(path => sources.resolve(path).kind === 'file').map(path => sources.read(path))
  return files.some(file => file instanceof SourceFile && /^[ \t]*#.*LoadRestrictionsNone/m.test(file.text))
}

const FLUX = /^apiVersion:\s*["']?(?:kustomize|helm)\.toolkit\.fluxcd\.io\//m
const ARGOCD = /^apiVersion:\s*["']?argoproj\.io\/v1alpha1["']?\s*\nkind:\s*["']?Application(?:Set)?\b/m

/**
 * Which folders Flux builds: all where there is no Argo CD beside it, else those that its Kustomizations name, and below
 * these. Source: its kustomize-controller builds with LoadRestrictionsNone, in the bounds of the repository.
 */
function findBuiltByFlux(sources: Sources, paths: readonly string[]): (folder: string) => boolean {
  const manifests = listManifests(sources, paths)
  const own = manifests.filter(file => file.holds('toolkit.fluxcd.io/') && FLUX.test(file.text))
  if (own.length === 0) return () => false
  if (!manifests.some(file => file.holds('argoproj.io/v1alpha1') && ARGOCD.test(file.text))) return () => true
  const folders = new Set(own.flatMap(file => file.parse('kubectl').documents.flatMap(readFolder)))
  return folder => [...folders].some(one => folder === one || isIn(folder, one))
}

/** The folder of a Kustomization of Flux. The top says little: every repository has one. */
function readFolder(document: unknown): readonly string[] {
  if (!stringAt(document, ['apiVersion'])?.startsWith('kustomize.toolkit.fluxcd.io/')) return []
  const folder = normalizePath(stringAt(document, ['spec', 'path']) ?? '.')
  return folder === '.' ? [] : [folder]
}

const listManifests = (sources: Sources, paths: readonly string[]): readonly SourceFile[] =>
  paths
    .filter(path => /\.ya?ml$/.test(path) && !path.includes('/templates/'))
    .map(path => sources.read(path))
    .filter(file => file instanceof SourceFile)
