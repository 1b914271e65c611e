// Applications that bring each other cannot be deleted in any order, and are recreated by the other one.
import { defineRule } from '../../rule.ts'
import type { Application } from '../../../../tree/argocd/application.ts'

export default defineRule({
  scope: 'tree',
  id: 'application-cycle',
  severity: 'warning',
  summary: 'Applications render each other in a circle.',
  why: 'Whichever is deleted is made again by another one, and a cascade deletes them all.',
  remediation: 'Let one Application bring the others, and none of them bring it.',
  source: 'Argo CD: App of Apps pattern; cascading deletion',
  *check({ applications }) {
    const byName = new Map(applications.map(application => [nameOf(application.resource), application]))
    const told = new Set<string>()
    for (const application of byName.values()) {
      const circle = findCircle(application, byName)
      if (!circle || circle.some(one => told.has(one))) continue
      for (const one of circle) told.add(one)
      const names = [...circle, circle[0] ?? ''].map(one => one.split('/').at(-1))
      const message = `Applications bring each other: ${names.join(' -> ')}`
      yield {
        message,
        values: [circle.length],
        places: [{ resource: application.resource, fieldPath: ['metadata', 'name'] }],
      }
    }
  },
})

const nameOf = ({ namespace, name }: Application['resource']): string => `${namespace ?? ''}/${name}`

/** The names of other Applications that it brings. One that brings itself is managed by itself, on purpose. */
const childrenOf = ({ sources, resource }: Application): readonly string[] =>
  sources
    .flatMap(({ state }) => (state.kind === 'builds' ? state.builds.flatMap(build => build.resources) : []))
    .filter(one => one.group === 'argoproj.io' && one.kind === 'Application')
    .map(nameOf)
    .filter(name => name !== nameOf(resource))

function findCircle(start: Application, byName: ReadonlyMap<string, Application>): readonly string[] | undefined {
  const origin = nameOf(start.resource)
  const seen = new Set<string>()
  const queue: { name: string; path: readonly string[] }[] = [{ name: origin, path: [origin] }]
  for (let next = queue.shift(); next; next = queue.shift()) {
    const application = byName.get(next.name)
    for (const child of application ? childrenOf(application) : []) {
      if (child === origin) return next.path
      if (seen.has(child)) continue
      seen.add(child)
      queue.push({ name: child, path: [...next.path, child] })
    }
  }
  return undefined
}
