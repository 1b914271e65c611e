// What of a policy of validation.yaml cannot be known is told, and why; the rest is in the fixtures of the rule own-policy.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useFolder } from '../../../tests/folder.ts'
import { validateTree } from '../../../tests/tree.ts'

const folder = useFolder('own')

async function look(expression: string) {
  const policy = { id: 'one', kinds: ['ConfigMap'], expression, message: 'data.a is wrong' }
  writeFileSync(join(folder.root, 'validation.yaml'), JSON.stringify({ policies: [policy] }))
  writeFileSync(
    join(folder.root, 'map.yaml'),
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\ndata: { a: b }\n',
  )
  const { report } = await validateTree(folder.root)
  return [
    ...report.findings.map(({ ruleId, location }) => `${ruleId} ${location.file}:${location.line}`),
    ...report.notExamined.map(({ detail }) => `? ${detail}`),
  ]
}

test.each([
  ['object.data.a == "b"', []],
  ['object.data.a == "c"', ['own-policy map.yaml:4']],
  ['object.data.a', ['? ConfigMap web: its expression is neither true nor false']],
  ['object.data.z == "c"', ['? ConfigMap web: No such key: z']],
])('%s', async (expression, expected) => {
  expect(await look(expression)).toEqual(expected)
})
