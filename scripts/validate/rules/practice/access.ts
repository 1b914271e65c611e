// Who may do what: accounts of pods, and roles.
import { listAt, mappingAt, type Resource, stringAt, valueAt } from '../../../tree/model/build.ts'
import { isSameNamespace, type ResourceIndex } from '../../../tree/model/resource-index.ts'
import type { Found, Practice } from './practice.ts'
import type { PodView } from './pod-view.ts'

const RBAC = 'rbac.authorization.k8s.io'

const accountOf = ({ spec }: PodView): string =>
  stringAt(spec, ['serviceAccountName']) || stringAt(spec, ['serviceAccount']) || 'default'

/** Whether a pod gets the token of its account, by its own word or by that of the account. */
function hasToken({ spec, resource }: PodView, account: string, index: ResourceIndex): boolean {
  const own = valueAt(spec, ['automountServiceAccountToken'])
  if (typeof own === 'boolean') return own
  return !index
    .ofKind('', 'ServiceAccount')
    .some(
      ({ name, namespace, object }) =>
        name === account &&
        isSameNamespace(namespace, resource.namespace) &&
        valueAt(object, ['automountServiceAccountToken']) === false,
    )
}

/** Whether a binding gives rights to an account, or to a group that it is in. */
function isBound(account: string, { namespace }: Resource, index: ResourceIndex): boolean {
  const bindings = ['RoleBinding', 'ClusterRoleBinding'].flatMap(kind => index.ofKind(RBAC, kind))
  return bindings.some(binding =>
    listAt(binding.object, ['subjects']).some(subject => {
      const [kind, name] = [stringAt(subject, ['kind']), stringAt(subject, ['name'])]
      if (kind === 'Group') return name?.startsWith('system:serviceaccounts') === true
      const where = stringAt(subject, ['namespace']) ?? binding.namespace
      return kind === 'ServiceAccount' && name === account && isSameNamespace(where, namespace)
    }),
  )
}

function* findDefaultAccount(pod: PodView, index: ResourceIndex): Generator<Found> {
  const isAsked = valueAt(pod.spec, ['automountServiceAccountToken']) === true
  if (accountOf(pod) !== 'default' || isAsked || !hasToken(pod, 'default', index)) return
  const message =
    "the pod runs as the default account of its namespace, with its token: it has what anybody gives to 'default'; write a serviceAccountName, and automountServiceAccountToken: false where the API is not called"
  yield { path: [...pod.specPath, 'serviceAccountName'], message, values: [] }
}

function* findToken(pod: PodView, index: ResourceIndex): Generator<Found> {
  const account = accountOf(pod)
  const isAsked = valueAt(pod.spec, ['automountServiceAccountToken']) === true
  if ((account === 'default' && !isAsked) || !hasToken(pod, account, index)) return
  // An account that has rights needs its token. What is not seen may give some; then only what is written counts.
  if (isBound(account, pod.resource, index)) return
  const { namespace } = pod.resource
  if (!isAsked && (namespace === undefined || index.whyIncomplete(namespace) !== undefined)) return
  // An account that is not seen may be one that says so itself.
  if (!isAsked && index.named('/ServiceAccount', account, namespace).length === 0) return
  const message = `the pod has a token of ServiceAccount ${account}, which no binding gives a right: an intruder has an identity in the cluster, and nothing needs it; write automountServiceAccountToken: false`
  yield { path: [...pod.specPath, 'automountServiceAccountToken'], message, values: [account] }
}

const READS = new Set(['*', 'get', 'list', 'watch'])

function* findSecretReaders(role: Resource): Generator<Found> {
  for (const [index, rule] of listAt(role.object, ['rules']).entries()) {
    const list = (field: string): readonly unknown[] => listAt(rule, [field])
    const position = list('resources').indexOf('secrets')
    // Named ones are given on purpose; a wildcard is a finding of its own.
    if (position < 0 || list('resourceNames').length > 0 || isWild(rule)) continue
    if (!list('apiGroups').includes('') || !list('verbs').some(verb => READS.has(String(verb)))) continue
    const where = role.kind === 'ClusterRole' ? 'each namespace that it is bound in' : 'its namespace'
    const message = `${role.kind} ${role.name} reads all Secrets of ${where}: whoever has it has every password there; name the Secrets by resourceNames`
    yield { path: ['rules', index, 'resources', position], message, values: [] }
  }
}

