// Addresses and blocks as the API reads them.
import { expect, test } from 'vitest'
import * as network from './network.ts'

test.each([
  ['10.9.8.7', undefined],
  ['2001:db8::1', undefined],
  ['::', undefined],
  ['1:2:3:4:5:6:7:8', undefined],
  ['::10.0.0.1', undefined],
  ['010.0.0.1', 'leading zeros'],
  ['::ffff:10.0.0.1', 'inside of an IPv6'],
  ['10.0.0', 'must be an IP address'],
  ['10.0.0.256', 'must be an IP address'],
  ['10.0.0.1.2', 'must be an IP address'],
  ['10.0.0.x', 'must be an IP address'],
  ['1:2:3:4:5:6:7', 'must be an IP address'],
  ['1:2:3:4:5:6:7::8', 'must be an IP address'],
  ['1::2::3', 'must be an IP address'],
  ['fe80::1%eth0', 'must be an IP address'],
  ['12345::', 'must be an IP address'],
  ['', 'must be an IP address'],
  [`${'0'.repeat(44)}::`, 'must be an IP address'],
])('address %s: %s', (text, problem) => {
  if (problem === undefined) expect(network.ipAddress(text)).toBeUndefined()
  else expect(network.ipAddress(text)).toContain(problem)
})

test.each([
  ['10.0.0.0/8', undefined],
  ['0.0.0.0/0', undefined],
  ['10.0.0.1/32', undefined],
  ['2001:db8::/32', undefined],
  ['::/0', undefined],
  ['::1/128', undefined],
  ['10.0.0.1/8', 'must begin at the first address of the block: 10.0.0.0/8'],
  ['2001:db8::1/64', 'must begin at the first address of the block: 2001:db8::/64'],
  ['10.0.0.0/33', 'must be a block'],
  ['::/129', 'must be a block'],
  ['10.0.0.0', 'must be a block'],
  ['10.0.0.0/', 'must be a block'],
  ['10.0.0.0/a', 'must be a block'],
  ['10.0.0.0/08', 'leading zeros'],
  ['010.0.0.0/8', 'leading zeros'],
  ['::ffff:10.0.0.0/104', 'inside of an IPv6'],
])('block %s: %s', (text, problem) => {
  if (problem === undefined) expect(network.ipBlock(text)).toBeUndefined()
  else expect(network.ipBlock(text)).toContain(problem)
})

test.each([
  ['2001:0db8:0:0::1', '2001:db8::1'],
  ['2001:DB8::1', '2001:db8::1'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:0:2:3:4:5:6:7', undefined],
  ['::1', undefined],
  ['2001:db8::/32', undefined],
  ['2001:DB8::/32', '2001:db8::/32'],
  ['10.0.0.1', undefined],
  ['nothing', undefined],
])('%s is canonically %s', (text, expected) => {
  expect(network.canonicalForm(text)).toBe(expected)
})

test.each([
  ['0.0.0.0', 'unspecified'],
  ['::', 'unspecified'],
  ['127.0.0.1', 'loopback'],
  ['127.255.0.1', 'loopback'],
  ['::1', 'loopback'],
  ['169.254.1.1', 'link-local address'],
  ['fe80::1', 'link-local address'],
  ['224.0.0.1', 'link-local multicast'],
  ['ff02::1', 'link-local multicast'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['128.0.0.1', undefined],
  ['169.255.0.1', undefined],
  ['224.0.1.1', undefined],
  ['fec0::1', undefined],
  ['::2', undefined],
  ['nothing', undefined],
])('an endpoint at %s: %s', (text, problem) => {
  const said = network.endpointAddress(text)
  if (problem === undefined) expect(said).toBeUndefined()
  else expect(said).toContain(problem)
})

test.each([
  ['10.0.0.0/8', '10.1.0.0/16', true],
  ['10.0.0.0/8', '10.0.0.0/8', false],
  ['10.1.0.0/16', '10.0.0.0/8', false],
  ['10.0.0.0/8', '11.0.0.0/16', false],
  ['::/0', '10.0.0.0/8', false],
  ['2001:db8::/32', '2001:db8:1::/48', true],
])('%s holds %s: %s', (outer, inner, expected) => {
  const [one, other] = [outer, inner].map(network.readBlock)
  expect(one && other && network.isWithin(one, other)).toBe(expected)
})

test.each([
  ['10.0.0.1', undefined],
  ['2001:db8::1', undefined],
  ['2001:DB8::1', 'must be written as 2001:db8::1'],
  ['x', 'must be an IP address such as 10.9.8.7 or 2001:db8::ffff'],
])('%s where the canonical form is asked for: %s', (text, expected) => {
  expect(network.canonicalAddress(text)).toBe(expected)
})
