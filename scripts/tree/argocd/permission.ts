// Tells what a project refuses of an Application and of what it renders, and says nothing where a cluster is unknown.
import type { About, FieldPath } from '../model/place.ts'
import { listAt, mappingAt, type Resource, stringAt, valueAt } from '../model/build.ts'
import { isSlipOf } from '../model/closest.ts'
import { mayBeExcluded } from './exclusions.ts'
import { type ArgocdFault, refused } from './fault.ts'
import { type Installation, isTemplated } from './installation.ts'
import {
  type Cluster,
  isApplicationNamespacePermitted,
  isDestinationPermitted,
  isKindPermitted,
  isSourcePermitted,
} from './project.ts'

/** What the project refuses of an Application's own fields. `at` is where its spec stands. */
export function* listRefusals(
  application: unknown,
  at: FieldPath,
  namespace: string | undefined,
  project: Resource,
  installation: Installation,
): Generator<ArgocdFault> {
  const spec = valueAt(application, ['spec'])
  if (namespace !== undefined && project.namespace !== undefined) {
    if (!isApplicationNamespacePermitted(project.object, namespace, project.namespace)) {
      const message = `project ${project.name} takes no Applications from namespace ${namespace}`
      yield refused(['metadata', 'namespace'], message, ['namespace-of-application', project.name, namespace])
    }
  }
  for (const { url, path } of listUrls(spec)) {
    if (url === '' || isTemplated(url) || isSourcePermitted(project.object, url)) continue
    yield refused([...at, ...path], `project ${project.name} does not permit the repository ${url}`, [
      'repository-not-permitted',
      project.name,
      url,
    ])
  }
  const destination = valueAt(spec, ['destination'])
  const found = installation.findCluster(destination)
  const field = stringAt(destination, ['name']) ? 'name' : 'server'
  if (found.kind === 'fault')
    yield refused([...at, 'destination', field], found.message, ['ambiguous-cluster', found.name])
  const target = stringAt(destination, ['namespace']) ?? ''
  if (isTemplated(target) || isTemplated(stringAt(destination, [field]))) return
  const cluster = decideCluster(found, project.object)
  if (!cluster || isDestinationPermitted(project.object, cluster, target, installation.clusters)) return
  const isNamespaceOdd = hasOtherNamespace(project.object, cluster, installation)
  const where = stringAt(destination, [field]) ?? cluster.server
  const values: About = ['destination-not-permitted', project.name, where, target]
  const message = `project ${project.name} does not permit namespace ${target || '""'} of cluster ${where}`
  yield refused([...at, 'destination', ...(isNamespaceOdd && target !== '' ? ['namespace'] : [field])], message, values)
}

/** Whether the cluster is permitted with some namespace of the project's list. */
function hasOtherNamespace(project: unknown, cluster: Cluster, { clusters }: Installation): boolean {
  return listAt(project, ['spec', 'destinations']).some(item => {
    const namespace = stringAt(item, ['namespace']) ?? ''
    return !namespace.startsWith('!') && isDestinationPermitted(project, cluster, namespace, clusters)
  })
}

/**
 * The cluster a project is asked about. Of one that is not declared only the name or the address is known: undefined where
 * the project asks for the other.
 */
function decideCluster(found: ReturnType<Installation['findCluster']>, project: unknown): Cluster | undefined {
  if (found.kind === 'cluster') return found.cluster
  if (found.kind !== 'undeclared') return undefined
  if (valueAt(project, ['spec', 'permitOnlyProjectScopedClusters']) === true) return undefined
  const unknown = found.server === undefined ? 'server' : 'name'
  const patterns = listAt(project, ['spec', 'destinations']).map(item => stringAt(item, [unknown]) ?? '')
  if (patterns.some(pattern => pattern !== '' && pattern !== '*')) return undefined
  // Any text stands for what is not known: every pattern left takes all or nothing.
  return { server: found.server ?? 'unknown', name: found.name ?? 'unknown' }
}

