// How the owners of a tree have kustomize called, as far as the tree says it.
import { posix } from 'node:path'
import { stringAt } from './model/build.ts'
import { isBuiltUnrestricted } from './recipes.ts'
import { SourceFile } from './source/source-file.ts'
import { KUSTOMIZATION_NAMES, normalizePath, type Sources } from './source/sources.ts'

export interface BuildOptions {
  /** Whether what builds a folder lets kustomize read files beside and above the folder. */
  isUnrestricted(folder: string): boolean
  /** Whether Argo CD lets kustomize inflate charts. */
  readonly inflatesCharts: boolean
}

const OPTIONS = '(?:kustomize\\.buildOptions|kustomizeBuildOptions)["\']?\\s*:.*'
const LOAD_OPTION = new RegExp(`${OPTIONS}LoadRestrictionsNone`)
const HELM_OPTION = new RegExp(`${OPTIONS}--enable-helm`)
const FLUX = /^apiVersion:\s*["']?(?:kustomize|helm)\.toolkit\.fluxcd\.io\//m
const ARGOCD = /^apiVersion:\s*["']?argoproj\.io\/v1alpha1["']?\s*\nkind:\s*["']?Application(?:Set)?\b/m

/**
 * Flux builds without the restriction: all where there is no Argo CD beside it, else what its Kustomizations name, and below.
 * Source: its kustomize-controller builds with LoadRestrictionsNone, in the bounds of the repository.
 */
export function readBuildOptions(sources: Sources, paths: readonly string[]): BuildOptions {
  let isLifted = false
  let inflatesCharts = false
  let hasArgocd = false
  const flux: SourceFile[] = []
  for (const path of paths) {
    const file = /\.ya?ml$/.test(path) && !path.includes('/templates/') ? sources.read(path) : undefined
    if (!(file instanceof SourceFile)) continue
    if (file.holds('uildOptions')) {
      isLifted ||= LOAD_OPTION.test(file.text)
      inflatesCharts ||= HELM_OPTION.test(file.text)
    }
    hasArgocd ||= file.holds('argoproj.io/v1alpha1') && ARGOCD.test(file.text)
    if (file.holds('toolkit.fluxcd.io/') && FLUX.test(file.text)) flux.push(file)
  }
  if (isLifted || (flux.length > 0 && !hasArgocd) || isBuiltUnrestricted(sources, paths))
    return { isUnrestricted: () => true, inflatesCharts }
  return { isUnrestricted: hasArgocd ? findNamed(flux) : findSaid(sources), inflatesCharts }
}

/** The folders that Kustomizations of Flux name, and those below them. The top says little: every repository has one. */
function findNamed(flux: readonly SourceFile[]): (folder: string) => boolean {
  const folders = new Set(
    flux
      .flatMap(file => file.parse('kubectl').documents)
      .filter(one => stringAt(one, ['apiVersion'])?.startsWith('kustomize.toolkit.fluxcd.io/'))
      .map(one => normalizePath(stringAt(one, ['spec', 'path']) ?? '.')),
  )
  return folder => {
    for (let at = folder; at !== '.'; at = posix.dirname(at)) if (folders.has(at)) return true
    return false
  }
}

/**
 * Folders whose kustomization says in a comment that it is built so: `# kustomize build --load-restrictor LoadRestrictionsNone`.
 * That is the word of whoever builds by hand: Argo CD does not ask it.
 */
function findSaid(sources: Sources): (folder: string) => boolean {
  // Asked for each path of a kustomization, of which one may have very many.
  const known = new Map<string, boolean>()
  const says = (folder: string): boolean =>
    KUSTOMIZATION_NAMES.map(name => posix.join(folder, name))
      // Whoever reads what is not there has it told.
      .filter(path => sources.resolve(path).kind === 'file')
      .map(path => sources.read(path))
      .some(file => file instanceof SourceFile && /^[ \t]*#.*LoadRestrictionsNone/m.test(file.text))
  return folder => {
    const answer = known.get(folder) ?? says(folder)
    known.set(folder, answer)
    return answer
  }
}
