// A binding to a role that does not exist is accepted and permits nothing.
import { defineRule } from '../../rule.ts'
import { findDangling, isTo } from '../dangling.ts'

const GROUP = 'rbac.authorization.k8s.io'

export default defineRule({
  scope: 'resource',
  id: 'dangling-role',
  severity: 'error',
  summary: 'A binding names a Role or ClusterRole that is not there.',
  why: 'The binding permits nothing: whoever is bound gets 403 for every request.',
  remediation: 'Name a role that is deployed; a Role must be in the namespace of its RoleBinding.',
  source: 'Kubernetes RBAC: roleRef is resolved when a request is authorized; a role that is not found grants nothing',
  kinds: [`${GROUP}/RoleBinding`, `${GROUP}/ClusterRoleBinding`],
  check: context => findDangling(context, isTo(`${GROUP}/Role`, `${GROUP}/ClusterRole`)),
})
