import { expect, test } from 'vitest'
import { useFolder } from '../../tests/folder.ts'
import { validateTree } from '../../tests/tree.ts'

const folder = useFolder('metadata')
const { write } = folder

const look = async (metadata: string): Promise<string[]> => {
  write('a.yaml', `apiVersion: web.example.org/v1\nkind: Web\nmetadata:\n  name: A_b\n${metadata}spec: { any: 1 }\n`)
  const { report } = await validateTree(folder.root)
  return report.findings.map(
    ({ severity, ruleId, location, message }) => `${severity} ${ruleId} ${location.line}: ${message}`,
  )
}

test.each([
  ['  description: what it is for\n', ['warning schema-validation 5: unknown field "description" in metadata']],
  ['  label: { a: b }\n', ['warning schema-validation 5: unknown field "label" in metadata: did you mean "labels"?']],
  [
    '  labels: { a: 1 }\n',
    ['error schema-validation 5: metadata.labels.a must be a string, not the number 1: quote it'],
  ],
  ['  labels: { "a b": c }\n', [expect.stringMatching(/^error api-validation 5: metadata\.labels\["a b"\] has a key/)]],
  ['  labels: { a: b }\n  finalizers: [web.example.org/keep]\n', []],
  // Who serves the kind decides about names.
  ['', []],
])('of a kind that nobody defines here: %s', async (metadata, expected) => {
  write('kustomization.yaml', 'resources: [a.yaml]\n')
  expect(await look(metadata)).toEqual(expected)
})

test('a file that nothing renders may be of another program', async () => {
  expect(await look('  description: what it is for\n')).toEqual([])
})
