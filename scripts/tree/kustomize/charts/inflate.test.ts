// Charts that kustomizations inflate: rendered where the tree allows it and has them, as kustomize and helm would.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { writeFiles } from '../../../../tests/folder.ts'
import { parseAllDocuments } from 'yaml'
import { MACHINE, showFindings, validateTree } from '../../../../tests/tree.ts'
import { readAndRender } from '../../engine.ts'
import { findHelm } from '../../helm/binary.ts'
import { openFolder } from '../../source/folder.ts'
import { findKustomize } from '../build/binary.ts'

const ENABLED =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: argocd-cm }\ndata: { kustomize.buildOptions: --enable-helm }\n'
const TEMPLATE = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: { app: web }
  template:
    metadata:
      labels: { app: web, namespace: {{ .Release.Namespace }} }
    spec:
      containers:
        - name: web
          image: nginx:{{ .Values.tag }}
          portz: []
`
const HOOK = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: hook\n  annotations: { helm.sh/hook: post-install }\n'
const KUSTOMIZATION = `namePrefix: a-
helmCharts:
  - name: web
    releaseName: web
    valuesFile: values.yaml
    valuesInline: { tag: "1.29" }
patches:
  - target: { kind: Deployment }
    patch: |
      - { op: add, path: /metadata/annotations, value: { patched: "yes" } }
`

let root: string
const write = (path: string, text: string): void => {
  writeFiles(root, { [path]: text })
}
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'inflate-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  write('app/kustomization.yaml', KUSTOMIZATION)
  write('app/values.yaml', 'replicas: 2\ntag: "0"\n')
  write('app/charts/web/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 1.0.0\n')
  write('app/charts/web/templates/deployment.yaml', TEMPLATE)
  write('app/charts/web/templates/hook.yaml', HOOK)
  write('top/kustomization.yaml', 'namespace: shop\nresources: [../app]\n')
})

const look = async () => {
  const validation = await validateTree(root)
  const { coverage, notExamined } = validation.report
  return { findings: showFindings(validation), coverage, reasons: notExamined.map(({ reason }) => reason) }
}
const PORTZ =
  'schema-validation app/charts/web/templates/deployment.yaml:16:11 unknown field "portz" in containers[0]: did you mean "ports"?'

test('a finding stands in the template', async () => {
  write('argocd/cm.yaml', ENABLED)
  const { findings, coverage, reasons } = await look()
  expect([findings, reasons]).toEqual([[PORTZ], []])
  expect([coverage.rendered, coverage.partial]).toEqual([1, 0])
})

test('validation.yaml may say that Argo CD inflates charts', async () => {
  write('validation.yaml', 'kustomize: { enableHelm: true }\n')
  expect((await look()).findings).toEqual([PORTZ])
})

test('without that, from elsewhere, or into several namespaces, a chart is not examined', async () => {
  const reason = 'a chart: what it brings is not here'
  expect(await look()).toMatchObject({ findings: [], reasons: expect.arrayContaining([reason]) })
  write('argocd/cm.yaml', ENABLED)
  write('other/kustomization.yaml', 'namespace: other\nresources: [../app]\n')
  expect(await look()).toMatchObject({ findings: [], reasons: expect.arrayContaining([reason]) })
  rmSync(join(root, 'other'), { recursive: true })
  write('app/kustomization.yaml', KUSTOMIZATION.replace('name: web', 'name: wab'))
  expect(await look()).toMatchObject({ findings: [], reasons: expect.arrayContaining([reason]) })
})

test('a chart that helm cannot render is a finding at its entry', async () => {
  write('argocd/cm.yaml', ENABLED)
  write('app/charts/web/templates/deployment.yaml', '{{ fail "no" }}\n')
  const { findings } = await look()
  expect(findings).toEqual([
    expect.stringMatching(
      /^kustomize-build app\/kustomization\.yaml:3:5 the chart app\/charts\/web cannot be rendered: .*no/,
    ),
  ])
})

test('what a chart says of its templates leads nowhere', async () => {
  write('argocd/cm.yaml', ENABLED)
  const sources = ['../../../../../escaped/a.yaml', '/a.yaml', 'templates/a.yaml/b.yaml', 'templates/a.yaml']
  const definitions = sources.map((path, n) => `# Source: web/${path}\n${HOOK.replace('name: hook', `name: h${n}`)}`)
  write('app/charts/web/crds/a.yaml', definitions.join('---\n'))
  write('app/kustomization.yaml', KUSTOMIZATION.replace('releaseName', 'includeCRDs: true\n    releaseName'))
  const { findings, reasons } = await look()
  expect([findings, reasons]).toEqual([[PORTZ], []])
  expect(existsSync(join(tmpdir(), 'escaped'))).toBe(false)
})

