// A misspelt option is accepted by everything and asked for by nothing.
import { checkResourceOptions } from '../../../../tree/argocd/options.ts'
import { defineRule } from '../../rule.ts'
import { reportFaults } from '../report-faults.ts'

export default defineRule({
  scope: 'resource',
  kinds: [],
  id: 'unknown-sync-option',
  severity: 'warning',
  summary: 'An annotation names a sync or compare option that Argo CD does not know.',
  why: 'Argo CD looks for exact words and passes over all others: the option has no effect, and nothing says so.',
  remediation: 'Write the option as Argo CD reads it, NAME=value with its capital letters.',
  source: 'Argo CD: resource.HasAnnotationOption and GetAnnotationOptionValue, with the words the sync engine asks for',
  check({ resource }) {
    const isApplication = resource.group === 'argoproj.io' && resource.kind === 'Application'
    return reportFaults(resource, checkResourceOptions(resource.object, isApplication))
  },
})
