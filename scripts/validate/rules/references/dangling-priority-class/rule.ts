// Pods of a class that does not exist are refused one by one, long after the apply.
import { defineRule } from '../../rule.ts'
import { findDangling, isTo } from '../dangling.ts'

export default defineRule({
  scope: 'resource',
  id: 'dangling-priority-class',
  severity: 'error',
  summary: 'Pods ask for a PriorityClass or RuntimeClass that is not there.',
  why: 'The API server refuses each pod of the workload, which then has none.',
  remediation: 'Name a class of the cluster: one of the tree, or system-cluster-critical and system-node-critical.',
  source: 'admission plugins Priority and RuntimeClass: no class with the name was found',
  kinds: [],
  check: context => findDangling(context, isTo('scheduling.k8s.io/PriorityClass', 'node.k8s.io/RuntimeClass')),
})
