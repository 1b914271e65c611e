import { expect, test } from 'vitest'
import { restoreText } from './hunks.ts'

const diff = (...hunks: readonly string[]): string => ['diff --git a/x b/x', '--- a/x', '+++ b/x', ...hunks].join('\n')

test('lines change, come and go, from the last hunk to the first', () => {
  const hunks = ['@@ -1 +1 @@\n-a\n+A', '@@ -2,0 +3,2 @@\n+x\n+y', '@@ -3,2 +5,0 @@\n-c\n-d']
  expect(restoreText('a\nb\nc\nd\ne\n', diff(...hunks))).toBe('A\nb\nx\ny\ne\n')
})

test('what changes comments alone is left out', () => {
  const hunks = ['@@ -1 +1 @@\n-# new\n+# old', '@@ -2 +2 @@\n-a: 2\n+a: 1']
  expect(restoreText('# new\na: 2\n', diff(...hunks))).toBe('# new\na: 1\n')
})

test('where lines cannot be told apart it says so', () => {
  expect(restoreText('a\r\n', diff('@@ -1 +1 @@\n-a\n+b'))).toBeUndefined()
  expect(restoreText('a', diff('@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b'))).toBeUndefined()
})

test.each([
  ['count: 3 # why', 'count: 3', 'count: 3 # why'],
  ['count: 3 # why', 'count: 4', 'count: 4'],
  ['tag: "a # new"', 'tag: "a # old"', 'tag: "a # old"'],
])('a comment behind a value stays where it is all that changed: %j, and then %j', (now, then, result) => {
  expect(restoreText(`${now}\n`, diff(`@@ -1 +1 @@\n-${now}\n+${then}`))).toBe(`${result}\n`)
})
