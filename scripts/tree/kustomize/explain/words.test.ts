// What kustomize says of a build that fails is told in our words, at the line to edit.
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeFiles } from '../../../../tests/folder.ts'
import { validateTree } from '../../../../tests/tree.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'words-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(files: Readonly<Record<string, string>>): void {
  writeFiles(root, files)
}

const errors = async (): Promise<string[]> => {
  const { report } = await validateTree(root, { cache: false })
  return report.findings
    .filter(({ severity }) => severity === 'error')
    .map(({ message, location: { file, line } }) => `${file}:${line} ${message}`)
}

const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\n'

test('a link out of the folder is refused, as Argo CD refuses it: a manifest, an env file, a kustomization', async () => {
  write({
    'common/a.yaml': CONFIG_MAP,
    'common/settings.env': 'A=b\n',
    'common/kustomization.yaml': 'resources: [a.yaml]\n',
    'east/kustomization.yaml': 'resources: [a.yaml]\n',
    'west/kustomization.yaml': 'configMapGenerator:\n  - name: settings\n    envs: [settings.env]\n',
    'north/b.yaml': CONFIG_MAP,
  })
  symlinkSync('../common/a.yaml', join(root, 'east/a.yaml'))
  symlinkSync('../common/settings.env', join(root, 'west/settings.env'))
  symlinkSync('../common/kustomization.yaml', join(root, 'north/kustomization.yaml'))
  const refused = (path: string, target: string, folder: string): string =>
    `${path} is a link to ${target}, which is not in or below ${folder}: kustomize refuses such files`
  expect(await errors()).toEqual([
    `east/kustomization.yaml:1 ${refused('a.yaml', 'common/a.yaml', 'east')}`,
    `north/kustomization.yaml:1 ${refused('north/kustomization.yaml', 'common/kustomization.yaml', 'north')}`,
    `west/kustomization.yaml:3 ${refused('settings.env', 'common/settings.env', 'west')}`,
  ])
})

test('a link within the folder is followed', async () => {
  write({ 'east/parts/a.yaml': CONFIG_MAP, 'east/kustomization.yaml': 'resources: [a.yaml]\n' })
  symlinkSync('parts/a.yaml', join(root, 'east/a.yaml'))
  expect(await errors()).toEqual([])
})

test.each([
  ['kustomize.toolkit.fluxcd.io/v1', 'Kustomization', 'a Kustomization of kustomize.toolkit.fluxcd.io'],
  ['argoproj.io/v1alpha1', 'Application', 'an Application of argoproj.io'],
])('an object of %s under the name of a kustomization is one finding', async (apiVersion, kind, said) => {
  write({
    'kustomization.yaml': `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: a }\nspec: { path: ./x }\n`,
  })
  expect(await errors()).toEqual([
    `kustomization.yaml:1 kustomization.yaml is a file name that kustomize keeps for itself, and this is ${said}`,
  ])
})

test('an operation that names an item of a list is told its number, in its own line', async () => {
  write({
    'a.yaml': `${CONFIG_MAP}items: [{ name: one }, { name: two }]\n`,
    'kustomization.yaml': [
      'resources: [a.yaml]',
      'patches:',
      '  - target: { kind: ConfigMap }',
      '    patch: |-',
      '      - op: add',
      '        path: /items/two/value',
      '        value: x',
    ].join('\n'),
  })
  expect(await errors()).toContain(
    'kustomization.yaml:6 add /items/two/value: /items is a list, and its items are named by number: two is 1',
  )
})

test('a source of a replacement that is not there is told at its name, with the one that is near', async () => {
  write({
    'a.yaml': CONFIG_MAP,
    'kustomization.yaml': [
      'resources: [a.yaml]',
      'replacements:',
      '  - source: { kind: ConfigMap, name: wep }',
      '    targets: [{ select: { kind: ConfigMap }, fieldPaths: [metadata.name] }]',
    ].join('\n'),
  })
  expect(await errors()).toEqual(['kustomization.yaml:3 replacements: no resource is ConfigMap wep; did you mean web?'])
})

test('a number is shown as it is written', async () => {
  write({
    'a.yaml': `${CONFIG_MAP}data: { A: 7712940e5 }\n`,
    'kustomization.yaml': 'resources: [a.yaml]\nimages:\n  - name: web\n    newTag: 7712940e5\n',
  })
  expect(await errors()).toEqual([
    'a.yaml:4 data.A must be a string, not the number 7712940e5: quote it',
    'kustomization.yaml:4 images.0.newTag must be a string, not the number 7712940e5',
  ])
})

test('what kustomize logs before it fails, with the time, is not told', async () => {
  write({
    'base/a.yaml': `${CONFIG_MAP}data: { A: b }\n`,
    'base/kustomization.yaml':
      'resources: [a.yaml]\nvars:\n  - { name: A, objref: { apiVersion: v1, kind: ConfigMap, name: web }, fieldref: { fieldpath: data.A } }\n',
    'params.yaml': 'varReference: [{ path: data/*, kind: ConfigMap }]\n',
    'kustomization.yaml': 'resources: [base]\nconfigurations: [params.yaml]\n',
  })
  expect(await errors()).toEqual([expect.stringMatching(/^kustomization.yaml:1 considering field 'data\/\*'/)])
})

test('quotes are not asked for where a var copies the number', async () => {
  write({
    'web.yaml': [
      'apiVersion: apps/v1',
      'kind: Deployment',
      'metadata: { name: web }',
      'spec:',
      '  replicas: 3',
      '  selector: { matchLabels: { app: web } }',
      '  template:',
      '    metadata: { labels: { app: web } }',
      '    spec:',
      '      containers:',
      '        - name: web',
      '          image: web:1',
      '          env: [{ name: COUNT, value: $(COUNT) }]',
    ].join('\n'),
    'kustomization.yaml': [
      'resources: [web.yaml]',
      'vars:',
      '  - name: COUNT',
      '    objref: { apiVersion: apps/v1, kind: Deployment, name: web }',
      '    fieldref: { fieldpath: spec.replicas }',
    ].join('\n'),
  })
  const [first] = await errors()
  expect(first).toMatch(/^web\.yaml:13 .*must be a string, not the number 3, which a var copies here$/)
})
