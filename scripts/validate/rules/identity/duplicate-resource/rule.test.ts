// Two versions of an object in one file are a mistake where the last one wins, and may be two steps for an operator.
import { expect, test } from 'vitest'
import { useFolder } from '../../../../../tests/folder.ts'
import { validateTree } from '../../../../../tests/tree.ts'

const folder = useFolder('duplicate')

test.each([
  ['v1', 'ConfigMap', 'error'],
  ['policy/v1', 'PodDisruptionBudget', 'error'],
  ['gateway.networking.k8s.io/v1', 'HTTPRoute', 'error'],
  ['serving.knative.dev/v1', 'Service', 'warning'],
])('%s %s is one of severity %s', async (apiVersion, kind, severity) => {
  const object = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: web, namespace: web }\n`
  folder.write('web.yaml', `${object}---\n${object}`)
  const { report } = await validateTree(folder.root)
  expect(report.findings.filter(({ ruleId }) => ruleId === 'duplicate-resource')).toMatchObject([{ severity }])
})
