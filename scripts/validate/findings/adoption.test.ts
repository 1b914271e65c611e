// A team adopts the tool: what it knows of does not fail, each decision has a reason and an end, and what is over is told.
import { expect, test } from 'vitest'
import { useFolder } from '../../../tests/folder.ts'
import { validateTree } from '../../../tests/tree.ts'
import type { ValidateOptions } from '../run.ts'
import { formatBaseline } from './baseline.ts'

const folder = useFolder('adoption')
const { write } = folder

const look = async (options: Partial<ValidateOptions> = {}) => {
  const validation = await validateTree(folder.root, { today: '2026-06-01', ...options })
  const findings = validation.report.findings.map(
    ({ severity, ruleId, location, suppression }) =>
      `${suppression ? `suppressed by ${suppression.by}` : severity} ${ruleId} ${location.file}:${location.line}`,
  )
  return { ...validation, findings }
}

const service = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name}${more} }\nspec: { ports: [{ port: 80 }], portz: 1 }\n`

const decision = (more: string): string => `suppressions:\n  - { rule: schema-validation, reason: later${more} }\n`

test.each([
  ['its path', ', path: /other/', ['suppressed by validation.yaml', 'error']],
  ['its object', ', object: Service/new', ['error', 'suppressed by validation.yaml']],
  ['its last day not over', ', path: /other/, expires: 2026-06-01', ['suppressed by validation.yaml', 'error']],
])('a suppression in validation.yaml goes by %s', async (_, more, states) => {
  write('new/a.yaml', service('new'))
  write('other/a.yaml', service('old'))
  write('validation.yaml', decision(more))
  const { findings } = await look()
  expect(findings).toEqual([
    `${states[1]} schema-validation new/a.yaml:4`,
    `${states[0]} schema-validation other/a.yaml:4`,
  ])
})

test('what has expired is told, and what it suppressed counts again', async () => {
  write('a.yaml', service('a'))
  write('validation.yaml', decision(', expires: 2026-05-31'))
  expect((await look()).findings).toEqual([
    'error schema-validation a.yaml:4',
    'warning unused-suppression validation.yaml:2',
  ])
})

test('a comment suppresses what stands in its line or the next, with a reason', async () => {
  const line = (comment: string): string => service('a').replace('\nspec:', `\n${comment}\nspec:`)
  write('a.yaml', line('# validate-ignore: schema-validation the field is for another reader'))
  expect((await look()).findings).toEqual(['suppressed by comment schema-validation a.yaml:5'])
  write('a.yaml', line('# validate-ignore: schema-validation'))
  expect((await look()).findings).toEqual(['warning unused-suppression a.yaml:4', 'error schema-validation a.yaml:5'])
  write('a.yaml', `${service('a').trimEnd()} # validate-ignore: schema-validation for another reader\n`)
  expect((await look()).findings).toEqual(['suppressed by comment schema-validation a.yaml:4'])
})

test('a comment on a rule of the preset strict is not a fault without it', async () => {
  const image = (comment: string): string =>
    `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${comment}resources: [a.yaml, "https://example.com/b"]\n`
  write('a.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n')
  write('kustomization.yaml', image('# validate-ignore: remote-reference it is ours\n'))
  expect((await look()).findings).toEqual([])
  write('kustomization.yaml', image('# validate-ignore: remote-referenc it is ours\n'))
  expect((await look()).findings).toEqual(['warning unused-suppression kustomization.yaml:3'])
})

test("kube-linter's annotation holds for the rule of that name", async () => {
  const annotations =
    ', namespace: shop, annotations: { ignore-check.kube-linter.io/dangling-service: "pods come later" }'
  write('a.yaml', service('a', annotations).replace('portz: 1', 'selector: { app: a }'))
  expect((await look()).findings).toEqual(['suppressed by annotation dangling-service a.yaml:4'])
  write('a.yaml', service('a', annotations.replace('pods come later', ' ')).replace('portz: 1', 'selector: { app: a }'))
  expect((await look()).report.findings).toMatchObject([
    { ruleId: 'unused-suppression', message: 'the annotation that ignores dangling-service gives no reason' },
    { ruleId: 'dangling-service' },
  ])
})

test('severities go by rule, path and environment', async () => {
  for (const name of ['dev', 'prod']) {
    write(`overlays/${name}/kustomization.yaml`, `resources: [a.yaml, ../../base]\nnamespace: ${name}\n`)
    write(`overlays/${name}/a.yaml`, service('a'))
  }
  // What prod has, too, is not of dev alone.
  write('base/kustomization.yaml', 'resources: [b.yaml]\n')
  write('base/b.yaml', service('b'))
  write('validation.yaml', 'severity: [{ rule: schema-validation, environment: dev, severity: warning }]\n')
  expect((await look()).findings).toEqual([
    'error schema-validation base/b.yaml:4',
    'warning schema-validation overlays/dev/a.yaml:4',
    'error schema-validation overlays/prod/a.yaml:4',
  ])
})

test('the preset strict adds rules, and a flag wins over the file', async () => {
  write('kustomization.yaml', 'resources: [a.yaml, "https://example.com/b"]\n')
  write('a.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n')
  expect((await look()).findings).toEqual([])
  write('validation.yaml', 'preset: strict\n')
  expect((await look()).findings).toEqual(['warning remote-reference kustomization.yaml:1'])
  expect((await look({ preset: 'recommended' })).findings).toEqual([])
})

test('a baseline survives moved lines, tells what is fixed, and hides nothing new', async () => {
  write('a.yaml', service('a'))
  write('b.yaml', service('b'))
  const known = formatBaseline((await look()).report.findings)
  const baseline = { name: 'known.json', path: '/known.json', bytes: Buffer.from(known) }
  write('a.yaml', `# a line more\n${service('a')}`)
  write('b.yaml', service('b').replace('portz: 1', 'portx: 1'))
  const { findings, fixed } = await look({ baseline })
  expect(findings).toEqual(['suppressed by baseline schema-validation a.yaml:5', 'error schema-validation b.yaml:4'])
  expect(fixed.map(({ file }) => file)).toEqual(['b.yaml'])
  // A build that fails hides what is in it.
  write('kustomization.yaml', 'resources: [a.yaml, b.yaml, gone.yaml]\n')
  expect((await look({ baseline })).fixed).toEqual([])
})

test.each([
  ['a build that reads it fails', 'app', ['a.yaml', 'gone.yaml'], false],
  ['a build beside it fails', 'other', ['gone.yaml'], false],
  ['a URL is not read', 'other', ['https://example.com/b'], true],
])('where %s, what suppresses nothing is told only if somebody can know', async (_, folder, resources, isTold) => {
  const annotated = ', annotations: { ignore-check.kube-linter.io/dangling-service: known }'
  write('app/a.yaml', `${service('a', annotated).replace(', portz: 1', '')}# validate-ignore: dangling-claim later\n`)
  write('app/kustomization.yaml', 'resources: [a.yaml]\n')
  write(`${folder}/kustomization.yaml`, `resources: ${JSON.stringify(resources)}\n`)
  write('validation.yaml', decision('').replace('schema-validation', 'dangling-service'))
  const { findings } = await look()
  expect(findings.filter(one => one.includes('unused-suppression'))).toHaveLength(isTold ? 3 : 0)
})
