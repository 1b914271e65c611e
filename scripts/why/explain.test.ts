import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { explain } from './explain.ts'
import { printField } from './print.ts'

const root = mkdtempSync(join(tmpdir(), 'why-'))
const TREE = {
  'base/web.yaml':
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  replicas: 2\n  selector: {}\n',
  'base/kustomization.yaml': 'resources: [web.yaml]\n',
  'prod/kustomization.yaml': 'resources: [../base]\nreplicas:\n  - name: web\n    count: 4\n',
}
beforeAll(() => {
  for (const [path, text] of Object.entries(TREE)) {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('a field is told with who wrote it first and last', async () => {
  const answer = await explain({ root, build: 'prod/', resource: 'deployment/web', pointer: '/spec/replicas' })
  const [field] = answer.fields
  expect([field?.value, field?.proved, field?.chain.map(({ file, line, role }) => [file, line, role])]).toEqual([
    4,
    true,
    [
      ['base/web.yaml', 5, 'resource'],
      ['prod/kustomization.yaml', 4, 'transformer'],
    ],
  ])
  expect(printField(answer, false)).toContain('written last by prod/kustomization.yaml:4:5\n    4 |     count: 4')
})

test('a wrong name says what there is', async () => {
  const ask = (build: string, resource: string, pointer: string) => explain({ root, build, resource, pointer })
  await expect(ask('prod', 'Deployment/wep', '/spec')).rejects.toThrow('did you mean Deployment/web?')
  await expect(ask('prod', 'Deployment/web', '/spec/replica')).rejects.toThrow('did you mean replicas?')
  await expect(ask('nowhere', 'Deployment/web', '/spec')).rejects.toThrow('nowhere has no kustomization.yaml')
})
