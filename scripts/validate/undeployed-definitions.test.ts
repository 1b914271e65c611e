// A definition that nothing deploys is not held against what is deployed where its operator's release knows otherwise.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useFolder } from '../../tests/folder.ts'
import { showFindings, validateTree } from '../../tests/tree.ts'

const folder = useFolder('undeployed')
const { write } = folder
const look = async () => {
  const validation = await validateTree(folder.root)
  return { findings: showFindings(validation), reasons: validation.report.notExamined.map(({ reason }) => reason) }
}

const REASON = 'a kind whose definition in the tree nothing deploys, and which its operator has otherwise'

const definition = (version: string, fields: string, group = 'external-secrets.io'): string =>
  `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: externalsecrets.${group} }
spec:
  group: ${group}
  scope: Namespaced
  names: { kind: ExternalSecret, plural: externalsecrets }
  versions:
    - name: ${version}
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object, properties: { ${fields} } } } } }
`
const OLD = definition('v1beta1', 'refreshInterval: { type: string }')
const SECRET = (spec = 'refreshInterval: 1h', group = 'external-secrets.io'): string =>
  `apiVersion: ${group}/v1\nkind: ExternalSecret\nmetadata: { name: web, namespace: web }\nspec: { ${spec} }\n`

test('a version that the copy does not have', async () => {
  const other = [expect.stringMatching(/^unknown-kind .* served as external-secrets.io\/v1beta1, not as/)]
  write('crds/external-secrets.yaml', OLD)
  write('apps/secret.yaml', SECRET())
  // Both are applied by hand: they may well meet.
  expect((await look()).findings).toEqual(other)
  write('apps/kustomization.yaml', 'resources: [secret.yaml]\n')
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
  write('apps/kustomization.yaml', 'resources: [secret.yaml, secret.yaml]\n')
  // Told for what is not rendered: it may be what the build fails for.
  expect((await look()).findings).toEqual(other)
  write('apps/kustomization.yaml', 'resources: [secret.yaml]\n')
  write('crds/kustomization.yaml', 'resources: [external-secrets.yaml]\n')
  expect((await look()).findings).toEqual(other)
})

test('a definition that is kept of what was deployed once', async () => {
  const other = [expect.stringMatching(/^unknown-kind .* served as external-secrets.io\/v1beta1, not as/)]
  for (const [root, findings] of [
    ['archive/crds', []],
    ['pkg/testdata/crds', []],
    ['vendor/example.com/api', []],
    ['cluster/crds', other],
  ] as const) {
    write(`${root}/external-secrets.yaml`, OLD)
    write(`${root}/kustomization.yaml`, 'resources: [external-secrets.yaml]\n')
    for (const path of ['apps/secret.yaml', 'archive/apps/secret.yaml']) {
      write(path, SECRET())
      expect((await look()).findings, `${root} ${path}`).toEqual(findings)
      rmSync(join(folder.root, path))
    }
  }
})

test('a definition that the policy names is meant', async () => {
  write('crds/external-secrets.yaml', OLD)
  write('apps/secret.yaml', SECRET())
  write('apps/kustomization.yaml', 'resources: [secret.yaml]\n')
  write('validation.yaml', 'schemas: [crds/external-secrets.yaml]\n')
  expect((await look()).findings).toEqual([expect.stringMatching(/^unknown-kind /)])
})

test('a field that the copy does not have, and what neither has', async () => {
  write('crds/external-secrets.yaml', definition('v1', 'refreshInterval: { type: string }'))
  write('apps/secret.yaml', SECRET('target: { name: web }'))
  write('apps/kustomization.yaml', 'resources: [secret.yaml]\n')
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
  write('apps/secret.yaml', SECRET('refreshInterval: {}'))
  expect((await look()).findings).toEqual([expect.stringContaining('refreshInterval must be a string')])
  write('apps/secret.yaml', SECRET('tarjet: { name: web }'))
  const { report } = await validateTree(folder.root)
  expect(report.findings).toMatchObject([{ ruleId: 'schema-validation', severity: 'warning' }])
})

test('a kind of which nothing else is known', async () => {
  const own = 'secrets.acme.example'
  write('crds/own.yaml', definition('v1beta1', '', own))
  write('apps/secret.yaml', SECRET('', own))
  write('apps/kustomization.yaml', 'resources: [secret.yaml]\n')
  expect((await look()).findings).toEqual([expect.stringMatching(/^unknown-kind /)])
  rmSync(join(folder.root, 'crds'), { recursive: true })
  expect((await look()).findings).toEqual([])
})

test.each([
  ['another example installs it', 'samples/auth/other/all.yaml', true],
  ['definitions stand beside the examples', 'samples/auth/crds/crds.yaml', false],
  ['the example itself installs it', 'samples/auth/web/operator/all.yaml', false],
  ['the operator has it', 'config/crds/all.yaml', false],
])('an example where %s', async (_, path, isLeft) => {
  const own = 'secrets.acme.example'
  const isAlone = path.endsWith('crds.yaml')
  const more = '---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n'
  write(path, definition('v1', 'key: { type: string }', own) + (isAlone ? '' : more))
  write('samples/auth/web/secret.yaml', SECRET('keys: a', own))
  const reason = 'a kind whose definition in the tree belongs to another example'
  const { findings, reasons } = await look()
  expect([findings.length, reasons]).toEqual(isLeft ? [0, [reason]] : [1, []])
  write('validation.yaml', `schemas: [${path}]\n`)
  expect((await look()).findings).toHaveLength(1)
})

test.each(['vendor/example.com/api', 'archive'])('nobody knows what is defined in %s alone', async aside => {
  const own = definition('v1', 'refreshInterval: { type: string }', 'web.example.com')
  const wrong = [expect.stringContaining('spec.refreshInterval must be a string')]
  write('apps/secret.yaml', SECRET('refreshInterval: 1', 'web.example.com'))
  write('crds/web.yaml', own)
  write(`${aside}/web.yaml`, own)
  expect((await look()).findings).toEqual(wrong)
  rmSync(join(folder.root, 'crds'), { recursive: true })
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
})
