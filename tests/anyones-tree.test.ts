// Trees of other people: what is only lying there is not judged as if it were deployed, and nothing is left out in silence.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeApplication } from './application.ts'
import { useFolder } from './folder.ts'
import { validateTree } from './tree.ts'

const folder = useFolder('anyone')
const { write } = folder

const look = async () => {
  const { report } = await validateTree(folder.root)
  return {
    findings: report.findings.map(
      ({ severity, ruleId, location: { file, line } }) => `${severity} ${ruleId} ${file}:${line}`,
    ),
    notExamined: report.notExamined.map(({ file, reason, detail }) => `${file}: ${reason}: ${detail ?? ''}`),
  }
}

const PATCH = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: { template: { spec: {} } }\n'
const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\n'
const WORKLOAD = (labels: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { ${labels} } }
  template:
    metadata: { labels: { ${labels} } }
    spec: { containers: [{ name: web, image: nginx:1 }] }
`
const SERVICE = (selector: string, namespace = ''): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: front${namespace && `, namespace: ${namespace}`} }\nspec: { ports: [{ port: 80 }], selector: { ${selector} } }\n`

test('files that a kustomization does not list are one line', async () => {
  write('app/kustomization.yaml', 'resources: [cm.yaml]\n# patches: [{ path: old.yaml }]\n')
  write('app/cm.yaml', CONFIG_MAP)
  write('app/old.yaml', PATCH)
  write('app/older.yaml', PATCH)
  expect(await look()).toEqual({
    // One of them is named in a comment.
    findings: ['warning orphan-file app/older.yaml:1'],
    notExamined: ['app/kustomization.yaml: not listed by the kustomization beside it: app/old.yaml and 1 more'],
  })
})

test.each(['more/a.yaml', './more/a.yaml', '"./more/a.yaml" # later'])(
  'files of a folder below that a kustomization has in comments are not deployed: %s',
  async entry => {
    write('app/kustomization.yaml', `resources:\n  - cm.yaml\n  # - ${entry}\n`)
    write('app/cm.yaml', CONFIG_MAP)
    write('app/more/a.yaml', 'apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { portz: [] }\n')
    write('app/other/a.yaml', 'apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { portz: [] }\n')
    expect(await look()).toEqual({
      findings: [expect.stringMatching(/^error schema-validation app\/other\/a\.yaml/)],
      notExamined: ['app/kustomization.yaml: not listed by the kustomization beside it: app/more/a.yaml'],
    })
  },
)

test('a field of a kustomization in another case is read as kustomize reads it', async () => {
  write('app/kustomization.yaml', 'resources: [cm.yaml]\nnameSpace: Web\nlabels:\n  - Pairs: { a: "b c" }\n')
  write('app/cm.yaml', CONFIG_MAP)
  expect((await look()).findings).toEqual([
    'error api-validation app/cm.yaml:3',
    'error api-validation app/cm.yaml:3',
    'warning kustomize-build app/kustomization.yaml:2',
    'warning kustomize-build app/kustomization.yaml:4',
  ])
  write('app/kustomization.yaml', 'resources: [cm.yaml]\nnameSpace: web\nnamespace: web\n')
  expect((await look()).findings).toEqual(['error refused-input app/kustomization.yaml:2'])
})

test('patches that nothing reads, and hidden files, are not manifests', async () => {
  write('cm.yaml', CONFIG_MAP)
  write('parts/patches/web.yaml', PATCH)
  write('.tool.yaml', PATCH)
  expect(await look()).toEqual({
    findings: [],
    notExamined: [
      '.tool.yaml: a hidden file: a tool reads it, and nothing deploys it: ',
      'parts/patches/web.yaml: a patch that no kustomization reads: ',
    ],
  })
})

test('of a kind that nothing contradicts there is one line, however many objects there are', async () => {
  for (const name of ['a', 'b', 'c']) {
    write(`${name}.yaml`, `apiVersion: databases.example.org/v1\nkind: Cluster\nmetadata: { name: ${name} }\n`)
  }
  const { findings, notExamined } = await look()
  expect(findings).toEqual([])
  expect(notExamined).toEqual([expect.stringMatching(/^a\.yaml: a kind without a schema .*: 3 objects of databases/)])
})

