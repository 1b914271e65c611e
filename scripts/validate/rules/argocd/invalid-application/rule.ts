// An Application that contradicts itself stays at InvalidSpecError, and nothing of it is synced.
import { checkApplication } from '../../../../tree/argocd/application-spec.ts'
import { defineRule } from '../../rule.ts'
import { reportFaults } from '../report-faults.ts'

export default defineRule({
  scope: 'resource',
  kinds: ['argoproj.io/Application'],
  id: 'invalid-application',
  severity: 'error',
  summary: 'An Application says what Argo CD cannot follow.',
  why: 'The Application shows InvalidSpecError or ComparisonError and syncs nothing; or Argo CD passes over what is written.',
  remediation: 'Write what Argo CD reads: one source with one tool, or a list of them, and one destination.',
  source: 'Argo CD: argo.ValidatePermissions, ApplicationSource.ExplicitType, RetryStrategy.NextRetryAt',
  check: ({ resource }) => reportFaults(resource, checkApplication(resource.object)),
})
