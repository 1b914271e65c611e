// A Namespace that is gone from Git is deleted with all that is in it, what Git never knew included.
import { findPruned } from '../pruned-resources.ts'
import { defineRule } from '../../rule.ts'

export default defineRule({
  scope: 'tree',
  id: 'prune-deletes-namespace',
  severity: 'warning',
  summary: 'Automated pruning may delete a Namespace.',
  why: 'A renamed folder or a wrong commit is enough: the Namespace goes, and everything in it with it.',
  remediation: 'Annotate the Namespace with argocd.argoproj.io/sync-options: Prune=false (or Prune=confirm).',
  source: 'Argo CD: sync options, no prune resources',
  *check(context) {
    for (const { resource, application } of findPruned(context, ['/Namespace'])) {
      const message = `Application ${application.resource.name} deletes Namespace ${resource.name} once it is not in Git any more`
      yield { message, values: [application.resource.name], places: [{ resource, fieldPath: ['metadata', 'name'] }] }
    }
  },
})
