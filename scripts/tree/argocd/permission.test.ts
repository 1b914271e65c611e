// What a project refuses, and where; of an unknown cluster nothing is said.
import { expect, test } from 'vitest'
import { type Build, type Resource, renderedResource } from '../model/build.ts'
import { openInstallation } from './installation.ts'
import { findMeantEntry, isNamespaceRefused, listRefusals, listResourceRefusals } from './permission.ts'

const HERE = 'https://kubernetes.default.svc'
const URL = 'https://git.example/acme/api'

function project(spec: Readonly<Record<string, unknown>> = {}): Resource {
  const all = { sourceRepos: [URL], destinations: [{ server: HERE, namespace: 'shop-*' }], ...spec }
  const object = { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name: 'shop' }, spec: all }
  return { ...renderedResource('argocd', object as never, 0), namespace: 'argocd' }
}

const installed = (one: Resource) =>
  openInstallation([{ id: 'argocd', kind: 'kustomize', resources: [one] }] as readonly Build[])

function refuse(spec: Readonly<Record<string, unknown>>, of = project(), namespace: string | undefined = 'argocd') {
  const application = {
    spec: { source: { repoURL: URL }, destination: { server: HERE, namespace: 'shop-dev' }, ...spec },
  }
  return [...listRefusals(application, ['spec'], namespace, of, installed(of))].map(
    ({ fieldPath, message }) => `${fieldPath.join('.')}: ${message.replace('project shop ', '')}`,
  )
}

const OTHER = 'https://git.example/other'
const to = (destination: object) => ({ destination })

test.each<readonly [what: string, refused: readonly string[], expected: readonly string[]]>([
  ['what is permitted', refuse({}), []],
  [
    'another repository',
    refuse({ source: { repoURL: OTHER } }),
    [`spec.source.repoURL: does not permit the repository ${OTHER}`],
  ],
  ['a repository that a template names', refuse({ source: { repoURL: '{{url}}' } }), []],
  ['no repository', refuse({ source: {} }), []],
  [
    'one of several sources',
    refuse({ sources: [{ repoURL: URL }, { repoURL: OTHER }] }),
    [`spec.sources.1.repoURL: does not permit the repository ${OTHER}`],
  ],
  [
    'the sources of a hydrator',
    refuse({ sourceHydrator: { drySource: { repoURL: OTHER }, syncSource: { repoURL: `${OTHER}/2` } } }),
    [
      `spec.sourceHydrator.drySource.repoURL: does not permit the repository ${OTHER}`,
      `spec.sourceHydrator.syncSource.repoURL: does not permit the repository ${OTHER}/2`,
    ],
  ],
  [
    'the one repository of a hydrator',
    refuse({ sourceHydrator: { drySource: { repoURL: OTHER }, syncSource: { repoURL: OTHER } } }),
    [`spec.sourceHydrator.drySource.repoURL: does not permit the repository ${OTHER}`],
  ],
  [
    'another namespace of a permitted cluster',
    refuse(to({ server: HERE, namespace: 'other' })),
    [`spec.destination.namespace: does not permit namespace other of cluster ${HERE}`],
  ],
  [
    'no namespace',
    refuse(to({ server: HERE })),
    [`spec.destination.server: does not permit namespace "" of cluster ${HERE}`],
  ],
  [
    'another cluster',
    refuse(to({ server: 'https://prod.example', namespace: 'shop-dev' })),
    ['spec.destination.server: does not permit namespace shop-dev of cluster https://prod.example'],
  ],
  [
    'the cluster by its name',
    refuse(to({ name: 'in-cluster', namespace: 'other' })),
    ['spec.destination.namespace: does not permit namespace other of cluster in-cluster'],
  ],
  // The project asks for an address, of which a name says nothing.
  ['a cluster of which only the name is known', refuse(to({ name: 'prod', namespace: 'shop-dev' })), []],
  [
    'one that only clusters of the project permit',
    refuse(to({ server: 'https://prod.example', namespace: 'x' }), project({ permitOnlyProjectScopedClusters: true })),
    [],
  ],
  [
    'one of which only the name is known, where the address does not matter',
    refuse(to({ name: 'prod', namespace: 'x' }), project({ destinations: [{ server: '*', namespace: 'shop-*' }] })),
    ['spec.destination.namespace: does not permit namespace x of cluster prod'],
  ],
  ['a namespace that a template names', refuse(to({ server: HERE, namespace: '{{ns}}' })), []],
  ['a cluster that a template names', refuse(to({ server: '{{server}}', namespace: 'x' })), []],
  ['neither name nor server', refuse(to({ namespace: 'x' })), []],
])('%s', (_, refused, expected) => {
  expect(refused).toEqual(expected)
})

test('Applications may lie where Argo CD runs, and where the project says', () => {
  const message = ['metadata.namespace: takes no Applications from namespace teams']
  expect(refuse({}, project(), 'argocd')).toEqual([])
  expect(refuse({}, project(), 'teams')).toEqual(message)
  expect(refuse({}, project(), undefined)).toEqual([])
  expect(refuse({}, project({ sourceNamespaces: ['team*'] }), 'teams')).toEqual([])
  expect(refuse({}, { ...project(), namespace: undefined }, 'teams')).toEqual([])
})

