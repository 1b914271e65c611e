// Quantities as exact numbers, so that 1Gi and 1073741824 are one and a limit is compared as the API server does.
// Source: apimachinery's api/resource (ParseQuantity, Quantity.String).

/** ParseQuantity of apimachinery's resource package: decimal, binary and exponent suffixes. Without digits it is 0: "Mi". */
const PATTERN = /^[+-]?\d*\.?\d*(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/

/** Spaces around it are cut. */
export function isQuantity(text: string): boolean {
  const trimmed = text.trim()
  return text.length <= 1000 && trimmed !== '' && PATTERN.test(trimmed)
}

/** In billionths, rounded up as the server does. */
export type Nano = bigint

const BINARY: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 }
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const UNIT = 10n ** 9n
/** No quantity is larger than 2^63 - 1: the server cuts what is. */
const LARGEST = (2n ** 63n - 1n) * UNIT

interface Quantity {
  readonly nano: Nano
  readonly format: 'decimal' | 'binary' | 'exponent'
}

/** Undefined where the value is not a quantity, which is a fault of the schema. An empty one is decoded as 0. */
export function readQuantity(value: unknown): Nano | undefined {
  return value === null ? 0n : parse(value)?.nano
}

function parse(value: unknown): Quantity | undefined {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || !isQuantity(text)) return undefined
  const match = /^([+-]?)(\d*)\.?(\d*)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?$/.exec(text.trim())
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', suffix = ''] = match
  const digits = BigInt(`${whole}${fraction}` || '0')
  const binary = BINARY[suffix]
  const exponent = DECIMAL[suffix] ?? (binary === undefined ? Number(suffix.slice(1)) : 0)
  const format = binary !== undefined ? 'binary' : DECIMAL[suffix] === undefined ? 'exponent' : 'decimal'
  const power = Math.max(-2000, Math.min(2000, exponent)) + 9 - fraction.length
  const scaled = digits * (binary === undefined ? 1n : 2n ** BigInt(binary))
  const nano = power >= 0 ? scaled * 10n ** BigInt(power) : divideUp(scaled, 10n ** BigInt(-power))
  const bounded = nano > LARGEST ? LARGEST : nano
  return { nano: sign === '-' ? -bounded : bounded, format }
}

function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by
}

/** In whole units, rounded up. */
export function toUnits(nano: Nano): bigint {
  return nano >= 0n ? divideUp(nano, UNIT) : -(-nano / UNIT)
}

export const isWhole = (nano: Nano): boolean => nano % UNIT === 0n

/** As the server counts in thousandths, rounded up: what is finer than that is not seen. */
export function isWholeInMilli(nano: Nano): boolean {
  const milli = nano >= 0n ? divideUp(nano, 10n ** 6n) : -(-nano / 10n ** 6n)
  return milli % 1000n === 0n
}

/** The shortest form in the quantity's own notation, as the server writes it. */
export function canonical(value: unknown): string | undefined {
  const quantity = parse(value)
  if (!quantity) return undefined
  const { nano, format } = quantity
  if (format === 'binary' && isWhole(nano) && abs(nano) >= 1024n * UNIT) {
    let units = nano / UNIT
    let step = 0
    while (units % 1024n === 0n && units !== 0n && step < 6) {
      units /= 1024n
      step++
    }
    return `${units}${['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'][step]}`
  }
  return showDecimal(nano, format === 'exponent')
}

export function showNano(nano: Nano): string {
  if (isWhole(nano) && nano !== 0n && (nano / UNIT) % (1024n * 1024n) === 0n) {
    let units = nano / UNIT
    let step = 0
    while (units % 1024n === 0n && step < 6) {
      units /= 1024n
      step++
    }
    return `${units}${['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'][step]}`
  }
  return showDecimal(nano, false)
}

function showDecimal(nano: Nano, isExponent: boolean): string {
  if (nano === 0n) return '0'
  let value = nano
  let step = -9
  while (value % 1000n === 0n && step < 18) {
    value /= 1000n
    step += 3
  }
  const suffix = isExponent
    ? step === 0
      ? ''
      : `e${step}`
    : Object.entries(DECIMAL).find(([, power]) => power === step)?.[0]
  return `${value}${suffix}`
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value)
