// A custom resource in an earlier wave than its definition cannot be applied to a new cluster.
import { readHooks, readWave } from '../../../../tree/argocd/phases.ts'
import { type Resource, stringAt } from '../../../../tree/model/build.ts'
import type { Application } from '../../../../tree/argocd/application.ts'
import { defineRule, type RuleFinding } from '../../rule.ts'

export default defineRule({
  scope: 'tree',
  id: 'definition-after-its-objects',
  severity: 'error',
  summary: 'An object is synced in an earlier wave than the definition of its kind.',
  why: 'The sync of a new cluster stops at the object, since the API server does not know its kind yet.',
  remediation: 'Give the CustomResourceDefinition the lower wave; without waves Argo CD applies definitions first.',
  source: 'Argo CD: sync phases and waves',
  *check({ applications }) {
    for (const application of applications) yield* checkApplication(application)
  },
})

function* checkApplication({ sources }: Application): Generator<RuleFinding> {
  const resources = sources.flatMap(({ state }) =>
    state.kind === 'builds' ? state.builds.flatMap(build => build.resources) : [],
  )
  const definitions = new Map<string, Resource>()
  for (const resource of resources) {
    if (resource.group !== 'apiextensions.k8s.io' || resource.kind !== 'CustomResourceDefinition') continue
    const kind = stringAt(resource.object, ['spec', 'names', 'kind'])
    definitions.set(`${stringAt(resource.object, ['spec', 'group'])}/${kind}`, resource)
  }
  if (definitions.size === 0) return
  for (const resource of resources) {
    const definition = definitions.get(`${resource.group}/${resource.kind}`)
    if (!definition || readHooks(resource.object) !== undefined) continue
    const [own, later] = [readWave(resource.object), readWave(definition.object)]
    if (own >= later) continue
    const message = `${resource.kind} ${resource.name} is in wave ${own}, its definition ${definition.name} in wave ${later}`
    const places = [
      { resource: definition, fieldPath: ['metadata', 'annotations', 'argocd.argoproj.io/sync-wave'] },
      { resource, fieldPath: ['metadata', 'name'] },
    ] as const
    yield { message, values: [resource.kind, resource.name], places: [places[0], places[1]] }
  }
}
