// Where nothing was found before, something may be found after a change of something else: each way in which it may.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { writeFiles } from '../../tests/folder.ts'
import { showFindings, validateTree } from '../../tests/tree.ts'
import type { Renderings } from '../tree/engine.ts'
import type { Build, Resource } from '../tree/model/build.ts'
import { ResourceIndex } from '../tree/model/resource-index.ts'
import { openPack } from '../tree/pack.ts'
import { openMemory } from './memory.ts'

vi.setConfig({ testTimeout: 60_000 })

let folder: string
let root: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'memory-'))
  root = join(folder, 'tree')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

type Files = Readonly<Record<string, string>>

function write(files: Files): void {
  writeFiles(root, files)
}

const look = async (cache = true): Promise<readonly string[]> =>
  showFindings(await validateTree(root, { cacheFolder: join(folder, 'cache'), cache, today: '2026-06-01' }))

const deployment = (name: string, more = ''): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - name: web
          image: example.com/web:v1
          envFrom: [{ configMapRef: { name: settings } }]${more}
`
const settings = (name = 'settings'): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`
const build = (namespace: string, ...resources: readonly string[]): string =>
  `namespace: ${namespace}\nresources: [${resources.join(', ')}]\n`
const application = (name: string, namespace: string): string => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ${name}, namespace: argocd }
spec:
  project: default
  source: { repoURL: https://example.com/tree.git, path: ${name}, targetRevision: HEAD }
  destination: { server: https://kubernetes.default.svc, namespace: ${namespace} }
`
const repository = 'repository: { urls: [https://example.com/tree.git] }\n'

const definition = (type: string): string => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.example.com }
spec:
  group: example.com
  names: { kind: Widget, plural: widgets, singular: widget, listKind: WidgetList }
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object, properties: { size: { type: ${type} } } } } } }
`

const shared: Files = {
  'a/kustomization.yaml': build('shop', 'deployment.yaml'),
  'a/deployment.yaml': deployment('web'),
  'b/kustomization.yaml': build('shop', 'settings.yaml'),
  'b/settings.yaml': settings(),
}

test.each<[string, Files, Files, string]>([
  [
    'another build no longer has what a name may mean',
    shared,
    { 'b/settings.yaml': settings('options') },
    'dangling-config-reference',
  ],
  [
    'a neighbour of the same Application no longer has it',
    {
      ...shared,
      'validation.yaml': repository,
      'apps/a.yaml': application('a', 'shop'),
      'apps/b.yaml': application('b', 'shop'),
    },
    { 'b/settings.yaml': settings('options') },
    'dangling-config-reference',
  ],
  [
    'the definition of a kind asks for another type',
    {
      'crds/kustomization.yaml': 'resources: [widget.yaml]\n',
      'crds/widget.yaml': definition('integer'),
      'a/kustomization.yaml': build('shop', 'widget.yaml'),
      'a/widget.yaml': 'apiVersion: example.com/v1\nkind: Widget\nmetadata: { name: one }\nspec: { size: 1 }\n',
    },
    { 'crds/widget.yaml': definition('string') },
    'schema-validation',
  ],
  [
    'a folder becomes one of another environment',
    {
      'stages/one/kustomization.yaml': 'resources: [../two]\nnamespace: one\n',
      'stages/two/kustomization.yaml': build('two', 'settings.yaml'),
      'stages/two/settings.yaml': settings(),
    },
    {
      'validation.yaml':
        'environments: { order: [{ name: one, builds: [stages/one] }, { name: two, builds: [stages/two] }] }\n',
    },
    'environment-crossing',
  ],
  [
    'what was rendered is what it was, and a rule is asked for',
    {
      'a/kustomization.yaml': build('shop', 'deployment.yaml', 'settings.yaml'),
      ...pick('a', shared),
      'a/settings.yaml': settings(),
    },
    { 'validation.yaml': 'preset: strict\n' },
    'no-read-only-root-fs',
  ],
])('%s', async (_, files, changed, ruleId) => {
  write(files)
  const before = await look()
  expect(before.filter(line => line.startsWith(ruleId))).toEqual([])
  write(changed)
  const kept = await look()
  expect(kept.filter(line => line.startsWith(ruleId))).not.toEqual([])
  expect(kept).toEqual(await look(false))
})

function pick(name: string, files: Files): Files {
  return { [`${name}/deployment.yaml`]: files[`${name}/deployment.yaml`] ?? '' }
}

test('a hundred thousand neighbours are too many for the arguments of one call, and not for a name', () => {
  const file = { path: 'a.yaml', hash: 'a' }
  const loose = Array.from({ length: 150_000 }, (_, item) => ({ file, document: 0, item, object: { item } }))
  const renderings = { tree: { loose, sources: {}, graph: {} }, partial: new Map() } as unknown as Renderings
  const build: Build = { id: 'a', kind: 'directory', resources: [] }
  const resources = loose.map(({ object }) => ({ object, build: 'a', origin: { kind: 'document' } }))
  const beside = new ResourceIndex(resources as unknown as readonly Resource[])
  const memory = openMemory({ pack: openPack(join(folder, 'pack.json')), renderings, definitions: [] })
  expect(memory.isQuiet(build, beside, 'rules')).toBe(false)
  memory.noteQuiet(build, beside, 'rules', [])
  expect(memory.isQuiet(build, beside, 'rules')).toBe(true)
})
