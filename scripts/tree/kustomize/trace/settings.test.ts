import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { readAndRender } from '../../engine.ts'
import { describeMachine } from '../../machine.ts'
import { type Resource, valueAt } from '../../model/build.ts'
import type { FieldPath } from '../../model/place.ts'
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
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(root, dirname(path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
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

test('what a file of overrides says is not claimed to stand in the Application', async () => {
  const [web] = await trace({ ...TREE, 'app/.argocd-source.yaml': 'kustomize:\n  nameSuffix: -else\n' })
  expect(web?.object.metadata?.name).toBe('pre-web-else')
  expect(web?.locate(['metadata', 'name']).proved).toBe(false)
})
