// What lives beside a build: the builds of its clusters and namespaces, and what may be there unseen.
import { expect, test } from 'vitest'
import type { Renderings } from '../engine.ts'
import { type Build, renderedResource } from '../model/build.ts'
import { Elsewhere } from '../model/references/elsewhere.ts'
import type { Unseen } from '../model/unseen.ts'
import { createNeighbourhoods } from './neighbourhoods.ts'

const build = (id: string, kind: Build['kind'] = 'kustomize'): Build => ({
  id,
  kind,
  resources: [renderedResource(id, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: id } }, 0)],
})

const UNSEEN: readonly Unseen[] = [
  { cluster: 'here', namespace: 'shop', reason: 'of here' },
  { cluster: 'there', namespace: 'shop', reason: 'of there' },
]

function open({
  places,
  clusters = {},
  salvaged = [],
  unread = [],
}: {
  places: Readonly<Record<string, readonly string[]>>
  clusters?: Readonly<Record<string, readonly string[]>>
  salvaged?: readonly string[]
  unread?: readonly string[]
}) {
  const builds = [
    ...[build('web'), build('api'), build('away'), build('a', 'directory'), build('b', 'directory')],
    { ...build('other'), variantOf: 'web' },
  ]
  const setsOf = (lists: Readonly<Record<string, readonly string[]>>) =>
    new Map(Object.entries(lists).map(([id, list]) => [id, new Set(list)]))
  const renderings = { salvaged: new Set(salvaged), tree: { unread } } as unknown as Renderings
  const { ownOf, besideOf } = createNeighbourhoods(
    ...([builds, setsOf(places), setsOf(clusters), UNSEEN, renderings, new Elsewhere([], [], new Set())] as const),
  )
  const find = (id: string): Build => builds.find(one => one.id === id) as Build
  return {
    beside: (id: string) =>
      besideOf(find(id))
        .resources.map(({ name }) => name)
        .sort(),
    own: (id: string) => ownOf(find(id)).resources.map(({ name }) => name),
    why: (id: string, namespace = 'shop') => besideOf(find(id)).whyIncomplete(namespace),
    isOne: (one: string, other: string) => besideOf(find(one)) === besideOf(find(other)),
  }
}

test('builds of one place live beside each other, whatever else they are synced to', () => {
  const { beside, own, isOne } = open({
    places: { web: ['here shop'], api: ['here shop', 'here more'], away: ['here other'] },
  })
  expect(beside('web')).toEqual(['api', 'web'])
  expect(beside('api')).toEqual(['api', 'web'])
  expect(beside('away')).toEqual(['away'])
  expect(own('web')).toEqual(['web'])
  expect(isOne('web', 'web')).toBe(true)
})

test('the same places in another order are one neighbourhood', () => {
  const { isOne } = open({ places: { web: ['a x', 'b x'], api: ['b x', 'a x'] } })
  expect(isOne('web', 'api')).toBe(true)
})

test('loose manifests live beside each other, and what is not read may be anything', () => {
  const { beside, why } = open({ places: {}, unread: ['big.yaml'] })
  expect(beside('a')).toEqual(['a', 'b'])
  expect(why('a', 'anywhere')).toBe('big.yaml is not read')
  expect(why('web', 'anywhere')).toBeUndefined()
})

test('what is unseen counts in its own cluster, and where nobody says which', () => {
  const both = { web: ['here shop'], api: ['here shop'] }
  expect(open({ places: both, clusters: { web: ['there'], api: ['there'] } }).why('web')).toBe('of there')
  expect(open({ places: { web: ['here shop'] }, clusters: { web: ['here'] } }).why('web')).toBe('of here')
  expect(open({ places: { web: ['x shop'] }, clusters: { web: ['x'] } }).why('web')).toBeUndefined()
  expect(open({ places: {} }).why('web')).toBe('of here')
})

test('of a part that the failing root completes nothing is known', () => {
  const { why } = open({ places: {}, clusters: { web: ['x'] }, salvaged: ['web'] })
  expect(why('web', 'anywhere')).toBe('web is a part of a build')
  expect(why('away', 'anywhere')).toBeUndefined()
})

test('of alternatives one lives beside a build: itself, or the first of others', () => {
  const { beside } = open({ places: { web: ['here shop'], api: ['here shop'], other: ['here shop'] } })
  expect(beside('web')).toEqual(['api', 'web'])
  expect(beside('api')).toEqual(['api', 'web'])
  expect(beside('other')).toEqual(['api', 'other'])
})