test('a kind is judged as it is rendered, not as the base says it', async () => {
  write('base/kustomization.yaml', 'resources: [pdb.yaml]\n')
  write(
    'base/pdb.yaml',
    'apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: { name: web }\nspec: { selector: {} }\n',
  )
  write(
    'top/kustomization.yaml',
    'resources: [../base]\npatches:\n  - target: { kind: PodDisruptionBudget }\n    patch: |\n      - { op: replace, path: /apiVersion, value: policy/v1 }\n',
  )
  expect((await look()).findings).toEqual([])
})

test('a kind is judged where it was written, once for all builds', async () => {
  write('base/kustomization.yaml', 'resources: [pdb.yaml]\n')
  write('base/pdb.yaml', 'apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: { name: web }\nspec: {}\n')
  for (const name of ['dev', 'qa']) write(`${name}/kustomization.yaml`, `resources: [../base]\nnamespace: ${name}\n`)
  expect((await look()).findings).toEqual(['error unknown-kind base/pdb.yaml:1'])
})

test.each([
  ['nothing resembles the selector, and nobody says the namespace', SERVICE('app: other'), '', []],
  ['one letter is missing', SERVICE('app: wweb'), '', ['error dangling-service service.yaml:4']],
  ['a custom resource may bring the pods', SERVICE('app: other', 'shop'), 'databases.example.org/v1', []],
  [
    'it is known to bring none',
    SERVICE('app: other', 'shop'),
    'cert-manager.io/v1',
    ['error dangling-service service.yaml:4'],
  ],
  ['the platform has pods of its own', SERVICE('component: scheduler', 'kube-system'), '', []],
])('a Service without pods where %s', async (_, service, apiVersion, findings) => {
  write('kustomization.yaml', `resources: [web.yaml, service.yaml${apiVersion && ', custom.yaml'}]\n`)
  write('web.yaml', WORKLOAD('app: web'))
  write('service.yaml', service)
  const kind = apiVersion.startsWith('cert') ? 'Issuer' : 'Cluster'
  if (apiVersion) {
    write(
      'custom.yaml',
      `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: x, namespace: shop }\nspec: { selfSigned: {} }\n`,
    )
  }
  expect((await look()).findings).toEqual(findings)
})

test('a file above a kustomization may be read where the Argo CD of the tree lets kustomize', async () => {
  write('common/cm.yaml', CONFIG_MAP)
  write('app/kustomization.yaml', 'resources: [../common/cm.yaml]\n')
  expect((await look()).findings).toEqual(['error kustomize-build app/kustomization.yaml:1'])
  write(
    'argocd/argocd-cm.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: argocd-cm }\ndata:\n  kustomize.buildOptions: --load-restrictor LoadRestrictionsNone\n',
  )
  expect((await look()).findings).toEqual([])
})

test('Flux reads a file above a kustomization, beside what Argo CD builds in the same tree', async () => {
  for (const one of ['flux', 'argo']) write(`${one}/web/kustomization.yaml`, `resources: [../cm.yaml]\n`)
  for (const one of ['flux', 'argo']) write(`${one}/cm.yaml`, CONFIG_MAP)
  write(
    'clusters/apps.yaml',
    `${writeApplication({ path: 'argo/web', repoURL: 'https://git.example.org/shop/config' })}---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: web, namespace: flux-system }
spec:
  { interval: 10m, prune: true, path: ./flux, targetNamespace: web, sourceRef: { kind: GitRepository, name: config } }
`,
  )
  expect((await look()).findings).toEqual(['error kustomize-build argo/web/kustomization.yaml:1'])
})

