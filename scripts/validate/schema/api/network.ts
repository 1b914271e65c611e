// IP addresses and blocks of them as the Kubernetes API reads them: no leading zeros, no IPv4 inside of IPv6.
// Source: apimachinery's util/validation IsValidIPForLegacyField and IsValidCIDRForLegacyField (strict since 1.36).

import type { TextTest } from './check.ts'

export interface Address {
  readonly family: 4 | 6
  readonly bits: bigint
}

export interface Block extends Address {
  readonly length: number
}

export function readAddress(text: string): Address | undefined {
  if (text.length > 45) return undefined
  return text.includes(':') ? readIpv6(text) : readIpv4(text)
}

/** Leading zeros are read here as decimal and refused by the tests below. */
function readIpv4(text: string): Address | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(part => /^\d+$/.test(part) && Number(part) < 256)) return undefined
  return { family: 4, bits: parts.reduce((bits, part) => bits * 256n + BigInt(Number(part)), 0n) }
}

function readIpv6(text: string): Address | undefined {
  if (text.includes('%')) return undefined
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const read = (half: string): bigint[] | undefined => {
    if (half === '') return []
    const groups: bigint[] = []
    const parts = half.split(':')
    for (const [index, part] of parts.entries()) {
      const dotted = index === parts.length - 1 && part.includes('.') ? readIpv4(part) : undefined
      if (dotted) groups.push(dotted.bits >> 16n, dotted.bits & 0xffffn)
      else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`))
      else return undefined
    }
    return groups
  }
  const head = read(halves[0] as string)
  const tail = halves.length === 2 ? read(halves[1] as string) : []
  if (!head || !tail) return undefined
  const gap = 8 - head.length - tail.length
  if (halves.length === 2 ? gap < 1 : gap !== 0) return undefined
  const groups = [...head, ...Array<bigint>(gap).fill(0n), ...tail]
  return { family: 6, bits: groups.reduce((bits, group) => (bits << 16n) | group, 0n) }
}

export function readBlock(text: string): Block | undefined {
  const cut = text.indexOf('/')
  const address = cut < 0 ? undefined : readAddress(text.slice(0, cut))
  const length = text.slice(cut + 1)
  if (!address || !/^\d{1,3}$/.test(length) || Number(length) > widthOf(address)) return undefined
  return { ...address, length: Number(length) }
}

const widthOf = ({ family }: Address): number => (family === 4 ? 32 : 128)

export const ipAddress: TextTest = text => {
  const address = readAddress(text)
  if (!address) return 'must be an IP address such as 10.9.8.7 or 2001:db8::ffff'
  if (hasLeadingZero(text)) return 'must not have leading zeros'
  return isMapped(address) ? 'must not be an IPv4 address inside of an IPv6 one' : undefined
}

export const ipBlock: TextTest = text => {
  const block = readBlock(text)
  if (!block) return 'must be a block of addresses such as 10.9.8.0/24 or 2001:db8::/64'
  const [address = '', length = ''] = text.split('/')
  if (hasLeadingZero(address) || /^0\d/.test(length)) return 'must not have leading zeros'
  if (isMapped(block)) return 'must not be an IPv4 address inside of an IPv6 one'
  const first = firstOf(block)
  if (first !== block.bits)
    return `must begin at the first address of the block: ${showAddress({ ...block, bits: first })}/${block.length}`
  return undefined
}

/** What is read and should be written otherwise: IPv6 in its one canonical form. */
export function canonicalForm(text: string): string | undefined {
  const [address = '', length] = text.split('/')
  const read = readAddress(address)
  if (read?.family !== 6) return undefined
  const right = `${showAddress(read)}${length === undefined ? '' : `/${length}`}`
  return right === text ? undefined : right
}

/** The one way to write it that newer kinds ask for. */
export const canonicalAddress: TextTest = text => {
  const problem = ipAddress(text)
  if (problem !== undefined) return problem
  const right = showAddress(readAddress(text) as Address)
  return right === text ? undefined : `must be written as ${right}`
}

/** Addresses that no endpoint may have. */
export const endpointAddress: TextTest = text => {
  const address = readAddress(text)
  if (!address) return undefined
  const { family, bits } = isMapped(address) ? { family: 4, bits: address.bits & 0xffffffffn } : address
  if (bits === 0n) return 'must not be the unspecified address'
  if (family === 4 ? bits >> 24n === 127n : bits === 1n) return 'must not be a loopback address'
  if (family === 4 ? bits >> 16n === 0xa9fen : bits >> 118n === 0x3fan) return 'must not be a link-local address'
  if (family === 4 ? bits >> 8n === 0xe00000n : bits >> 112n === 0xff02n)
    return 'must not be a link-local multicast address'
  return undefined
}

export function isWithin(outer: Block, inner: Block): boolean {
  return (
    outer.family === inner.family &&
    inner.length > outer.length &&
    firstOf({ ...inner, length: outer.length }) === firstOf(outer)
  )
}

export function firstOf(block: Block): bigint {
  const host = BigInt(widthOf(block) - block.length)
  return (block.bits >> host) << host
}

const hasLeadingZero = (text: string): boolean => /(^|[.:])0\d+\./.test(`${text}.`) && text.includes('.')

const isMapped = ({ family, bits }: Address): boolean => family === 6 && bits >> 32n === 0xffffn

export function showAddress({ family, bits }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map(shift => (bits >> shift) & 255n).join('.')
  const groups = Array.from({ length: 8 }, (_, index) => ((bits >> BigInt(112 - 16 * index)) & 0xffffn).toString(16))
  let best = { start: -1, length: 1 }
  for (let start = 0; start < 8; start++) {
    let end = start
    while (groups[end] === '0') end++
    if (end - start > best.length) best = { start, length: end - start }
  }
  if (best.start < 0) return groups.join(':')
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`
}
