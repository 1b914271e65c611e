// Which objects a ValidatingAdmissionPolicy is about, and where that is not known.
import { expect, test } from 'vitest'
import { type Resource, renderedResource } from '../../tree/model/build.ts'
import { isGroupOfPolicies, matchConstraints, matchesNamespace, matchesObject, pluralOf } from './match.ts'
import type { Subject } from './subject.ts'

const SUBJECT = {
  ...{ group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', name: 'web' },
  ...{ namespace: 'shop', isNamespaced: true, namespaceObject: undefined },
  object: { metadata: { labels: { app: 'web' } } },
} as unknown as Subject

const RULE = { apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'], operations: ['CREATE'] }
const CHANGES = 'it is about changes alone'

test.each<readonly [what: string, constraints: object, expected: boolean | string]>([
  ['its rule', { resourceRules: [RULE] }, true],
  ['stars', { resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], operations: ['*'] }] }, true],
  ['a star for each resource and what is below it', { resourceRules: [{ ...RULE, resources: ['*/*'] }] }, true],
  ['no rules at all', {}, true],
  ['another group', { resourceRules: [{ ...RULE, apiGroups: [''] }] }, false],
  ['another resource', { resourceRules: [{ ...RULE, resources: ['pods'] }] }, false],
  ['another version, which is converted', { resourceRules: [{ ...RULE, apiVersions: ['v1beta1'] }] }, true],
  ['another version, exactly', { matchPolicy: 'Exact', resourceRules: [{ ...RULE, apiVersions: ['v1beta1'] }] }, false],
  ['its version, exactly', { matchPolicy: 'Exact', resourceRules: [RULE] }, true],
  ['changes alone', { resourceRules: [{ ...RULE, operations: ['UPDATE'] }] }, CHANGES],
  ['deletions alone', { resourceRules: [{ ...RULE, operations: ['DELETE'] }] }, false],
  ['changes of another, and new ones', { resourceRules: [{ ...RULE, operations: ['UPDATE'] }, RULE] }, true],
  ['a rule that is excluded', { resourceRules: [RULE], excludeResourceRules: [RULE] }, false],
  [
    'an exclusion of another',
    { resourceRules: [RULE], excludeResourceRules: [{ ...RULE, resources: ['pods'] }] },
    true,
  ],
  [
    'an exclusion of changes',
    { resourceRules: [RULE], excludeResourceRules: [{ ...RULE, operations: ['UPDATE'] }] },
    true,
  ],
  ['the scope of namespaces', { resourceRules: [{ ...RULE, scope: 'Namespaced' }] }, true],
  ['the scope of the cluster', { resourceRules: [{ ...RULE, scope: 'Cluster' }] }, false],
  ['its name', { resourceRules: [{ ...RULE, resourceNames: ['api', 'web'] }] }, true],
  ['another name', { resourceRules: [{ ...RULE, resourceNames: ['api'] }] }, false],
])('%s', (_, constraints, expected) => {
  expect(matchConstraints(constraints, SUBJECT)).toBe(expected)
})

test('the scope of the cluster is that of what has no namespace', () => {
  const rules = (scope: string) => ({ resourceRules: [{ ...RULE, scope }] })
  const one = { ...SUBJECT, isNamespaced: false }
  expect(['Cluster', 'Namespaced', '*'].map(scope => matchConstraints(rules(scope), one))).toEqual([true, false, true])
})

const selecting = (field: string, ...matchExpressions: readonly object[]) => ({ [field]: { matchExpressions } })
const is = (key: string, ...values: readonly string[]) => ({ key, operator: 'In', values })

test('an object has to have all labels', () => {
  const ask = (...expressions: readonly object[]) => matchesObject(selecting('objectSelector', ...expressions), SUBJECT)
  expect(ask()).toBe(true)
  expect(ask(is('app', 'web'))).toBe(true)
  expect(ask(is('app', 'web'), is('tier', 'front'))).toBe(false)
})

const space = (labels: Readonly<Record<string, string>>): Resource =>
  renderedResource('web', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels } }, 0)
const NAME = 'kubernetes.io/metadata.name'
const UNKNOWN = 'the labels of namespace shop are not known'

test.each<
  readonly [what: string, expressions: readonly object[], subject: Partial<Subject>, expected: boolean | string]
>([
  ['no selector', [], {}, true],
  ['labels of a namespace that is there', [is('env', 'dev')], { namespaceObject: space({ env: 'dev' }) }, true],
  ['one of two labels', [is('env', 'dev'), is('tier', 'a')], { namespaceObject: space({ env: 'dev' }) }, false],
  ['the name, which every namespace has', [is(NAME, 'shop')], { namespaceObject: space({}) }, true],
  ['the name of one that is not there', [is(NAME, 'shop')], {}, true],
  ['another name', [is(NAME, 'other'), is('env', 'dev')], {}, false],
  ['labels of one that is not there', [is('env', 'dev')], {}, UNKNOWN],
  ['its name and labels', [is(NAME, 'shop'), is('env', 'dev')], {}, UNKNOWN],
  ['a namespace that nobody says', [is('env', 'dev')], { namespace: undefined }, 'its namespace is not known'],
  ['an object of the cluster', [is('env', 'dev')], { isNamespaced: false, namespace: undefined }, true],
  [
    'a Namespace, by its own labels',
    [is('env', 'dev')],
    { group: '', kind: 'Namespace', name: 'x', isNamespaced: false, object: { metadata: { labels: { env: 'qa' } } } },
    false,
  ],
])('%s', (_, expressions, subject, expected) => {
  expect(matchesNamespace(selecting('namespaceSelector', ...expressions), { ...SUBJECT, ...subject })).toBe(expected)
})

test.each([
  ['Deployment', 'deployments'],
  ['Ingress', 'ingresses'],
  ['NetworkPolicy', 'networkpolicies'],
  ['Gateway', 'gateways'],
  ['Endpoints', 'endpoints'],
  ['Switch', 'switches'],
])('%s in a path is %s', (kind, plural) => {
  expect(pluralOf(kind)).toBe(plural)
})

test.each([
  ['admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', true],
  ['admissionregistration.k8s.io/v1', 'MutatingAdmissionPolicyBinding', true],
  ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', false],
  ['example.com/v1', 'ValidatingAdmissionPolicy', false],
])('%s %s is a policy: %s', (apiVersion, kind, expected) => {
  expect(isGroupOfPolicies(renderedResource('.', { apiVersion, kind, metadata: { name: 'a' } }, 0))).toBe(expected)
})
