// What an Application is told to ignore, and no comparison will ever ignore.
import { expect, test } from 'vitest'
import { type Resource, renderedResource } from '../model/build.ts'
import type { Application, ApplicationSource } from './application.ts'
import { readYaml } from './applicationset/read-yaml.ts'
import { checkIgnoreDifferences, type IsField } from './ignore-differences.ts'

const OBJECT = readYaml(`{
  apiVersion: apps/v1, kind: Deployment,
  metadata: { name: web, annotations: { shop.example/team: a } },
  spec: { replicas: 3, template: { spec: { containers: [{ name: web }] } } } }`)
const WEB = { ...renderedResource('web', OBJECT as never, 0), group: 'apps', isNamespaced: true, namespace: 'shop' }

/** A Deployment has the fields that are named here. */
const IS_FIELD: IsField = (_, path) => ['metadata', 'spec', 'status', 'paused', 'labels'].includes(String(path.at(-1)))

const builds = (isPartial?: true): ApplicationSource['state'] => ({
  ...{ kind: 'builds', builds: [{ id: 'web', kind: 'kustomize', resources: [WEB] }] },
  ...(isPartial ? { isPartial } : {}),
})

function application(rules: string, more: Partial<Resource> = {}, state = builds()): Application {
  const object = { spec: { ignoreDifferences: readYaml(rules) } }
  return {
    resource: { ...WEB, object, name: 'web', ...more } as unknown as Resource,
    destination: { cluster: 'here', namespace: 'shop' },
    sources: [{ fieldPath: [], path: 'web', state }],
  }
}

const check = async (...applications: readonly Application[]): Promise<readonly string[]> => {
  const { faults } = await checkIgnoreDifferences(applications, [], IS_FIELD)
  return faults.map(({ fieldPath, values }) => `${fieldPath.slice(3).join('.')}: ${values.join(' ')}`)
}

test.each([
  ['/spec/replicas', false],
  ['/spec/paused', false],
  ['/spec/replica', true],
  ['/spec/template/spec/containers/0', false],
  ['/spec/template/spec/containers/0/name', false],
  ['/spec/template/spec/containers/2', false],
  ['/spec/template/spec/containers/3', true],
  ['/spec/template/spec/containers/web', true],
  ['/spec/template/spec/containers/*/name', true],
  ['/spec/template/spec/containers/-', true],
  ['/metadata/annotations/other', false],
  ['/metadata/annotations/shop.example~1team', false],
  ['/metadata/annotations/shop.example/team', true],
  ['/metadata/annotations/other.example/team', true],
  ['/metadata/labels/other', false],
  ['/spec/replicas/count', true],
  ['spec.replicas', true],
  ['/', true],
  ['', true],
])('the pointer %j removes nothing: %s', async (pointer, isIdle) => {
  const rules = `[{ group: apps, kind: Deployment, jsonPointers: [${JSON.stringify(pointer)}] }]`
  expect(await check(application(rules))).toEqual(isIdle ? [`jsonPointers.0: ignores-nothing ${pointer}`] : [])
})

const POINTER = 'jsonPointers: [/spec/replicas]'

test.each([
  [`group: apps, kind: Deployment, ${POINTER}`, []],
  [`group: "*", kind: Deploy*, name: web, namespace: shop, ${POINTER}`, []],
  [`kind: Deployment, ${POINTER}`, ['group: fits-nothing']],
  [`group: apps/v1, kind: Deployment, ${POINTER}`, ['group: fits-nothing']],
  [`group: apps, kind: deployment, ${POINTER}`, ['kind: fits-nothing']],
  [`group: apps, kind: Deploymnt, ${POINTER}`, ['kind: fits-nothing']],
  [`group: apps, kind: Service, ${POINTER}`, [': fits-nothing']],
  [`group: apps, kind: Deployment, name: wbe, ${POINTER}`, ['name: fits-nothing']],
  [`group: apps, kind: Deployment, name: w*, ${POINTER}`, ['name: fits-nothing']],
  [`group: apps, kind: Deployment, name: payments, ${POINTER}`, [': fits-nothing']],
  [`group: apps, kind: Deployment, namespace: other, ${POINTER}`, [': fits-nothing']],
  ['group: apps, kind: Deployment', [': empty-rule']],
  ['group: apps, kind: Deployment, managedFieldsManagers: [a]', []],
  ['group: apps, kind: Deployment, jsonPointers: web', []],
  ['group: apps, kind: Deployment, jqPathExpressions: [".spec.replicas"]', []],
  ['group: apps, kind: Deployment, jqPathExpressions: [".spec", "1 + 1"]', ['jqPathExpressions.1: not-a-path 1 + 1']],
  [
    `group: apps, kind: Deployment, jqPathExpressions: ["]"], jsonPointers: [a]`,
    ['jqPathExpressions.0: odd-expression ]'],
  ],
])('a rule with %s', async (rule, expected) => {
  expect(await check(application(`[{ ${rule} }]`))).toEqual(expected)
})

test('where not all is rendered, only what no object could have is told', async () => {
  const rules = `[{ kind: Service, ${POINTER} }, { kind: Service, jsonPointers: [spec] }]`
  expect(await check(application(rules, {}, builds(true)))).toEqual(['jsonPointers.0: ignores-nothing spec'])
  expect(await check(application(rules, {}, { kind: 'unknown' }))).toEqual(['jsonPointers.0: ignores-nothing spec'])
})

test('what fits one Application of a template has an effect', async () => {
  const generated = { origin: { kind: 'generated', by: 'all' } } as unknown as Partial<Resource>
  const rules = `[{ group: apps, kind: Deployment, name: web, ${POINTER} }]`
  const nothing: ApplicationSource['state'] = { kind: 'builds', builds: [] }
  const [one, idle] = [application(rules, generated), application(rules, generated, nothing)]
  expect(await check(one, idle)).toEqual([])
  expect(await check(idle, idle)).toEqual([': fits-nothing', ': fits-nothing'])
  expect(await check(application(rules), application(rules, {}, nothing))).toEqual([': fits-nothing'])
})

test.each([
  ['jsonPointers: [/spec/replicas]', []],
  ['jsonPointers: [/spec/replica, spec]', ['ignores-nothing /spec/replica', 'ignores-nothing spec']],
  ['jqPathExpressions: [.spec]', ['empty-annotation']],
  ['a: [', ['empty-annotation']],
  [undefined, []],
])('a resource that is annotated with %s', async (annotation, expected) => {
  const annotations = annotation === undefined ? {} : { 'argocd.argoproj.io/ignore-differences': annotation }
  const object = { ...WEB.object, metadata: { name: 'web', annotations } }
  const { faults } = await checkIgnoreDifferences([], [{ ...WEB, object }], IS_FIELD)
  expect(faults.map(({ values }) => values.join(' '))).toEqual(expected)
})
