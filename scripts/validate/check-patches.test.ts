import { expect, test } from 'vitest'
import { useFolder } from '../../tests/folder.ts'
import { showFindings, validateTree } from '../../tests/tree.ts'

const folder = useFolder('patches')
const { write } = folder

const look = async (patch: string): Promise<string[]> => {
  write('own.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: own }\n')
  write('kustomization.yaml', 'resources: [own.yaml, "https://example.com/base"]\npatches: [{ path: patch.yaml }]\n')
  write('patch.yaml', patch)
  return showFindings(await validateTree(folder.root))
}
const deployment = (spec: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: theirs }\nspec:\n${spec}`

test.each([
  ['  replicas: two\n', ['schema-validation patch.yaml:5:3 spec.replicas must be an integer, not the string "two"']],
  [
    '  template: { spec: { containers: [{ name: web, portz: [] }] } }\n',
    [expect.stringMatching(/^schema-validation patch\.yaml:5:\d+ unknown field "portz"/)],
  ],
  ['  template: { spec: { containers: [{ name: web, image: null, env: [{ name: a }] }] } }\n', []],
  ['  replicas: null\n  strategy: null\n', []],
  ['  replicas: PLACEHOLDER_REPLICAS\n', []],
  ["  replicas: '{{ .Values.replicas }}'\n", []],
  ['  template: { spec: { containers: [{ name: web, $patch: delete, portz: [] }] } }\n', []],
])('a patch for what is not here: %s', async (spec, expected) => {
  expect(await look(deployment(spec))).toEqual(expected)
})
