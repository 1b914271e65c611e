// Values that another program fills in are not judged, unless Argo CD sends them as they are; and how owners build counts.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { showFindings, validateTree } from '../../tests/tree.ts'

let root: string
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'placeholders-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
})
const look = async () => {
  const validation = await validateTree(root)
  return { findings: showFindings(validation), reasons: validation.report.notExamined.map(({ reason }) => reason) }
}

const SERVICE = (value: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec:\n  ports: [{ port: 80 }]\n  publishNotReadyAddresses: ${value}\n`
const REASON = 'a value that another program fills in'

const asVariable = (text: string): string => `"$\{${text}}"`

test.each(['READY', 'READY:=true', ' READY '])('the variable %j is not known', async text => {
  write('web.yaml', SERVICE(asVariable(text)))
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
})

test.each(['"$READY"', asVariable(''), '"{{ ready }}"'])('%s is what it is', async value => {
  write('web.yaml', SERVICE(value))
  expect((await look()).findings).toEqual([expect.stringContaining('publishNotReadyAddresses must be a boolean')])
})

test('Argo CD fills in nothing', async () => {
  write('validation.yaml', 'repository: { urls: [https://example.com/acme/tree.git] }\n')
  write('web/kustomization.yaml', 'resources: [web.yaml]\n')
  write('web/web.yaml', SERVICE(asVariable('READY')))
  const source = '{ repoURL: https://example.com/acme/tree.git, path: web, targetRevision: HEAD }'
  const destination = '{ server: https://kubernetes.default.svc, namespace: web }'
  write(
    'app.yaml',
    `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: { name: web, namespace: argocd }\nspec: { project: default, source: ${source}, destination: ${destination} }\n`,
  )
  expect(await look()).toEqual({ findings: [expect.stringMatching(/^schema-validation web\/web.yaml:6/)], reasons: [] })
})

test('a recipe that lifts the restriction of kustomize is how the owners build', async () => {
  write('app/kustomization.yaml', 'resources: [../shared.yaml]\n')
  write('shared.yaml', SERVICE('true'))
  expect((await look()).findings).toEqual([expect.stringContaining('is not in or below app')])
  write('Makefile', 'build:\n\tkustomize build app --load-restrictor LoadRestrictionsNone\n')
  expect((await look()).findings).toEqual([])
})
