// Where Argo CD is told to fail on a shared object it fails, if it is one Argo CD that has both Applications.
import { expect, test } from 'vitest'
import { writeApplication } from '../../../../../tests/application.ts'
import { useFolder } from '../../../../../tests/folder.ts'
import { validateTree } from '../../../../../tests/tree.ts'

const folder = useFolder('shared-resource')
const look = async () =>
  (await validateTree(folder.root)).report.findings
    .filter(({ ruleId }) => ruleId === 'shared-resource')
    .map(({ severity, location }) => `${severity} ${location.file}`)

const write = (path: string, name: string, source: string): void =>
  folder.write(
    path,
    `${writeApplication({ path: source, name })}  syncPolicy: { syncOptions: [FailOnSharedResource=true] }\n`,
  )

test('Applications of one folder, of several, and of several that one Application brings', async () => {
  folder.write('web/kustomization.yaml', 'resources: [web.yaml]\n')
  folder.write('web/web.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web, namespace: web }\n')
  write('clusters/one/a.yaml', 'a', 'web')
  write('clusters/one/b.yaml', 'b', 'web')
  expect(await look()).toEqual(['error clusters/one/b.yaml'])
  folder.write('clusters/one/b.yaml', '')
  write('clusters/two/b.yaml', 'b', 'web')
  expect(await look()).toEqual(['warning clusters/two/b.yaml'])
  folder.write('clusters/kustomization.yaml', 'resources: [one/a.yaml, two/b.yaml]\n')
  write('root/root.yaml', 'root', 'clusters')
  expect(await look()).toEqual(['error clusters/two/b.yaml'])
})
