// Two sides of a change: what is new, what both have, what is fixed; and whose excuses hold.
import { expect, test } from 'vitest'
import { applyBaseline, formatBaseline, readBaseline } from './baseline.ts'
import { compareFindings, hasExcuses, refuseExcuses } from './compare.ts'
import type { Finding, Suppression } from './finding.ts'

function finding(fingerprint: string, file: string, more: Partial<Finding> = {}): Finding {
  return {
    ...{ ruleId: 'dangling-service', severity: 'error', message: 'm', remediation: 'r', chain: [], fieldPath: ['a'] },
    ...{
      fingerprint,
      likeness: 'a likeness',
      location: { file, line: 1, column: 1, endLine: 1, endColumn: 2 },
      occurrences: [],
    },
    ...{ resource: { apiVersion: 'v1', kind: 'Service', name: 'web' } },
    ...more,
  }
}

const IN_DEV: Partial<Finding> = { occurrences: [{ build: 'dev' }] }
const by = (kind: Suppression['by']): Partial<Finding> => ({ suppression: { by: kind } })

interface Sides {
  readonly base: readonly Finding[]
  readonly head: readonly Finding[]
  readonly baseFiles?: readonly string[]
  readonly headFiles?: readonly string[]
}

test.each<readonly [what: string, sides: Sides, states: readonly string[], fixed: readonly string[]]>([
  ['what both have is known', { base: [finding('1', 'a')], head: [finding('1', 'a')] }, ['since'], []],
  ['what only the head has is new', { base: [], head: [finding('1', 'a')] }, ['new'], []],
  ['what only the base has is fixed', { base: [finding('1', 'a')], head: [] }, [], ['1']],
  ['what was suppressed in the base is not fixed', { base: [finding('1', 'a', by('comment'))], head: [] }, [], []],
  [
    'what was in a build that fails now is not fixed',
    {
      base: [finding('1', 'a', IN_DEV), finding('2', 'a', { occurrences: [{ build: 'prod' }] })],
      head: [finding('3', 'b', { ruleId: 'kustomize-build', ...IN_DEV })],
    },
    ['new'],
    ['2'],
  ],
  [
    'what was in a build with other findings is fixed',
    { base: [finding('1', 'a', IN_DEV)], head: [finding('3', 'b', IN_DEV)] },
    ['new'],
    ['1'],
  ],
  [
    'what is suppressed anyway keeps its reason',
    { base: [finding('1', 'a')], head: [finding('1', 'a', by('comment'))] },
    ['comment'],
    [],
  ],
  [
    'a file that was moved takes its findings along',
    { base: [finding('1', 'old')], head: [finding('2', 'new')], baseFiles: ['old'], headFiles: ['new'] },
    ['since'],
    [],
  ],
  [
    'what is said in other words of a moved file is known',
    {
      base: [finding('1', 'old', { message: 'in other words' })],
      head: [finding('2', 'new')],
      ...{ baseFiles: ['old'], headFiles: ['new'] },
    },
    ['since'],
    [],
  ],
  [
    'one finding of a moved file is one, and a second one is new',
    {
      base: [finding('1', 'old')],
      head: [finding('2', 'new'), finding('3', 'new')],
      ...{ baseFiles: ['old'], headFiles: ['new'] },
    },
    ['since', 'new'],
    [],
  ],
  [
    'what moved to a file that was there is new',
    { base: [finding('1', 'old')], head: [finding('2', 'new')], baseFiles: ['old', 'new'], headFiles: ['new'] },
    ['new'],
    ['1'],
  ],
  [
    'what moved from a file that is still there is new',
    { base: [finding('1', 'old')], head: [finding('2', 'new')], baseFiles: ['old'], headFiles: ['old', 'new'] },
    ['new'],
    ['1'],
  ],
  [
    'another object of a moved file is new',
    {
      base: [finding('1', 'old')],
      head: [finding('2', 'new', { likeness: 'of another object' })],
      ...{ baseFiles: ['old'], headFiles: ['new'] },
    },
    ['new'],
    ['1'],
  ],
])('%s', (_, { base, head, baseFiles = ['a'], headFiles = ['a'] }, states, fixed) => {
  const compared = compareFindings(head, base, {
    hasBase: file => baseFiles.includes(file),
    hasHead: file => headFiles.includes(file),
  })
  expect(compared.findings.map(({ suppression }) => suppression?.by ?? 'new')).toEqual(states)
  expect(compared.known).toBe(states.filter(state => state === 'since').length)
  expect(compared.fixed.map(({ fingerprint }) => fingerprint)).toEqual(fixed)
})

test.each<readonly [Suppression['by'], boolean]>([
  ['comment', true],
  ['annotation', true],
  ['validation.yaml', false],
  ['baseline', false],
])('a suppression by %s is an excuse of the tree: %s', (kind, expected) => {
  const found = [finding('1', 'a', by(kind)), finding('2', 'a')]
  expect(hasExcuses(found)).toBe(expected)
  const refused = refuseExcuses(found, [])
  expect(refused.refused).toBe(expected ? 1 : 0)
  expect(refused.findings.map(({ suppression }) => suppression?.by)).toEqual([expected ? undefined : kind, undefined])
  // Whoever is trusted excuses the same one.
  expect(refuseExcuses(found, [finding('1', 'a', by('comment'))]).refused).toBe(0)
  expect(refuseExcuses(found, [finding('1', 'a')]).refused).toBe(expected ? 1 : 0)
})

test('a baseline holds what counts, suppresses what it holds, and tells what is gone', () => {
  const found = [
    finding('2', 'b'),
    finding('1', 'a'),
    finding('3', 'a', by('comment')),
    finding('4', 'a', by('baseline')),
  ]
  const entries = readBaseline(formatBaseline(found), 'known.json')
  expect(entries.map(({ fingerprint }) => fingerprint)).toEqual(['1', '4', '2'])
  const { findings, fixed } = applyBaseline(
    [finding('1', 'a'), finding('5', 'a'), finding('2', 'b', by('comment'))],
    entries,
  )
  expect(findings.map(({ suppression }) => suppression?.by)).toEqual(['baseline', undefined, 'comment'])
  expect(fixed.map(({ fingerprint }) => fingerprint)).toEqual(['4'])
})

test.each([
  ['no JSON', '{'],
  ['another version', '{"version":2,"findings":[]}'],
  ['no list', '{"version":1,"findings":{}}'],
  ['an entry without a fingerprint', '{"version":1,"findings":[{"fingerprint":"1"},{"ruleId":"a"}]}'],
  ['null', 'null'],
])('%s is not a baseline', (_, text) => {
  expect(() => readBaseline(text, 'known.json')).toThrow(
    'known.json is not a baseline: write one with --write-baseline',
  )
})
