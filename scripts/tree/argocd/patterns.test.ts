import { expect, test } from 'vitest'
import { normalizeGitUrl } from './git-url.ts'
import { compileGlob, matchGlob } from './glob.ts'
import { explainSchedule, isTimeZone, parseGoDuration } from './go-time.ts'
import { compileDoublestar, compileGoPattern, matchPathspec } from './path-pattern.ts'

test.each([
  ['team-*', 'team-a', '', true],
  ['team-*', 'ateam-a', '', false],
  ['*', 'https://git.example/a/b', '', true],
  ['*/b', 'a/c/b', '/', false],
  ['**/b', 'a/c/b', '/', true],
  ['{a,b}*.yaml', 'b1.yaml', '/', true],
  ['{a,b}*.yaml', 'c1.yaml', '/', false],
  ['[!a-c]x', 'dx', '', true],
  ['[!a-c]x', 'bx', '', false],
  ['a\\*', 'a*', '', true],
  ['a\\*', 'ab', '', false],
])('the glob %s on %s, separated by "%s"', (pattern, text, separators, isMatch) => {
  expect(matchGlob(pattern, text, separators)).toBe(isMatch)
})

test.each(['[a', '{a'])('%s is not a glob', pattern => {
  expect(compileGlob(pattern)).toBeUndefined()
})

test('a pattern of Go stops at a slash, one of Git does not, and two stars cross folders', () => {
  expect(compileGoPattern('apps/*')?.('apps/a')).toBe(true)
  expect(compileGoPattern('apps/*')?.('apps/a/b')).toBe(false)
  expect(compileGoPattern('[a')).toBeUndefined()
  expect(matchPathspec('apps/*.json', 'apps/a/b.json')).toBe(true)
  expect(compileDoublestar('apps/**/c.json')?.('apps/a/b/c.json')).toBe(true)
  expect(compileDoublestar('apps/*/c.json')?.('apps/a/b/c.json')).toBe(false)
})

test('a duration has a unit, a schedule five fields, a zone a name', () => {
  expect(parseGoDuration('1h30m')).toBe(parseGoDuration('90m'))
  expect(parseGoDuration('30')).toBeUndefined()
  expect(explainSchedule('0 22 * * *')).toBeUndefined()
  expect(explainSchedule('0 25 * * *')).toBeTypeOf('string')
  expect(isTimeZone('Europe/Berlin')).toBe(true)
  expect(isTimeZone('Europe/Nowhere')).toBe(false)
})

test('two spellings of one repository are one', () => {
  expect(normalizeGitUrl('https://GIT.example/team/app.git')).toBe(normalizeGitUrl('https://git.example/team/app'))
})
