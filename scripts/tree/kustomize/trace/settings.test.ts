import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeFiles } from '../../../../tests/folder.ts'
import { readAndRender } from '../../engine.ts'
import { describeMachine } from '../../machine.ts'
import { type Resource, valueAt } from '../../model/build.ts'
import type { FieldPath, SourceRange } from '../../model/place.ts'
import type { KubernetesObject } from '../../model/resource.ts'
import { openFolder } from '../../source/folder.ts'
import { findKustomize } from '../build/binary.ts'
import { listLeaves } from './compare.ts'
import { createLocator } from './locate.ts'

const KUSTOMIZATION = `resources: [web.yaml]
images: [{ name: example/web, newTag: "2" }]
commonAnnotations: { own: note }
patches:
  - patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata: { name: web }
      spec: { minReadySeconds: 3 }
`
const WEB = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: web, image: "example/web:1" }
        - { name: side, image: "example/side:1" }
`
const APPLICATION = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: web, namespace: argocd }
spec:
  project: default
  destination: { server: https://kubernetes.default.svc, namespace: shop }
  source:
    repoURL: https://example.com/o/r.git
    targetRevision: HEAD
    path: app
    kustomize:
      namePrefix: pre-
      nameSuffix: -post
      namespace: other
      images:
        - example/web=mirror.example.com/web:3
        - example/side:4
      replicas: [{ name: web, count: 5 }]
      commonLabels: { team: shop }
      commonAnnotations: { note: text }
      patches:
        - target: { kind: Deployment }
          patch: |-
            - op: add
              path: /spec/revisionHistoryLimit
              value: 7
`

const resourceOf = (object: KubernetesObject, build: string, origin: Resource['origin']): Resource => ({
  object,
  build,
  origin,
  group: '',
  kind: object.kind,
  name: object.metadata?.name ?? '',
  namespace: object.metadata?.namespace,
  isNamespaced: true,
  isClusterScoped: false,
})

