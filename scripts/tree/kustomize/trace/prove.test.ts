import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeFiles } from '../../../../tests/folder.ts'
import { describeMachine } from '../../machine.ts'
import { openFolder } from '../../source/folder.ts'
import { findKustomize } from '../build/binary.ts'
import { proveTree } from './prove.ts'
import { HOSTILE_TREES } from './hostile-trees.ts'
import { TREES } from './trees.ts'

/** One tree with every step: base, component, patches of both kinds, generators, names, labels, images, replacements, vars. */
const TREE: Readonly<Record<string, string>> = {
  'base/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 30
      containers:
        - name: web
          image: example/web:1
          args: [first, "second"]
          env:
            - { name: MODE, value: slow }
            - { name: WHERE, value: nowhere }
            - { name: HOST, value: $(HOST) }
          envFrom: [{ configMapRef: { name: settings } }]
          ports: [{ name: http, containerPort: 80 }]
`,
  'base/service.yaml': `apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  externalName: old.example
  selector: { app: web }
  ports: [{ name: http, port: 80, targetPort: http }]
`,
  'base/settings.env': 'COLOUR=red\nSIZE=large\n',
  'base/kustomization.yaml': `resources: [web.yaml, service.yaml]
configMapGenerator:
  - name: settings
    literals: [LEVEL=info]
    envs: [settings.env]
vars:
  - name: HOST
    objref: { apiVersion: v1, kind: Service, name: web }
    fieldref: { fieldpath: spec.externalName }
`,
  'part/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target: { kind: Deployment }
    patch: |-
      - op: replace
        path: /spec/template/spec/terminationGracePeriodSeconds
        value: 45
`,
  'overlay/patch.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    spec:
      containers:
        - name: web
          env: [{ name: MODE, value: fast }]
`,
  'overlay/kustomization.yaml': `resources: [../base]
components: [../part]
namespace: shop
namePrefix: a-
labels: [{ pairs: { team: shop }, includeSelectors: true }]
commonAnnotations: { note: text }
images: [{ name: example/web, newTag: v2 }]
replicas: [{ name: web, count: 4 }]
configMapGenerator: [{ name: settings, behavior: merge, literals: [LEVEL=debug] }]
patches:
  - path: patch.yaml
  - patch: |-
      apiVersion: v1
      kind: Service
      metadata: { name: web }
      spec:
        sessionAffinity: ClientIP
replacements:
  - source: { kind: ConfigMap, name: settings, fieldPath: data.COLOUR }
    targets:
      - select: { kind: Deployment }
        fieldPaths: ['spec.template.spec.containers.[name=web].env.[name=WHERE].value']
`,
}

/** Writes a tree, proves it and takes it away. */
async function prove(files: Readonly<Record<string, string>>, changes: number) {
  const root = mkdtempSync(join(tmpdir(), 'trace-'))
  try {
    writeFiles(root, files)
    return await proveTree(openFolder(root), { kustomize: findKustomize(describeMachine()), changes, seed: 7 })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

test('the trace agrees with kustomize, and a change where it points changes what it says', async () => {
  const proof = await prove(TREE, 12)
  expect({ builds: proof.builds, unsure: proof.unsure, wrong: proof.wrong }).toEqual({
    builds: 1,
    unsure: [],
    wrong: [],
  })
  expect(proof.changes).toBeGreaterThan(5)
})

test.each(Object.entries({ ...TREES, ...HOSTILE_TREES }))('so it does with %s', async (_, files) => {
  const { builds, unsure, wrong } = await prove(files, 2)
  expect({ unsure, wrong }).toEqual({ unsure: [], wrong: [] })
  expect(builds).toBeGreaterThan(0)
})
