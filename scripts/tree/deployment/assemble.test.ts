// Builds that bring one Application each in its own way are all examined, under names of their own.
import { expect, test } from 'vitest'
import { useFolder } from '../../../tests/folder.ts'
import { validateTree } from '../../../tests/tree.ts'

const folder = useFolder('assemble')
const { write } = folder
const SOURCE = 'https://git.example.org/all'

/** Overlays of one Application, each with its own value of a field of the ConfigMap. */
async function look(fields: Readonly<Record<string, string>>) {
  write('validation.yaml', `repository: { urls: [${SOURCE}] }\n`)
  write('base/kustomization.yaml', 'resources: [application.yaml]\n')
  write(
    'base/application.yaml',
    `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: web, namespace: argocd }
spec:
  project: default
  source:
    repoURL: ${SOURCE}
    targetRevision: HEAD
    path: web
    kustomize: { patches: [{ target: { kind: ConfigMap }, patch: '' }] }
  destination: { name: in-cluster, namespace: web }
`,
  )
  write('web/kustomization.yaml', 'resources: [settings.yaml]\n')
  write('web/settings.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\n')
  for (const [environment, field] of Object.entries(fields)) {
    const value = JSON.stringify(`[{"op":"add","path":"/${field}","value":{}}]`)
    const patch = `[{"op":"replace","path":"/spec/source/kustomize/patches/0/patch","value":${value}}]`
    write(
      `${environment}/kustomization.yaml`,
      `resources: [../base]\npatches: [{ target: { kind: Application }, patch: '${patch}' }]\n`,
    )
  }
  const { findings, notExamined } = (await validateTree(folder.root)).report
  return {
    found: findings.map(({ ruleId, message }) => [ruleId, message]),
    notExamined: notExamined.map(({ reason }) => reason),
  }
}

test.each<readonly [what: string, fields: Readonly<Record<string, string>>, found: number]>([
  ['the same of all', { a: 'data', b: 'data' }, 0],
  ['another one of the first', { a: 'dta', b: 'data' }, 1],
  ['another one of the last', { a: 'data', b: 'dta' }, 1],
])('%s', async (_, fields, count) => {
  const { found, notExamined } = await look(fields)
  const wrong = found.filter(([rule]) => rule === 'schema-validation')
  expect(wrong.map(([, message]) => message)).toEqual(Array(count).fill('unknown field "dta": did you mean "data"?'))
  expect(notExamined).toEqual([])
})
