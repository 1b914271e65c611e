// Which decision holds for a finding, and which decisions suppress nothing.
import { expect, test } from 'vitest'
import { SourceFile } from '../../tree/source/source-file.ts'
import type { Sources } from '../../tree/source/sources.ts'
import { type Config, DEFAULT_CONFIG, type SuppressionRule } from '../config.ts'
import { decide } from './decide.ts'
import type { Finding } from './finding.ts'

const finding = (more: Partial<Finding> = {}): Finding => ({
  ...{ ruleId: 'dangling-service', severity: 'error', message: 'm', remediation: 'r', chain: [], fieldPath: [] },
  ...{
    fingerprint: 'f',
    likeness: 'l',
    location: { file: 'base/web.yaml', line: 4, column: 1, endLine: 4, endColumn: 2 },
  },
  ...{ resource: { apiVersion: 'v1', kind: 'Service', name: 'web' } },
  ...{ occurrences: [{ build: 'overlays/dev' }, { build: 'overlays/dev/west' }] },
  ...more,
})

const suppression = (more: Partial<SuppressionRule> = {}): SuppressionRule => ({
  ...{ rule: 'dangling-service', reason: 'known' },
  ...more,
})

function look(
  config: Partial<Config>,
  { found = [finding()], text = '', silent }: { found?: Finding[]; text?: string; silent?: Set<string> } = {},
) {
  const files = new Map([['base/web.yaml', new SourceFile('base/web.yaml', Buffer.from(text))]])
  const sources = { readPaths: [...files.keys()], read: (path: string) => files.get(path) } as unknown as Sources
  const configFile = new SourceFile('validation.yaml', Buffer.from(JSON.stringify(config)))
  const { findings, faults } = decide(found, {
    ...{ config: { ...DEFAULT_CONFIG, ...config }, configFile, sources, today: '2026-06-01' },
    ...(silent ? { silent } : {}),
  })
  return {
    states: findings.map(one => one.suppression?.by ?? one.severity),
    reasons: findings.map(one => one.suppression?.reason),
    occurrences: findings.map(one => one.occurrences),
    told: faults.map(({ values }) => values.join(' ')),
  }
}

const IDLE = 'dangling-service idle'

test.each<readonly [what: string, rule: Partial<SuppressionRule>, holds: boolean]>([
  ['of the rule', {}, true],
  ['of another rule', { rule: 'dangling-claim' }, false],
  ['of the path', { path: '/base/' }, true],
  ['of another path', { path: '/legacy/' }, false],
  ['of the object', { object: 'Service/web' }, true],
  ['of another kind of that name', { object: 'Ingress/web' }, false],
  ['of the one environment that it shows in', { environment: 'dev' }, true],
  ['of an environment that it does not show in', { environment: 'prod' }, false],
  ['of a day that is not over', { expires: '2026-06-01' }, true],
])('a suppression %s', (_, rule, holds) => {
  const { states, told } = look({ suppressions: [suppression(rule)] })
  expect(states).toEqual([holds ? 'validation.yaml' : 'error'])
  expect(told).toHaveLength(holds ? 0 : 1)
})

test('a decision for an environment holds there, and what another one has is left', () => {
  const found = [finding({ occurrences: [{ build: 'overlays/dev' }, { build: 'overlays/qa' }, { build: 'prod' }] })]
  const at = (environment: string) => suppression({ environment })
  const builds = (...names: readonly string[]) => names.map(build => ({ build }))
  const left = look({ suppressions: [at('dev')] }, { found })
  expect(left).toMatchObject({ states: ['error'], told: [], occurrences: [builds('overlays/qa', 'prod')] })
  const all = look({ suppressions: [at('dev'), at('qa'), at('prod')] }, { found })
  expect(all).toMatchObject({ states: ['validation.yaml'], told: [], occurrences: [found[0]?.occurrences] })
  const grade = (environment: string, severity: 'warning' | 'off') => ({
    rule: 'dangling-service',
    environment,
    severity,
  })
  const graded = (...severity: readonly ReturnType<typeof grade>[]) => look({ severity }, { found }).states
  expect(graded(grade('dev', 'warning'))).toEqual(['error'])
  expect(graded(grade('dev', 'warning'), grade('qa', 'off'), grade('prod', 'warning'))).toEqual(['warning'])
  expect(look({ severity: [grade('dev', 'warning')], suppressions: [at('qa'), at('prod')] }, { found })).toMatchObject({
    states: ['warning'],
    occurrences: [builds('overlays/dev')],
  })
})

test('one that has expired does not stand in the way of one that has not', () => {
  const expired = suppression({ expires: '2026-05-31', reason: 'old' })
  const both = look({ suppressions: [expired, suppression({ reason: 'new' })] })
  expect(both).toMatchObject({ states: ['validation.yaml'], reasons: ['new'], told: [IDLE] })
  const alone = look({ suppressions: [expired] })
  expect(alone).toMatchObject({ states: ['error'], told: ['dangling-service expired'] })
})

test('of rules that were not asked of all there is, nobody says that their suppression is idle', () => {
  const given = { suppressions: [suppression()] }
  expect(look(given, { found: [] }).told).toEqual([IDLE])
  expect(look(given, { found: [], silent: new Set(['dangling-service']) }).told).toEqual([])
})

const COMMENT = 'a: 1\nb: 2\n# validate-ignore: dangling-service on purpose\nspec: {}\n'

test.each([
  ['by itself', {}, undefined, 'comment'],
  ['beside a rule that is off', {}, { by: 'validation.yaml' as const }, 'validation.yaml'],
  [
    'beside a severity that is off',
    { severity: [{ rule: 'dangling-service', severity: 'off' as const }] },
    undefined,
    'validation.yaml',
  ],
])('a comment above the line holds %s, and is not idle', (_, config, suppressed, expected) => {
  const found = [finding(suppressed ? { suppression: suppressed } : {})]
  expect(look(config, { found, text: COMMENT })).toMatchObject({ states: [expected], told: [] })
})

test('a comment for another line, or without a reason, is told', () => {
  const far = finding({ location: { ...finding().location, line: 9 } })
  expect(look({}, { found: [far], text: COMMENT })).toMatchObject({
    ...{ states: ['error'], told: ['dangling-service idle'] },
  })
  const bare = COMMENT.replace(' on purpose', '')
  expect(look({}, { text: bare })).toMatchObject({ states: ['error'], told: ['dangling-service bare'] })
})

test('the last severity that fits counts', () => {
  const severity = [
    { rule: 'dangling-service', severity: 'off' as const },
    { rule: 'dangling-service', path: '/base/', severity: 'warning' as const },
    { rule: 'dangling-service', path: '/legacy/', severity: 'off' as const },
  ]
  expect(look({ severity }).states).toEqual(['warning'])
})
