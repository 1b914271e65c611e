// What a controller writes is there, though no manifest says so: the objects that each maker is known to make.
import { expect, test } from 'vitest'
import type { Resource } from '../build.ts'
import type { KubernetesObject } from '../resource.ts'
import { listMade, mayCreate, mayMakeAnything } from './makers.ts'

function make(kindId: string, more: Record<string, unknown> = {}, name = 'web'): Resource {
  const [group = '', kind = ''] = kindId.split('/')
  const object = { apiVersion: group === '' ? 'v1' : `${group}/v1`, kind, metadata: { name }, ...more }
  return { object: object as KubernetesObject, build: '.', group, kind, name } as unknown as Resource
}

const annotated = (key: string) => ({ metadata: { name: 'web', annotations: { [key]: 'letsencrypt' } } })
const TLS = { spec: { tls: [{ secretName: 'web-tls' }, {}] } }
const LISTENERS = { spec: { listeners: [{ tls: { certificateRefs: [{ name: 'web-tls' }, { name: 'more' }] } }, {}] } }
const EXTERNAL = { data: [{ secretKey: 'password' }, { secretKey: 'user' }] }

test.each<readonly [what: string, resource: Resource, made: readonly (readonly [string | undefined, unknown])[]]>([
  ['a Certificate', make('cert-manager.io/Certificate', { spec: { secretName: 'tls' } }), [['tls', undefined]]],
  ['a Certificate without a name', make('cert-manager.io/Certificate', { spec: {} }), []],
  [
    'an Issuer with a key',
    make('cert-manager.io/Issuer', { spec: { acme: { privateKeySecretRef: { name: 'key' } } } }),
    [['key', undefined]],
  ],
  [
    'an ExternalSecret',
    make('external-secrets.io/ExternalSecret', { spec: { ...EXTERNAL, target: { name: 'db' } } }),
    [['db', ['password', 'user']]],
  ],
  [
    'one without a target, which has its own name',
    make('external-secrets.io/ExternalSecret', { spec: EXTERNAL }),
    [['web', ['password', 'user']]],
  ],
  [
    'one that takes all that is there',
    make('external-secrets.io/ExternalSecret', { spec: { ...EXTERNAL, dataFrom: [{}] } }),
    [['web', undefined]],
  ],
  [
    'one with a template',
    make('external-secrets.io/ExternalSecret', { spec: { ...EXTERNAL, target: { template: {} } } }),
    [['web', undefined]],
  ],
  [
    'one that merges into a Secret',
    make('external-secrets.io/ExternalSecret', { spec: { ...EXTERNAL, target: { creationPolicy: 'Merge' } } }),
    [['web', undefined]],
  ],
  [
    'one that says that it owns the Secret',
    make('external-secrets.io/ExternalSecret', { spec: { ...EXTERNAL, target: { creationPolicy: 'Owner' } } }),
    [['web', ['password', 'user']]],
  ],
  ['a ClusterExternalSecret', make('external-secrets.io/ClusterExternalSecret'), [[undefined, undefined]]],
  [
    'a SealedSecret',
    make('bitnami.com/SealedSecret', { spec: { encryptedData: { a: '' }, template: { data: { b: '' } } } }),
    [['web', ['a', 'b']]],
  ],
  [
    'a SecretProviderClass',
    make('secrets-store.csi.x-k8s.io/SecretProviderClass', {
      spec: { secretObjects: [{ secretName: 'one', data: [{ key: 'k' }, {}] }, {}] },
    }),
    [['one', ['k']]],
  ],
  ['an Ingress without an issuer', make('networking.k8s.io/Ingress', TLS), []],
  [
    'an Ingress with an issuer',
    make('networking.k8s.io/Ingress', { ...TLS, ...annotated('cert-manager.io/issuer') }),
    [['web-tls', undefined]],
  ],
  [
    'an Ingress with an issuer of the cluster',
    make('networking.k8s.io/Ingress', { ...TLS, ...annotated('cert-manager.io/cluster-issuer') }),
    [['web-tls', undefined]],
  ],
  [
    'an Ingress with the annotation of old',
    make('networking.k8s.io/Ingress', { ...TLS, ...annotated('kubernetes.io/tls-acme') }),
    [['web-tls', undefined]],
  ],
  [
    'an Ingress with another annotation',
    make('networking.k8s.io/Ingress', { ...TLS, ...annotated('cert-manager.io/issuer-kind') }),
    [],
  ],
  [
    'a Gateway with an issuer',
    make('gateway.networking.k8s.io/Gateway', { ...LISTENERS, ...annotated('cert-manager.io/issuer') }),
    [
      ['web-tls', undefined],
      ['more', undefined],
    ],
  ],
  ['a Gateway without one', make('gateway.networking.k8s.io/Gateway', LISTENERS), []],
  ['a ConfigMap', make('/ConfigMap'), []],
])('%s', (_, resource, made) => {
  expect(listMade(resource).map(({ kind, name, keys }) => [kind, name, keys])).toEqual(
    made.map(([name, keys]) => ['/Secret', name, keys]),
  )
})

test.each([
  ['data', true],
  ['data-web-0', true],
  ['data-web-12', true],
  ['data-web-', false],
  ['data-web-x', false],
  ['data-api-0', false],
  ['cache', false],
])('a StatefulSet makes the claim %s: %s', (claim, expected) => {
  const set = make('apps/StatefulSet', { spec: { volumeClaimTemplates: [{ metadata: { name: 'data' } }, {}] } })
  const [made, ...rest] = listMade(set)
  expect(rest).toEqual([])
  expect(made?.kind).toBe('/PersistentVolumeClaim')
  expect(typeof made?.name === 'function' && made.name(claim)).toBe(expected)
})

test.each([
  ['/ConfigMap', false],
  ['apps/Deployment', false],
  ['cert-manager.io/Certificate', false],
  ['kyverno.io/ClusterPolicy', true],
  ['databases.example.com/Postgres', true],
])('%s may make anything: %s', (kind, expected) => {
  expect(mayMakeAnything(make(kind))).toBe(expected)
})

test.each([
  [['create'], [''], ['secrets'], '/Secret', true],
  [['*'], ['*'], ['*'], '/Secret', true],
  [['get'], [''], ['secrets'], '/Secret', false],
  [['create'], ['apps'], ['secrets'], '/Secret', false],
  [['create'], [''], ['configmaps'], '/Secret', false],
  [['create'], ['networking.k8s.io'], ['ingresses'], 'networking.k8s.io/Ingress', true],
  [['create'], ['networking.k8s.io'], ['networkpolicies'], 'networking.k8s.io/NetworkPolicy', true],
])('a Role that permits %j of %j/%j lets create %s: %s', (verbs, apiGroups, resources, kind, expected) => {
  const role = make('rbac.authorization.k8s.io/Role', { rules: [{}, { verbs, apiGroups, resources }] })
  expect(mayCreate(role, kind)).toBe(expected)
})

test('what one rule permits does not complete another', () => {
  const rules = [
    { verbs: ['create'], apiGroups: [''], resources: ['configmaps'] },
    { verbs: ['get'], apiGroups: [''], resources: ['secrets'] },
  ]
  expect(mayCreate(make('rbac.authorization.k8s.io/Role', { rules }), '/Secret')).toBe(false)
})
