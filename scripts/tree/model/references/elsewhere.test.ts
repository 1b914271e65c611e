// What another build, or a person, may bring to the place where something is missed.
import { expect, test } from 'vitest'
import { type Build, type Resource, renderedResource } from '../build.ts'
import { type Answer, Elsewhere } from './elsewhere.ts'

const resource = (build: string, kind: string, name: string, namespace?: string): Resource => ({
  ...renderedResource(build, { apiVersion: 'v1', kind, metadata: { name } }, 0),
  namespace,
})

const build = (id: string, ...resources: readonly Resource[]): Build => ({ id, kind: 'kustomize', resources })

const ASKING = { group: '', kind: 'Pod', name: 'web' }
const BUILDS = [
  build('web', resource('web', 'Pod', 'web', 'shop')),
  build('config', resource('config', 'ConfigMap', 'settings', 'shop')),
  build('open', resource('open', 'ConfigMap', 'anywhere')),
  // Another version of what asks.
  build('staging', resource('staging', 'Pod', 'web'), resource('staging', 'ConfigMap', 'extra')),
]
const UNLISTED = [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'by-hand', namespace: 'vault' } }]
const open = () => new Elsewhere(BUILDS, UNLISTED, new Set(['web']))

test.each<readonly [what: string, kind: string, name: string, namespace: string | undefined, expected: boolean]>([
  ['another build of the namespace', '/ConfigMap', 'settings', 'shop', true],
  ['a build of another namespace', '/ConfigMap', 'settings', 'other', false],
  ['a build, where nobody says the namespace of what is wanted', '/ConfigMap', 'settings', undefined, true],
  ['a build that says no namespace', '/ConfigMap', 'anywhere', 'shop', true],
  ['a build of another version of what asks', '/ConfigMap', 'extra', 'shop', false],
  ['a manifest that nothing deploys', '/Secret', 'by-hand', 'vault', true],
  ['a manifest for another namespace', '/Secret', 'by-hand', 'shop', false],
  ['nothing of that kind', '/Secret', 'settings', 'shop', false],
  ['nothing of that name', '/ConfigMap', 'setting', 'shop', false],
])('may be brought by %s', (_, kind, name, namespace, expected) => {
  expect(open().mayBring(kind, name, namespace, ASKING)).toBe(expected)
})

test('a namespace is in use where something of the tree is in it', () => {
  const elsewhere = open()
  expect(['shop', 'vault', 'other'].map(name => elsewhere.isInUse(name))).toEqual([true, true, false])
  expect(['web', 'config'].map(id => elsewhere.isSynced(id))).toEqual([true, false])
})

test.each<readonly [namespace: string | undefined, known: readonly string[], expected: boolean]>([
  ['shop', ['web'], true],
  ['shop', ['web', 'config'], false],
  // The build that asks is another version of itself.
  ['shop', ['config'], false],
  ['vault', ['web', 'config'], true],
  ['other', [], false],
  [undefined, [], false],
])('namespace %s is shared with others than %j: %s', (namespace, known, expected) => {
  expect(open().isShared({ ...ASKING, namespace }, new Set(known))).toBe(expected)
})

test('each answer is told, and asked again it is the same as long as the tree is', () => {
  const elsewhere = open()
  const answers: Answer[] = []
  elsewhere.onAnswer = answer => answers.push(answer)
  elsewhere.isSynced('web')
  elsewhere.isInUse('shop')
  elsewhere.isShared({ ...ASKING, namespace: 'shop' }, new Set(['web']))
  elsewhere.mayBring('/ConfigMap', 'anywhere', undefined, ASKING)
  elsewhere.namespacesOf('/ConfigMap', 'settings')
  elsewhere.namesInstead('/ConfigMap', 'setting')
  elsewhere.onAnswer = undefined
  expect(answers.map(({ answer }) => answer)).toEqual([true, true, true, true, ['shop'], ['settings']])
  const kept = JSON.parse(JSON.stringify(answers)) as Answer[]
  expect(kept.map(one => elsewhere.isStill(one))).toEqual(Array(6).fill(true))
  const empty = new Elsewhere([], [], new Set())
  expect(kept.map(one => empty.isStill(one))).toEqual(Array(6).fill(false))
})

test('instead of a name that nothing has there is the nearest one, or a few', () => {
  const elsewhere = open()
  expect(elsewhere.namesInstead('/ConfigMap', 'anywhre')).toEqual(['anywhere'])
  expect(elsewhere.namesInstead('/ConfigMap', 'database')).toEqual(['anywhere', 'extra', 'settings'])
  expect(elsewhere.namesInstead('/Service', 'database')).toEqual([])
})
