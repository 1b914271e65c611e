// Promises of the pipeline as a whole, each by a small tree: what is lost, blamed on a neighbour or counted twice.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { writeFiles } from '../../tests/folder.ts'
import { showFindings, validateTree } from '../../tests/tree.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'run-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(files: Readonly<Record<string, string>>): void {
  writeFiles(root, files)
}

const deployment = (name: string, spec: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name} }\nspec: ${spec}\n`
const sound = (name: string): string =>
  deployment(
    name,
    `{ selector: { matchLabels: { app: ${name} } }, template: { metadata: { labels: { app: ${name} } }, spec: { containers: [{ name: c, image: i }] } } }`,
  )
const service = (name: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { selector: { app: ${name} }, ports: [{ port: 80 }] }\n`
const application = (name: string, namespace: string): string =>
  `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: { name: ${name}, namespace: argocd }\nspec:\n  project: default\n  source: { repoURL: https://git.example/us.git, path: ${name}, targetRevision: HEAD }\n  destination: { server: https://kubernetes.default.svc, namespace: ${namespace} }\n`
const CONFIG = 'repository: { urls: [https://git.example/us.git] }\n'

test('what Git tracks is judged, whatever a .gitignore says', async () => {
  write({ '.gitignore': 'dist/\n', 'dist/web.yaml': deployment('web', '{}'), 'web.yaml': sound('web') })
  expect(showFindings(await validateTree(root))).toEqual([])
  for (const args of [
    ['init', '--quiet'],
    ['add', '--force', 'dist/web.yaml'],
  ])
    execFileSync('git', ['-C', root, ...args])
  expect(showFindings(await validateTree(root))).toContainEqual(expect.stringContaining('dist/web.yaml:4:1'))
})

test('what is looked into only to know who names an orphan is not examined, and what is excluded is not an orphan', async () => {
  const operations = '- { op: remove, path: /spec }\n'
  write({
    'validation.yaml': 'exclude: [/out/]\n',
    'kustomization.yaml': 'resources: [web.yaml]\n',
    'web.yaml': sound('web'),
    'orphans/patch.yaml': operations,
    'out/patch.yaml': operations,
    'out/notes.ts': '// validate-ignore: orphan-file it is only a text\n',
  })
  const { report } = await validateTree(root)
  expect(report.findings.map(({ ruleId, location }) => `${ruleId} ${location.file}`)).toEqual([
    'orphan-file orphans/patch.yaml',
  ])
  expect(report.summary.files).toBe(4)
})

test('charts that nothing names are counted where there is nothing else', async () => {
  write({ 'charts/a/Chart.yaml': 'name: a\n', 'charts/a/templates/web.yaml': sound('web'), 'charts/b/Chart.yaml': '' })
  await expect(validateTree(root)).rejects.toThrow('; the 2 Helm charts in it are rendered with')
})

test('two faults of one rule at one field are two findings', async () => {
  write({ 'web.yaml': deployment('web', '{ replicas: 1 }') })
  expect(showFindings(await validateTree(root))).toEqual([
    'schema-validation web.yaml:4:1 spec.selector is required',
    'schema-validation web.yaml:4:1 spec.template is required',
  ])
})

test('what the API server refuses is told as that, and not as a name that nobody has', async () => {
  const probe = (port: string): string =>
    `{ selector: { matchLabels: { app: w } }, template: { metadata: { labels: { app: w } }, spec: { containers: [{ name: c, image: i, ports: [{ name: http, containerPort: 80 }], readinessProbe: { httpGet: { port: ${port} } } }] } } }`
  write({ 'bad.yaml': deployment('bad', probe('UPPER')), 'gone.yaml': deployment('gone', probe('web')) })
  const { findings } = (await validateTree(root)).report
  expect(
    findings.filter(({ ruleId }) => /probe-port|api-/.test(ruleId)).map(one => [one.ruleId, one.location.file]),
  ).toEqual([
    ['api-validation', 'bad.yaml'],
    ['dangling-probe-port', 'gone.yaml'],
  ])
})

test('a rule that tells better what the API server refuses names the field as the server does', async () => {
  write({
    'web.yaml': deployment(
      'web',
      '{ selector: { matchLabels: { app: web } }, template: { metadata: { labels: { app: wbe } }, spec: { containers: [{ name: c, image: i }] } } }',
    ),
  })
  const { findings } = (await validateTree(root)).report
  const told = findings.filter(({ severity }) => severity === 'error')
  expect(told.map(({ ruleId, fieldPath }) => [ruleId, fieldPath.join('.')])).toEqual([
    ['mismatching-selector', 'spec.template.metadata.labels'],
  ])
})

