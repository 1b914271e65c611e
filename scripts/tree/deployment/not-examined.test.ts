import { expect, test } from 'vitest'
import { useFolder } from '../../../tests/folder.ts'
import { showFindings, validateTree } from '../../../tests/tree.ts'

const folder = useFolder('not-examined')
const { write } = folder
const SOURCE = 'https://git.example.org/all'

const SET = `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: { name: apps, namespace: argocd }
spec:
  generators: [{ list: { elements: [] } }]
  template:
    metadata: { name: '{{name}}' }
    spec:
      project: default
      source:
        repoURL: ${SOURCE}
        targetRevision: HEAD
        path: '{{name}}'
      destination: { name: in-cluster, namespace: web }
`

const look = async (names: Readonly<Record<string, string>>) => {
  write('validation.yaml', `repository: { urls: [${SOURCE}] }\n`)
  write('base/kustomization.yaml', 'resources: [set.yaml]\n')
  write('base/set.yaml', SET)
  write('web/a.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web, namespace: web }\n')
  for (const [environment, name] of Object.entries(names)) {
    const patch = `[{"op":"replace","path":"/spec/generators/0/list/elements","value":[{"name":"${name}"}]}]`
    const target = 'target: { kind: ApplicationSet }'
    write(`${environment}/kustomization.yaml`, `resources: [../base]\npatches: [{ ${target}, patch: '${patch}' }]\n`)
  }
  const validation = await validateTree(folder.root)
  const { notExamined } = validation.report
  return [showFindings(validation), notExamined.map(({ reason, detail }) => `${reason}: ${detail}`)]
}

test('an ApplicationSet that each build makes something else of: all of it is examined', async () => {
  const missing = 'application-path-missing base/set.yaml:13:9 path gone does not exist in this repository'
  expect(await look({ a: 'gone', b: 'web' })).toEqual([[missing], []])
  expect(await look({ a: 'web', b: 'gone' })).toEqual([[missing], []])
})

test('nothing is listed where all builds make the same of it', async () => {
  expect(await look({ a: 'web', b: 'web' })).toEqual([[], []])
})
