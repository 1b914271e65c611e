// What says the same of other paths is one thing to say; what says another thing is not.
import { expect, test } from 'vitest'
import type { Finding } from '../findings/finding.ts'
import { groupFindings, pathsBeside, takeTurns } from './group.ts'

const finding = (message: string, ruleId = 'kustomize-build'): Finding => ({
  ...{ ruleId, severity: 'error', message, remediation: '', chain: [], fieldPath: [], occurrences: [] },
  location: { file: 'a.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 },
  fingerprint: message,
  likeness: message,
})
const count = (...messages: readonly string[]): number =>
  groupFindings(messages.map(message => finding(message))).length

test.each([
  ['a/b.yaml does not exist', 'c/d/e.yaml does not exist'],
  ['path apps/web does not exist in this repository', 'path keycloak/persistence/ does not exist in this repository'],
  [
    '../a.yaml is not in or below apps/web: kustomize refuses such files',
    '../../b.yaml is not in or below apps/api: kustomize refuses such files',
  ],
  [
    'project web does not permit the repository https://example.com/a',
    'project web does not permit the repository https://example.com/b.git',
  ],
])('%j and %j', (one, other) => {
  expect(count(one, other)).toBe(1)
  const [names] = pathsBeside(finding(other), finding(one))
  expect(other).toContain(names)
})

test.each([
  ['a/b.yaml does not exist', 'a/b.yaml is a folder, not a file'],
  ['unknown kind of apps/v1beta1', 'unknown kind of apps/v1beta2'],
  ['unknown field "a" in spec', 'unknown field "b" in spec'],
  ['use apiextensions.k8s.io/v1', 'use batch/v1'],
])('%j is not %j', (one, other) => {
  expect(count(one, other)).toBe(2)
})

test('each rule has its turn, errors before warnings', () => {
  const warning = (message: string, ruleId: string): Finding => ({ ...finding(message, ruleId), severity: 'warning' })
  const groups = groupFindings([
    warning('a', 'one'),
    finding('b', 'one'),
    finding('c', 'one'),
    warning('d', 'one'),
    finding('e', 'two'),
    warning('f', 'two'),
  ])
  expect(groups.map(({ findings: [{ message }] }) => message).join('')).toBe('bceadf')
  const ordered = takeTurns(groups)
  expect(ordered.map(({ findings: [{ message }] }) => message).join('')).toBe('becafd')
})
