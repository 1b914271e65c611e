// What a reference names is there, is not there, or cannot be known; and where a mistake stands.
import { expect, test } from 'vitest'
import type { Resource } from '../build.ts'
import { ResourceIndex } from '../resource-index.ts'
import type { Unseen } from '../unseen.ts'
import { Elsewhere } from './elsewhere.ts'
import { isKeyAskedBySeveral, lookUp, plainNameOf } from './look-up.ts'
import { readReferences } from './read.ts'

const resource = (kind: string, name: string, more: Record<string, unknown> = {}, group = ''): Resource =>
  ({
    build: 'shop',
    index: 0,
    object: { apiVersion: group === '' ? 'v1' : `${group}/v1`, kind, metadata: { name, namespace: 'shop' }, ...more },
    group,
    kind,
    name,
    namespace: 'shop',
    isNamespaced: true,
    isClusterScoped: false,
  }) as unknown as Resource

const job = (name: string, configMap: string): Resource =>
  resource('Pod', name, { spec: { containers: [{ name: 'main', envFrom: [{ configMapRef: { name: configMap } }] }] } })

function ask(
  from: Resource,
  others: readonly Resource[],
  unseen: readonly Unseen[] = [],
  elsewhere: Elsewhere | undefined = undefined,
) {
  const index = new ResourceIndex([from, ...others], unseen, elsewhere)
  const [reference] = readReferences(from)
  return reference && lookUp(reference, index)
}

const SETTINGS = resource('ConfigMap', 'web-settings', { data: { mode: 'fast' } })

test('what is among the resources is there, with its keys', () => {
  expect(ask(job('a', 'web-settings'), [SETTINGS])).toMatchObject({ state: 'there', keys: new Set(['mode']) })
  expect(ask(job('a', 'kube-root-ca.crt'), [])).toMatchObject({ state: 'there', resource: undefined })
})

test('what lies in a folder for another cluster is not what is named', () => {
  const loose = (one: Resource, build: string): Resource =>
    ({ ...one, build, origin: { kind: 'document', file: `${build}/a.yaml`, document: 0 } }) as unknown as Resource
  const [from, there, own, theirs] = [
    loose(job('a', 'web-settings'), 'main'),
    loose(SETTINGS, 'test'),
    loose(resource('Service', 'web'), 'main'),
    loose(resource('Service', 'web'), 'test'),
  ] as const
  expect(ask(from, [there, own])).toMatchObject({ state: 'there', keys: new Set(['mode']) })
  expect(ask(from, [there, own, theirs])).toEqual({ state: 'unknown' })
  expect(ask(from, [{ ...there, build: 'main' }, own, theirs])).toMatchObject({ state: 'there' })
  const more = [there, { ...there, build: 'more' }, own, theirs]
  expect(ask(from, more)).toMatchObject({ state: 'there' })
  expect(ask(from, [...more, { ...own, build: 'more' }])).toEqual({ state: 'unknown' })
})

test('what something unseen may bring is not known, unless the name is a slip of one that nothing names', () => {
  const unseen = [{ cluster: undefined, namespace: undefined, reason: 'a chart' }]
  expect(ask(job('a', 'another'), [SETTINGS], unseen)).toEqual({ state: 'unknown' })
  expect(ask(job('a', 'web-setings'), [SETTINGS], unseen)).toMatchObject({
    state: 'absent',
    isCertain: true,
    slip: 'here',
  })
})

test('where several agree the object has the mistaken name, and one of them tells', () => {
  const typo = resource('ConfigMap', 'web-setings', { data: { mode: 'fast' } })
  const [first, second] = [job('a', 'web-settings'), job('b', 'web-settings')]
  expect(ask(first, [second, typo])).toMatchObject({ slip: 'there', isToldElsewhere: false })
  const index = new ResourceIndex([first, second, typo])
  const [reference] = readReferences(second)
  expect(reference && lookUp(reference, index)).toMatchObject({ slip: 'there', isToldElsewhere: true })
})

test('a word that labels around have tells which of two names is mistaken', () => {
  const typo = resource('ConfigMap', 'web-setings', { data: { mode: 'fast' } })
  const other = resource('Service', 'api', { metadata: { name: 'api', labels: { app: 'settings' } } })
  expect(ask(job('a', 'web-settings'), [typo])).toMatchObject({ slip: 'here' })
  expect(ask(job('a', 'web-settings'), [typo, other])).toMatchObject({ slip: 'there' })
})

test('a word that the kind has in it tells nothing where the other one has it too', () => {
  expect(
    ask(job('a', 'redis-conf'), [resource('ConfigMap', 'redis-config', { data: { mode: 'fast' } })]),
  ).toMatchObject({
    slip: 'here',
  })
})

