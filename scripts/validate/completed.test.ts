// What Flux, a webhook or a patch that is not there yet completes is not judged by what it lacks; what is wrong in it is.
import { expect, test } from 'vitest'
import { useFolder } from '../../tests/folder.ts'
import { showFindings, validateTree } from '../../tests/tree.ts'

const folder = useFolder('completed')
const { write } = folder
const look = async () => {
  const validation = await validateTree(folder.root)
  return { findings: showFindings(validation), reasons: validation.report.notExamined.map(({ reason }) => reason) }
}

const FLUX = (path: string, more = ''): string =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: web, namespace: flux-system }
spec:
  interval: 1m
  prune: true
  path: ./${path}
  sourceRef: { kind: GitRepository, name: tree }
${more}`
const DEPLOYMENT = (more = ''): string =>
  `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: web:1
${more}`
const MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: shared }\n'

test('Flux builds without the restriction of kustomize, Argo CD does not', async () => {
  write('app/kustomization.yaml', 'resources: [../shared.yaml]\n')
  write('shared.yaml', MAP)
  const refused = [expect.stringContaining('is not in or below app')]
  expect((await look()).findings).toEqual(refused)
  write('clusters/app.yaml', FLUX('app'))
  expect((await look()).findings).toEqual([])
  write(
    'argocd/app.yaml',
    `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: app, namespace: argocd }
spec:
  project: default
  source: { repoURL: https://example.com/acme/other.git, path: web, targetRevision: HEAD }
  destination: { server: https://kubernetes.default.svc, namespace: web }
`,
  )
  expect((await look()).findings).toEqual(refused)
})

test.each(['flux-system', 'flux-system/gotk-sync.yaml'])('%s is written by flux bootstrap', async path => {
  write('clusters/dev/kustomization.yaml', `resources: [${path}, map.yaml]\n`)
  write('clusters/dev/map.yaml', MAP)
  expect(await look()).toEqual({
    findings: [],
    reasons: ['a build that is rendered in part', 'a file that is written before the build'],
  })
  write('clusters/dev/kustomization.yaml', 'resources: [flux-systems, map.yaml]\n')
  expect((await look()).findings).toEqual([expect.stringContaining('flux-systems does not exist')])
})

test('a namespace that Flux gives makes one of the names that kustomize holds apart', async () => {
  const volumes = '      volumes: [{ name: conf, configMap: { name: conf } }]\n'
  write('app/kustomization.yaml', 'resources: [web.yaml]\nconfigMapGenerator: [{ name: conf, literals: [a=b] }]\n')
  write('app/web.yaml', DEPLOYMENT(volumes))
  const lost = [expect.stringMatching(/^lost-name-reference .*conf is called conf-/)]
  expect((await look()).findings).toEqual(lost)
  write('clusters/app.yaml', FLUX('app'))
  expect((await look()).findings).toEqual(lost)
  write('clusters/app.yaml', FLUX('app', '  targetNamespace: web\n'))
  expect(await look()).toEqual({ findings: [], reasons: ['an object that Flux moves to another namespace'] })
})

const DEFINITION = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: steps.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { plural: steps, singular: step, kind: Step, listKind: StepList }
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: { spec: { type: object, required: [name], properties: { name: { type: string } } } }
`
const webhook = (rules: string): string =>
  `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: { name: steps }
webhooks:
  - name: steps.example.com
    sideEffects: None
    admissionReviewVersions: [v1]
    clientConfig: { url: https://example.com/steps }
${rules}`

test.each([
  ['without rules', '', true],
  [
    'of its group',
    '    rules: [{ operations: [CREATE], apiGroups: [example.com], apiVersions: [v1], resources: [steps] }]\n',
    true,
  ],
  [
    'of another group',
    '    rules: [{ operations: [CREATE], apiGroups: [example.org], apiVersions: [v1], resources: [steps] }]\n',
    false,
  ],
])('a webhook %s may add what a definition requires', async (_, rules, isCompleted) => {
  const step = (spec: string): string =>
    `apiVersion: example.com/v1\nkind: Step\nmetadata: { name: one }\nspec: ${spec}\n`
  const required = [expect.stringContaining('spec.name is required')]
  write('install.yaml', DEFINITION)
  write('steps/one.yaml', step('{}'))
  expect((await look()).findings).toEqual(required)
  write('install.yaml', `${DEFINITION}---\n${webhook(rules)}`)
  const reasons = ['an object that a mutating webhook completes']
  expect(await look()).toEqual(isCompleted ? { findings: [], reasons } : { findings: required, reasons: [] })
  write('steps/one.yaml', step('{ name: 1 }'))
  expect((await look()).findings).toEqual([expect.stringContaining('spec.name must be a string')])
})

test.each(['patches: [{ path: env/patch.yaml }]', 'components: [env/local]'])(
  'what %s adds is not known',
  async field => {
    const lines = ['resources: [web.yaml]', field, '']
    write('.gitignore', 'env/\n')
    write('app/kustomization.yaml', lines.join('\n'))
    write('app/web.yaml', DEPLOYMENT('          volumeMounts: [{ name: data, mountPath: /data }]\n'))
    const reasons = expect.arrayContaining(['an object whose patch is written before the build'])
    expect(await look()).toMatchObject({ findings: [], reasons })
    write('app/web.yaml', DEPLOYMENT().replace('          image: web:1\n', '          imag: web:1\n'))
    expect((await look()).findings).toEqual([expect.stringContaining('unknown field "imag"')])
    // A file of values brings no volume.
    write('app/kustomization.yaml', 'resources: [web.yaml]\nsecretGenerator: [{ name: a, envs: [env/a.env] }]\n')
    write('app/web.yaml', DEPLOYMENT('          volumeMounts: [{ name: data, mountPath: /data }]\n'))
    expect((await look()).findings).toEqual([expect.stringContaining('must be a volume of the pod')])
  },
)
