// Whom a patch means: kustomize's selectors, by patterns and by labels.
import { expect, test } from 'vitest'
import { matchesLabelSelector } from './label-query.ts'
import { matchesPattern } from './selector.ts'

test.each<readonly [pattern: string, text: string, matches: boolean]>([
  ['', 'web', true],
  ['web', 'web', true],
  ['web', 'web-2', false],
  ['web', 'my-web', false],
  ['web.*', 'web-2', true],
  ['.*web', 'web-2', false],
  ['web|api', 'api', true],
  ['web|api', 'apis', false],
  ['w[ae]b', 'wab', true],
  ['web-.+', 'web-', false],
  ['(?i)WEB', 'web', true],
  ['a.b', 'axb', true],
])('the pattern %j and %j', (pattern, text, matches) => {
  expect(matchesPattern(pattern, text)).toBe(matches)
})

test('a pattern that Go cannot read stops the build', () => {
  expect(() => matchesPattern('web(', 'web')).toThrow('the pattern web( cannot be read here')
})

const LABELS = new Map([
  ['app', 'web'],
  ['tier', 'front'],
])

test.each<readonly [selector: string, matches: boolean]>([
  ['', true],
  ['app=web', true],
  ['app==web', true],
  ['app=api', false],
  ['app!=web', false],
  ['app!=api', true],
  ['gone!=x', true],
  ['gone=x', false],
  ['app', true],
  ['gone', false],
  ['!gone', true],
  ['!app', false],
  ['app in (api, web)', true],
  ['app in (api)', false],
  ['gone in (x)', false],
  ['app notin (api)', true],
  ['app notin (web)', false],
  ['gone notin (x)', true],
  ['app in (web,api),tier=front', true],
  ['app=web,tier=back', false],
  ['app=web, !gone , tier in (back,front)', true],
])('the labels %j', (selector, matches) => {
  expect(matchesLabelSelector(selector, LABELS)).toBe(matches)
})