test('a role of the other kind is told as such', () => {
  const group = 'rbac.authorization.k8s.io'
  const binding = resource(
    'RoleBinding',
    'reads',
    { roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'r' } },
    group,
  )
  expect(ask(binding, [resource('Role', 'r', {}, group)])).toMatchObject({ state: 'absent', near: { kind: 'Role' } })
  expect(ask(binding, [])).toEqual({ state: 'unknown' })
})

const RBAC = 'rbac.authorization.k8s.io'
const pod = (spec: Record<string, unknown>, name = 'web'): Resource =>
  resource('Pod', name, { spec: { ...spec, containers: [] } })
const mounting = (secretName: string, more = {}): Resource =>
  pod({ volumes: [{ name: 'v', secret: { secretName, ...more } }] })
const cluster = (kind: string, name: string, group: string): Resource => ({
  ...resource(kind, name, {}, group),
  namespace: undefined,
  isNamespaced: false,
  isClusterScoped: true,
})
const scaler = (kind: string, name: string): Resource =>
  resource(
    'HorizontalPodAutoscaler',
    'web',
    { spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind, name } } },
    'autoscaling',
  )
const binding = (kind: string, name: string, subject: string): Resource =>
  resource(
    'RoleBinding',
    'binds',
    { roleRef: { apiGroup: RBAC, kind, name }, subjects: [{ kind: subject, name: 'operator', namespace: 'shop' }] },
    RBAC,
  )
const synced = new Elsewhere([], [], new Set(['shop']))

test.each<readonly [what: string, from: Resource, others: readonly Resource[], expected: object]>([
  ['the account of each namespace', pod({ serviceAccountName: 'default' }), [], { state: 'there' }],
  ['a priority of the system', pod({ priorityClassName: 'system-node-critical' }), [], { state: 'there' }],
  ['a role of each cluster', binding('ClusterRole', 'view', 'User'), [], { state: 'there' }],
  ['a role that is called like it', binding('ClusterRole', 'viewer', 'User'), [], { state: 'unknown' }],
  [
    'the Secret of a Certificate, whose keys are not known',
    mounting('tls'),
    [resource('Certificate', 'c', { spec: { secretName: 'tls' } }, 'cert-manager.io')],
    { state: 'there', resource: undefined, keys: undefined },
  ],
  [
    'the Secret of an ExternalSecret, with its keys',
    mounting('db'),
    [resource('ExternalSecret', 'db', { spec: { data: [{ secretKey: 'a' }] } }, 'external-secrets.io')],
    { state: 'there', keys: new Set(['a']) },
  ],
  [
    'the Secret of a Certificate of another namespace',
    mounting('tls'),
    [{ ...resource('Certificate', 'c', { spec: { secretName: 'tls' } }, 'cert-manager.io'), namespace: 'other' }],
    { state: 'absent' },
  ],
  [
    'what an operator may make',
    mounting('db'),
    [resource('Postgres', 'p', {}, 'db.example.com')],
    { state: 'unknown' },
  ],
  [
    'what a program of the tree may create',
    mounting('db'),
    [
      resource('Role', 'maker', { rules: [{ verbs: ['create'], apiGroups: [''], resources: ['secrets'] }] }, RBAC),
      binding('Role', 'maker', 'ServiceAccount'),
    ],
    { state: 'unknown' },
  ],
  [
    'what a person may create',
    mounting('db'),
    [
      resource('Role', 'maker', { rules: [{ verbs: ['create'], apiGroups: [''], resources: ['secrets'] }] }, RBAC),
      binding('Role', 'maker', 'User'),
    ],
    { state: 'absent', isCertain: false },
  ],
  ['what people make by hand', mounting('db'), [], { state: 'absent', isCertain: false, near: undefined }],
  ['a workload, which nobody makes by hand', scaler('Deployment', 'web'), [], { state: 'absent', isCertain: true }],
  [
    'a workload of another kind',
    scaler('Deployment', 'web'),
    [resource('StatefulSet', 'web', {}, 'apps')],
    { state: 'absent', isCertain: true, near: { kind: 'StatefulSet' } },
  ],
  ['a class that the cluster may have', pod({ runtimeClassName: 'gvisor' }), [], { state: 'unknown' }],
  [
    'a class that is nearly one of the tree',
    pod({ runtimeClassName: 'gvisr' }),
    [cluster('RuntimeClass', 'gvisor', 'node.k8s.io')],
    { state: 'absent', near: { name: 'gvisor' } },
  ],
  [
    'a class, where the tree has others',
    pod({ runtimeClassName: 'kata' }),
    [cluster('RuntimeClass', 'gvisor', 'node.k8s.io')],
    { state: 'unknown' },
  ],
  ['a priority, where the tree has none', pod({ priorityClassName: 'high' }), [], { state: 'unknown' }],
  [
    'a priority, where the tree has others',
    pod({ priorityClassName: 'whenever' }),
    [cluster('PriorityClass', 'high', 'scheduling.k8s.io')],
    { state: 'absent', isCertain: false },
  ],
  [
    'what kustomize gave a hash',
    job('a', 'web-settings'),
    [resource('ConfigMap', 'web-settings-b9t2424hkf')],
    { state: 'absent', isRenamed: true, slip: 'here' },
  ],
  [
    'what kustomize gave the prefix of the one that names it',
    job('dev-a', 'settings'),
    [resource('ConfigMap', 'dev-settings')],
    { state: 'absent', isRenamed: true },
  ],
  [
    'what has a prefix of its own',
    job('prod-a', 'settings'),
    [resource('ConfigMap', 'dev-settings')],
    { state: 'absent', isCertain: false, near: undefined, slip: undefined },
  ],
  [
    'a name of which a part is forgotten',
    job('a', 'settings'),
    [resource('ConfigMap', 'settings-web')],
    { state: 'absent', isCertain: true, near: { name: 'settings-web' } },
  ],
  [
    'a name of which a part is forgotten, where two may be meant',
    job('a', 'settings'),
    [resource('ConfigMap', 'settings-web'), resource('ConfigMap', 'settings-api')],
    { state: 'absent', isCertain: false, near: undefined },
  ],
  [
    'a name too short for a slip',
    job('a', 'conf'),
    [resource('ConfigMap', 'cont')],
    { near: { name: 'cont' }, slip: undefined },
  ],
])('%s', (_, from, others, expected) => {
  expect(ask(from, others)).toMatchObject(expected)
})

