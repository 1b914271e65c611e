// Two spellings of one meaning are equal once they are as the API server keeps them.
import { expect, test } from 'vitest'
import type { KubernetesObject } from '../model/resource.ts'
import { asStored, normalize } from './normalize.ts'

const deployment = (spec: object, container: object = {}, metadata: object = {}): KubernetesObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', ...metadata },
    spec: { ...spec, template: { spec: { containers: [{ name: 'web', image: 'web:v1', ...container }] } } },
  }) as unknown as KubernetesObject

const shown = (object: KubernetesObject): string => JSON.stringify(sorted(normalize(object)))

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, one]) => [key, sorted(one)]))
}

const PLAIN = deployment({})

test.each<readonly [what: string, one: KubernetesObject, other: KubernetesObject, isSame: boolean]>([
  ['a default that is written', deployment({ replicas: 1 }), PLAIN, true],
  ['another number', deployment({ replicas: 2 }), PLAIN, false],
  ['a null', deployment({ replicas: null }), PLAIN, true],
  ['an empty list', deployment({}, { env: [] }), PLAIN, true],
  ['zeros that say nothing', deployment({ paused: false, minReadySeconds: 0 }), PLAIN, true],
  [
    'a quantity in other words',
    deployment({}, { resources: { limits: { cpu: '500m', memory: '1024Mi' } } }),
    deployment({}, { resources: { limits: { cpu: 0.5, memory: '1Gi' } } }),
    true,
  ],
  [
    'another quantity',
    deployment({}, { resources: { limits: { cpu: 1 } } }),
    deployment({}, { resources: { limits: { cpu: '1m' } } }),
    false,
  ],
  ['what the server writes', deployment({}, {}, { uid: 'a', generation: 3, creationTimestamp: null }), PLAIN, true],
  [
    'what was applied last',
    deployment({}, {}, { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } }),
    PLAIN,
    true,
  ],
  ['labels that are none', deployment({}, {}, { labels: {} }), PLAIN, true],
  ['a label', deployment({}, {}, { labels: { a: 'b' } }), PLAIN, false],
  ['a status', { ...PLAIN, status: { replicas: 3 } } as never, PLAIN, true],
  ['another version', { ...PLAIN, apiVersion: 'apps/v1beta1' } as never, PLAIN, true],
  ['the order of a list', deployment({}, { args: ['a', 'b'] }), deployment({}, { args: ['b', 'a'] }), false],
])('%s', (_, one, other, isSame) => {
  expect(shown(one) === shown(other)).toBe(isSame)
})

const custom = (spec: object): KubernetesObject =>
  ({ apiVersion: 'shop.example/v1', kind: 'Rack', metadata: { name: 'a' }, spec }) as unknown as KubernetesObject

test('of a kind that is not known only a null says nothing', () => {
  expect(shown(custom({ a: null, b: [{ c: null }] }))).toBe(shown(custom({ b: [{}] })))
  for (const spec of [{ a: 0 }, { a: '' }, { a: [] }, { a: false }])
    expect(shown(custom(spec))).not.toBe(shown(custom({})))
})

test('the texts of a Secret are its data, and win over them', () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {},
    data: { a: 'eA==', b: 'eA==' },
    stringData: { a: 'y' },
  }
  expect(asStored(secret as never)).toMatchObject({ data: { a: 'eQ==', b: 'eA==' } })
  expect(asStored(secret as never)).not.toHaveProperty('stringData')
  const { data: _data, ...alone } = secret
  expect(asStored(alone as never)).toMatchObject({ data: { a: 'eQ==' } })
  expect(asStored(PLAIN)).toBe(PLAIN)
})
