import { expect, test } from 'vitest'
import { useFolder } from '../../../../tests/folder.ts'
import { showFindings, validateTree } from '../../../../tests/tree.ts'

const folder = useFolder('own-templates')
const { write } = folder
const SOURCE = 'https://git.example.org/all'

const service = (name: string, more: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { selector: { app: db }, ports: [{ port: 80 }]${more} }\n`

const look = async (templates: Readonly<Record<string, string>>) => {
  write('validation.yaml', `repository: { urls: [${SOURCE}] }\n`)
  write(
    'apps/web.yaml',
    `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: { name: web, namespace: argocd }\nspec:\n  project: default\n  source: { repoURL: ${SOURCE}, targetRevision: HEAD, path: web }\n  destination: { name: in-cluster, namespace: web }\n`,
  )
  write(
    'web/Chart.yaml',
    'apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{ name: db, version: 1.0.0, repository: "https://charts.example.org" }]\n',
  )
  write('web/values.yaml', 'own: 80\ndb: { port: 5432 }\n')
  for (const [path, text] of Object.entries(templates)) write(`web/templates/${path}`, text)
  const validation = await validateTree(folder.root)
  return [showFindings(validation), validation.report.notExamined.map(({ reason }) => reason)]
}

const LACKS = ['a chart whose dependencies are not in the tree, which an Application brings']
const IN_OWN = 'schema-validation web/templates/own.yaml:5:3 unknown field "portz" in spec: did you mean "ports"?'

test('templates of its own are examined, and what the dependency may bring is not missed', async () => {
  const own = service('own', ', portz: {{ .Values.own }}').replace('portz', '\n  portz')
  const theirs = service('theirs', ', portz: {{ .Values.db.name }}')
  const [findings, reasons] = await look({ 'own.yaml': own, 'theirs.yaml': theirs })
  expect([findings, reasons]).toEqual([[IN_OWN], LACKS])
})

test.each([
  ['a helper reads its values', { '_helpers.tpl': '{{ define "port" }}{{ .Values.db.port }}{{ end }}' }],
  ['a template takes all values', { 'own.yaml': '{{ toYaml .Values }}' }],
  ['a template calls one of its own', { 'own.yaml': '{{ include "db.name" . }}' }],
  ['a template that fails', { 'own.yaml': '{{ fail "no" }}' }],
])('nothing is examined where %s', async (_, templates) => {
  expect(await look({ 'own.yaml': service('own', ', portz: 1'), ...templates })).toEqual([
    [],
    expect.arrayContaining(LACKS),
  ])
})
