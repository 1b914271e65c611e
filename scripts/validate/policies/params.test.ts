// Which objects of the tree are the parameters that a binding gives to a policy.
import { expect, test } from 'vitest'
import { type Resource, renderedResource } from '../../tree/model/build.ts'
import { findParams } from './params.ts'
import type { Subject } from './subject.ts'

const object = (build: string, kind: string, name: string, more: Partial<Resource> = {}, fields = {}): Resource => ({
  ...renderedResource(build, { apiVersion: 'v1', kind, metadata: { name, ...fields } }, 0),
  namespace: 'shop',
  ...more,
})
const policy = (spec: object): Resource => ({
  ...object('policies', 'ValidatingAdmissionPolicy', 'p'),
  object: { apiVersion: 'v1', kind: 'P', metadata: { name: 'p' }, spec } as never,
})
const WANTED = policy({ paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } })
const SUBJECT = { namespace: 'shop' } as Subject
const labels = (tier: string) => ({ labels: { tier } })

const LIMITS = object('config', 'ConfigMap', 'limits', {}, labels('front'))
const OTHERS = [
  object('config', 'Secret', 'limits'),
  object('config', 'ConfigMap', 'more', {}, labels('front')),
  object('config', 'ConfigMap', 'back', {}, labels('back')),
  object('config', 'ConfigMap', 'limits', { namespace: 'other' }),
  object('config', 'ConfigMap', 'limits', { group: 'example.com' }),
]

function find(paramRef: object | undefined, all: readonly Resource[] = [LIMITS, ...OTHERS], of = WANTED) {
  const found = findParams(of, policy(paramRef === undefined ? {} : { paramRef }), SUBJECT, all)
  return typeof found === 'string' ? found : found.map(one => one && `${one.namespace}/${one.kind}/${one.name}`)
}

test('a policy without parameters, and a binding that gives none, is evaluated once', () => {
  expect(find({ name: 'limits' }, [LIMITS], policy({}))).toEqual([undefined])
  expect(find(undefined)).toEqual([undefined])
})

test.each<readonly [what: string, paramRef: object, found: readonly string[] | string]>([
  ['by name, in the namespace of the object', { name: 'limits' }, ['shop/ConfigMap/limits']],
  ['in the namespace that is said', { name: 'limits', namespace: 'other' }, ['other/ConfigMap/limits']],
  ['by labels', { selector: { matchLabels: { tier: 'front' } } }, ['shop/ConfigMap/limits', 'shop/ConfigMap/more']],
  [
    'by labels that none has',
    { selector: { matchLabels: { tier: 'none' } } },
    'its parameters, ConfigMap by labels, are not in the tree',
  ],
  ['by a name that none has', { name: 'gone' }, 'its parameters, ConfigMap gone, are not in the tree'],
  ['by a name that none has, which is no matter', { name: 'gone', parameterNotFoundAction: 'Allow' }, 'none'],
  [
    'by a name that none has, which is denied',
    { name: 'gone', parameterNotFoundAction: 'Deny' },
    'its parameters, ConfigMap gone, are not in the tree',
  ],
])('%s', (_, paramRef, found) => {
  expect(find(paramRef)).toEqual(found)
})

test('those of the policy or of its binding are nearer than those of another build', () => {
  const near = object('policies', 'ConfigMap', 'near', {}, labels('front'))
  expect(find({ selector: { matchLabels: { tier: 'front' } } }, [LIMITS, near])).toEqual(['shop/ConfigMap/near'])
})

test('one object of several builds is one, and one without a namespace is in reach of all', () => {
  const twice = [LIMITS, { ...LIMITS, build: 'again' }]
  expect(find({ name: 'limits' }, twice)).toEqual(['shop/ConfigMap/limits'])
  const open = object('config', 'ConfigMap', 'open', { namespace: undefined })
  const wide = object('config', 'ConfigMap', 'wide', { isClusterScoped: true, namespace: 'x' })
  expect(find({ name: 'open' }, [open])).toEqual(['undefined/ConfigMap/open'])
  expect(find({ name: 'wide' }, [wide])).toEqual(['x/ConfigMap/wide'])
})
