// Only what is surely counted upwards is compared.
import { expect, test } from 'vitest'
import { commitOf, compareVersions } from './versions.ts'

test.each([
  ['1.9.3', '1.10.0'],
  ['v1.9.3', '1.10.0'],
  ['1.2.3-rc.1', '1.2.3-rc.2'],
  ['1.2.3-alpine3.18', '1.3.0-alpine3.18'],
  ['2024-05-30', '2024-06-02'],
  ['20240530', '20240602'],
  ['20240530120000', '20240530120001'],
  ['build-9', 'build-10'],
  ['release-1.9', 'release-1.10'],
  ['main-20240530', 'main-20240602'],
])('%s is older than %s', (old, next) => {
  expect(compareVersions(old, next)).toBeLessThan(0)
  expect(compareVersions(next, old)).toBeGreaterThan(0)
})

test.each([
  ['latest', '1.0.0'],
  ['build-9', 'nightly-10'],
  ['9c1f2ab', '8c1f2ab'],
  ['b1234567', 'b0234567'],
  ['main-9999999', 'main-1000000'],
  ['1.2.3-alpine', '1.2.3'],
  [`${'a-'.repeat(60)}1`, `${'a-'.repeat(60)}`],
])('of %s and %s nothing is known', (one, other) => {
  expect(compareVersions(one, other)).toBe(0)
  expect(compareVersions(other, one)).toBe(0)
})

test.each([
  ['9c1f2ab', '9c1f2ab'],
  ['sha-9c1f2ab', '9c1f2ab'],
  ['main-9c1f2ab01234', '9c1f2ab01234'],
  ['v1.2.3-14-g9c1f2ab', '9c1f2ab'],
  ['v1.2.3', undefined],
  ['feedback', undefined],
])('%s names the commit %s', (tag, commit) => {
  expect(commitOf(tag)).toBe(commit)
})
