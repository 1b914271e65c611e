// What the schemas are told of a tree and are asked, and where the objects stand that they could not judge.
import type { checkIgnoreDifferences, IsField } from '../tree/argocd/ignore-differences.ts'
import type { Renderings } from '../tree/engine.ts'
import type { Fault, NotExamined } from '../tree/model/place.ts'
import type { KubernetesObject } from '../tree/model/resource.ts'
import type { checkSchemas } from './check-schemas.ts'
import type { SourceDocument } from './check-sources.ts'
import type { Schemas } from './schema/index.ts'

/** What the schemas must know of: every object, and the definitions among them. */
export function describeObjects(
  { built, tree, sources, expansions }: Renderings,
  documents: readonly SourceDocument[],
) {
  const ofSources = [...sources.values()]
    .flat()
    .flatMap(({ state }) => (state.kind === 'objects' ? state.objects.map(({ object }) => object) : []))
  const made = [...ofSources, ...[...expansions.values()].flatMap(({ applications }) => applications)]
  // What nothing deploys may still define what is deployed.
  const written = [...documents.map(({ one }) => one), ...tree.unlisted].map(({ object }) => object)
  // Of what is written and not rendered nobody has asked yet whether it is an object.
  const kinds = [...[...built.values()].flat(), ...made, ...written].filter(
    ({ kind, apiVersion }) => typeof kind === 'string' && typeof apiVersion === 'string',
  )
  const customResourceDefinitions = kinds.filter(
    ({ kind, apiVersion }) => kind === 'CustomResourceDefinition' && apiVersion.startsWith('apiextensions.k8s.io/'),
  )
  return { kinds, customResourceDefinitions }
}

/** Where the objects stand that a schema could not judge: among the resources, else among the sources. */
export function placeObjects(
  entries: readonly { readonly object: KubernetesObject; readonly reason: string }[],
  builds: Parameters<typeof checkSchemas>[0],
  documents: readonly SourceDocument[],
): readonly NotExamined[] {
  if (entries.length === 0) return []
  const resources = new Map(builds.flatMap(build => build.resources.map(one => [one.object, one] as const)))
  const written = new Map(documents.map(({ one }) => [one.object, one]))
  return entries.flatMap(({ object, reason }): readonly NotExamined[] => {
    const resource = resources.get(object)
    if (resource) return [{ place: { resource, fieldPath: [] }, reason }]
    const one = written.get(object)
    return one ? [{ place: { range: one.file.rangeOf(one.document, []), fieldPath: [] }, reason }] : []
  })
}

/** Whether a kind has a field, asked by an object that has nothing else. */
export function createFieldTest(schemas: Pick<Schemas, 'validate'>): IsField {
  return ({ apiVersion, kind }, path) => {
    const nested = path.reduceRight<unknown>(
      (below, name) => (typeof name === 'number' ? [below] : { [name]: below }),
      {},
    )
    const faults = schemas.validate({ ...(nested as object), apiVersion, kind })
    return !faults?.some(
      ({ keyword, fieldPath }) => keyword === 'additionalProperties' && fieldPath.length === path.length,
    )
  }
}

export const describeDifferences = ({ faults }: Awaited<ReturnType<typeof checkIgnoreDifferences>>): readonly Fault[] =>
  faults.map(({ resource, fieldPath, message, values, severity }) => ({
    ruleId: 'ignore-differences-without-effect',
    message,
    severity,
    values,
    places: [{ resource, fieldPath }],
  }))
