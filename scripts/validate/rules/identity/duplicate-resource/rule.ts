// Two manifests for one object overwrite each other for ever, or the later one wins by the order of file names.
import type { Build, Resource } from '../../../../tree/model/build.ts'
import { defineRule, type RuleFinding, type TreeContext } from '../../rule.ts'
import type { Application } from '../../../../tree/argocd/application.ts'

export default defineRule({
  scope: 'tree',
  id: 'duplicate-resource',
  severity: 'error',
  summary: 'One object is written more than once.',
  why: 'Applied from one folder, the last file wins; synced by two Applications, each takes the object from the other for ever.',
  remediation: 'Delete one of the two, or give them different names or namespaces.',
  source:
    'kustomize: "may not add resource with an already registered id"; Argo CD: SharedResourceWarning, FailOnSharedResource',
  *check(context) {
    for (const build of context.builds) if (build.kind === 'directory') yield* findTwins(build)
    yield* findShared(context)
  },
})

const describe = ({ kind, name, namespace }: Resource): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`

const keyOf = ({ group, kind, namespace, name }: Resource): string => [group, kind, namespace ?? '', name].join('/')

/** Objects written twice in one folder of loose manifests. */
function* findTwins(build: Build): Generator<RuleFinding> {
  const seen = new Map<string, Resource>()
  for (const resource of build.resources) {
    if (resource.name === '') continue
    const first = seen.get(keyOf(resource))
    if (!first) {
      seen.set(keyOf(resource), resource)
      continue
    }
    const where = 'file' in first.origin ? first.origin.file : 'another file'
    const message = `${describe(resource)} is written in ${where} as well`
    yield { message, values: [keyOf(resource)], places: [{ resource, fieldPath: ['metadata', 'name'] }] }
  }
}

/** Objects that two Applications render into one place of one cluster; one finding for each pair of Applications. */
function* findShared({ applications }: TreeContext): Generator<RuleFinding> {
  const owners = new Map<string, Application>()
  for (const application of applications) {
    const shared = new Map<Application, Resource[]>()
    for (const source of application.sources) {
      const builds = source.state.kind === 'builds' ? source.state.builds : []
      for (const resource of builds.flatMap(build => build.resources)) {
        if (resource.name === '') continue
        const namespace = resource.isNamespaced
          ? (source.namespace ?? resource.object.metadata?.namespace ?? application.destination.namespace ?? '')
          : ''
        const key = [
          application.destination.cluster ?? '',
          resource.group,
          resource.kind,
          namespace,
          resource.name,
        ].join('\0')
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
      const place = { resource: application.resource, fieldPath: [...path, 'path'] }
      yield { message, values: [owner.resource.name], places: [place] }
    }
  }
}
