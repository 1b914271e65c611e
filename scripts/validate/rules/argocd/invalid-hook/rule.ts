// A hook of an unknown phase is never applied; a delete policy that is misspelt becomes another one.
import { checkHooks, checkTracking, isTracked } from '../../../../tree/argocd/phases.ts'
import { defineRule, type TreeContext } from '../../rule.ts'
import type { Resource } from '../../../../tree/model/build.ts'
import { reportFaults } from '../report-faults.ts'

export default defineRule({
  scope: 'tree',
  id: 'invalid-hook',
  severity: 'warning',
  summary: 'An annotation tells Argo CD of a hook, policy or owner that it does not read that way.',
  why: 'A resource with an unknown hook is left out of every sync, a migration that never runs among them; nothing says so.',
  remediation:
    'Use PreSync, Sync, PostSync, SyncFail, PreDelete, PostDelete or Skip, and HookSucceeded, HookFailed or BeforeHookCreation.',
  source: 'Argo CD: hook.Types, hook.DeletePolicies, ignore.Ignore, ResourceTracking.SetAppInstance',
  *check(context) {
    const resources = context.builds.flatMap(build => build.resources)
    for (const resource of resources) yield* reportFaults(resource, checkHooks(resource.object))
    const tracked = resources.filter(({ object }) => isTracked(object))
    if (tracked.length === 0) return
    const owners = findOwners(context)
    for (const resource of tracked) yield* reportFaults(resource, checkTracking(resource.object, owners.get(resource)))
  },
})

/** What Argo CD will write as the owner of each resource that exactly one Application syncs. */
function findOwners({ applications }: TreeContext): ReadonlyMap<Resource, string> {
  const owners = new Map<Resource, string>()
  for (const { resource: application, sources, destination } of applications) {
    for (const { state } of sources) {
      for (const one of state.kind === 'builds' ? state.builds.flatMap(build => build.resources) : []) {
        const namespace = one.isNamespaced ? (one.namespace ?? destination.namespace ?? '') : ''
        owners.set(one, `${application.name}:${one.group}/${one.kind}:${namespace}/${one.name}`)
      }
    }
  }
  return owners
}
