// The spellings of one repository are one, and two repositories are two.
import { expect, test } from 'vitest'
import { normalizeRepositoryUrl } from './repository-url.ts'

test.each([
  'https://github.com/acme/api',
  'https://github.com/acme/api.git',
  'https://github.com/acme/api/',
  'https://GitHub.com/Acme/api.git/',
  'https://user:token@github.com/acme/api',
  'http://github.com/acme//api',
  'git@github.com:acme/api.git',
  'ssh://git@github.com/acme/api.git',
  'ssh://git@github.com:22/acme/api.git',
  ' git@github.com:22/acme/api ',
])('%s', url => {
  expect(normalizeRepositoryUrl(url)).toBe('github.com/acme/api')
})

test.each([
  ['https://github.com/acme/web', 'github.com/acme/web'],
  ['https://git.example:8443/acme/api', 'git.example:8443/acme/api'],
  ['ssh://git@git.example:2222/acme/api', 'git.example:2222/acme/api'],
  ['https://github.com/acme/api.github', 'github.com/acme/api.github'],
])('%s is another: %s', (url, expected) => {
  expect(normalizeRepositoryUrl(url)).toBe(expected)
})
