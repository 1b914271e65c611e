// A project that argocd-server would refuse does something else than is written once it comes from Git.
import { checkProject } from '../../../../tree/argocd/project-spec.ts'
import { defineRule } from '../../rule.ts'
import { reportFaults } from '../report-faults.ts'

export default defineRule({
  scope: 'resource',
  kinds: ['argoproj.io/AppProject'],
  id: 'invalid-appproject',
  severity: 'warning',
  summary: 'An AppProject has roles, windows or lists that Argo CD does not read as they are written.',
  why: 'Nobody checks a project that comes from Git: a policy that does not parse grants nothing, a window that does not parse stops all syncs.',
  remediation: 'Correct the entry; argocd proj role and argocd proj windows print what is taken.',
  source: 'Argo CD: AppProject.ValidateProject, SyncWindow.Validate',
  check: ({ resource }) => reportFaults(resource, checkProject(resource.object)),
})