test('kustomize takes no generateName for a name, which a plain manifest may have', async () => {
  const job = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  ${name}\n`
  write('app/kustomization.yaml', 'resources: [a.yaml]\n')
  write('app/a.yaml', job('generateName: a-'))
  write('plain/a.yaml', job('generateName: a-'))
  expect((await look()).findings).toEqual(['error kustomize-build app/a.yaml:4'])
})

test('a document that says how it is merged is a patch', async () => {
  write('cm.yaml', CONFIG_MAP)
  write('gone.yaml', '$patch: delete\napiVersion: batch/v1\nkind: Job\nmetadata: { name: web }\n')
  expect(await look()).toEqual({
    findings: [],
    notExamined: ['gone.yaml: a patch that no kustomization reads: '],
  })
})

test('configurations of machines and tools are not objects', async () => {
  write('cm.yaml', CONFIG_MAP)
  write('watchdog.yaml', 'apiVersion: v1alpha1\nkind: WatchdogTimerConfig\nmetadata: {}\n')
  write('install-config.yaml', 'apiVersion: v1\nbaseDomain: example.com\nmetadata: { name: okd }\n')
  write('score.yaml', 'apiVersion: score.dev/v1b1\nmetadata: { name: web }\ncontainers: {}\n')
  expect(await look()).toEqual({
    findings: [],
    notExamined: [
      "install-config.yaml: a program's configuration, not an object: v1",
      expect.stringContaining('score.yaml: a kind without a schema (it has none'),
      expect.stringContaining('watchdog.yaml: a kind without a schema (a kind of another program)'),
    ],
  })
  write('web.yaml', 'apiVersion: apps/v1\nmetadata: { name: web }\nspec: {}\n')
  write('service.yaml', 'apiVersion: v1beta1\nkind: Service\nmetadata: { name: web }\n')
  expect((await look()).findings).toEqual(['error unknown-kind service.yaml:1', 'error schema-validation web.yaml:1'])
})

test('what is made of a template is not known', async () => {
  write('cm.yaml', CONFIG_MAP)
  write('raw.yaml', '{% raw %}\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n{% endraw %}\n')
  write('marks.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: @NAME@\n')
  write('if.yaml', `${CONFIG_MAP}data:\n# {{ if .a }}\n  a: "1"\n# {{ else }}\n  a: "2"\n# {{ end }}\n`)
  write('made/kustomization.yaml', 'resources:\n  - {{ .name }}.yaml\n')
  const { findings, notExamined } = await look()
  expect(findings).toEqual([])
  expect(notExamined.map(line => line.split(':', 2).join(':'))).toEqual([
    'if.yaml: a template that is YAML by chance',
    'made/kustomization.yaml: a build that is not rendered',
    'made/kustomization.yaml: a file that another program writes or fills in before the build',
    'marks.yaml: a template, not YAML',
    'raw.yaml: a template, not YAML',
  ])
})

test('pods may come of a template that nothing here reads', async () => {
  write('service.yaml', SERVICE('app: web, tier: front', 'shop'))
  write('web.yaml', WORKLOAD('app: web, tier: back').replace('name: web }', 'name: web, namespace: shop }'))
  expect((await look()).findings).toEqual(['error dangling-service service.yaml:4'])
  write('front.yaml', 'apiVersion: v1\nkind: Pod\nmetadata: { name: {{name}} }\n')
  expect((await look()).findings).toEqual([])
})

test('an empty file among the resources is to be written', async () => {
  write('app/cm.yaml', CONFIG_MAP)
  write('app/made.yaml', '# written by flux bootstrap\n')
  const patches = `patches: [{ target: { kind: Deployment, name: web }, patch: '[{"op":"remove","path":"/spec/replicas"}]' }]`
  write('app/kustomization.yaml', `resources: [cm.yaml, made.yaml]\n${patches}\n`)
  expect((await look()).findings).toEqual([])
  write('app/made.yaml', CONFIG_MAP.replace('name: web', 'name: made'))
  expect((await look()).findings).toEqual(['warning unmatched-patch-target app/kustomization.yaml:2'])
})

test('what two definitions of one kind say is not certain, unless they agree', async () => {
  const definition = (schema: string): string => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: webs.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { kind: Web, plural: webs }
  versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: ${schema} } }]