test('one rendering stands for several namespaces where the chart does not ask for its own', async () => {
  write('argocd/cm.yaml', ENABLED)
  write('other/kustomization.yaml', 'namespace: other\nresources: [../app]\n')
  write('app/charts/web/templates/deployment.yaml', TEMPLATE.replace('{{ .Release.Namespace }}', 'none'))
  const { findings, coverage, reasons } = await look()
  expect([findings, reasons]).toEqual([[PORTZ], []])
  expect(coverage.rendered).toBe(2)
})

test.each([
  ['    nameTemplate: x\n', 'releaseName and nameTemplate: helm takes one of them'],
  ['    valuesFile: ""\n', 'it has no values.yaml, which kustomize asks for: add one, or name a valuesFile'],
])('what kustomize refuses is a finding at the entry: %s', async (more, reason) => {
  write('argocd/cm.yaml', ENABLED)
  const written = KUSTOMIZATION.replace(/ {4}valuesFile.*\n/, more.includes('valuesFile') ? more : '$&')
  write(
    'app/kustomization.yaml',
    written.replace('    valuesInline', `${more.includes('name') ? more : ''}    valuesInline`),
  )
  expect((await look()).findings).toEqual([
    `kustomize-build app/kustomization.yaml:3:5 the chart app/charts/web cannot be rendered: ${reason}`,
  ])
})

test('objects of two charts that are one object are told by their templates', async () => {
  write('argocd/cm.yaml', ENABLED)
  write('app/charts/web/templates/deployment.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n')
  write(
    'app/kustomization.yaml',
    KUSTOMIZATION.replace(/^patches[\s\S]*/m, '  - { name: web, valuesFile: values.yaml }\n'),
  )
  expect((await look()).findings).toEqual([
    'duplicate-resource app/charts/web/templates/deployment.yaml:1:1 ConfigMap a is written in app/charts/web/templates/deployment.yaml as well',
  ])
})

test.each([
  ['as it is', ''],
  ['a null', '    additionalValuesFiles: [null.yaml]\n'],
  ['a value taken away', '    valuesMerge: override\n'],
  ['values of the file win', '    valuesMerge: merge\n'],
  ['only the values here', '    valuesMerge: replace\n'],
  ['a namespace of its own', '    namespace: own\n'],
  ['further values', '    additionalValuesFiles: [more.yaml]\n'],
])('the same as kustomize and helm make: %s', async (title, more) => {
  write('argocd/cm.yaml', ENABLED)
  write('app/more.yaml', 'tag: "9"\n')
  write('app/null.yaml', 'gone: null\n')
  write('app/charts/web/values.yaml', 'replicas: 5\ntag: "5"\ngone: 1\n')
  write('app/charts/web/templates/deployment.yaml', TEMPLATE.replace('{ app: web,', '{ app: "a{{ .Values.gone }}",'))
  const inline = title === 'a value taken away' ? 'tag: "1.29", gone: null, replicas: null' : 'tag: "1.29"'
  const written = KUSTOMIZATION.replace('tag: "1.29"', inline)
  write('app/kustomization.yaml', written.replace('    valuesInline', `${more}    valuesInline`))
  const [kustomize, helm] = [findKustomize(MACHINE), findHelm(MACHINE)]
  expect(helm).toBeDefined()
  const { value } = await readAndRender(openFolder(root), {
    exclude: [],
    repository: undefined,
    kustomize: () => kustomize,
    helm: () => helm,
    parallelism: 1,
    cacheFolder: undefined,
  })
  const copy = `${root}-copy`
  cpSync(root, copy, { recursive: true })
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }))
  const args = [...kustomize.arguments, '--enable-helm', '--helm-command', helm?.command ?? '', join(copy, 'top')]
  const { stdout, stderr } = spawnSync(
    kustomize.command,
    args.filter(arg => arg !== 'build'),
    { encoding: 'utf8' },
  )
  const real = parseAllDocuments(stdout).map(document => document.toJS() as object)
  expect(real, stderr).toHaveLength(2)
  expect(value.built.get('top')).toEqual(real)
})
