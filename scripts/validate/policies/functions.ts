// Functions that Kubernetes adds to CEL, as far as policies use them.
// Source: k8s.io/apiserver/pkg/cel/library (lists, regex, quantity), cel-go ext (sets, strings).
import { readQuantity } from '../../tree/model/quantity.ts'
import type { Environment } from '../schema/api/cel.ts'
import { compilePattern, createEffort } from '../schema/re2.ts'

class Quantity {
  readonly nano: bigint
  constructor(nano: bigint) {
    this.nano = nano
  }
}
class Sets {}

const ONE = 10n ** 9n

function toQuantity(text: unknown): Quantity {
  const nano = readQuantity(text)
  if (nano === undefined) throw new Error('is not a quantity')
  return new Quantity(nano)
}

const compare = (a: bigint, b: bigint): bigint => (a < b ? -1n : a > b ? 1n : 0n)

/** Go's expressions, in bounded time. */
function matches(text: string, pattern: string): boolean {
  const effort = createEffort(() => {
    throw new Error('is too much work')
  })
  return compilePattern(pattern, effort).test(text)
}

const MOST_TEXT = 1_000_000

function replace(text: string, from: string, to: string): string {
  if ((text.length + 1) * (to.length + 1) > MOST_TEXT && text.split(from).length * to.length > MOST_TEXT)
    throw new Error('is too much work')
  return text.replaceAll(from, () => to)
}

const isSame = (a: unknown, b: unknown): boolean => a === b || (typeof a === 'object' && toText(a) === toText(b))
const toText = (value: unknown): string =>
  JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? { int: `${one}` } : one))

const isLess = (a: never, b: never): boolean => a < b

function sum(list: readonly (bigint | number)[]): bigint | number {
  return list.reduce(
    (total, one) => (total as number) + (one as number),
    typeof list[0] === 'number' ? 0 : (0n as never),
  )
}

function extreme(list: readonly never[], isBetter: (a: never, b: never) => boolean): unknown {
  if (list.length === 0) throw new Error('of an empty list')
  return list.reduce((best, one) => (isBetter(one, best) ? one : best))
}

function format(text: string, values: readonly unknown[]): string {
  let index = 0
  return text.replace(/%(?:\.\d+)?([sdfeboxX%])/g, (written, verb: string) => {
    if (verb === '%') return '%'
    if (index >= values.length || !'sdf'.includes(verb)) throw new Error(`cannot format ${written}`)
    const value = values[index++]
    return typeof value === 'object' && value !== null ? toText(value) : String(value)
  })
}

const contains = (list: readonly unknown[], others: readonly unknown[]): boolean =>
  others.every(other => list.some(one => isSame(one, other)))

/** `matches` under this name: that of the library takes the expressions of JavaScript, in any time. */
export const MATCHES = 'matchesInBoundedTime'

type Add = (signature: string, handler: (...values: never[]) => unknown) => void

export function addFunctions(environment: Environment): void {
  const add: Add = (signature, handler) => {
    environment.registerFunction(signature, handler as never)
  }
  add(`string.${MATCHES}(string): bool`, matches)
  add('string.charAt(int): string', (text: string, index: bigint) => text.charAt(Number(index)))
  add('string.replace(string, string): string', replace)
  add('string.reverse(): string', (text: string) => [...text].reverse().join(''))
  add('string.format(list): string', format)
  addLists(add)
  environment.registerType('kubernetes.Quantity', Quantity)
  add('quantity(string): kubernetes.Quantity', toQuantity)
  add('isQuantity(string): bool', (text: string) => readQuantity(text) !== undefined)
  addQuantities(add)
  environment.registerType('kubernetes.Sets', Sets)
  environment.registerConstant('sets', 'kubernetes.Sets', new Sets())
  add('kubernetes.Sets.contains(list, list): bool', (_: Sets, a: never[], b: never[]) => contains(a, b))
  add('kubernetes.Sets.intersects(list, list): bool', (_: Sets, a: never[], b: never[]) =>
    a.some(x => contains(b, [x])),
  )
  add(
    'kubernetes.Sets.equivalent(list, list): bool',
    (_: Sets, a: never[], b: never[]) => contains(a, b) && contains(b, a),
  )
}

function addLists(add: Add): void {
  add('list.sum(): dyn', sum)
  add('list.min(): dyn', (list: never[]) => extreme(list, isLess))
  add('list.max(): dyn', (list: never[]) => extreme(list, (a, b) => isLess(b, a)))
  add('list.isSorted(): bool', (list: never[]) =>
    list.every((one, index) => index === 0 || !isLess(one, list[index - 1] as never)),
  )
  add('list.indexOf(dyn): int', (list: never[], value: unknown) => BigInt(list.findIndex(one => isSame(one, value))))
  add('list.lastIndexOf(dyn): int', (list: never[], value: unknown) =>
    BigInt(list.findLastIndex(one => isSame(one, value))),
  )
}

function addQuantities(add: Add): void {
  const own = 'kubernetes.Quantity'
  add(`${own}.compareTo(${own}): int`, (a: Quantity, b: Quantity) => compare(a.nano, b.nano))
  add(`${own}.isLessThan(${own}): bool`, (a: Quantity, b: Quantity) => a.nano < b.nano)
  add(`${own}.isGreaterThan(${own}): bool`, (a: Quantity, b: Quantity) => a.nano > b.nano)
  add(`${own}.add(${own}): ${own}`, (a: Quantity, b: Quantity) => new Quantity(a.nano + b.nano))
  add(`${own}.sub(${own}): ${own}`, (a: Quantity, b: Quantity) => new Quantity(a.nano - b.nano))
  add(`${own}.sign(): int`, (a: Quantity) => compare(a.nano, 0n))
  add(`${own}.isInteger(): bool`, (a: Quantity) => a.nano % ONE === 0n)
  add(`${own}.asInteger(): int`, (a: Quantity) => {
    if (a.nano % ONE !== 0n) throw new Error('is not a whole number')
    return a.nano / ONE
  })
  add(`${own}.asApproximateFloat(): double`, (a: Quantity) => Number(a.nano) / 1e9)
}
