// The page of the risks lists each rule once, as the rule says it.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { RISK_RULES } from './index.ts'

test('the table is that of the rules', () => {
  const page = readFileSync(new URL('README.md', import.meta.url), 'utf8')
  const rows = page.split('\n').filter(line => line.startsWith('| `'))
  expect(rows).toEqual(RISK_RULES.map(({ id, level, summary }) => `| \`${id}\` | ${level} | ${summary} |`))
})

test('each rule says why', () => {
  for (const { id, why } of RISK_RULES) expect(why, id).toMatch(/^[A-Z].*\.$/)
})
