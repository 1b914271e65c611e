// What a tree keeps of earlier releases is told by the numbers of its folders.
import { expect, test } from 'vitest'
import { compareVersions, findLatest, isOfEarlier } from './earlier-versions.ts'

test('versions go by number, and a release comes after what led to it', () => {
  const sorted = ['v0.9.0', 'v0.10.0-rc2', 'v0.10.0-rc10', 'v0.10.0', '1.0.0']
  expect([...sorted].reverse().sort(compareVersions)).toEqual(sorted)
})

test.each([
  ['the last of three', ['a/v1.0.0/x', 'a/v1.1.0/x', 'a/v1.2.0/x'], 'a/v1.2.0/deep/x', false],
  ['one before it', ['a/v1.0.0/x', 'a/v1.1.0/x', 'a/v1.2.0/x'], 'a/v1.1.0/deep/x', true],
  ['one of two', ['a/v1.0.0/x', 'a/v1.1.0/x'], 'a/v1.0.0/x', false],
  ['one beside a single other in another folder', ['a/v1.0.0/x', 'b/v1.1.0/x', 'c/v1.2.0/x'], 'a/v1.0.0/x', false],
  ['a folder for a minor version of Kubernetes', ['a/1.0/x', 'a/1.1/x', 'a/1.2/x'], 'a/1.0/x', false],
  ['a file of an earlier one', ['a/x-v1.0.0.yaml', 'a/x-v1.1.0.yaml', 'a/x-v1.2.0.yaml'], 'a/x-v1.1.0.yaml', true],
  ['the file of the last', ['a/x-v1.0.0.yaml', 'a/x-v1.1.0.yaml', 'a/x-v1.2.0.yaml'], 'a/x-v1.2.0.yaml', false],
  ['files of other names', ['a/x-v1.0.0.yaml', 'a/y-v1.1.0.yaml', 'a/z-v1.2.0.yaml'], 'a/x-v1.0.0.yaml', false],
  ['what lies beside them', ['a/v1.0.0/x', 'a/v1.1.0/x', 'a/v1.2.0/x'], 'a/x', false],
])('%s', (_, paths, path, expected) => {
  expect(isOfEarlier(path, findLatest(paths))).toBe(expected)
})
