// A wave that is not an integer counts as 0, so the order that was meant is not kept.
import { checkWave } from '../../../../tree/argocd/phases.ts'
import { defineRule } from '../../rule.ts'
import { reportFaults } from '../report-faults.ts'

export default defineRule({
  scope: 'resource',
  kinds: [],
  id: 'invalid-sync-wave',
  severity: 'warning',
  summary: 'A sync wave is not an integer.',
  why: 'Argo CD takes it as 0: the resource is applied together with all that have no wave.',
  remediation: 'Write an integer in quotes, such as "-1" or "5".',
  source: 'Argo CD: syncwaves.Wave',
  check: ({ resource }) => reportFaults(resource, checkWave(resource.object)),
})