/** The repositories of all sources, each with its place in the spec. */
function* listUrls(spec: unknown): Generator<{ readonly url: string; readonly path: FieldPath }> {
  const hydrator = mappingAt(spec, ['sourceHydrator'])
  if (hydrator) {
    const dry = stringAt(hydrator, ['drySource', 'repoURL']) ?? ''
    yield { url: dry, path: ['sourceHydrator', 'drySource', 'repoURL'] }
    const sync = stringAt(hydrator, ['syncSource', 'repoURL'])
    if (sync && sync !== dry) yield { url: sync, path: ['sourceHydrator', 'syncSource', 'repoURL'] }
    return
  }
  const sources = listAt(spec, ['sources'])
  for (const [index, source] of sources.entries()) {
    yield { url: stringAt(source, ['repoURL']) ?? '', path: ['sources', index, 'repoURL'] }
  }
  if (sources.length === 0) yield { url: stringAt(spec, ['source', 'repoURL']) ?? '', path: ['source', 'repoURL'] }
}

/** What the sync of one rendered resource is refused for. `namespace` is the one it is applied in. */
export function* listResourceRefusals(
  resource: Resource,
  namespace: string | undefined,
  application: unknown,
  project: Resource,
  installation: Installation,
): Generator<ArgocdFault> {
  if (mayBeExcluded(resource)) return
  // Nothing tells the scope of a kind without a definition: one list or the other may permit it.
  const isKnown = resource.isNamespaced || resource.isClusterScoped
  if (!isKnown && resource.namespace === undefined) return
  if (!isKnown && isKindPermitted(project.object, resource, true)) return
  if (!isKindPermitted(project.object, resource, resource.isNamespaced)) {
    const group = resource.group === '' ? '""' : resource.group
    const list = `${resource.isNamespaced ? 'namespace' : 'cluster'}ResourceWhitelist`
    const message = `project ${project.name} does not permit ${resource.kind} of group ${group} (${list})`
    yield refused(['kind'], message, ['kind-not-permitted', project.name, resource.group, resource.kind])
    return
  }
  const own = stringAt(resource.object, ['metadata', 'namespace'])
  if (!resource.isNamespaced || !own || namespace === undefined) return
  if (!isNamespaceRefused(own, application, project, installation)) return
  const message = `project ${project.name} does not permit namespace ${own}`
  yield refused(['metadata', 'namespace'], message, ['namespace-not-permitted', project.name, own])
}

/** The entry of a project's list that was meant to permit the kind, with what is wrong in it. */
export function findMeantEntry(
  { group, kind, isNamespaced }: Resource,
  project: unknown,
): { readonly path: FieldPath; readonly hint: string } | undefined {
  const list = `${isNamespaced ? 'namespace' : 'cluster'}ResourceWhitelist`
  for (const [index, item] of listAt(project, ['spec', list]).entries()) {
    const own = { group: stringAt(item, ['group']) ?? '', kind: stringAt(item, ['kind']) ?? '' }
    const at = ['spec', list, index]
    const isOtherGroup = own.group !== group && (isSlipOf(own.group, group) || (group === '' && own.group === 'core'))
    if (own.kind === kind && isOtherGroup)
      return { path: [...at, 'group'], hint: `did you mean group ${group || '""'} rather than ${own.group || '""'}?` }
    if (own.group === group && own.kind !== kind && isKindSlip(own.kind, kind))
      return { path: [...at, 'kind'], hint: `did you mean ${kind} rather than ${own.kind}?` }
  }
  return undefined
}

const isKindSlip = (written: string, kind: string): boolean =>
  written.toLowerCase() === kind.toLowerCase() ||
  written.toLowerCase().replace(/e?s$/, '') === kind.toLowerCase().replace(/e?s$/, '') ||
  isSlipOf(written, kind)

/** Whether the project refuses a namespace that is not the destination's. */
export function isNamespaceRefused(
  namespace: string,
  application: unknown,
  project: Resource,
  installation: Installation,
): boolean {
  const destination = valueAt(application, ['spec', 'destination'])
  if (namespace === stringAt(destination, ['namespace'])) return false
  const cluster = decideCluster(installation.findCluster(destination), project.object)
  return cluster !== undefined && !isDestinationPermitted(project.object, cluster, namespace, installation.clusters)
}
