import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeFiles } from '../../tests/folder.ts'
import { explain } from './explain.ts'
import { printField, toJson } from './print.ts'
import { printResources } from './print-resource.ts'

const root = mkdtempSync(join(tmpdir(), 'why-'))
const TREE = {
  'base/web.yaml':
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  replicas: 2\n  selector: {}\n',
  'base/kustomization.yaml': 'resources: [web.yaml]\n',
  'prod/kustomization.yaml': 'resources: [../base]\nreplicas:\n  - name: web\n    count: 4\n',
  'east/kustomization.yaml': 'resources: [../prod]\npatches:\n  - path: patch.yaml\n',
  'names/kustomization.yaml':
    'resources: [pod.yaml]\nconfigMapGenerator: [{ name: settings, literals: [LEVEL=info] }]\n',
  'names/pod.yaml':
    'apiVersion: v1\nkind: Pod\nmetadata: { name: web, annotations: { example.com/a/b: "1" } }\nspec: { containers: [{ name: main, image: a }] }\n',
  'part/kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: a-\n',
  'validation.yaml': 'repository: { urls: ["https://example.com/o/r.git"] }\n',
  'apps/shop.yaml': `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: shop, namespace: argocd }
spec:
  project: default
  destination: { server: https://kubernetes.default.svc, namespace: shop }
  source:
    repoURL: https://example.com/o/r.git
    path: prod
    kustomize:
      namePrefix: pre-
      replicas: [{ name: web, count: 6 }]
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: plain, namespace: argocd }
spec:
  project: default
  destination: { server: https://kubernetes.default.svc, namespace: shop }
  source: { repoURL: https://example.com/o/r.git, path: east }
`,
  'east/patch.yaml':
    'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  annotations: { note: "a: b" }\nspec:\n  replicas: 5\n',
}
beforeAll(() => {
  writeFiles(root, TREE)
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('a field is told with who wrote it first and last', async () => {
  const answer = await explain({ root, build: 'prod/', resource: 'deployment/web', pointer: '/spec/replicas' })
  const [field] = answer.fields
  expect([field?.value, field?.proved, field?.chain.map(({ file, line, role }) => [file, line, role])]).toEqual([
    4,
    true,
    [
      ['base/web.yaml', 5, 'resource'],
      ['prod/kustomization.yaml', 4, 'transformer'],
    ],
  ])
  expect(printField(answer, false)).toBe(
    [
      'Deployment web in prod',
      '/spec/replicas = 4',
      '',
      '  written first  base/web.yaml:5:3  resource',
      '    5 |   replicas: 2',
      '      |   ^^^^^^^^^^^',
      '',
      '  written last   prod/kustomization.yaml:4:5  transformer',
      '    4 |     count: 4',
      '      |     ^^^^^^^^',
      '',
    ].join('\n'),
  )
})

test('who changed a field stands between the first and the last', async () => {
  const answer = await explain({ root, build: 'east', resource: 'Deployment/web', pointer: '/spec/replicas' })
  const links = printField(answer, false)
    .split('\n')
    .filter(line => / {2}\S+:\d+:\d+ {2}\w+$/.test(line))
  expect(links).toEqual([
    '  written first  base/web.yaml:5:3  resource',
    '  changed        prod/kustomization.yaml:4:5  transformer',
    '  written last   east/patch.yaml:7:3  patch',
  ])
})

test('a resource is shown as YAML with the line that wrote each of its own, coloured by layer', async () => {
  const { resources } = await explain({ root, build: 'east', resource: 'Deployment/web', pointer: undefined })
  expect(printResources(resources, false)).toBe(
    [
      '# Deployment web in east',
      'apiVersion: apps/v1  base/web.yaml:1',
      'kind: Deployment     base/web.yaml:2',
      'metadata:            base/web.yaml:3',
      '  annotations:       east/patch.yaml:5  patch',
      '    note: "a: b"     east/patch.yaml:5  patch',
      '  name: web          base/web.yaml:3',
      'spec:                base/web.yaml:4',
      '  replicas: 5        east/patch.yaml:7  patch',
      '  selector: {}       base/web.yaml:6',
      '',
    ].join('\n'),
  )
  expect(printResources(resources, true)).toContain('\u001b[33meast/patch.yaml:7  patch')
})

// The Application's count takes the place of the one in the kustomization, as `kustomize edit set replicas` writes it.
test.each(['shop', 'prod for shop'])(
  '%s is what Argo CD renders, with the settings of the Application last',
  async build => {
    const { fields } = await explain({ root, build, resource: 'Deployment/pre-web', pointer: '/spec/replicas' })
    expect(
      fields.map(({ value, proved, chain }) => [value, proved, chain.map(({ file, line }) => `${file}:${line}`)]),
    ).toEqual([[6, true, ['base/web.yaml:5', 'apps/shop.yaml:12']]])
  },
)

test('an Application without settings is the build of its folder', async () => {
  const { fields } = await explain({ root, build: 'plain', resource: 'Deployment/web', pointer: '/spec/replicas' })
  expect(fields.map(({ build, value }) => [build, value])).toEqual([['east', 5]])
})

test('a field as JSON has the keys of the contract and no others', async () => {
  const { fields } = await explain({ root, build: 'prod', resource: undefined, pointer: undefined })
  const [first] = fields.map(field => JSON.parse(toJson(field)) as Record<string, unknown>)
  expect(Object.keys(first ?? {})).toEqual(['build', 'resource', 'fieldPath', 'value', 'proved', 'chain'])
  expect(Object.keys(first?.resource as object)).toEqual(['apiVersion', 'kind', 'name', 'namespace'])
  const [link] = (first?.chain ?? []) as object[]
  expect(Object.keys(link ?? {})).toEqual(['file', 'line', 'column', 'endLine', 'endColumn', 'role'])
  expect(fields).toHaveLength(5)
})

test('a wrong name says what there is', async () => {
  const ask = (build: string, resource: string, pointer: string) => explain({ root, build, resource, pointer })
  await expect(ask('prod', 'Deployment/wep', '/spec')).rejects.toThrow('did you mean Deployment/web?')
  await expect(ask('prod', 'Deployment/web', '/spec/replica')).rejects.toThrow('did you mean replicas?')
  await expect(ask('part', 'Deployment/web', '/spec')).rejects.toThrow('part renders nothing by itself')
  await expect(ask('shp', 'Deployment/web', '/spec')).rejects.toThrow('did you mean shop?')
  await expect(ask('nowhere', 'Deployment/web', '/spec')).rejects.toThrow('nowhere has no kustomization.yaml')
})

test.each([
  ['Pod/web', '/metadata/annotations/example.com/a/b', ['metadata', 'annotations', 'example.com/a/b']],
  ['Pod/web', '/metadata/annotations/example.com~1a~1b', ['metadata', 'annotations', 'example.com/a/b']],
  ['Pod/web', '/spec/containers/main/image', ['spec', 'containers', 0, 'image']],
  ['ConfigMap/settings', '/data/LEVEL', ['data', 'LEVEL']],
])('%s %s is found as people write it', async (resource, pointer, fieldPath) => {
  const answer = await explain({ root, build: './names/', resource, pointer })
  expect(answer.fields.map(field => field.fieldPath)).toEqual([fieldPath])
})

test.each([
  ['spec.containers', 'the resource has no spec.containers; did you mean /spec/containers?'],
  ['/spec/containers/side', '/spec/containers has no item side'],
  ['/spec/containers/1', '/spec/containers has no item 1'],
])('%s is told with what there is', async (pointer, words) => {
  await expect(explain({ root, build: 'names', resource: 'Pod/web', pointer })).rejects.toThrow(words)
})
