// Times and durations as text and as numbers. Source: cel-go's standard library of conversions.
import type { Library } from './library.ts'

export interface Duration {
  readonly seconds: bigint
  readonly nanos: number
}

export const showSeconds = ({ seconds, nanos }: Duration): string => {
  const total = seconds * 1_000_000_000n + BigInt(nanos)
  const size = total < 0n ? -total : total
  const fraction = String(size % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${total < 0n ? '-' : ''}${size / 1_000_000_000n}${fraction && `.${fraction}`}s`
}

/** RFC 3339, with as much of a second as there is. */
export const showTime = (time: Date): string => time.toISOString().replace(/(?:\.000|(\.\d*?)0*)Z$/, '$1Z')

export function addTimes({ add }: Library): void {
  add('string(google.protobuf.Duration): string', showSeconds)
  add('string(google.protobuf.Timestamp): string', showTime)
  add('int(google.protobuf.Timestamp): int', (time: Date) => BigInt(Math.floor(time.getTime() / 1000)))
}
