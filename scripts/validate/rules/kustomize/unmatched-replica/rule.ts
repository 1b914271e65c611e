// kustomize refuses a replica count for a workload that is not there: the stage that renders finds it.
import { defineRule } from '../../rule.ts'

export default defineRule({
  scope: 'stage',
  id: 'unmatched-replica',
  severity: 'error',
  summary: 'An entry of replicas is for a workload that is not there.',
  why: 'kustomize refuses the build: the Application shows ComparisonError, and no commit reaches the cluster any more.',
  remediation: 'Write the name as the manifest has it, without prefix and suffix, or delete the entry.',
  source: 'kustomize build: "resource with name ... does not match a config with the following GVK"',
})
