// A finding stands at the line that wrote the value, through three levels, a component and every kind of patch.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeFiles } from './folder.ts'
import { validateTree } from './tree.ts'

const TREE: Readonly<Record<string, string>> = {
  'base/kustomization.yaml': 'commonLabels:\n  app: web\nresources: [deployment.yaml, service.yaml]\n',
  'base/deployment.yaml': [
    'apiVersion: apps/v1',
    'kind: Deployment',
    'metadata: { name: web }',
    'spec:',
    '  selector: {}',
    '  template:',
    '    metadata: {}',
    '    spec:',
    '      containers:',
    '        - name: web',
    '          image: web',
    '          ports:',
    '            - containerPort: 80',
    '              name: http',
    '',
  ].join('\n'),
  'base/service.yaml':
    'apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec:\n  selector: {}\n  ports:\n    - port: 80\n      targetPort: http\n',
  'middle/kustomization.yaml': [
    'namePrefix: m-',
    'resources: [../base, settings.yaml]',
    'patchesStrategicMerge:',
    '  - |-',
    '    apiVersion: apps/v1',
    '    kind: Deployment',
    '    metadata: { name: web }',
    '    spec: { replicas: 2 }',
    '',
  ].join('\n'),
  'middle/settings.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata:\n  a: text\n',
  'component/kustomization.yaml':
    'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n  - target: { kind: Deploy.* }\n    path: patch.yaml\n',
  'component/patch.yaml': '- op: add\n  path: /spec/template/spec/priorityClassName\n  value: high\n',
  'top/kustomization.yaml': [
    'namespace: top',
    'nameSuffix: -t',
    'resources: [../middle]',
    'components: [../component]',
    'images:',
    '  - name: web',
    '    newTag: "1"',
    'labels:',
    '  - pairs:',
    '      team: shop',
    '    includeTemplates: true',
    'patches:',
    '  - path: patch.yaml',
    '    target: { kind: Deployment, name: m-web }',
    '',
  ].join('\n'),
  'top/patch.yaml': '- op: add\n  path: /spec/template/spec/terminationGracePeriodSeconds\n  value: 30\n',
}

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'locations-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** Writes the tree with one text replaced, and returns the places of all findings. */
async function findPlaces(file: string, from: string, to: string): Promise<string[]> {
  for (const [path, text] of Object.entries(TREE)) {
    if (path === file && !text.includes(from)) throw new Error(`${file} has no ${from}`)
    writeFiles(root, { [path]: path === file ? text.replace(from, to) : text })
  }
  const { report } = await validateTree(root, { cache: false })
  const found = report.findings.filter(({ ruleId }) => ruleId !== 'deprecated-kustomization-field')
  return found.map(({ ruleId, location }) => `${ruleId} ${location.file}:${location.line}`)
}

test('the tree as it is has no finding', async () => {
  expect(await findPlaces('', '', '')).toEqual([])
})

test.each([
  ['the base', 'base/deployment.yaml', 'containerPort: 80', 'containerPort: "80"', 'schema-validation', 13],
  ['the base, by a reference', 'base/service.yaml', 'targetPort: http', 'targetPort: htp', 'dangling-target-port', 8],
  [
    'an inline strategic merge patch',
    'middle/kustomization.yaml',
    'replicas: 2',
    'replicas: two',
    'schema-validation',
    8,
  ],
  ['a manifest of the middle', 'middle/settings.yaml', 'a: text', 'a: 1', 'schema-validation', 5],
  ['a patch of a component', 'component/patch.yaml', 'value: high', 'value: 1', 'schema-validation', 3],
  ['a JSON patch of the top', 'top/patch.yaml', 'value: 30', 'value: soon', 'schema-validation', 3],
  ['a label of the top', 'top/kustomization.yaml', 'team: shop', 'app: shop', 'mismatching-selector', 10],
] as const)('%s', async (_, file, from, to, rule, line) => {
  expect(await findPlaces(file, from, to)).toEqual([`${rule} ${file}:${line}`])
})
