// Quantities of resources. Source: k8s.io/apiserver/pkg/cel/library (quantity), apimachinery's api/resource.
import { readQuantity } from '../../../../../tree/model/quantity.ts'
import type { Library } from './library.ts'

class Quantity {
  readonly nano: bigint
  /** Whether the server keeps it as a whole number: `1000m` and `1.0` it does not. */
  readonly isInteger: boolean
  constructor(nano: bigint, isInteger: boolean) {
    this.nano = nano
    this.isInteger = isInteger
  }
}

const ONE = 10n ** 9n
const POWERS: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
/** What has more digits is kept as a decimal. */
const MOST_DIGITS = 18

function isKeptWhole(text: string, nano: bigint): boolean {
  const [, whole = '', fraction = '', suffix = ''] = /^[+-]?(\d*)\.?(\d*)(\D?.*)$/.exec(text.trim()) ?? []
  const power = POWERS[suffix] ?? (/^[eE]/.test(suffix) ? Number(suffix.slice(1)) : 0)
  if (whole.replace(/^0+/, '').length + fraction.length > MOST_DIGITS || nano % ONE !== 0n) return false
  return suffix.endsWith('i') || power >= fraction.length
}

/** Expressions cut no spaces. */
const readExact = (text: string): bigint | undefined => (/^\s|\s$/.test(text) ? undefined : readQuantity(text))

function toQuantity(text: string): Quantity {
  const nano = readExact(text)
  if (nano === undefined) throw new Error('is not a quantity')
  return new Quantity(nano, isKeptWhole(text, nano))
}

const compare = (a: bigint, b: bigint): bigint => (a < b ? -1n : a > b ? 1n : 0n)

export function addQuantities({ environment, add }: Library): void {
  const own = 'kubernetes.Quantity'
  environment.registerType(own, Quantity)
  // Two ways to write one amount are the same.
  environment.registerOperator(`${own} == ${own}`, (a: Quantity, b: Quantity) => a.nano === b.nano)
  add(`quantity(string): ${own}`, toQuantity)
  add('isQuantity(string): bool', (text: string) => readExact(text) !== undefined)
  add(`${own}.compareTo(${own}): int`, (a: Quantity, b: Quantity) => compare(a.nano, b.nano))
  add(`${own}.isLessThan(${own}): bool`, (a: Quantity, b: Quantity) => a.nano < b.nano)
  add(`${own}.isGreaterThan(${own}): bool`, (a: Quantity, b: Quantity) => a.nano > b.nano)
  const addUp = (a: Quantity, b: Quantity, sign: bigint): Quantity =>
    new Quantity(a.nano + sign * b.nano, a.isInteger && b.isInteger)
  const ofInt = (count: bigint): Quantity => new Quantity(count * ONE, true)
  for (const [name, sign] of [
    ['add', 1n],
    ['sub', -1n],
  ] as const) {
    add(`${own}.${name}(${own}): ${own}`, (a: Quantity, b: Quantity) => addUp(a, b, sign))
    add(`${own}.${name}(int): ${own}`, (a: Quantity, b: bigint) => addUp(a, ofInt(b), sign))
  }
  add(`${own}.sign(): int`, (a: Quantity) => compare(a.nano, 0n))
  add(`${own}.isInteger(): bool`, (a: Quantity) => a.isInteger)
  add(`${own}.asInteger(): int`, (a: Quantity) => {
    if (!a.isInteger) throw new Error('cannot convert value to integer')
    return a.nano / ONE
  })
  add(`${own}.asApproximateFloat(): double`, (a: Quantity) => Number(a.nano) / 1e9)
}
