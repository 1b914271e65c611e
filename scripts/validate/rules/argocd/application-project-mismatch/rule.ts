// A project says where its Applications may come from and go to; what it does not permit is not synced.
import { isDeepStrictEqual } from 'node:util'
import type { Application } from '../../../../tree/argocd/application.ts'
import { mayBeSelected } from '../../../../tree/argocd/global-projects.ts'
import { type Installation, openInstallation, projectNameOf } from '../../../../tree/argocd/installation.ts'
import type { ArgocdFault } from '../../../../tree/argocd/fault.ts'
import {
  findMeantEntry,
  isNamespaceRefused,
  listRefusals,
  listResourceRefusals,
} from '../../../../tree/argocd/permission.ts'
import { type Resource, stringAt } from '../../../../tree/model/build.ts'
import { closest } from '../../../../tree/model/closest.ts'
import { isResourcePlace } from '../../../../tree/model/place.ts'
import { whyIncomplete } from '../../../../tree/model/unseen.ts'
import { defineRule, type RuleFinding } from '../../rule.ts'
import { reportFaults } from '../report-faults.ts'

export default defineRule({
  scope: 'tree',
  id: 'application-project-mismatch',
  severity: 'error',
  summary: 'An Application or a resource of it is not permitted by its project.',
  why: 'Argo CD refuses the Application with InvalidSpecError, or the sync stops at the resource.',
  remediation: 'Permit it in the AppProject, or use what the project permits.',
  source:
    'Argo CD: AppProject.IsSourcePermitted, IsDestinationPermitted, IsGroupKindNamePermitted, IsAppNamespacePermitted',
  *check({ builds, applications, deployment }) {
    const installation = openInstallation(builds)
    const all = builds.flatMap(build => build.resources)
    const isOpen = (project: Resource): boolean =>
      mayBeSelected(project, all, namespace => whyIncomplete(deployment.unseen, namespace) !== undefined)
    for (const application of applications) {
      const { resource } = application
      const name = projectNameOf(resource.object.spec)
      if (name === undefined) continue
      const projects = installation.findProjects(name, resource.namespace)
      const written = stringAt(resource.object, ['spec', 'project']) ?? ''
      if (projects === null) {
        const near = closest(
          written,
          installation.projects.map(one => one.name),
        )
        // What is not rendered here may bring the project.
        if (!near && whyIncomplete(deployment.unseen, installation.projects[0]?.namespace)) continue
        const hint = near ? `; did you mean ${near}?` : ''
        const message = `project ${written} is not among the projects of this tree${hint}`
        yield { message, values: [written], places: [{ resource, fieldPath: ['spec', 'project'] }] }
      }
      if (!projects || projects.some(isOpen)) continue
      const [found = [], ...others] = projects.map(project => [...listMismatches(application, project, installation)])
      // Which of several projects of one name a cluster has is not known.
      yield* found.filter(one => others.every(list => list.some(other => isSame(one, other))))
    }
  },
})

function* listMismatches(
  { resource, sources, destination }: Application,
  project: Resource,
  installation: Installation,
): Generator<RuleFinding> {
  yield* reportFaults(resource, listRefusals(resource.object, ['spec'], resource.namespace, project, installation))
  const rendered = sources.flatMap(({ state }) =>
    state.kind === 'builds' ? state.builds.flatMap(build => build.resources) : [],
  )
  const refusedNamespaces = new Set(
    rendered.flatMap(({ isNamespaced, object }) => {
      const own = isNamespaced ? stringAt(object, ['metadata', 'namespace']) : undefined
      return own && isNamespaceRefused(own, resource.object, project, installation) ? [own] : []
    }),
  )
  for (const one of rendered) {
    // That the Namespace is not permitted either goes without saying.
    if (one.kind === 'Namespace' && one.group === '' && refusedNamespaces.has(one.name)) continue
    const namespace = one.isNamespaced ? (one.namespace ?? destination.namespace) : undefined
    const faults = [...listResourceRefusals(one, namespace, resource.object, project, installation)]
    const meant = faults.some(({ fieldPath }) => fieldPath[0] === 'kind') && findMeantEntry(one, project.object)
    if (!meant) yield* reportFaults(one, faults)
    else {
      const [{ message, values }] = faults as [ArgocdFault]
      const fieldPath = meant.path
      const places = [
        { resource: project, fieldPath },
        { resource: one, fieldPath: ['kind'] },
      ] as const
      yield { message: `${message}; ${meant.hint}`, values, places: [...places] }
    }
  }
}

/** The name of the project is the same, and its entries are no part of what is refused. */
const isSame = (one: RuleFinding, other: RuleFinding): boolean =>
  isDeepStrictEqual(one.values, other.values) && subjectOf(one) === subjectOf(other)

const subjectOf = ({ places }: RuleFinding): Resource | undefined => places.filter(isResourcePlace).at(-1)?.resource
