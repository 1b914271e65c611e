// The page of all rules is current, and every rule can be explained.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repositoryRoot } from '../../command/frame.ts'
import { RULES } from '../rules/index.ts'
import { RULES_PAGE, TABLE_PAGE } from './command.ts'
import { completeTable, explainRule, listRules } from './explain.ts'

test('the page says what the catalogue says: npm run explain -- --write', () => {
  expect(readFileSync(join(repositoryRoot, RULES_PAGE), 'utf8')).toBe(listRules())
})

test.each(RULES.map(rule => [rule.id, rule] as const))('%s has an example of each kind', (_, rule) => {
  const text = explainRule(rule)
  expect(text).toContain('Found in:\n')
  expect(text).toContain('Not found in:\n')
  expect(text).not.toContain('# expect ')
})

test('the table of the README is complete: npm run explain -- --write', () => {
  const page = readFileSync(join(repositoryRoot, TABLE_PAGE), 'utf8')
  expect(completeTable(page)).toBe(page)
})

test('a rule that the table lacks has a row behind the one before it, what somebody wrote stays, and what is gone goes', () => {
  const page = readFileSync(join(repositoryRoot, TABLE_PAGE), 'utf8')
  const [first, second, third] = RULES.slice(0, 3).map(({ id }) => id)
  const cut = page
    .split('\n')
    .map(line => (line.startsWith(`| \`${first}\``) ? `| \`${first}\` | said otherwise |` : line))
    .filter(line => ![second, third].some(id => line.startsWith(`| \`${id}\``)))
    .concat('| `a-rule-of-old` | nothing |')
  const rows = completeTable(cut.join('\n'))
    .split('\n')
    .filter(line => line.startsWith('| `'))
  expect(rows.slice(0, 3).map(row => row.split('`')[1])).toEqual([first, second, third])
  expect(rows[0]).toBe(`| \`${first}\` | said otherwise |`)
  expect(rows[1]).toMatch(/^\| `[a-z-]+` \| a \S.*[^.] \|$/)
  expect(rows).toHaveLength(RULES.length)
  const none = completeTable('| rule | finds |\n| --- | --- |\n\nMore.\n').split('\n')
  expect(none.slice(2, 2 + RULES.length).map(row => row.split('`')[1])).toEqual(RULES.map(({ id }) => id))
})
