// A claim or a definition that is gone from Git takes the data with it.
import { findPruned } from '../pruned-resources.ts'
import { defineRule } from '../../rule.ts'

export default defineRule({
  scope: 'tree',
  id: 'prune-deletes-data',
  severity: 'warning',
  summary: 'Automated pruning may delete data: a PersistentVolumeClaim or a CustomResourceDefinition.',
  why: 'With a claim its volume is deleted, with a definition every object of its kind.',
  remediation: 'Annotate the object with argocd.argoproj.io/sync-options: Prune=false (or Prune=confirm).',
  source: 'Argo CD: sync options, no prune resources; Kubernetes: reclaim policy Delete',
  *check(context) {
    const kinds = ['/PersistentVolumeClaim', 'apiextensions.k8s.io/CustomResourceDefinition']
    for (const { resource, application } of findPruned(context, kinds)) {
      const message = `Application ${application.resource.name} deletes ${resource.kind} ${resource.name} once it is not in Git any more`
      yield { message, values: [application.resource.name], places: [{ resource, fieldPath: ['metadata', 'name'] }] }
    }
  },
})
