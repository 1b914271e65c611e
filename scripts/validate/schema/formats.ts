// The value formats of the Kubernetes API, as its Go decoders read them.
import { isQuantity } from '../../tree/model/quantity.ts'

const int32 = (value: number): boolean => Number.isInteger(value) && Math.abs(value + 0.5) <= 2 ** 31
// A number past 2^53 has lost digits before it comes here; the range is all that can still be told.
const int64 = (value: number): boolean => Number.isInteger(value) && Math.abs(value) <= 2 ** 63

/** Go's base64.StdEncoding: line breaks are skipped, padding is required. Linear: values may be megabytes. */
export function isBase64(text: string): boolean {
  const packed = text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]/g, '') : text
  if (packed.length % 4 !== 0) return false
  const end = packed.endsWith('==') ? packed.length - 2 : packed.endsWith('=') ? packed.length - 1 : packed.length
  const foreign = /[^A-Za-z0-9+/]/.exec(packed)
  return foreign === null || foreign.index >= end
}

const dateTime =
  /^\d{4}-\d\d-\d\d[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:[.,]\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-4]):[0-5]\d)$/

/** RFC 3339 with a real calendar day. */
export function isDateTime(text: string): boolean {
  return text.length <= 100 && dateTime.test(text) && isDate(text.slice(0, 10))
}

export function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const [year, month, day] = text.split('-').map(Number) as [number, number, number]
  if (month < 1 || month > 12 || day < 1) return false
  const date = new Date(0)
  // setUTCFullYear, since Date.UTC takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCDate() === day
}

export function isPercentage(text: string): boolean {
  return /^\d+%$/.test(text)
}

/** What the compiled schemas call, by format name. */
export const formats = {
  int32: { type: 'number', validate: int32 },
  int64: { type: 'number', validate: int64 },
  'int-or-string': { type: 'number', validate: int32 },
  quantity: isQuantity,
  percentage: isPercentage,
  byte: isBase64,
  date: isDate,
  'date-time': isDateTime,
} as const