const WILD = ['verbs', 'resources'] as const
const isWild = (rule: unknown): boolean => WILD.some(field => listAt(rule, [field]).includes('*'))

function* findWildcards(role: Resource): Generator<Found> {
  for (const [index, rule] of listAt(role.object, ['rules']).entries()) {
    const fields = WILD.filter(field => listAt(rule, [field]).includes('*'))
    const [first] = fields
    if (first === undefined) continue
    const message = `${role.kind} ${role.name} gives all ${fields.join(' and all ')}: also those that a later version adds; list what is needed`
    yield { path: ['rules', index, first, listAt(rule, [first]).indexOf('*')], message, values: [...fields] }
  }
}

function* findAdmins({ object }: Resource): Generator<Found> {
  const role = mappingAt(object, ['roleRef'])
  if (stringAt(role, ['kind']) !== 'ClusterRole' || stringAt(role, ['name']) !== 'cluster-admin') return
  const names = listAt(object, ['subjects'])
    .map(subject => `${stringAt(subject, ['kind']) ?? ''} ${stringAt(subject, ['name']) ?? ''}`)
    .filter(name => name !== 'Group system:masters')
  if (names.length === 0) return
  const message = `${names.join(', ')} may do everything in the cluster: whoever takes it over has all of it; bind a ClusterRole with what is needed`
  yield { path: ['roleRef', 'name'], message, values: names }
}

const ROLES = [`${RBAC}/Role`, `${RBAC}/ClusterRole`]

export const ACCESS: readonly Practice[] = [
  {
    id: 'default-service-account',
    preset: 'strict',
    summary: 'A pod runs with the token of the default account.',
    why: 'What anybody gives to the default account of the namespace, every such pod has.',
    remediation: 'Write a serviceAccountName of its own.',
    source: 'kube-linter default-service-account',
    of: 'pods',
    find: findDefaultAccount,
  },
  {
    id: 'automount-service-account-token',
    preset: 'strict',
    summary: 'A pod has a token for the API server that it has no use for.',
    why: 'An intruder reads it from a file and asks the API server with it, as the pod.',
    remediation: 'Write automountServiceAccountToken: false for the pod or for the account.',
    source: 'polaris automountServiceAccountToken; Kubernetes: configure service accounts for pods',
    of: 'pods',
    find: findToken,
  },
  {
    id: 'access-to-secrets',
    preset: 'strict',
    summary: 'A role reads all Secrets.',
    why: 'Whoever has it has every password and token of the namespace, those of other accounts among them.',
    remediation: 'Name the Secrets by resourceNames; mount what a pod needs.',
    source: 'kube-linter access-to-secrets',
    of: 'objects',
    kinds: ROLES,
    find: findSecretReaders,
  },
  {
    id: 'wildcard-in-rules',
    preset: 'strict',
    summary: 'A role gives everything of a kind.',
    why: 'Nobody knows what it permits: verbs and resources that are added later are in it.',
    remediation: 'List the verbs and resources.',
    source: 'kube-linter wildcard-in-rules',
    of: 'objects',
    kinds: ROLES,
    find: findWildcards,
  },
  {
    id: 'cluster-admin-role-binding',
    summary: 'Somebody is bound to cluster-admin.',
    why: 'Whoever takes over that account has the cluster, with all Secrets in it.',
    remediation: 'Bind a ClusterRole that has what is needed.',
    source: 'kube-linter cluster-admin-role-binding, polaris clusterrolebindingClusterAdmin',
    of: 'objects',
    kinds: [`${RBAC}/ClusterRoleBinding`],
    find: findAdmins,
  },
]
