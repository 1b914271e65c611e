// Trees of other people: what is only lying there is not judged as if it were deployed, and nothing is left out in silence.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { validateTree } from './tree.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'anyone-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

const look = async () => {
  const { report } = await validateTree(root)
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

test('patches that nothing reads, and hidden files, are no manifests', async () => {
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

test('kustomize takes no generateName for a name, which a plain manifest may have', async () => {
  const job = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  ${name}\n`
  write('app/kustomization.yaml', 'resources: [a.yaml]\n')
  write('app/a.yaml', job('generateName: a-'))
  write('plain/a.yaml', job('generateName: a-'))
  expect((await look()).findings).toEqual(['error kustomize-build app/a.yaml:4'])
})