`
  const full = '{ type: object, properties: { spec: { type: object, properties: { size: { type: integer } } } } }'
  const short = '{ type: object, properties: { spec: { type: object, x-kubernetes-preserve-unknown-fields: true } } }'
  write('full/crd.yaml', definition(full))
  write('web.yaml', 'apiVersion: example.com/v1\nkind: Web\nmetadata: { name: a }\nspec: { size: big }\n')
  expect((await look()).findings).toEqual(['error schema-validation web.yaml:4'])
  write('short/crd.yaml', definition(short))
  expect((await look()).findings).toEqual([])
  write('web.yaml', 'apiVersion: example.com/v1\nkind: Web\nmetadata: { name: a }\nspec: big\n')
  expect((await look()).findings).toEqual(['error schema-validation web.yaml:4'])
})

test('a host and a path are an address, as git takes them', async () => {
  write('app/kustomization.yaml', 'resources: [cm.yaml, "github.com:acme/manifests.git/web?ref=v1"]\n')
  write('app/cm.yaml', CONFIG_MAP)
  const { findings, notExamined } = await look()
  expect(findings).toEqual([])
  expect(notExamined.join('\n')).toContain('a URL: what it brings is not here: github.com:acme')
  write('app/kustomization.yaml', 'resources: [cm.yaml, "ext::sh -c x"]\n')
  expect((await look()).findings).not.toEqual([])
})

test('global projects permit what a project itself does not', async () => {
  const project = (name: string, spec: string): string =>
    `apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: { name: ${name}, namespace: argocd, labels: { share: "yes" } }\nspec: { ${spec} }\n`
  const anywhere = 'sourceRepos: ["*"], destinations: [{ namespace: "*", server: "*" }]'
  write('validation.yaml', 'repository: { urls: [https://example.com/acme/tree.git] }\n')
  write('web/cm.yaml', CONFIG_MAP)
  write('argocd/app.yaml', writeApplication({ path: 'web', project: 'team' }))
  write('argocd/team.yaml', project('team', `${anywhere}, namespaceResourceWhitelist: [{ group: apps, kind: "*" }]`))
  const refused = ['error application-project-mismatch web/cm.yaml:2']
  expect((await look()).findings).toEqual(refused)
  // What configures Argo CD may be in a build that is not rendered whole.
  write('install/kustomization.yaml', 'namespace: argocd\nresources: ["https://example.com/argocd.git//cluster"]\n')
  expect((await look()).findings).toEqual([])
  rmSync(join(folder.root, 'install'), { recursive: true })
  const globals = (selector: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: argocd-cm, namespace: argocd }\ndata:\n  globalProjects: |\n    - labelSelector: { matchLabels: ${selector} }\n      projectName: shared\n`
  write('argocd/cm.yaml', globals('{ share: "yes" }'))
  // That project may be elsewhere.
  expect((await look()).findings).toEqual([])
  write('argocd/shared.yaml', project('shared', 'namespaceResourceWhitelist: [{ group: "", kind: Secret }]'))
  expect((await look()).findings).toEqual(refused)
  write('argocd/shared.yaml', project('shared', 'namespaceResourceWhitelist: [{ group: "", kind: ConfigMap }]'))
  expect((await look()).findings).toEqual([])
  write('argocd/cm.yaml', globals('{ share: "no" }'))
  expect((await look()).findings).toEqual(refused)
})

test('what Applications bring is one thing not examined for each reason, with its names beside it', async () => {
  const application = (name: string, source: string): string =>
    `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: { name: ${name}, namespace: argocd }\nspec: { project: default, destination: { name: in-cluster, namespace: a }, source: { repoURL: https://charts.example.com, ${source} } }\n`
  for (const name of ['cache', 'queue'])
    write(`${name}.yaml`, application(name, `chart: ${name}, targetRevision: 1.0.0`))
  expect((await look()).notExamined).toEqual([
    'cache.yaml: a chart of a registry, which an Application brings: Application cache: cache',
    'queue.yaml: a chart of a registry, which an Application brings: Application queue: queue',
  ])
})
