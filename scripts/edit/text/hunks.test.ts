import { expect, test } from 'vitest'
import { applyHunks } from './hunks.ts'

const COMMENT = /^\s*(?:#.*)?$/
const diff = (...hunks: readonly string[]): string => ['diff --git a/x b/x', '--- a/x', '+++ b/x', ...hunks].join('\n')

test('lines change, come and go, from the last hunk to the first', () => {
  const hunks = ['@@ -1 +1 @@\n-a\n+A', '@@ -2,0 +3,2 @@\n+x\n+y', '@@ -3,2 +5,0 @@\n-c\n-d']
  expect(applyHunks('a\nb\nc\nd\ne\n', diff(...hunks), COMMENT)).toBe('A\nb\nx\ny\ne\n')
})

test('what changes comments alone is left out', () => {
  const hunks = ['@@ -1 +1 @@\n-# new\n+# old', '@@ -2 +2 @@\n-a: 2\n+a: 1']
  expect(applyHunks('# new\na: 2\n', diff(...hunks), COMMENT)).toBe('# new\na: 1\n')
})

test('where lines cannot be told apart it says so', () => {
  expect(applyHunks('a\r\n', diff('@@ -1 +1 @@\n-a\n+b'), COMMENT)).toBeUndefined()
  expect(applyHunks('a', diff('@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b'), COMMENT)).toBeUndefined()
})
