// Makes builds of the renderings: kustomizations, loose manifests, and what Applications and ApplicationSets make.
import type { RenderedSource } from '../argocd/source/rendered.ts'
import type { Renderings } from '../engine.ts'
import { type Build, groupOf, type Origin, type Resource, stringAt } from '../model/build.ts'
import type { KubernetesObject } from '../model/resource.ts'
import type { LooseDocument } from '../source/manifests.ts'

export type ScopeOf = (kind: { apiVersion: string; kind: string }) => 'Namespaced' | 'Cluster' | undefined

export function assemble(
  renderings: Renderings,
  scopeOf: ScopeOf,
  namespaceOf: (build: string) => string | undefined,
): readonly Build[] {
  const { built, folders } = renderings
  const builds = [...built].map(([id, resources]): Build => {
    const make = resourceMaker(id, scopeOf, namespaceOf(id))
    return { id, kind: 'kustomize', resources: resources.map((one, index) => make(one, { kind: 'rendered', index })) }
  })
  const taken = listTaken(renderings)
  for (const [id, documents] of folders) {
    const make = resourceMaker(id, scopeOf, namespaceOf(id))
    const loose = documents.filter(({ object }) => !taken.has(object))
    if (loose.length > 0 || documents.length === 0) {
      builds.push({ id, kind: 'directory', resources: loose.map(one => make(one.object, originOf(one))) })
    }
  }
  return [...builds, ...assembleApplications(builds, renderings, scopeOf, namespaceOf)]
}

/** Loose manifests that an Application syncs together with others are no longer loose. */
function listTaken({ sources }: Renderings): ReadonlySet<KubernetesObject> {
  const taken = new Set<KubernetesObject>()
  for (const { state } of [...sources.values()].flat()) {
    if (state.kind !== 'objects' || state.tool !== 'directory') continue
    for (const { object } of state.objects) taken.add(object)
  }
  return taken
}

/** The build of what one source renders for one Application. */
export const nameSourceBuild = (application: KubernetesObject, { path, fieldPath }: RenderedSource): string => {
  const index = fieldPath.find(segment => typeof segment === 'number')
  return `${path} for ${application.metadata?.name ?? ''}${index === undefined ? '' : ` (source ${index})`}`
}

/** The build of the Applications that an ApplicationSet makes. */
export const nameSetBuild = (name: string): string => `ApplicationSet ${name}`

/** What Applications and ApplicationSets make, and what those make that are among it. */
function assembleApplications(
  roots: readonly Build[],
  { sources, expansions }: Renderings,
  scopeOf: ScopeOf,
  namespaceOf: (build: string) => string | undefined,
): readonly Build[] {
  const made: Build[] = []
  const ids = new Set<string>()
  const queue = roots.flatMap(({ resources }) => resources).filter(({ group }) => group === 'argoproj.io')
  for (let resource = queue.pop(); resource; resource = queue.pop()) {
    const found: Build[] = []
    for (const source of sources.get(resource.object) ?? []) {
      const id = nameSourceBuild(resource.object, source)
      if (source.state.kind !== 'objects' || ids.has(id)) continue
      const make = resourceMaker(id, scopeOf, namespaceOf(id))
      const by = resource
      const resources = source.state.objects.map(({ object, origin }) => {
        if (origin.kind !== 'settings') return make(object, origin)
        return make(object, { ...origin, by, fieldPath: [...source.fieldPath, 'kustomize'] })
      })
      found.push({ id, kind: 'source', resources })
    }
    const expansion = expansions.get(resource.object)
    const id = nameSetBuild(resource.name)
    if (expansion && !ids.has(id)) {
      const make = resourceMaker(id, scopeOf, resource.namespace)
      const by = resource
      found.push({
        id,
        kind: 'generated',
        resources: expansion.applications.map(one => make(one, { kind: 'generated', by })),
      })
    }
    for (const build of found) {
      ids.add(build.id)
      made.push(build)
      queue.push(...build.resources.filter(({ group }) => group === 'argoproj.io'))
    }
  }
  return made
}

const originOf = ({ file, document, item }: LooseDocument): Origin => ({
  kind: 'document',
  file: file.path,
  document,
  ...(item === undefined ? {} : { item }),
})

function resourceMaker(build: string, scopeOf: ScopeOf, destination: string | undefined) {
  return (object: KubernetesObject, origin: Origin): Resource => {
    const scope = scopeOf(object)
    const own = stringAt(object, ['metadata', 'namespace']) || undefined
    return {
      object,
      build,
      origin,
      group: groupOf(object.apiVersion ?? ''),
      kind: object.kind,
      name: stringAt(object, ['metadata', 'name']) ?? '',
      namespace: scope === 'Cluster' ? undefined : (own ?? destination),
      isNamespaced: scope === 'Namespaced' || (scope === undefined && own !== undefined),
      isClusterScoped: scope === 'Cluster',
    }
  }
}
