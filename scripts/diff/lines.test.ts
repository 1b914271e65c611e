// The line behind a change that no field of the head shows: what is taken away, and what a chart makes of its values.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { layOver } from '../tree/source/edit.ts'
import { openFolder } from '../tree/source/folder.ts'
import { diffSources } from './diff.ts'
import type { Change, Location } from './model.ts'

type Files = Readonly<Record<string, string>>

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'lines-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const edits = (files: Readonly<Record<string, string | null>>) =>
  new Map(Object.entries(files).map(([path, text]) => [path, text === null ? null : Buffer.from(text)]))

async function compare(files: Files, changed: Readonly<Record<string, string | null>>): Promise<readonly Change[]> {
  const base = layOver(openFolder(root), edits(files))
  return (await diffSources(base, layOver(base, edits(changed)), { root, cache: false })).changes
}

const showPlace = (location: Location | undefined): string =>
  `${location?.file}:${location?.line}${location?.side ? ` ${location.side}` : ''}`

const tell = (changes: readonly Change[]): readonly string[] =>
  changes.flatMap(({ environment, type, object, fields, location }) => [
    ...(fields.length ? [] : [`${environment} ${type} ${object.kind} ${showPlace(location)}`]),
    ...fields.map(({ fieldPath, location: at }) => `${environment} ${fieldPath.slice(-2).join('.')} ${showPlace(at)}`),
  ])

const OVERLAY = 'overlays/prod/kustomization.yaml'
const TREE: Files = {
  'base/kustomization.yaml': 'resources:\n  - web.yaml\n  - pdb.yaml\n',
  'base/pdb.yaml': `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web }
spec: { minAvailable: 1, selector: { matchLabels: { app: web } } }
`,
  'base/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 5
  minReadySeconds: 7
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      nodeSelector: { disk: ssd, zone: a }
      containers:
        - name: web
          image: web:1.0
          args: [a, b]
          env: [{ name: A, value: '1' }, { name: B, value: '2' }]
          readinessProbe: { httpGet: { path: /, port: 80 } }
        - name: side
          image: side:1.0
`,
  'overlays/prod/note.yaml':
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web, annotations: { note: x } }\n',
  [OVERLAY]: 'resources: [../../base]\npatches:\n  - path: note.yaml\n',
}

const PATCH = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: null
  minReadySeconds:
  template:
    spec:
      nodeSelector:
        $patch: replace
        disk: ssd
      containers:
        - name: side
          $patch: delete
        - name: web
          args: null
          env:
            - name: B
              $patch: delete
`

test('what a patch takes away is told at the words that do it', async () => {
  const kustomization = `${TREE[OVERLAY]}  - path: less.yaml
  - target: { kind: Deployment }
    patch: |
      - op: test
        path: /metadata/name
        value: web
      - op: remove
        path: /spec/template/spec/containers/0/readinessProbe
  - patch: |
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: { name: web }
      $patch: delete
`
  const changes = await compare(TREE, { [OVERLAY]: kustomization, 'overlays/prod/less.yaml': PATCH })
  expect(tell(changes).toSorted()).toEqual([
    'prod 0.args overlays/prod/less.yaml:16',
    'prod 0.readinessProbe overlays/prod/kustomization.yaml:11',
    'prod containers.1 overlays/prod/less.yaml:14',
    'prod env.1 overlays/prod/less.yaml:19',
    'prod nodeSelector.zone overlays/prod/less.yaml:10',
    'prod removed PodDisruptionBudget overlays/prod/kustomization.yaml:16',
    'prod spec.minReadySeconds overlays/prod/less.yaml:6',
    'prod spec.replicas overlays/prod/less.yaml:5',
  ])
})

test('a file that nobody reads any more is told at the entry that is gone', async () => {
  const changes = await compare(TREE, {
    'base/kustomization.yaml': 'resources: [web.yaml]\n',
    [OVERLAY]: 'resources: [../../base]\n',
  })
  expect(tell(changes)).toEqual([
    'prod annotations.note overlays/prod/kustomization.yaml:3 base',
    'prod removed PodDisruptionBudget base/kustomization.yaml:3 base',
  ])
})

test('a line that is gone is told as the base has it, whatever patches say of other things', async () => {
  const changes = await compare(TREE, {
    'base/web.yaml': TREE['base/web.yaml']?.replace('  minReadySeconds: 7\n', '') ?? '',
    'base/kustomization.yaml': 'resources: [web.yaml]\n',
    'base/pdb.yaml': null,
    [OVERLAY]: `${TREE[OVERLAY]}  - target: { kind: Deployment }\n    patch: '[{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}]'\n`,
  })
  expect(tell(changes)).toEqual([
    'prod labels.a overlays/prod/kustomization.yaml:5',
    'prod spec.minReadySeconds base/web.yaml:6 base',
    'prod removed PodDisruptionBudget base/pdb.yaml:1 base',
  ])
})

const application = (environment: string, helm: string): string => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: web-${environment}, namespace: argocd }
spec:
  project: default
  source:
    repoURL: https://example.com/acme/own
    path: charts/web
    targetRevision: HEAD
    helm:
      ${helm}
  destination: { server: 'https://kubernetes.default.svc', namespace: web-${environment} }
