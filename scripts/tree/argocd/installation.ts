// What the tree says of the Argo CD that reads it: projects, clusters, and the namespace it runs in.
import { type Build, mappingAt, type Resource, stringAt, valueAt } from '../model/build.ts'
import type { KubernetesObject } from '../model/resource.ts'
import type { ClusterSecret } from './applicationset/generators/world.ts'
import { createMerger } from './global-projects.ts'
import type { Cluster } from './project.ts'
import { createScoper, readSecretField } from './scoped-resources.ts'

export const IN_CLUSTER: Cluster = { server: 'https://kubernetes.default.svc', name: 'in-cluster' }

export interface Installation {
  readonly projects: readonly Resource[]
  /** Those declared as Secrets, and the one Argo CD runs in. */
  readonly clusters: readonly Cluster[]
  /**
   * The project of an Application, with what is declared for it and what global projects add to it: several where the tree
   * has several of one name, of which a cluster has one. Undefined: it, or a part of it, may exist unseen (no project is in
   * the tree, or it is the built-in one). Null: the tree keeps projects, and this one is not among them.
   */
  findProjects(name: string, namespace: string | undefined): readonly Resource[] | undefined | null
  /** The cluster of a destination; a fault where its name is not a cluster's for sure. */
  findCluster(destination: unknown): Destination
}

export type Destination =
  | { readonly kind: 'cluster'; readonly cluster: Cluster }
  /** A cluster that this tree does not declare: only what the destination says of it is known. */
  | { readonly kind: 'undeclared'; readonly server?: string; readonly name?: string }
  | { readonly kind: 'fault'; readonly message: string; readonly name: string }
  /** Neither or both of name and server. */
  | { readonly kind: 'unreadable' }

const opened = new WeakMap<readonly Build[], Installation>()

/** Reads the objects of an installation out of all builds. */
export function openInstallation(builds: readonly Build[]): Installation {
  const known = opened.get(builds)
  if (known) return known
  const resources = builds.flatMap(build => build.resources)
  const projects = resources.filter(
    resource => resource.group === 'argoproj.io' && resource.kind === 'AppProject' && !isDocumentation(resource),
  )
  const declared = resources.flatMap(readCluster)
  const clusters = declared.some(({ server }) => server === IN_CLUSTER.server) ? declared : [...declared, IN_CLUSTER]
  const withGlobals = createMerger(resources, projects)
  const withScoped = createScoper(resources)
  const installation: Installation = {
    projects,
    clusters,
    findProjects(name, namespace) {
      const named = projects.filter(project => project.name === name)
      const near = named.filter(project => project.namespace === namespace)
      const found = listDistinct(near.length > 0 ? near : named).map(one => withGlobals(withScoped(one)))
      if (found.length > 0) return found.every(one => one !== undefined) ? found : undefined
      // A tree that has the built-in project only keeps the others elsewhere.
      const isKept = projects.some(project => project.name !== 'default')
      return name === 'default' || !isKept ? undefined : null
    },
    findCluster: destination => findCluster(destination, clusters),
  }
  opened.set(builds, installation)
  return installation
}

const listDistinct = (projects: readonly Resource[]): readonly Resource[] =>
  projects.length < 2 ? projects : [...new Map(projects.map(one => [JSON.stringify(one.object.spec), one])).values()]

/** A manifest among the pages of a manual shows how one is written, and binds nobody. */
const isDocumentation = ({ origin }: Resource): boolean =>
  origin.kind === 'document' && /(?:^|\/)docs\//.test(origin.file)

function findCluster(destination: unknown, clusters: readonly Cluster[]): Destination {
  const server = stringAt(destination, ['server']) ?? ''
  const name = stringAt(destination, ['name']) ?? ''
  if ((server === '') === (name === '')) return { kind: 'unreadable' }
  const local = clusters.find(one => one.server === IN_CLUSTER.server) ?? IN_CLUSTER
  if (name !== '') {
    const named = clusters.filter(one => one.name === name)
    if (named.length > 1) {
      const servers = named.map(one => one.server).join(', ')
      return { kind: 'fault', name, message: `${named.length} clusters have the name ${name}: ${servers}` }
    }
    if (named[0]) return { kind: 'cluster', cluster: named[0] }
    return name === IN_CLUSTER.name ? { kind: 'cluster', cluster: local } : { kind: 'undeclared', name }
  }
  const address = server.replace(/\/+$/, '')
  const found = clusters.find(one => one.server === address)
  return found ? { kind: 'cluster', cluster: found } : { kind: 'undeclared', server: address }
}

const readCluster = ({ group, kind, object }: Resource): readonly Cluster[] =>
  group === '' && kind === 'Secret' ? readClusterSecret(object) : []

/** A Secret that declares a cluster to Argo CD. */
export function readClusterSecret(object: KubernetesObject): readonly ClusterSecret[] {
  const labels = mappingAt(object, ['metadata', 'labels']) ?? {}
  if (labels['argocd.argoproj.io/secret-type'] !== 'cluster') return []
  const read = (field: string): string => readSecretField(object, field) ?? ''
  const server = read('server').replace(/\/+$/, '')
  const annotations = mappingAt(object, ['metadata', 'annotations']) ?? {}
  return server === '' ? [] : [{ server, name: read('name') || server, project: read('project'), labels, annotations }]
}

/** Whether a value is a template, which only an ApplicationSet or a chart makes into text. */
export const isTemplated = (value: unknown): boolean => typeof value === 'string' && value.includes('{{')

export const projectNameOf = (spec: unknown): string | undefined => {
  const name = valueAt(spec, ['project'])
  // Argo CD takes an empty name for the built-in project.
  return typeof name === 'string' ? name || 'default' : undefined
}