function resource(kind: string, more: Partial<Resource> = {}, own?: string, apiVersion = 'v1'): Resource {
  const metadata = { name: 'web', ...(own === undefined ? {} : { namespace: own }) }
  return { ...renderedResource('web', { apiVersion, kind, metadata }, 0), isNamespaced: true, ...more }
}

function refuseResource(one: Resource, of = project(), namespace: string | undefined = 'shop-dev') {
  const application = { spec: { destination: { server: HERE, namespace: 'shop-dev' } } }
  return [...listResourceRefusals(one, namespace, application, of, installed(of))].map(
    ({ fieldPath, message }) => `${fieldPath.join('.')}: ${message.replace('project shop ', '')}`,
  )
}

const CLUSTER: Partial<Resource> = { isNamespaced: false, isClusterScoped: true }
const UNKNOWN: Partial<Resource> = { isNamespaced: false, isClusterScoped: false }

test.each<readonly [what: string, refused: readonly string[], expected: readonly string[]]>([
  ['a kind of a namespace', refuseResource(resource('ConfigMap')), []],
  [
    'a kind that is on the black list',
    refuseResource(resource('Secret'), project({ namespaceResourceBlacklist: [{ group: '', kind: 'Secret' }] })),
    ['kind: does not permit Secret of group "" (namespaceResourceWhitelist)'],
  ],
  [
    'a kind that Argo CD leaves out as it is delivered',
    refuseResource(resource('Endpoints'), project({ namespaceResourceBlacklist: [{ group: '', kind: '*' }] })),
    [],
  ],
  [
    'a kind of the cluster',
    refuseResource(resource('Namespace', CLUSTER)),
    ['kind: does not permit Namespace of group "" (clusterResourceWhitelist)'],
  ],
  [
    'a kind of the cluster that is listed',
    refuseResource(
      resource('Namespace', CLUSTER),
      project({ clusterResourceWhitelist: [{ group: '', kind: 'Namespace' }] }),
    ),
    [],
  ],
  [
    'a kind without a definition, and without a namespace',
    refuseResource(resource('Widget', { ...UNKNOWN, namespace: undefined })),
    [],
  ],
  [
    'a kind without a definition that one list permits',
    refuseResource(resource('Widget', { ...UNKNOWN, namespace: 'shop-dev' })),
    [],
  ],
  [
    'a namespace of its own',
    refuseResource(resource('ConfigMap', {}, 'other')),
    ['metadata.namespace: does not permit namespace other'],
  ],
  ['a namespace of its own that is permitted', refuseResource(resource('ConfigMap', {}, 'shop-qa')), []],
  ['the namespace of the destination', refuseResource(resource('ConfigMap', {}, 'shop-dev')), []],
])('%s is refused: %j', (_, refused, expected) => {
  expect(refused).toEqual(expected)
})

test('a namespace is refused where the cluster is known and the project does not list it', () => {
  const of = project()
  const sent = (destination: object) => ({ spec: { destination } })
  const isRefused = (namespace: string, destination: object): boolean =>
    isNamespaceRefused(namespace, sent(destination), of, installed(of))
  expect(isRefused('other', { server: HERE, namespace: 'shop-dev' })).toBe(true)
  expect(isRefused('shop-qa', { server: HERE, namespace: 'shop-dev' })).toBe(false)
  expect(isRefused('other', { server: HERE, namespace: 'other' })).toBe(false)
  expect(isRefused('other', { name: 'prod', namespace: 'shop-dev' })).toBe(false)
})

test.each([
  [{ group: 'core', kind: 'Namespace' }, 'group', 'did you mean group "" rather than core?'],
  [{ group: '', kind: 'Namespaces' }, 'kind', 'did you mean Namespace rather than Namespaces?'],
  [{ group: '', kind: 'namespace' }, 'kind', 'did you mean Namespace rather than namespace?'],
  [{ group: '', kind: 'Namespcae' }, 'kind', 'did you mean Namespace rather than Namespcae?'],
  [{ group: '', kind: 'Secret' }, undefined, undefined],
  [{ group: 'apps', kind: 'Namespace' }, undefined, undefined],
  [{ group: 'apps', kind: 'Namespaces' }, undefined, undefined],
  [{ group: '', kind: 'Namespace' }, undefined, undefined],
])('%j was meant for a Namespace: %s', (entry, field, hint) => {
  const of = project({ clusterResourceWhitelist: [{ group: 'apps', kind: 'X' }, entry] })
  const found = findMeantEntry(resource('Namespace', CLUSTER), of.object)
  expect(found?.path.at(-1)).toBe(field)
  expect(found?.path.at(-2)).toBe(field === undefined ? undefined : 1)
  expect(found?.hint).toBe(hint)
})
