// One mistake is said once, whether the schema, the API server's own checks or both find it.
import { expect, test } from 'vitest'
import type { KubernetesObject } from '../../../tree/model/resource.ts'
import type { SchemaFault } from '../faults.ts'
import { judgeObject } from './judge.ts'

const fault = (keyword: string, path: string, more: Partial<SchemaFault> = {}): SchemaFault => ({
  ...{
    fieldPath: path === '' ? [] : path.split('.').map(one => (/^\d+$/.test(one) ? Number(one) : one)),
    keyword,
    message: 'm',
    at: 'key',
  },
  ...more,
})

const object = (kind: string, fields: object): KubernetesObject => {
  const [name = '', ...version] = kind.split('/').reverse()
  return { apiVersion: version.reverse().join('/'), kind: name, metadata: { name: 'web' }, ...fields } as never
}

/** `ruleId path`, with `?` for a warning, and the name of the field in brackets where it is another one. */
const judge = (one: KubernetesObject, ...schema: readonly SchemaFault[]): readonly string[] =>
  judgeObject(one, schema).map(({ ruleId, severity, at, fieldPath }) => {
    const named = fieldPath.join('.') === at.join('.') ? '' : ` (${fieldPath.join('.')})`
    return `${ruleId.replace('-validation', '')}${severity === 'warning' ? '?' : ''} ${at.join('.')}${named}`
  })

const service = (spec: object): KubernetesObject => object('v1/Service', { spec })
const PORTS = [{ port: 80 }]

test.each<readonly [what: string, one: KubernetesObject, schema: readonly SchemaFault[], expected: readonly string[]]>([
  ['nothing', service({ ports: PORTS }), [], []],
  ['what only the server finds', service({ ports: [{ port: 0 }] }), [], ['api spec.ports.0.port']],
  [
    'what the decoder refuses',
    service({ ports: PORTS, a: 1 }),
    [fault('additionalProperties', 'spec.a')],
    ['schema spec.a'],
  ],
  [
    'what the decoder does not ask, and the server does not either',
    service({ ports: PORTS }),
    [fault('required', 'spec', { missing: 'selector' }), fault('enum', 'spec.type')],
    [],
  ],
  [
    'a choice of which the server says the same',
    service({ ports: PORTS, type: 'NodPort' }),
    [fault('enum', 'spec.type')],
    ['schema spec.type'],
  ],
  [
    'what is missing, and all that belongs into it',
    object('batch/v1/Job', { spec: {} }),
    [fault('required', 'spec', { missing: 'template' })],
    ['schema spec.template (spec.template.spec.containers)'],
  ],
  [
    'what is missing below what cannot be decoded',
    object('batch/v1/Job', { spec: { templat: {} } }),
    [fault('additionalProperties', 'spec.templat')],
    ['schema spec.templat'],
  ],
  [
    'what is wrong in what cannot be decoded',
    service({ ports: [{ port: 0 }] }),
    [fault('type', 'spec.ports.0')],
    ['schema spec.ports.0'],
  ],
  [
    'what is wrong beside what cannot be decoded',
    service({ ports: [{ port: 0 }, { port: 80, a: 1, name: 'b' }] }),
    [fault('additionalProperties', 'spec.ports.1.a')],
    ['schema spec.ports.1.a', 'api spec.ports.0.port'],
  ],
  [
    'a number out of its range',
    object('apps/v1/Deployment', { spec: { replicas: 2 ** 31 } }),
    [fault('maximum', 'spec.replicas')],
    ['schema spec.replicas'],
  ],
  [
    'what may be newer',
    object('shop.example/v1/Rack', { spec: { a: 1 } }),
    [fault('additionalProperties', 'spec.a', { isUnsure: true }), fault('type', 'spec.b')],
    ['schema? spec.a', 'schema spec.b'],
  ],
  [
    'the metadata of a custom resource',
    object('shop.example/v1/Rack', { metadata: { name: 'Web', labels: { a: 'b c' } } }),
    [fault('type', 'metadata.labels')],
    ['schema metadata.labels', 'api metadata.name'],
  ],
])('%s', (_, one, schema, expected) => {
  expect(judge(one, ...schema)).toEqual(expected)
})

test('a choice says nothing of what is missing below it', () => {
  const missing = object('batch/v1/Job', { spec: { template: {} } })
  expect(judge(missing, fault('enum', 'spec.template'))).toContain('api spec.template.spec.containers')
  expect(judge(missing, fault('required', 'spec', { missing: 'template' }))).toEqual([
    'schema spec.template (spec.template.spec.containers)',
  ])
})

test.each([
  ['batch/v1/Job', 'must be one of OnFailure, Never, not "Sometimes"'],
  ['apps/v1/DaemonSet', 'must be Always, not "Sometimes"'],
])('of the choices that are listed for a field of a %s the fewest are told', (kind, words) => {
  const spec = { restartPolicy: 'Sometimes', containers: [{ name: 'web', image: 'web:1' }] }
  const one = object(kind, {
    spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec } },
  })
  const path = 'spec.template.spec.restartPolicy'
  const messages = (...schema: readonly SchemaFault[]) =>
    judgeObject(one, schema).flatMap(({ at, message }) => (at.join('.') === path ? [message] : []))
  expect(messages(fault('enum', path))).toEqual([`${path} ${words}`])
  expect(messages()).toEqual([`${path} ${words}`])
})

test('what somebody else may bring is marked', () => {
  const pod = object('v1/Pod', {
    spec: { containers: [{ name: 'web', image: 'web:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }] },
  })
  expect(judgeObject(pod, []).map(({ lacks }) => lacks)).toEqual(['volume'])
  expect(judgeObject(object('v1/Service', { spec: {} }), []).map(({ lacks }) => lacks)).toEqual(['field'])
  expect(judgeObject(service({ ports: [{ port: 0 }] }), []).map(one => Object.hasOwn(one, 'lacks'))).toEqual([false])
})

test.each([
  ['spec.versions.0.schema.openAPIV3Schema.properties.a.items.b', true],
  ['spec.versions.0.schema.openAPIV3Schema.additionalProperties.b', true],
  ['spec.versions.0.schema.openAPIV3Schema.properties.items.b', false],
  ['spec.versions.0.schema.openAPIV3Schema.items', false],
  ['spec.b', false],
])('an unknown field of a definition at %s is dropped: %s', (path, isDropped) => {
  const definition = object('apiextensions.k8s.io/v1/CustomResourceDefinition', { spec: {} })
  expect(judge(definition, fault('additionalProperties', path))).toContain(`schema${isDropped ? '?' : ''} ${path}`)
  expect(judge(object('v1/Pod', {}), fault('additionalProperties', path))).toContain(`schema ${path}`)
})

test.each([
  [2 ** 31 - 1, false],
  [2 ** 31, true],
  [-(2 ** 31), false],
  [-(2 ** 31) - 1, true],
])('%d cannot be decoded: %s', (replicas, isRefused) => {
  const one = object('v1/ConfigMap', { data: { replicas } })
  expect(judge(one, fault('maximum', 'data.replicas'))).toEqual(isRefused ? ['schema data.replicas'] : [])
})
