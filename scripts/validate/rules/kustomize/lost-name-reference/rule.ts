// A reference by the name that an object had before its prefix, suffix or hash: kustomize rewrites those that it knows.
import type { Renamed } from '../../../../tree/kustomize/trace/effects.ts'
import type { Resource } from '../../../../tree/model/build.ts'
import type { ResourceIndex } from '../../../../tree/model/resource-index.ts'
import { defineRule } from '../../rule.ts'
import { listNamed, type Named } from '../named-objects.ts'

export default defineRule({
  scope: 'kustomization',
  id: 'lost-name-reference',
  severity: 'error',
  summary: 'A field names an object by the name it had before kustomize renamed it.',
  why: 'kustomize rewrites the references that it knows: this one stays, and names nothing in the cluster.',
  remediation: 'Add the field to nameReference under configurations, or write the name as it is deployed.',
  source: 'kustomize: nameReference of its default configuration; fields of custom resources are not in it',
  *check({ kustomization, readers, effects, deployment }) {
    const build = readers.find(({ root }) => root === kustomization.folder)?.build
    if (!build) return
    const renamed = effects.of(build.id)?.renamed ?? []
    if (renamed.length === 0) return
    const before = new Map<string, Renamed[]>()
    for (const one of renamed) for (const name of one.before) before.set(name, [...(before.get(name) ?? []), one])
    const index = deployment.besideOf(build)
    for (const resource of build.resources) {
      for (const named of listNamed(resource.object, name => before.has(name))) {
        const meant = before.get(named.name)?.find(one => isMeant(one, named, resource))
        if (!meant || isThere(index, named, resource)) continue
        yield {
          message: `${meant.kind} ${named.name} is called ${meant.name} in this build, and kustomize does not rewrite this field`,
          values: [named.name, meant.kind],
          // A hash is another in each build.
          ...(index.whyIncomplete(resource.namespace) === undefined ? {} : { severity: 'warning' as const }),
          places: [{ resource, fieldPath: named.fieldPath }],
        }
      }
    }
  },
})

const isMeant = (one: Renamed, { kind, group, namespace }: Named, resource: Resource): boolean => {
  const own = resource.namespace ?? ''
  return (
    one.kind.toLowerCase() === kind.toLowerCase() &&
    (group === undefined || one.group === group) &&
    (namespace === undefined
      ? one.namespace === '' || own === '' || one.namespace === own
      : namespace === one.namespace)
  )
}

/** Another object may have the name today. */
const isThere = (index: ResourceIndex, { kind, name }: Named, { namespace }: Resource): boolean =>
  index.resources.some(
    one =>
      one.name === name &&
      one.kind.toLowerCase() === kind.toLowerCase() &&
      (one.namespace === undefined || namespace === undefined || one.namespace === namespace),
  )
