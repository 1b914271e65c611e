// Two manifests for one object: the later one wins, by the order of file names.
import { type Build, type Resource, stringAt } from '../../../../tree/model/build.ts'
import { defineRule, type RuleFinding, type TreeContext } from '../../rule.ts'

export default defineRule({
  scope: 'tree',
  id: 'duplicate-resource',
  severity: 'error',
  summary: 'One object is written more than once.',
  why: 'Applied together, the last one wins, and what the first one says is lost without a word.',
  remediation: 'Delete one of the two, or give them different names or namespaces.',
  source: 'kustomize: "may not add resource with an already registered id"; Argo CD: RepeatedResourceWarning',
  *check(context) {
    const deployed = listDeployed(context)
    for (const build of context.builds) {
      if (build.kind === 'directory' || build.kind === 'source') yield* findTwins(build, deployed.has(build))
    }
  },
})

const describe = ({ kind, name, namespace }: Resource): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`

const keyOf = ({ group, kind, namespace, name, object }: Resource): string =>
  [
    group,
    kind,
    namespace ?? '',
    name,
    ...SELECTORS.map(key => stringAt(object, ['metadata', 'annotations', key]) ?? ''),
  ].join('/')

/** Config Sync gives an object to the namespaces and clusters that such a selector takes. */
const SELECTORS = ['namespace-selector', 'cluster-selector', 'cluster-name-selector'].map(
  name => `configmanagement.gke.io/${name}`,
)

const listDeployed = ({ applications }: TreeContext): ReadonlySet<Build> =>
  new Set(
    applications.flatMap(({ sources }) =>
      sources.flatMap(({ state }) => (state.kind === 'builds' ? state.builds : [])),
    ),
  )

/**
 * Objects written twice where they are applied together: in what an Application syncs, which Argo CD warns of and does,
 * and in one file. Files that only lie side by side may be variants.
 */
function* findTwins(build: Build, isDeployed: boolean): Generator<RuleFinding> {
  const seen = new Map<string, Resource>()
  for (const resource of build.resources) {
    if (resource.name === '') continue
    const first = seen.get(keyOf(resource))
    if (!first) {
      seen.set(keyOf(resource), resource)
      continue
    }
    const [one, other] = [first, resource].map(({ origin }) => ('file' in origin ? origin.file : undefined))
    if (!isDeployed && (one === undefined || one !== other)) continue
    // Applied one after the other, two versions of a custom resource may be two steps.
    const isStep = resource.group.includes('.') && !resource.group.endsWith('.k8s.io')
    const message = `${describe(resource)} is written in ${one ?? 'another file'} as well`
    yield {
      message,
      ...(isDeployed || isStep ? { severity: 'warning' } : {}),
      values: [],
      places: [{ resource, fieldPath: ['metadata', 'name'] }],
    }
  }
}