`

const CHART: Files = {
  'validation.yaml': `repository: { urls: [https://example.com/acme/own] }
environments: { order: [{ name: qa, builds: [envs/qa] }, { name: prod, builds: [envs/prod] }] }
`,
  'apps/qa.yaml': application('qa', 'valueFiles: [../../envs/qa/values.yaml]'),
  'apps/prod.yaml': application('prod', 'valueFiles: [../../envs/prod/values.yaml]'),
  'charts/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
  'charts/web/values.yaml': 'replicas: 1\nimage:\n  repository: acme/web\n  tag: 1.0.0\npdb: false\nport: 8080\n',
  'charts/web/templates/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
          ports: [{ containerPort: {{ .Values.port }} }]
`,
  'charts/web/templates/pdb.yaml': `{{- if .Values.pdb }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web }
spec: { maxUnavailable: 1, selector: { matchLabels: { app: web } } }
{{- end }}
`,
  'envs/qa/values.yaml': 'replicas: 2\n',
  'envs/prod/values.yaml': 'replicas: 3\nimage:\n  tag: 1.0.0\n',
}

test.each<[what: string, changed: Readonly<Record<string, string>>, told: readonly string[]]>([
  [
    'values of one environment',
    { 'envs/prod/values.yaml': 'replicas: 5\nimage:\n  tag: 1.1.0\n' },
    ['prod spec.replicas envs/prod/values.yaml:1', 'prod 0.image envs/prod/values.yaml:3'],
  ],
  [
    'a value alone, for an object that it turns on',
    { 'envs/qa/values.yaml': 'replicas: 2\npdb: true\n' },
    ['qa added PodDisruptionBudget envs/qa/values.yaml:2'],
  ],
  [
    "the chart's own values, where nothing is laid over them",
    { 'charts/web/values.yaml': CHART['charts/web/values.yaml']?.replace('tag: 1.0.0', 'tag: 1.1.0') ?? '' },
    ['qa 0.image charts/web/values.yaml:4'],
  ],
  [
    'settings of an Application',
    {
      'apps/qa.yaml': application(
        'qa',
        'valueFiles: [../../envs/qa/values.yaml]\n      parameters: [{ name: port, value: "9090" }]',
      ),
    },
    ['qa 0.containerPort apps/qa.yaml:12'],
  ],
  [
    'the value that changes as the field does, and not another one',
    { 'envs/prod/values.yaml': 'replicas: 5\nother: 5\nimage:\n  tag: 1.0.0\n' },
    ['prod spec.replicas envs/prod/values.yaml:1'],
  ],
  [
    'two values of which either may be behind it',
    {
      'charts/web/values.yaml': 'replicas: 3\nimage:\n  repository: acme/web\n  tag: 1.0.0\npdb: false\nport: 8080\n',
      'envs/prod/values.yaml': 'replicas: 1\nimage:\n  tag: 1.0.0\n',
      'envs/qa/values.yaml': 'replicas: 2\nport: 8081\npdb: false\n',
    },
    ['qa 0.containerPort envs/qa/values.yaml:2', 'prod spec.replicas envs/prod/values.yaml:1'],
  ],
  [
    'a template that is another one',
    {
      'envs/prod/values.yaml': 'replicas: 5\nimage:\n  tag: 1.0.0\n',
      'charts/web/templates/web.yaml':
        CHART['charts/web/templates/web.yaml']?.replace('.Values.replicas', 'add .Values.replicas 1') ?? '',
    },
    ['qa spec.replicas charts/web/templates/web.yaml:5', 'prod spec.replicas charts/web/templates/web.yaml:5'],
  ],
])('a chart: %s', async (_what, changed, told) => {
  const changes = await compare(CHART, changed)
  expect(tell(changes.filter(({ object }) => object.kind !== 'Application'))).toEqual(told)
})

const INFLATED: Files = {
  'argocd-cm.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: argocd-cm, namespace: argocd }
data: { kustomize.buildOptions: --enable-helm }
`,
  [OVERLAY]: 'helmCharts:\n  - name: web\n    valuesFile: prod.yaml\n    valuesInline:\n      port: 8081\n',
  'overlays/prod/prod.yaml': 'replicas: 3\n',
  'overlays/prod/charts/web/Chart.yaml': CHART['charts/web/Chart.yaml'] ?? '',
  'overlays/prod/charts/web/values.yaml': CHART['charts/web/values.yaml'] ?? '',
  'overlays/prod/charts/web/templates/web.yaml': CHART['charts/web/templates/web.yaml'] ?? '',
}

test.each<[path: string, from: string, to: string, told: string]>([
  ['overlays/prod/prod.yaml', '3', '4', 'prod spec.replicas overlays/prod/prod.yaml:1'],
  [OVERLAY, '8081', '8082', `prod 0.containerPort ${OVERLAY}:5`],
  ['overlays/prod/charts/web/values.yaml', '1.0.0', '1.0.1', 'prod 0.image overlays/prod/charts/web/values.yaml:4'],
  [
    'overlays/prod/charts/web/templates/web.yaml',
    '  selector:',
    '  minReadySeconds: 3\n  selector:',
    'prod spec.minReadySeconds overlays/prod/charts/web/templates/web.yaml:6',
  ],
])('a chart that a kustomization inflates: %s is one of its inputs', async (path, from, to, told) => {
  const changes = await compare(INFLATED, { [path]: INFLATED[path]?.replace(from, to) ?? '' })
  expect(tell(changes)).toEqual([told])
})
