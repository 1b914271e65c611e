// The page of all rules is current, and every rule can be explained.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repositoryRoot } from '../../command/frame.ts'
import { RULES } from '../rules/index.ts'
import { RULES_PAGE } from './command.ts'
import { explainRule, listRules } from './explain.ts'

test('the page says what the catalogue says: npm run explain -- --write', () => {
  expect(readFileSync(join(repositoryRoot, RULES_PAGE), 'utf8')).toBe(listRules())
})

test.each(RULES.map(rule => [rule.id, rule] as const))('%s has an example of each kind', (_, rule) => {
  const text = explainRule(rule)
  expect(text).toContain('Found in:\n')
  expect(text).toContain('Not found in:\n')
  expect(text).not.toContain('# expect ')
})
