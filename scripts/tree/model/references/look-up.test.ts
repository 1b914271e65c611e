// What a reference names is there, is not there, or cannot be known; and where a mistake stands.
import { expect, test } from 'vitest'
import type { Resource } from '../build.ts'
import { ResourceIndex } from '../resource-index.ts'
import type { Unseen } from '../unseen.ts'
import { lookUp } from './look-up.ts'
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

function ask(from: Resource, others: readonly Resource[], unseen: readonly Unseen[] = []) {
  const index = new ResourceIndex([from, ...others], unseen)
  const [reference] = readReferences(from)
  return reference && lookUp(reference, index)
}

const SETTINGS = resource('ConfigMap', 'web-settings', { data: { mode: 'fast' } })

test('what is among the resources is there, with its keys', () => {
  expect(ask(job('a', 'web-settings'), [SETTINGS])).toMatchObject({ state: 'there', keys: new Set(['mode']) })
  expect(ask(job('a', 'kube-root-ca.crt'), [])).toMatchObject({ state: 'there', resource: undefined })
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
