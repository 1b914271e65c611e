// What is written over the objects of a chart stands where it is written, in every build that reads it.
import { expect, test } from 'vitest'
import { useFolder } from '../../../../tests/folder.ts'
import { showFindings, validateTree } from '../../../../tests/tree.ts'

const folder = useFolder('patched')
const { write } = folder
const SOURCE = 'https://git.example.org/all'

const FILES = {
  'validation.yaml': `repository: { urls: [${SOURCE}] }\nkustomize: { enableHelm: true }\n`,
  'app/charts/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'app/charts/web/values.yaml': 'count: 1\n',
  'app/charts/web/templates/a.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: {{ .Values.count }}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      restartPolicy: Sometimes
      containers:
        - name: web
          image: web:1
          imagePullPolicy: Always
`,
  'app/kustomization.yaml': `helmCharts: [{ name: web }]
patches:
  - path: patch.yaml
  - target: { kind: Deployment }
    patch: |
      - op: add
        path: /spec/template/spec/containers/0/terminationMessagePolicy
        value: Sometimes
`,
  'app/patch.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: two
  template:
    spec:
      containers:
        - name: web
          portz: []
`,
  'top/kustomization.yaml': `namespace: shop
resources: [../app]
patches:
  - target: { kind: Deployment }
    patch: |
      - op: replace
        path: /spec/selector/matchLabels/app
        value: other
`,
  'apps/web.yaml': `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: web, namespace: argocd }
spec:
  project: default
  source:
    repoURL: ${SOURCE}
    targetRevision: HEAD
    path: app
    kustomize:
      patches:
        - target: { kind: Deployment }
          patch: |
            - op: add
              path: /spec/minReadySeconds
              value: many
  destination: { server: https://kubernetes.default.svc, namespace: web }
`,
}

test('a patch of a kustomization, of one above it and of an Application', async () => {
  for (const [path, text] of Object.entries(FILES)) write(path, text)
  const validation = await validateTree(folder.root)
  expect(showFindings(validation)).toEqual([
    expect.stringMatching(/^schema-validation app\/charts\/web\/templates\/a\.yaml:10:7 .*restartPolicy/),
    expect.stringMatching(/^schema-validation app\/kustomization\.yaml:8:9 .*terminationMessagePolicy/),
    expect.stringMatching(/^schema-validation app\/patch\.yaml:5:3 .*replicas/),
    expect.stringMatching(/^schema-validation app\/patch\.yaml:10:11 .*portz/),
    expect.stringMatching(/^schema-validation apps\/web\.yaml:16:15 .*minReadySeconds/),
    expect.stringMatching(/^mismatching-selector top\/kustomization\.yaml:8:9 /),
  ])
  const { findings } = validation.report
  expect(findings.map(({ proved }) => proved ?? true)).toEqual([false, true, true, true, true, true])
  expect(findings[2]?.chain.map(({ file, line }) => `${file}:${line}`)).toEqual([
    'app/charts/web/templates/a.yaml:5',
    'app/patch.yaml:5',
  ])
})
