import { expect, test } from 'vitest'
import { holdsCredentials } from './credentials.ts'

test.each([
  ['https://github.com/acme/api.git', false],
  ['git@github.com:acme/api.git', false],
  ['ssh://git@github.com:22/acme/api.git', false],
  ['http://172.18.0.1:9418/repository.git', false],
  ['https://github.com/acme/@scope', false],
  ['https://user:secret@github.com/acme/api', true],
  ['https://secret@github.com/acme/api', true],
  ['http://user:secret@git.example.com/acme/api', true],
  ['ssh://user:secret@git.example.com/acme/api', true],
  ['https://user:sec/ret@github.com/acme/api', true],
])('%s: %s', (url, expected) => expect(holdsCredentials(url)).toBe(expected))
