// The table of kinds without pods speaks of kinds that there are.
import { expect, test } from 'vitest'
import index from '../../validate/schema/definitions/index.json' with { type: 'json' }
import { type Resource, renderedResource } from './build.ts'
import { isPodless, listReach, mayMakePods, PODLESS } from './pod-makers.ts'

const groups = new Map<string, Set<string>>()
for (const [apiVersion, kinds] of Object.entries(index.kinds)) {
  const group = apiVersion.split('/')[0] ?? ''
  for (const kind of Object.keys(kinds)) groups.set(group, (groups.get(group) ?? new Set()).add(kind))
}

test.each(Object.entries(PODLESS))('%s', (group, kinds) => {
  const known = groups.get(group)
  expect(known).toBeDefined()
  if (kinds !== '*') expect([...(known ?? [])]).toEqual(expect.arrayContaining([...kinds]))
})

const make = (apiVersion: string, kind: string, more = {}): Resource =>
  renderedResource('.', { apiVersion, kind, metadata: { name: 'web' }, ...more }, 0)
const TEMPLATE = { spec: { template: { metadata: {}, spec: { containers: [] } } } }

test.each<readonly [apiVersion: string, kind: string, isPodless: boolean, mayMake: boolean, more: object]>([
  ['v1', 'ConfigMap', true, false, {}],
  ['rbac.authorization.k8s.io/v1', 'Role', true, false, {}],
  ['cert-manager.io/v1', 'Certificate', true, false, {}],
  ['networking.istio.io/v1', 'VirtualService', true, false, {}],
  // Of a group that is known in part the rest is not known.
  ['cert-manager.io/v1', 'Challenge', false, true, {}],
  ['databases.example.com/v1', 'Postgres', false, true, {}],
  ['k8s.io.example.com/v1', 'Postgres', false, true, {}],
  // A workload shows its pods, unless it cannot be read.
  ['apps/v1', 'Deployment', true, false, TEMPLATE],
  ['apps/v1', 'Deployment', true, true, {}],
  ['argoproj.io/v1alpha1', 'Rollout', false, false, TEMPLATE],
])('%s %s is without pods: %s, may make pods: %s', (apiVersion, kind, podless, mayMake, more) => {
  expect(isPodless(make(apiVersion, kind, more))).toBe(podless)
  expect(mayMakePods(make(apiVersion, kind, more))).toBe(mayMake)
})

test.each<readonly [what: string, kind: string, more: object, reach: readonly string[]]>([
  [
    'a release of Flux',
    'helm.toolkit.fluxcd.io/v2 HelmRelease',
    { spec: { targetNamespace: 'shop' } },
    ['own', 'shop'],
  ],
  ['an operator', 'databases.example.com/v1 Postgres', { spec: { pods: [{ namespace: 'data' }] } }, ['own', 'data']],
  ['what makes no pods', 'cert-manager.io/v1 Issuer', { spec: { namespace: 'shop' } }, ['own']],
  ['a workload', 'apps/v1 Deployment', { spec: { namespace: 'shop' } }, ['own']],
])('%s reaches its namespace and those that it names', (_, of, more, reach) => {
  const [apiVersion = '', kind = ''] = of.split(' ')
  expect(listReach({ ...make(apiVersion, kind, more), namespace: 'own' })).toEqual(reach)
})
