// Each verdict is that of ParseDockerRef in containerd (github.com/distribution/reference), which the kubelet asks too.
import { expect, test } from 'vitest'
import { parseImageReference } from './image-reference.ts'

const HEX = 'ab'.repeat(32)

test.each([
  ['nginx', 'nginx', undefined, undefined],
  ['nginx:1.29', 'nginx', '1.29', undefined],
  [`ghcr.io:443/acme/api:v1@sha256:${HEX}`, 'ghcr.io:443/acme/api', 'v1', `sha256:${HEX}`],
  ['localhost:5000/a', 'localhost:5000/a', undefined, undefined],
  ['Registry.example.com/a/b__c--d.e:V_1.-x', 'Registry.example.com/a/b__c--d.e', 'V_1.-x', undefined],
  ['[fd00::1]:5000/a:v1', '[fd00::1]:5000/a', 'v1', undefined],
  [`a@sha512:${HEX}${HEX}`, 'a', undefined, `sha512:${HEX}${HEX}`],
])('%s is read', (text, repository, tag, digest) => {
  expect(parseImageReference(text)).toEqual({ repository, tag, digest })
})

test.each([
  ['flask-api:v2# set by CI', 'has "#" in it'],
  ['flask-api:v2 ', 'has a space in it'],
  ['', 'has the name ""'],
  ['flask-api:', 'a colon and no tag'],
  ['flask-api:-v1', 'the tag "-v1"'],
  [`a:${'x'.repeat(129)}`, 'which is not a tag'],
  ['Flask-API:v1', 'upper case'],
  ['ghcr.io/Acme/api:v1', 'upper case'],
  ['https://ghcr.io/acme/api', 'begins with https://'],
  ['a//b', 'the name "a//b"'],
  ['-a', 'the name "-a"'],
  ['a@sha256:12', 'the digest "sha256:12"'],
  [`a@sha256:${HEX.toUpperCase()}`, 'the digest'],
  [`a@sha256:${HEX}@sha256:${HEX}`, 'the digest'],
  [HEX, 'identifier of an image'],
  [`${'a/'.repeat(200)}b`, 'more than 255'],
  ['a/'.repeat(100_000), 'longer than any'],
])('%s is refused', (text, fault) => {
  expect(parseImageReference(text)).toMatchObject({ fault: expect.stringContaining(fault) })
})
