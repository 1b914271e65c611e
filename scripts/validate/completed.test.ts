// What Flux, a webhook or a patch that is not there yet completes is not judged by what it lacks; what is wrong in it is.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeApplication } from '../../tests/application.ts'
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

test('Flux builds without the restriction of kustomize, whatever Argo CD builds', async () => {
  write('app/kustomization.yaml', 'resources: [../shared.yaml]\n')
  write('shared.yaml', MAP)
  const refused = [expect.stringContaining('is not in or below app')]
  expect((await look()).findings).toEqual(refused)
  write('clusters/app.yaml', FLUX('app'))
  expect((await look()).findings).toEqual([])
  write(
    'argocd/app.yaml',
    writeApplication({ path: 'web', name: 'app', repoURL: 'https://example.com/acme/other.git' }),
  )
  expect((await look()).findings).toEqual([])
  // Where both are, Flux builds what it names.
  write('clusters/app.yaml', FLUX('web'))
  expect((await look()).findings).toEqual(refused)
})

test.each(['flux-system', 'flux-system/gotk-sync.yaml'])('%s is written by flux bootstrap', async path => {
  write('clusters/dev/kustomization.yaml', `resources: [${path}, map.yaml]\n`)
  write('clusters/dev/map.yaml', MAP)
  expect(await look()).toEqual({
    findings: [],
    reasons: ['a build that is rendered in part', 'a file that another program writes or fills in before the build'],
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

test('a namespace that Flux gives is that of accounts, too', async () => {
  write(
    'app/rbac.yaml',
    `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: web }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view }
subjects: [{ kind: ServiceAccount, name: web }]
`,
  )
  write('app/kustomization.yaml', 'resources: [rbac.yaml]\n')
  expect((await look()).findings).toEqual([expect.stringContaining('subjects[0].namespace is required')])
  write('clusters/app.yaml', FLUX('app', '  targetNamespace: web\n'))
  expect((await look()).findings).toEqual([])
})

const PATCHED = 'resources: [map.yaml]\npatches: [{ path: patch.yaml }]\n'
const NOBODY = expect.stringContaining('the patch is for ConfigMap other, and no resource')

test('a patch may be for what a component of Flux brings', async () => {
  write('app/kustomization.yaml', PATCHED)
  write('app/map.yaml', MAP)
  write('app/patch.yaml', MAP.replace('shared', 'other'))
  write('clusters/app.yaml', FLUX('app'))
  expect((await look()).findings).toEqual([NOBODY])
  write('clusters/app.yaml', FLUX('app', '  components: [../components/other]\n'))
  const reasons = expect.arrayContaining(['a build to which Flux adds components'])
  expect(await look()).toMatchObject({ findings: [], reasons })
})

test('patches alone are for what another program brings', async () => {
  write('app/map.yaml', MAP)
  write('app/patch.yaml', MAP.replace('shared', 'other'))
  write('app/kustomization.yaml', PATCHED)
  expect((await look()).findings).toEqual([NOBODY])
  rmSync(join(folder.root, 'app/map.yaml'))
  write('app/kustomization.yaml', 'patches: [{ path: patch.yaml }]\n')
  const reasons = expect.arrayContaining(['patches without resources: another program brings these'])
  expect(await look()).toMatchObject({ findings: [], reasons })
})

test('a template is copied before its paths mean something, unless somebody builds it where it is', async () => {
  write('hack/cluster-template/app/kustomization.yaml', 'resources: [../../base, map.yaml, ../../../../../above]\n')
  write('hack/cluster-template/app/map.yaml', MAP)
  const reasons = expect.arrayContaining(['a template: what it names lies where it is copied to'])
  expect(await look()).toMatchObject({ findings: [], reasons })
  write('clusters/dev/kustomization.yaml', 'resources: [../../hack/cluster-template/app]\n')
  const missing = expect.stringContaining('hack/base does not exist')
  expect((await look()).findings).toEqual([missing, expect.stringContaining('leads out of the validated folder')])
})

test.each([
  ['base', true],
  ['dev', false],
])('what %s lacks, which nothing reads', async (name, isBase) => {
  write(`apps/${name}/kustomization.yaml`, 'resources: [web.yaml]\n')
  write(`apps/${name}/web.yaml`, DEPLOYMENT().replace('          image: web:1\n', ''))
  const reasons = isBase ? ['an object of a base that no build reads'] : []
  const findings = isBase ? [] : [expect.stringContaining('image is required')]
  expect(await look()).toEqual({ findings, reasons })
  write('prod/kustomization.yaml', `resources: [../apps/${name}]\n`)
  expect((await look()).findings).toEqual([expect.stringContaining('image is required')])
})

test('a chart that a generator inflates is a chart, and every empty kustomization is told', async () => {
  const generator = `apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: { name: web }\nname: web\nrepo: https://example.com/charts\nversion: 1.0.0\n`
  write('app/kustomization.yaml', `resources: [map.yaml]\ngenerators: [chart.yaml]\n`)
  write('app/chart.yaml', generator)
  write('app/map.yaml', MAP.replace('metadata', 'spek: {}\nmetadata'))
  const reasons = expect.arrayContaining(['a chart: what it brings is not here', 'a build that is rendered in part'])
  const findings = [expect.stringContaining('unknown field "spek"')]
  expect(await look()).toMatchObject({ findings, reasons })
  write('app/kustomization.yaml', `resources: [map.yaml]\ngenerators:\n  - |\n${generator.replace(/^/gm, '    ')}`)
  expect(await look()).toMatchObject({ findings, reasons })
  rmSync(join(folder.root, 'app'), { recursive: true })
  for (const name of ['one', 'two']) write(`${name}/kustomization.yaml`, 'kind: Kustomization\nresources:\n')
  write('top/kustomization.yaml', 'resources: [../one, ../two]\n')
  const empty = expect.stringContaining('kustomization.yaml is empty')
  expect((await look()).findings).toEqual([empty, empty])
})

test('what a script of the tree creates is there', async () => {
  const env = '          envFrom: [{ configMapRef: { name: brokers } }]\n'
  write('app/kustomization.yaml', 'resources: [web.yaml]\n')
  write('app/web.yaml', DEPLOYMENT(env))
  const missing = [expect.stringMatching(/^dangling-config-reference .*there is no ConfigMap brokers/)]
  write('up.sh', 'kubectl create secret generic brokers --from-literal=a=b\necho create configmap brokers\n')
  expect((await look()).findings).toEqual(missing)
  write('up.sh', '#!/bin/sh\n  kubectl -n web create configmap brokers -n "$ns" \\\n    --from-literal=a=b\n')
  expect(await look()).toEqual({ findings: [], reasons: ['an object that a script of the tree creates'] })
})

test('of webhooks beside a ClusterServiceVersion operator-sdk makes a bundle', async () => {
  const webhook = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: { name: web }
webhooks:
  - name: web.example.com
    admissionReviewVersions: [v1]
    sideEffects: None
    clientConfig: { service: { name: web, namespace: web, containerPort: 9443 } }
`
  write('config/web.yaml', webhook)
  write('config/kustomization.yaml', 'resources: [web.yaml]\n')
  const told = [expect.stringContaining('unknown field "containerPort"')]
  expect((await look()).findings).toEqual(told)
  write(
    'bundle/version.yaml',
    'apiVersion: operators.coreos.com/v1alpha1\nkind: ClusterServiceVersion\nmetadata: { name: web }\n',
  )
  write('bundle/kustomization.yaml', 'resources: [version.yaml, ../config]\n')
  expect(await look()).toMatchObject({
    findings: [],
    reasons: expect.arrayContaining(['a webhook of which operator-sdk makes a part of a bundle']),
  })
  write('config/web.yaml', webhook.replace('sideEffects: None', 'sideEffects: None, 1'))
  expect((await look()).findings).toEqual([expect.stringContaining('sideEffects')])
})

test('what Terraform of the tree makes is there', async () => {
  const volume = '      volumes: [{ name: data, persistentVolumeClaim: { claimName: web-data } }]\n'
  write('app/kustomization.yaml', 'resources: [web.yaml]\n')
  write('app/web.yaml', DEPLOYMENT(volume))
  const missing = [expect.stringMatching(/^dangling-claim .*there is no PersistentVolumeClaim web-data/)]
  const make = (type: string, name: string): string =>
    `resource "kubernetes_${type}" "web" {\n  metadata {\n    namespace = "web"\n    name      = "${name}"\n  }\n}\n`
  write('infra/main.tf', `${make('secret_v1', 'web-data')}${make('persistent_volume_claim', 'other')}`)
  expect((await look()).findings).toEqual(missing)
  for (const type of ['persistent_volume_claim', 'persistent_volume_claim_v1']) {
    write('infra/main.tf', make(type, 'web-data'))
    expect(await look()).toEqual({ findings: [], reasons: ['an object that a script of the tree creates'] })
  }
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

test('a Secret whose file is missing is told once, by the file', async () => {
  const generator = (...files: readonly string[]): string =>
    `secretGenerator: [{ name: pull, type: kubernetes.io/dockerconfigjson, files: [${files.join(', ')}] }]\nresources: [map.yaml]\n`
  write('app/map.yaml', MAP)
  write('app/other', '')
  write('app/kustomization.yaml', generator('.dockerconfigjson=pull.json', 'other'))
  expect((await look()).findings).toEqual([expect.stringContaining('app/pull.json does not exist')])
  write('.gitignore', 'pull.json\n')
  expect(await look()).toMatchObject({
    findings: [],
    reasons: expect.arrayContaining(['an object that is generated of a file which is missing']),
  })
  write('app/kustomization.yaml', generator('other'))
  expect((await look()).findings).toEqual([expect.stringContaining('data[".dockerconfigjson"] is required')])
})

test('a port of a container that a SidecarSet adds', async () => {
  const ports = 'ports: [{ port: 80, targetPort: side }]'
  write('web.yaml', DEPLOYMENT('          ports: [{ name: http, containerPort: 80 }]\n'))
  write(
    'service.yaml',
    `apiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: web }\nspec: { selector: { app: web }, ${ports} }\n`,
  )
  expect((await look()).findings).toEqual([expect.stringContaining('targetPort "side" is not a port')])
  const set = (name: string): string =>
    `apiVersion: apps.kruise.io/v1alpha1\nkind: SidecarSet\nmetadata: { name: web }\nspec: { containers: [{ name: side, image: side:1, ports: [{ name: ${name}, containerPort: 1 }] }] }\n`
  write('set.yaml', set('side'))
  expect((await look()).findings).toEqual([])
  write('set.yaml', set('other'))
  expect((await look()).findings).toEqual([expect.stringContaining('targetPort "side" is not a port')])
})

test('a port of a container that OLM installs of a bundle', async () => {
  const ports = 'ports: [{ port: 80, targetPort: https }]'
  write('web.yaml', DEPLOYMENT('          ports: [{ name: http, containerPort: 80 }]\n'))
  const service = `apiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: web }\nspec: { selector: { app: web }, ${ports} }\n`
  write('bundle/manifests/service.yaml', service)
  const told = [expect.stringContaining('targetPort "https" is not a port')]
  expect((await look()).findings).toEqual(told)
  const version = (name: string): string => `apiVersion: operators.coreos.com/v1alpha1
kind: ClusterServiceVersion
metadata: { name: web, namespace: web }
spec:
  install:
    spec:
      deployments:
        - name: web
          spec: { template: { spec: { containers: [{ name: proxy, ports: [{ name: ${name}, containerPort: 8443 }] }] } } }
`
  write('bundle/manifests/version.yaml', version('other'))
  expect((await look()).findings).toEqual(told)
  write('bundle/manifests/version.yaml', version('https'))
  expect((await look()).findings).toEqual([])
  write('service.yaml', service.replace('name: web', 'name: other'))
  expect((await look()).findings).toEqual(told)
})

test('an object that Flux merges into one that is there lacks nothing', async () => {
  const part = DEPLOYMENT().replace('          image: web:1\n', '')
  write('app/part.yaml', part)
  expect((await look()).findings).toEqual([expect.stringContaining('image is required')])
  const merged = (word: string): string =>
    part.replace('namespace: web }', `namespace: web, annotations: { kustomize.toolkit.fluxcd.io/ssa: ${word} } }`)
  write('app/part.yaml', merged('merge'))
  expect(await look()).toEqual({ findings: [], reasons: ['a part of an object, which Flux lays over the whole'] })
  write('app/part.yaml', merged('override'))
  expect((await look()).findings).toEqual([expect.stringContaining('image is required')])
  write('app/part.yaml', merged('merge').replace('- name: web', '- nam: web'))
  expect((await look()).findings).toEqual([expect.stringContaining('unknown field "nam"')])
})

test('Flux lays what is a part of an object over the whole, which is a mistake to others', async () => {
  write(
    'app/part.yaml',
    'apiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: web }\nspec: { ipFamilyPolicy: PreferDualStack }\n',
  )
  const missing = [expect.stringContaining('spec.ports is required')]
  expect((await look()).findings).toEqual(missing)
  write('clusters/app.yaml', FLUX('app'))
  expect(await look()).toEqual({ findings: [], reasons: ['a part of an object, which Flux lays over the whole'] })
  const value =
    'apiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: web }\nspec: { selector: { app: web } }\n'
  write('app/part.yaml', value)
  expect((await look()).findings).toContainEqual(missing[0])
})

test.each(['cmd/web/kodata/web', 'pkg/web/objects'])('what a program carries in %s it may complete', async root => {
  const binding = 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: { name: web }\n'
  const role = 'roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view }\n'
  const writeBinding = (folder: string): void =>
    write(`${folder}/rbac.yaml`, `${binding}${role}subjects: [{ kind: ServiceAccount, name: web }]\n`)
  writeBinding('pkg/web/other')
  const missing = [expect.stringContaining('subjects[0].namespace is required')]
  expect((await look()).findings).toEqual(missing)
  rmSync(join(folder.root, 'pkg'), { recursive: true })
  writeBinding(root)
  if (root.startsWith('pkg')) expect((await look()).findings).toEqual(missing)
  write('pkg/web/objects.go', 'package web\n\n//go:embed objects more/*.yaml\nvar objects embed.FS\n')
  expect(await look()).toEqual({ findings: [], reasons: ['an object that a program of the tree completes'] })
})

test('a gate that the tree opens', async () => {
  const spec =
    'spec: { minReplicas: 0, maxReplicas: 1, scaleTargetRef: { apiVersion: example.com/v1, kind: Web, name: web } }'
  write('app/hpa.yaml', `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: web }\n${spec}\n`)
  write('talos/node.yaml.j2', 'feature-gates: HPAScaleToZero=false\n')
  const refused = [expect.stringContaining('spec.minReplicas must be at least 1')]
  expect((await look()).findings).toEqual(refused)
  write('talos/node.yaml.j2', 'feature-gates: HPAScaleToZero=true\n')
  expect(await look()).toEqual({ findings: [], reasons: ['a value behind a gate of Kubernetes that the tree opens'] })
  write(
    'app/hpa.yaml',
    `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: web }\n${spec.replace('0', '-1')}\n`,
  )
  expect((await look()).findings).toEqual(refused)
})

test.each([
  ['base', []],
  ['dev', [expect.stringContaining('metadata.name must be')]],
])('the name of the Namespace of %s', async (name, findings) => {
  write(`apps/${name}/kustomization.yaml`, 'resources: [namespace.yaml]\n')
  write(`apps/${name}/namespace.yaml`, 'apiVersion: v1\nkind: Namespace\nmetadata: { name: overridden.later }\n')
  expect((await look()).findings).toEqual(findings)
})

test('a Pod that Jenkins makes has no name of its own', async () => {
  write('ci/lint.yaml', 'apiVersion: v1\nkind: Pod\nspec: { containers: [{ name: lint, image: "lint:1" }] }\n')
  const unnamed = [expect.stringContaining('metadata.name is required')]
  expect((await look()).findings).toEqual(unnamed)
  write('Jenkinsfile', "agent { kubernetes { yamlFile 'ci/other.yaml' } }\n")
  expect((await look()).findings).toEqual(unnamed)
  write('Jenkinsfile', "agent { kubernetes { yamlFile 'ci/lint.yaml' } }\n")
  expect(await look()).toEqual({ findings: [], reasons: ['a Pod to which Jenkins gives a name'] })
})

test('a kustomization that finds nothing where it lies, and that a script copies away', async () => {
  write('web/kustomization.yaml', 'resources: [../shared.yaml]\n')
  write('shared.yaml', MAP)
  write('Makefile', 'build:\n\tkustomize build web --load-restrictor LoadRestrictionsNone\n')
  write('forms/web/kustomization.yaml', 'resources: [web.yaml]\n')
  expect((await look()).findings).toHaveLength(1)
  write('start.sh', 'cp -R forms/web "$OUT"\n')
  const { findings, reasons } = await look()
  expect(findings).toEqual([])
  expect(reasons).toContain('a template: what it names lies where it is copied to')
  write('forms/web/kustomization.yaml', 'resources: [web.yaml, there.yaml]\n')
  write('forms/web/there.yaml', MAP)
  expect((await look()).findings).toHaveLength(1)
})

test('an Application for a folder that a script makes', async () => {
  write('app.yaml', writeApplication({ path: 'made/web' }))
  write('validation.yaml', 'repository: { urls: [https://example.com/acme/tree.git] }\n')
  expect((await look()).findings).toHaveLength(1)
  write('start.sh', 'OUT="$HERE/made/web"\nmkdir -p "$OUT"\n')
  expect(await look()).toEqual({ findings: [], reasons: ['a folder that a script of the tree makes'] })
})

test('what Terraform reads for a patch, and not what it applies', async () => {
  write('module/parts/web.yaml', DEPLOYMENT().replace('          image: web:1\n', ''))
  const missing = [expect.stringContaining('image is required')]
  expect((await look()).findings).toEqual(missing)
  write(
    'module/main.tf',
    `resource "kubectl_manifest" "web" {\n  yaml_body = file("$\{path.module}/parts/web.yaml")\n}\n`,
  )
  expect((await look()).findings).toEqual(missing)
  write('module/main.tf', `locals {\n  patches = [file("$\{path.module}/parts/web.yaml")]\n}\n`)
  expect(await look()).toEqual({ findings: [], reasons: ['an object that a program of the tree completes'] })
})

test('an object that nothing deploys, of a kind that elsewhere is patched', async () => {
  const object = (name: string): string =>
    `apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageRepository\nmetadata: { name: ${name} }\nspec: { image: web }\n`
  write('clusters/flux.yaml', FLUX('all'))
  for (const name of ['one', 'two']) write(`apps/${name}/kustomization.yaml`, 'resources: [image.yaml]\n')
  for (const name of ['one', 'two']) write(`apps/${name}/image.yaml`, object(name))
  write(
    'all/kustomization.yaml',
    `resources: [../apps/one]
patches:
  - target: { kind: ImageRepository }
    patch: '[{ "op": "add", "path": "/spec/interval", "value": "5m" }]'
`,
  )
  expect(await look()).toEqual({
    findings: [],
    reasons: ['an object that nothing deploys, of a kind that elsewhere a patch completes'],
  })
  const missing = expect.stringContaining('spec.interval is required')
  const patched = (patch: string): string =>
    `resources: [../apps/one]\npatches:\n  - target: { kind: ImageRepository }\n    ${patch}\n`
  write('all/kustomization.yaml', patched('path: patch.yaml'))
  write('all/patch.yaml', '- { op: add, path: /spec/interval, value: 5m }\n')
  expect((await look()).findings).toEqual([])
  // A patch that writes another field completes nothing.
  write('all/patch.yaml', '- { op: add, path: /spec/suspend, value: true }\n')
  expect((await look()).findings).toEqual([missing, missing])
  write('all/patch.yaml', '- { op: add, path: /spec/interval, value: 5m }\n')
  write('clusters/flux.yaml', FLUX('apps'))
  expect((await look()).findings).toEqual([expect.stringContaining('spec.interval is required')])
})

test('a kustomization with all its entries in comments is switched off where nothing builds it', async () => {
  write('web/kustomization.yaml', 'resources: [map.yaml]\n')
  write('web/map.yaml', MAP)
  write('app/off/kustomization.yaml', 'resources:\n')
  const empty = [expect.stringContaining('kustomization.yaml is empty')]
  expect((await look()).findings).toEqual(empty)
  write('app/off/kustomization.yaml', 'resources:\n  # - web.yaml\n')
  const { findings, reasons } = await look()
  expect(findings).toEqual([])
  expect(reasons).toContain('a kustomization that nothing builds, with all its entries in comments')
  write('clusters/off.yaml', FLUX('app/off'))
  expect((await look()).findings).toEqual(empty)
  // It builds what stands at the top of that, which does not read what lies below.
  write('app/kustomization.yaml', 'resources: [map.yaml]\n')
  write('app/map.yaml', MAP.replace('shared', 'top'))
  write('clusters/off.yaml', FLUX('app'))
  expect((await look()).findings).toEqual([])
  write('web/kustomization.yaml', 'resources: [map.yaml, ../app/off]\n')
  expect((await look()).findings).toEqual(empty)
})
