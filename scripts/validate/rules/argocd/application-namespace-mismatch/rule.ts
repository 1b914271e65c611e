// An Application that names one namespace and renders objects for another deploys somewhere nobody looks.
import { type Installation, openInstallation, projectNameOf } from '../../../../tree/argocd/installation.ts'
import { isNamespaceRefused, listRefusals } from '../../../../tree/argocd/permission.ts'
import { type Build, mappingAt, type Resource, valueAt } from '../../../../tree/model/build.ts'
import { defineRule, type RuleFinding } from '../../rule.ts'
import type { Application, ApplicationSource } from '../../../../tree/argocd/application.ts'

export default defineRule({
  scope: 'tree',
  id: 'application-namespace-mismatch',
  severity: 'error',
  summary: 'An Application names another namespace than the manifests it syncs.',
  why: "A manifest's own namespace wins over the Application's destination, so the objects land elsewhere, or the project refuses them.",
  remediation: "Make spec.destination.namespace and the overlay's namespace the same.",
  source: 'Argo CD: destination.namespace is used for resources that have no metadata.namespace, and is needed by them',
  *check({ applications, builds }) {
    const installation = openInstallation(builds)
    for (const application of applications) {
      for (const source of application.sources) {
        const builds = source.state.kind === 'builds' ? source.state.builds : []
        for (const build of builds) yield* compare(application, source, build, installation)
      }
    }
  },
})

/** They live where Argo CD watches, whatever the destination of the one that brings them. */
const objectsOfArgocd: readonly string[] = ['Application', 'ApplicationSet', 'AppProject']

function* compare(
  application: Application,
  source: ApplicationSource,
  build: Build,
  installation: Installation,
): Generator<RuleFinding> {
  const { resource, destination } = application
  const namespaced = build.resources.filter(
    ({ isNamespaced, group, kind }) => isNamespaced && !(group === 'argoproj.io' && objectsOfArgocd.includes(kind)),
  )
  const written = namespaced.flatMap(one => {
    const namespace = source.namespace ?? one.object.metadata?.namespace
    return typeof namespace === 'string' ? [{ one, namespace }] : []
  })
  const wanted = destination.namespace
  const [example] = written
  if (wanted === undefined) {
    // That there is no destination, or a namespace that is not a string, is the schema's finding.
    if (mappingAt(resource.object, ['spec', 'destination']) === undefined) return
    const value = valueAt(resource.object, ['spec', 'destination', 'namespace']) ?? undefined
    if (value !== undefined && value !== '') return
    const homeless = namespaced.find(one => (source.namespace ?? one.object.metadata?.namespace) === undefined)
    if (!homeless) return
    const message = `${homeless.kind} ${homeless.name} has no namespace, and the Application names none`
    const severity = value === '' ? 'warning' : 'error'
    const places = [{ resource, fieldPath: ['spec', 'destination', 'namespace'] }] as const
    yield { message, severity, values: [], places }
    return
  }
  // Some objects elsewhere are an intent (a RoleBinding in kube-system); all of them elsewhere is a mistake.
  if (!example || written.length < namespaced.length || written.some(({ namespace }) => namespace === wanted)) return
  const others = [...new Set(written.map(({ namespace }) => namespace))]
  // Several are an intent.
  if (others.length > 1) return
  // What the project refuses is told as that.
  const projects = installation.findProjects(projectNameOf(resource.object.spec) ?? '', resource.namespace) ?? []
  const isRefused = (project: Resource): boolean =>
    isNamespaceRefused(example.namespace, resource.object, project, installation) ||
    [...listRefusals(resource.object, ['spec'], resource.namespace, project, installation)].some(
      ({ fieldPath }) => fieldPath.at(-1) === 'namespace',
    )
  if (projects.length > 0 && projects.every(isRefused)) return
  const message = `the destination is namespace ${wanted}, all manifests of ${build.id} are for namespace ${others[0]}`
  const place = { resource, fieldPath: ['spec', 'destination', 'namespace'] }
  // The Application's name and the folder tell which of the two was meant.
  const isOverlayOdd = resemblance(wanted, application, source) > resemblance(example.namespace, application, source)
  const values = [wanted, ...others]
  // Argo CD syncs it all the same: whether it was meant is for a person to say.
  const odd = isOverlayOdd ? { resource: example.one, fieldPath: ['metadata', 'namespace'] } : place
  yield { message, severity: 'warning', values, places: [odd] }
}

function resemblance(namespace: string, { resource }: Application, { path }: ApplicationSource): number {
  const folder = path.split('/').filter(Boolean).at(-1) ?? ''
  return (namespace === resource.name ? 2 : 0) + (namespace === folder || namespace.endsWith(`-${folder}`) ? 1 : 0)
}