describe('a build that fails makes no neighbour guilty', () => {
  const broken = 'resources: [gone.yaml]\n'

  test.each([
    ['of the same Application namespace', 'shop', true],
    ['of another namespace', 'elsewhere', false],
  ])('%s', async (_, namespace, isSilent) => {
    write({
      'validation.yaml': CONFIG,
      'apps/door.yaml': application('door', 'shop'),
      'apps/work.yaml': application('work', namespace),
      'door/kustomization.yaml': 'namespace: shop\nresources: [service.yaml]\n',
      'door/service.yaml': service('work'),
      'work/kustomization.yaml': `namespace: ${namespace}\n${broken}`,
    })
    const rules = (await validateTree(root)).report.findings.map(({ ruleId }) => ruleId)
    expect(rules).toContain('kustomize-build')
    expect(rules.includes('dangling-service')).toBe(!isSilent)
  })

  test('without any Application', async () => {
    write({
      'door/kustomization.yaml': 'namespace: shop\nresources: [service.yaml]\n',
      'door/service.yaml': service('work'),
      'work/kustomization.yaml': `namespace: shop\npatches: [{ path: p.yaml }]\nresources: [d.yaml]\n`,
      'work/d.yaml': sound('work'),
      'work/p.yaml': deployment('other', '{ replicas: 2 }'),
    })
    const rules = (await validateTree(root)).report.findings.map(({ ruleId }) => ruleId)
    expect(rules).toEqual(['kustomize-build'])
  })
})

test('what is not examined stands in its own file, whoever else has its kind and name', async () => {
  const set = (name: string): string =>
    `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: { name: all, namespace: ${name} }\nspec:\n  generators: [{ clusters: {} }]\n  template: { metadata: { name: x }, spec: { project: default, destination: {}, source: { repoURL: https://git.example/x.git, path: . } } }\n`
  write({
    'a/kustomization.yaml': 'resources: [all.yaml]\n',
    'a/all.yaml': set('one'),
    'b/kustomization.yaml': 'resources: [all.yaml]\n',
    'b/all.yaml': set('two'),
  })
  const { report } = await validateTree(root)
  expect(report.notExamined.map(({ file }) => file)).toEqual(['a/all.yaml', 'b/all.yaml'])
})

test('a suppressed finding is kept, marked and counted once', async () => {
  write({
    'validation.yaml': 'rules: { dangling-service: off }\n',
    'base/kustomization.yaml': 'resources: [service.yaml]\n',
    'base/service.yaml': service('web'),
    'dev/kustomization.yaml': 'namespace: dev\nresources: [../base]\n',
    'prod/kustomization.yaml': 'namespace: prod\nresources: [../base]\n',
  })
  const { report } = await validateTree(root)
  expect(report.summary).toMatchObject({ errors: 0, suppressed: 1 })
  expect(report.findings).toMatchObject([{ ruleId: 'dangling-service', suppression: { by: 'validation.yaml' } }])
  expect(report.findings[0]?.occurrences.map(({ build }) => build)).toEqual(['dev', 'prod'])
})

test.each([
  [
    'a patch',
    'patches: [{ target: { kind: Deployment }, patch: "[{ op: replace, path: /spec/template/spec/containers/0/image, value: x:1 }]" }]',
  ],
  ['an image', 'images: [{ name: IMAGE, newTag: "2" }]'],
  [
    'a replacement',
    'replacements: [{ source: { kind: Service, name: web, fieldPath: metadata.name }, targets: [{ select: { kind: Deployment }, fieldPaths: [spec.template.spec.containers.0.name] }] }]',
  ],
])('a misspelt list of containers is one finding, in a base on which three overlays lay %s', async (_, more) => {
  const web = sound('web').replace('containers', 'continers')
  const overlay = more.replace('IMAGE', /image: "?([^":, }]+)/.exec(web)?.[1] ?? '')
  write({
    'base/kustomization.yaml': 'resources: [web.yaml, service.yaml]\n',
    'base/web.yaml': web,
    'base/service.yaml': service('web'),
    ...Object.fromEntries(
      ['dev', 'qa', 'prod'].map(name => [
        `${name}/kustomization.yaml`,
        `namespace: ${name}\nresources: [../base]\n${overlay}\n`,
      ]),
    ),
  })
  const found = showFindings(await validateTree(root))
  expect(found).toHaveLength(1)
  expect(found[0]).toMatch(/^schema-validation base\/web.yaml:4:\d+ unknown field "continers"/)
})
