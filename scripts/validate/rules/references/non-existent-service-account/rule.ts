// Pods of a ServiceAccount that does not exist are refused one by one, long after the apply.
import { defineRule } from '../../rule.ts'
import { findDangling, isTo } from '../dangling.ts'

export default defineRule({
  scope: 'resource',
  id: 'non-existent-service-account',
  severity: 'error',
  summary: 'A ServiceAccount that pods run as, or that is given a role, is not there.',
  why: 'The API server refuses each pod of the workload, which then has none; a role for nobody permits nothing.',
  remediation: 'Name a ServiceAccount that is deployed to the same namespace, or add it.',
  source: 'admission plugin ServiceAccount: error looking up service account',
  kinds: [],
  check: context => findDangling(context, isTo('/ServiceAccount')),
})
