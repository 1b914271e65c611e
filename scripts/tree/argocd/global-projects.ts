// Global projects: what `globalProjects` in argocd-cm adds to each project that its selectors match.
import { listAt, pairsAt, type Resource, stringAt, valueAt } from '../model/build.ts'
import { isMet, readRequirements } from '../model/label-selector.ts'
import type { KubernetesObject } from '../model/resource.ts'
import { parseText } from '../source/yaml/parse.ts'

/** An entry of `globalProjects`. */
interface GlobalProject {
  readonly labelSelector: unknown
  readonly projectName: string
}

/** Lists that a project takes over. Source: argo-cd 3.6 util/argo/argo.go, mergeVirtualProject. */
const TAKEN_OVER = [
  'clusterResourceWhitelist',
  'clusterResourceBlacklist',
  'namespaceResourceWhitelist',
  'namespaceResourceBlacklist',
  'syncWindows',
  'sourceRepos',
  'destinations',
]

/** What makes of a project what Argo CD holds an Application against; undefined where a part of it is not in the tree. */
export function createMerger(
  resources: readonly Resource[],
  projects: readonly Resource[],
): (project: Resource) => Resource | undefined {
  const globals = resources.flatMap(readGlobals)
  if (globals.length === 0) return project => project
  const merged = new Map<Resource, Resource | undefined>()
  return project => {
    if (!merged.has(project)) merged.set(project, merge(project, globals, projects))
    return merged.get(project)
  }
}

const isConfiguration = ({ group, kind, name }: Resource): boolean =>
  group === '' && kind === 'ConfigMap' && name === 'argocd-cm'

const isOperators = ({ group, kind }: Resource): boolean => group === 'argoproj.io' && kind === 'ArgoCD'

/** Labels that tools set. Nobody selects projects by them. */
const OF_TOOLS = /^(?:[\w.-]+\.)?(?:kubernetes|k8s|argoproj)\.io\/|^helm\.sh\/|\.kustomize\.toolkit\./

/** Whether a configuration of Argo CD that nobody here sees may select a project by its labels. */
export function mayBeSelected(
  project: Resource,
  resources: readonly Resource[],
  isUnseen: (namespace: string | undefined) => boolean,
): boolean {
  const labels = Object.keys(pairsAt(project.object, ['metadata', 'labels'])).filter(key => !OF_TOOLS.test(key))
  if (labels.length === 0 || resources.some(one => isConfiguration(one) || isOperators(one))) return false
  return isUnseen(project.namespace)
}

function readGlobals(resource: Resource): readonly GlobalProject[] {
  if (!isConfiguration(resource) && !isOperators(resource)) return []
  const at = isConfiguration(resource) ? ['data'] : ['spec', 'extraConfig']
  const text = stringAt(resource.object, [...at, 'globalProjects'])
  const [list] = text === undefined ? [] : parseText(text, 'kubectl').documents
  return listAt(list, []).map(entry => ({
    labelSelector: valueAt(entry, ['labelSelector']),
    projectName: stringAt(entry, ['projectName']) ?? '',
  }))
}

function merge(
  project: Resource,
  globals: readonly GlobalProject[],
  projects: readonly Resource[],
): Resource | undefined {
  const labels = pairsAt(project.object, ['metadata', 'labels'])
  let spec = valueAt(project.object, ['spec'])
  for (const { labelSelector, projectName } of globals) {
    if (!readRequirements(labelSelector).every(one => isMet(one, labels))) continue
    const other = projects.find(one => one.name === projectName)
    if (!other) return undefined
    const lists = TAKEN_OVER.flatMap(field => {
      const both = [...listAt(spec, [field]), ...listAt(other.object, ['spec', field])]
      return both.length ? [[field, both] as const] : []
    })
    spec = { ...(spec as object), ...Object.fromEntries(lists) } as typeof spec
  }
  return { ...project, object: { ...project.object, spec } as KubernetesObject }
}