test('where an Application keeps tree and cluster alike, nobody makes anything by hand', () => {
  expect(ask(mounting('db'), [], [], synced)).toMatchObject({ state: 'absent', isCertain: true })
})

test('what another build may bring is not known, and a namespace that nothing of the tree is in', () => {
  const other = { id: 'other', kind: 'kustomize' as const, resources: [resource('Secret', 'db')] }
  expect(ask(mounting('db'), [], [], new Elsewhere([other], [], new Set()))).toEqual({ state: 'unknown' })
  const remote = binding('Role', 'r', 'ServiceAccount')
  const [, account] = readReferences({
    ...remote,
    object: { ...remote.object, subjects: [{ kind: 'ServiceAccount', name: 'robot', namespace: 'vault' }] } as never,
  })
  expect(account && lookUp(account, new ResourceIndex([remote], [], synced))).toEqual({ state: 'unknown' })
})

test.each([
  ['data and binaryData', { data: { a: '1' }, binaryData: { b: '' } }, new Set(['a', 'b'])],
  ['stringData', { stringData: { c: '1' } }, new Set(['c'])],
  ['nothing, since somebody fills it', {}, undefined],
  [
    'an annotation by which others write into it',
    { data: { a: '' }, metadata: { annotations: { 'reflector.io/reflects': 'x' } } },
    undefined,
  ],
  [
    'a label by which others write into it',
    { data: { a: '' }, metadata: { labels: { 'config.openshift.io/inject-trusted-cabundle': 'true' } } },
    undefined,
  ],
  ['a token that the cluster writes', { data: { a: '' }, type: 'kubernetes.io/service-account-token' }, undefined],
])('the keys of a Secret with %s', (_, more, keys) => {
  expect(ask(mounting('db'), [resource('Secret', 'db', more)])).toMatchObject({ state: 'there', keys })
})

test('of several the one that cannot do without the object tells of it', () => {
  const optional = resource('Pod', 'a', {
    spec: { containers: [{ name: 'm', envFrom: [{ configMapRef: { name: 'gone', optional: true } }] }] },
  })
  expect(ask(optional, [job('b', 'gone')])).toMatchObject({ isToldElsewhere: true })
  expect(ask(job('b', 'gone'), [optional])).toMatchObject({ isToldElsewhere: false })
})

test('a key that several ask for is mistaken in the object', () => {
  const asking = (name: string, key: string): Resource =>
    pod({ volumes: [{ name: 'v', configMap: { name: 'web-settings', items: [{ key, path: 'x' }] } }] }, name)
  const [first, second, third] = [asking('a', 'mod'), asking('b', 'mod'), asking('c', 'mode')]
  const index = new ResourceIndex([first, second, third, SETTINGS], [])
  const [reference] = readReferences(first)
  expect(reference && isKeyAskedBySeveral(reference, 'mod', index)).toBe(true)
  expect(reference && isKeyAskedBySeveral(reference, 'mode', index)).toBe(false)
})

test('what kustomize appends to a name is not a word of it', () => {
  expect(plainNameOf('web-b9t2424hkf')).toBe('web')
  expect(plainNameOf('web-settings')).toBe('web-settings')
})
