// Who is there, in reach of whom, and where nobody can say.
import { expect, test } from 'vitest'
import { type Resource, renderedResource } from './build.ts'
import { readPairs } from './label-selector.ts'
import { Elsewhere } from './references/elsewhere.ts'
import { isSameNamespace, ResourceIndex } from './resource-index.ts'
import { type Unseen, unseenIn } from './unseen.ts'

function resource(kind: string, name: string, namespace?: string, more = {}, apiVersion = 'v1'): Resource {
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) }
  return renderedResource('build', { apiVersion, kind, metadata, ...more }, 0)
}

function deployment(name: string, namespace: string | undefined, asked: object, labels = asked): Resource {
  const template = { metadata: { labels }, spec: { containers: [{ name }] } }
  return resource('Deployment', name, namespace, { spec: { selector: { matchLabels: asked }, template } }, 'apps/v1')
}

const WEB = deployment('web', 'shop', { app: 'web', tier: 'front' })
const SLIP = deployment('slip', 'shop', { app: 'api' }, { app: 'apj' })
const AWAY = deployment('away', 'other', { app: 'web' })
const FREE = deployment('free', undefined, { app: 'free' })
const MAPS = [resource('ConfigMap', 'a', 'shop'), resource('ConfigMap', 'a', 'other'), resource('Secret', 'a', 'shop')]
const INDEX = new ResourceIndex([WEB, SLIP, AWAY, FREE, ...MAPS])

test.each<readonly [namespace: string | undefined, selector: Record<string, string>, names: readonly string[]]>([
  ['shop', { app: 'web' }, ['web']],
  ['shop', { tier: 'front', app: 'web' }, ['web']],
  ['shop', { app: 'web', tier: 'back' }, []],
  ['other', { app: 'web' }, ['away']],
  [undefined, { app: 'web' }, ['web', 'away']],
  // By the labels of its pods, and by those that its own workload asks for.
  ['shop', { app: 'apj' }, ['slip']],
  ['shop', { app: 'api' }, ['slip']],
  ['shop', { app: 'free' }, ['free']],
  ['shop', {}, ['web', 'slip', 'free']],
])('in %s, %j selects %j', (namespace, selector, names) => {
  const templates = INDEX.selectTemplates(namespace, readPairs(selector))
  expect(templates.map(one => one.resource.name)).toEqual(names)
})

test('by kind, name and namespace', () => {
  const find = (kind: string, name: string, namespace?: string) =>
    INDEX.named(`/${kind}`, name, namespace).map(one => `${one.kind} ${one.namespace}`)
  expect(find('ConfigMap', 'a', 'shop')).toEqual(['ConfigMap shop'])
  expect(find('ConfigMap', 'a')).toEqual(['ConfigMap shop', 'ConfigMap other'])
  expect(find('ConfigMap', 'b', 'shop')).toEqual([])
  expect(INDEX.ofKind('apps', 'Deployment')).toHaveLength(4)
  expect(INDEX.ofKind('', 'Deployment')).toEqual([])
  expect(INDEX.podTemplates('other').map(one => one.resource.name)).toEqual(['away', 'free'])
})

test.each([
  ['a', 'a', true],
  ['a', 'b', false],
  ['a', undefined, true],
  [undefined, 'a', true],
])('namespaces %s and %s', (a, b, isSame) => {
  expect(isSameNamespace(a, b)).toBe(isSame)
})

const unseen = (namespace?: string, cluster?: string): Unseen => ({ namespace, cluster, reason: `in ${namespace}` })

test.each<readonly [unseen: readonly Unseen[], namespace: string | undefined, why: string | undefined]>([
  [[], 'shop', undefined],
  [[unseen('other')], 'shop', undefined],
  [[unseen('other'), unseen('shop')], 'shop', 'in shop'],
  [[unseen()], 'shop', 'in undefined'],
  [[unseen('other')], undefined, 'in other'],
  [[], 'kube-system', 'the platform brings its own objects to kube-system'],
])('with %j, whether all of %s was examined', (list, namespace, why) => {
  const index = new ResourceIndex([WEB], list)
  expect(index.whyIncomplete(namespace)).toBe(why)
  expect(index.mayHoldUnseenPods(namespace)).toBe(why !== undefined)
})

test('what goes to another cluster is not unseen here', () => {
  const all = [unseen('a', 'one'), unseen('b', 'two'), unseen('c')]
  const namesIn = (...clusters: readonly string[]) => unseenIn(all, new Set(clusters)).map(one => one.namespace)
  expect(namesIn('one')).toEqual(['a', 'c'])
  expect(namesIn()).toEqual(['a', 'b', 'c'])
})

test('a kind that may make pods leaves open which there are', () => {
  const custom = resource('Broker', 'queue', 'shop', {}, 'example.com/v1')
  expect(new ResourceIndex([WEB, custom]).mayHoldUnseenPods('shop')).toBe(true)
  expect(new ResourceIndex([WEB, custom]).mayHoldUnseenPods('other')).toBe(false)
})

test('a namespace is shared where another build of the tree brings something to it', () => {
  const other = resource('ConfigMap', 'more', 'shop')
  const builds = [{ id: 'other', kind: 'kustomize' as const, resources: [{ ...other, build: 'other' }] }]
  const shared = new ResourceIndex([WEB], [], new Elsewhere(builds, [], new Set()))
  expect(shared.isShared(WEB)).toBe(true)
  expect(shared.isShared(AWAY)).toBe(false)
  expect(new ResourceIndex([WEB], [], new Elsewhere([], [], new Set())).isShared(WEB)).toBe(false)
  expect(INDEX.isShared(WEB)).toBe(false)
})
