// Makes builds of the renderings: kustomizations, loose manifests, and what Applications and ApplicationSets make.
import { isDeepStrictEqual } from 'node:util'
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

/** The build of what one source renders for one Application, where no other build brings another one of this name. */
const nameSourceBuild = (application: KubernetesObject, { path, fieldPath }: RenderedSource): string => {
  const index = fieldPath.find(segment => typeof segment === 'number')
  return `${path} for ${application.metadata?.name ?? ''}${index === undefined ? '' : ` (source ${index})`}`
}

/** What Applications and ApplicationSets make, and what those make that are among it. */
function assembleApplications(
  roots: readonly Build[],
  { sources, expansions }: Renderings,
  scopeOf: ScopeOf,
  namespaceOf: (build: string) => string | undefined,
): readonly Build[] {
  const made = new Variants()
  const queue = roots.flatMap(({ resources }) => resources).filter(({ group }) => group === 'argoproj.io')
  for (let by = queue.pop(); by; by = queue.pop()) {
    const holder = by
    const found: Build[] = []
    for (const source of sources.get(holder.object) ?? []) {
      if (source.state.kind !== 'objects') continue
      const { objects } = source.state
      const name = nameSourceBuild(holder.object, source)
      const build = made.add(
        name,
        holder.build,
        source,
        objects.map(({ object }) => object),
        id => {
          const make = resourceMaker(id, scopeOf, namespaceOf(id))
          const resources = objects.map(({ object, origin }) => {
            if (origin.kind !== 'settings') return make(object, origin)
            return make(object, { ...origin, by: holder, fieldPath: [...source.fieldPath, 'kustomize'] })
          })
          return { kind: 'source', resources }
        },
      )
      if (build) found.push(build)
    }
    const expansion = expansions.get(holder.object)
    if (expansion) {
      const { applications } = expansion
      const build = made.add(`ApplicationSet ${holder.name}`, holder.build, expansion, applications, id => {
        const make = resourceMaker(id, scopeOf, holder.namespace)
        return { kind: 'generated', resources: applications.map(one => make(one, { kind: 'generated', by: holder })) }
      })
      if (build) found.push(build)
    }
    for (const build of found) queue.push(...build.resources.filter(({ group }) => group === 'argoproj.io'))
  }
  return made.builds
}

interface Variant {
  readonly holder: string
  readonly objects: readonly KubernetesObject[]
  readonly from: object[]
}

/** Builds that may be alternatives bring each their own under one name; those that are the same are one. */
class Variants {
  readonly builds: Build[] = []
  readonly #byName = new Map<string, Variant[]>()

  /** Undefined where it is known; `from` is what it is made of. */
  add(
    name: string,
    holder: string,
    from: object,
    objects: readonly KubernetesObject[],
    make: (id: string) => Pick<Build, 'kind' | 'resources'>,
  ): Build | undefined {
    const variants = this.#byName.get(name) ?? []
    const same = variants.find(one => one.from.includes(from) || isDeepStrictEqual(one.objects, objects))
    if (same) {
      same.from.push(from)
      return undefined
    }
    const again = variants.filter(one => one.holder === holder).length
    const id = variants.length === 0 ? name : `${name} of ${holder}${again > 0 ? ` (${again + 1})` : ''}`
    const sources = [from]
    const build: Build = { id, from: sources, ...(variants.length > 0 && { variantOf: name }), ...make(id) }
    this.#byName.set(name, [...variants, { holder, objects, from: sources }])
    this.builds.push(build)
    return build
  }
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
