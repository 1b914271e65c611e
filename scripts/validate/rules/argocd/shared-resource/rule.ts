// An object that two Applications render is taken from one by the other with every sync.
import { hasApplicationOption } from '../../../../tree/argocd/options.ts'
import type { Resource } from '../../../../tree/model/build.ts'
import type { Application } from '../../../../tree/argocd/application.ts'
import { defineRule, type RuleFinding } from '../../rule.ts'

export default defineRule({
  scope: 'tree',
  id: 'shared-resource',
  severity: 'warning',
  summary: 'One object is rendered by two Applications, or twice by one.',
  why: 'Each sync takes the object from the other Application, which then is out of sync; pruned by one, it is gone for both.',
  remediation: 'Render the object in one Application only, or give the two different names or namespaces.',
  source: 'Argo CD: SharedResourceWarning, RepeatedResourceWarning, FailOnSharedResource',
  *check({ applications }) {
    const owners = new Map<string, Application>()
    const isOfOne = findCommonReaders(applications)
    for (const application of withoutCopies(applications)) yield* compare(application, owners, isOfOne)
  },
})

const nameOf = ({ resource }: Application): string => `${resource.namespace ?? ''}/${resource.name}`

/** An Application that several builds hold is one. */
function withoutCopies(applications: readonly Application[]): readonly Application[] {
  return [...new Map(applications.map(application => [nameOf(application), application])).values()]
}

type Ask = (one: Application, other: Application) => boolean

/**
 * Whether one Argo CD reads two Applications: they lie in one build, or a third one brings both. Each cluster may have an
 * Argo CD of its own, to which the destination of both is its own cluster.
 */
function findCommonReaders(applications: readonly Application[]): Ask {
  const readers = new Map<string, Set<Application>>()
  for (const application of applications)
    for (const { state } of application.sources)
      for (const { id } of state.kind === 'builds' ? state.builds : [])
        readers.set(id, (readers.get(id) ?? new Set()).add(application))
  const readersOf = ({ resource }: Application): ReadonlySet<Application> => readers.get(resource.build) ?? new Set()
  return (one, other) =>
    one.resource.build === other.resource.build || [...readersOf(one)].some(reader => readersOf(other).has(reader))
}

/** One finding for each pair of Applications. */
function* compare(application: Application, owners: Map<string, Application>, isOfOne: Ask): Generator<RuleFinding> {
  const shared = new Map<Application, Resource[]>()
  const seen = new Map<string, number>()
  for (const [index, source] of application.sources.entries()) {
    const builds = source.state.kind === 'builds' ? source.state.builds : []
    for (const resource of builds.flatMap(build => build.resources)) {
      if (resource.name === '') continue
      const namespace = resource.isNamespaced
        ? (source.namespace ?? resource.object.metadata?.namespace ?? application.destination.namespace ?? '')
        : ''
      const cluster = application.destination.cluster ?? ''
      const key = [cluster, resource.group, resource.kind, namespace, resource.name].join('\0')
      const before = seen.get(key)
      if (before !== undefined && before !== index) {
        const message = `${resource.kind} ${resource.name} is rendered by another source of this Application as well`
        const values = [resource.kind, resource.name]
        yield { message, values, places: [{ resource: application.resource, fieldPath: source.fieldPath }] }
      }
      seen.set(key, index)
      const owner = owners.get(key)
      if (!owner) owners.set(key, application)
      else if (owner !== application) shared.set(owner, [...(shared.get(owner) ?? []), resource])
    }
  }
  for (const [owner, resources] of shared) {
    const [first] = resources
    if (!first) continue
    const more = resources.length > 1 ? ` and ${resources.length - 1} more` : ''
    const message = `Application ${owner.resource.name} renders ${first.kind} ${first.name}${more} into the same place`
    const path = application.sources[0]?.fieldPath ?? ['spec']
    const isRefused =
      isOfOne(owner, application) &&
      [owner, application].some(({ resource }) => hasApplicationOption(resource.object, 'FailOnSharedResource=true'))
    yield {
      message,
      ...(isRefused ? { severity: 'error' } : {}),
      values: [owner.resource.name],
      places: [{ resource: application.resource, fieldPath: [...path, 'path'] }],
    }
  }
}