/** What an Application with settings renders, with who wrote each of its leaves. */
async function trace(files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'settings-'))
  try {
    writeFiles(root, files)
    const { value: renderings } = await readAndRender(openFolder(root), {
      exclude: [],
      repository: { urls: ['https://example.com/o/r.git'], prefix: '', revision: undefined } as never,
      kustomize: () => findKustomize(describeMachine()),
      parallelism: 1,
      cacheFolder: undefined,
    })
    const locate = createLocator(renderings)
    const [[application, [source]] = [undefined, []]] = renderings.sources
    if (!application || source?.state.kind !== 'objects') throw new Error('the Application renders nothing')
    const isBuilt = renderings.built.has('apps')
    const by = resourceOf(
      application,
      'apps',
      isBuilt ? { kind: 'rendered', index: 0 } : { kind: 'document', file: 'apps/web.yaml' },
    )
    return source.state.objects.map(({ object, origin }) => {
      if (origin.kind !== 'settings') throw new Error('the folder is built as it is written')
      const fieldPath = [...source.fieldPath, 'kustomize']
      const resource = resourceOf(object, 'app for web', { ...origin, by, fieldPath })
      return { object, locate: (path: FieldPath) => locate(resource, path) }
    })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

const TREE = { 'app/kustomization.yaml': KUSTOMIZATION, 'app/web.yaml': WEB, 'apps/web.yaml': APPLICATION }
const CONTAINERS = ['spec', 'template', 'spec', 'containers']
const EXPECTED: readonly (readonly [FieldPath, unknown, string])[] = [
  [['metadata', 'namespace'], 'other', 'namespace: other'],
  [['metadata', 'labels', 'team'], 'shop', 'team: shop'],
  [['metadata', 'annotations', 'note'], 'text', 'note: text'],
  [['metadata', 'annotations', 'own'], 'note', 'own: note'],
  [['spec', 'replicas'], 5, 'count: 5'],
  [['spec', 'minReadySeconds'], 3, 'minReadySeconds: 3'],
  [['spec', 'revisionHistoryLimit'], 7, 'value: 7'],
  [[...CONTAINERS, 0, 'image'], 'mirror.example.com/web:3', '3'],
  [[...CONTAINERS, 1, 'image'], 'example/side:4', '4'],
  [[...CONTAINERS, 1, 'name'], 'side', 'name: side'],
]

test.each([
  ['beside the tree', TREE],
  ['that a kustomization brings', { ...TREE, 'apps/kustomization.yaml': 'resources: [web.yaml]\n' }],
])('settings of an Application %s stand in its lines', async (_, files) => {
  const [web] = await trace(files)
  if (!web) throw new Error('nothing is rendered')
  const text = (path: string): readonly string[] => (files as Readonly<Record<string, string>>)[path]?.split('\n') ?? []
  const told = EXPECTED.map(([path]) => {
    const { range } = web.locate(path)
    const line = text(range.file)[range.line - 1] ?? ''
    return [path, valueAt(web.object, path), line.slice(range.column - 1, range.endColumn - 1)]
  })
  expect(told).toEqual(EXPECTED)
  const unsure = [...listLeaves(web.object)].filter(path => !web.locate(path).proved)
  expect(unsure).toEqual([])
  const name = web.locate(['metadata', 'name'])
  expect(name.chain.map(({ file, line }) => text(file)[line - 1]?.trim())).toEqual([
    'metadata: { name: web }',
    'namePrefix: pre-',
    'nameSuffix: -post',
  ])
})

const MORE = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: web, namespace: argocd }
spec:
  project: default
  destination: { server: https://kubernetes.default.svc, namespace: shop }
  source:
    repoURL: https://example.com/o/r.git
    targetRevision: HEAD
    path: app
    kustomize:
      components: [../parts/probe, ../parts/nowhere]
      ignoreMissingComponents: true
      labelWithoutSelector: true
      labelIncludeTemplates: true
      commonLabels: { team: shop }
      forceCommonAnnotations: true
      commonAnnotations: { own: from the Application, note: text }
      images: ["example/side@sha256:0123456789012345678901234567890123456789012345678901234567890123"]
      nameSuffix: -post
`
const COMPONENT = `apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target: { kind: Deployment }
    patch: |-
      - op: add
        path: /spec/progressDeadlineSeconds
        value: 120
`
const WITH_MORE = {
  'app/kustomization.yaml': KUSTOMIZATION,
  'app/web.yaml': WEB,
  'apps/web.yaml': MORE,
  'parts/probe/kustomization.yaml': COMPONENT,
}

test('components, labels without selectors and digests of an Application stand in its lines', async () => {
  const [web] = await trace(WITH_MORE)
  if (!web) throw new Error('nothing is rendered')
  const lineOf = (path: FieldPath): string => {
    const { range } = web.locate(path)
    return `${range.file}: ${(WITH_MORE as Readonly<Record<string, string>>)[range.file]?.split('\n')[range.line - 1]?.trim()}`
  }
  expect([...listLeaves(web.object)].filter(path => !web.locate(path).proved)).toEqual([])
  const TEMPLATE = ['spec', 'template', 'metadata', 'labels']
  expect(lineOf(['metadata', 'labels', 'team'])).toBe('apps/web.yaml: commonLabels: { team: shop }')
  expect(lineOf([...TEMPLATE, 'team'])).toBe('apps/web.yaml: commonLabels: { team: shop }')
  expect(valueAt(web.object, ['spec', 'selector', 'matchLabels'])).toEqual({ app: 'web' })
  expect(lineOf(['spec', 'progressDeadlineSeconds'])).toBe('parts/probe/kustomization.yaml: value: 120')
  expect(lineOf(['metadata', 'annotations', 'own'])).toMatch(/^apps\/web\.yaml: commonAnnotations/)
  expect(lineOf([...CONTAINERS, 1, 'image'])).toMatch(/^apps\/web\.yaml: images/)
})

/** The file with another scalar in a range of one line. */
function changeAt(text: string, { line, column, endColumn }: SourceRange): string | undefined {
  const lines = text.split('\n')
  const old = lines[line - 1] ?? ''
  const written = old.slice(column - 1, endColumn - 1)
  const [, key = '', value = ''] = /^((?:[\w-]+: )?)(.*)$/.exec(written) ?? []
  const other = /^\d+$/.test(value) ? String(Number(value) + 1) : /^[\w. -]+$/.test(value) ? `${value}x` : undefined
  if (other === undefined || /^(?:true|false)$/.test(value)) return undefined
  lines[line - 1] = old.slice(0, column - 1) + key + other + old.slice(endColumn - 1)
  return lines.join('\n')
}

test.each([
  ['settings', TREE],
  ['settings with components and labels', WITH_MORE],
])(
  'a change where %s of an Application are written changes what they are said to write',
  async (_, files) => {
    const [before] = await trace(files)
    if (!before) throw new Error('nothing is rendered')
    const leaves = [...listLeaves(before.object)]
    const rangesOf = (path: FieldPath): readonly string[] =>
      (before.locate(path).madeOf ?? []).map(range => JSON.stringify(range))
    const own = new Set(leaves.flatMap(rangesOf).filter(text => text.includes('"apps/web.yaml"')))
    let changes = 0
    for (const text of own) {
      const range = JSON.parse(text) as SourceRange
      const changed = changeAt(files['apps/web.yaml'], range)
      if (changed === undefined) continue
      const [after] = await trace({ ...files, 'apps/web.yaml': changed })
      const said = leaves.filter(path => rangesOf(path).includes(text))
      const seen = leaves.filter(path => valueAt(before.object, path) !== valueAt(after?.object, path))
      expect([range.line, seen]).toEqual([range.line, said])
      changes++
    }
    expect(changes).toBeGreaterThan(2)
  },
  60_000,
)

test('what a file of overrides says is not claimed to stand in the Application', async () => {
  const [web] = await trace({ ...TREE, 'app/.argocd-source.yaml': 'kustomize:\n  nameSuffix: -else\n' })
  expect(web?.object.metadata?.name).toBe('pre-web-else')
  expect(web?.locate(['metadata', 'name']).proved).toBe(false)
})
