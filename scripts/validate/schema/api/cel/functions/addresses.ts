// IP addresses and blocks of them. Source: k8s.io/apiserver/pkg/cel/library (ip, cidr), Go's net/netip.
import { type Address, type Block, firstOf, ipAddress, readAddress, readBlock, showAddress } from '../../network.ts'
import type { Library } from './library.ts'

class Ip implements Address {
  readonly family: 4 | 6
  readonly bits: bigint
  constructor({ family, bits }: Address) {
    this.family = family
    this.bits = bits
  }
}

class Cidr extends Ip implements Block {
  readonly length: number
  constructor(block: Block) {
    super(block)
    this.length = block.length
  }
}

const isIp = (text: string): boolean => ipAddress(text) === undefined
/** Bits behind the block's length are allowed. */
const isCidr = (text: string): boolean => {
  const [address = '', length = ''] = text.split('/')
  return readBlock(text) !== undefined && isIp(address) && !/^0\d/.test(length)
}

function toIp(text: string): Ip {
  const address = isIp(text) ? readAddress(text) : undefined
  if (!address) throw new Error('is not an IP address')
  return new Ip(address)
}

function toCidr(text: string): Cidr {
  const block = isCidr(text) ? readBlock(text) : undefined
  if (!block) throw new Error('is not a block of IP addresses')
  return new Cidr(block)
}

const firstBits = ({ family, bits }: Address, count: number): bigint =>
  bits >> BigInt((family === 4 ? 32 : 128) - count)

/** Whether an address begins with these bits: of IPv4, of IPv6. */
const begins =
  (four: readonly [count: number, bits: bigint], six: readonly [count: number, bits: bigint]) =>
  (address: Address): boolean => {
    const [count, bits] = address.family === 4 ? four : six
    return firstBits(address, count) === bits
  }

const isUnspecified = begins([32, 0n], [128, 0n])
const isLoopback = begins([8, 127n], [128, 1n])
const isMulticast = begins([4, 0b1110n], [8, 0xffn])
const isLinkLocalUnicast = begins([16, 0xa9fen], [10, 0x3fan])
const isLinkLocalMulticast = (address: Address): boolean =>
  address.family === 4
    ? firstBits(address, 24) === 0xe00000n
    : firstBits(address, 8) === 0xffn && (firstBits(address, 16) & 0xfn) === 2n
const isBroadcast = ({ family, bits }: Address): boolean => family === 4 && bits === 0xffffffffn

const TESTS: Readonly<Record<string, (address: Address) => boolean>> = {
  isUnspecified,
  isLoopback,
  isLinkLocalUnicast,
  isLinkLocalMulticast,
  isGlobalUnicast: address =>
    ![isUnspecified, isLoopback, isMulticast, isLinkLocalUnicast, isBroadcast].some(test => test(address)),
}

const contains = (block: Block, { family, bits }: Address): boolean =>
  block.family === family && firstBits({ family, bits }, block.length) === firstBits(block, block.length)

export function addAddresses({ environment, add, addNamespace }: Library): void {
  const [ip, cidr] = ['kubernetes.IP', 'kubernetes.CIDR']
  environment.registerType(ip, Ip)
  environment.registerType(cidr, Cidr)
  environment.registerOperator(`${ip} == ${ip}`, (a: Ip, b: Ip) => showAddress(a) === showAddress(b))
  const show = (block: Cidr): string => `${showAddress(block)}/${block.length}`
  environment.registerOperator(`${cidr} == ${cidr}`, (a: Cidr, b: Cidr) => show(a) === show(b))
  add(`ip(string): ${ip}`, toIp)
  add('isIP(string): bool', isIp)
  add(`string(${ip}): string`, showAddress)
  add(`${ip}.family(): int`, ({ family }: Ip) => BigInt(family))
  for (const [name, test] of Object.entries(TESTS)) add(`${ip}.${name}(): bool`, test)
  add(`${addNamespace('ip')}.isCanonical(string): bool`, (_: unknown, text: string) => showAddress(toIp(text)) === text)

  add(`cidr(string): ${cidr}`, toCidr)
  add('isCIDR(string): bool', isCidr)
  add(`string(${cidr}): string`, show)
  add(`${cidr}.ip(): ${ip}`, (block: Cidr) => new Ip(block))
  add(`${cidr}.masked(): ${cidr}`, (block: Cidr) => new Cidr({ ...block, bits: firstOf(block) }))
  add(`${cidr}.prefixLength(): int`, ({ length }: Cidr) => BigInt(length))
  add(`${cidr}.containsIP(${ip}): bool`, contains)
  add(`${cidr}.containsIP(string): bool`, (block: Cidr, text: string) => contains(block, toIp(text)))
  const holds = (block: Cidr, inner: Cidr): boolean => block.length <= inner.length && contains(block, inner)
  add(`${cidr}.containsCIDR(${cidr}): bool`, holds)
  add(`${cidr}.containsCIDR(string): bool`, (block: Cidr, text: string) => holds(block, toCidr(text)))
}
