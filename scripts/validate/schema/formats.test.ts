import { expect, test } from 'vitest'
import { isQuantity } from '../../tree/model/quantity.ts'
import { formats, isBase64, isDate, isDateTime, isPercentage } from './formats.ts'

test.each<[name: string, is: (text: string) => boolean, good: string[], bad: string[]]>([
  [
    'quantity',
    isQuantity,
    [
      '0',
      '1',
      '-1',
      '+1',
      '1.',
      '.5',
      '0.1',
      '500m',
      '100n',
      '5u',
      '1k',
      '1M',
      '1G',
      '1T',
      '1P',
      '1E',
      '2Ki',
      '2Mi',
      '2Gi',
    ].concat([
      '2Ti',
      '2Pi',
      '2Ei',
      '1e3',
      '1E3',
      '1e-3',
      '1E+3',
      '.5Gi',
      ' 1Gi ',
      '12345678901234567890',
      '.',
      '+',
      'Gi',
    ]),
    ['', ' ', '1 Gi', '1GB', '1Gib', '1gi', '1K', '1KI', '1e', '1e1.5', '1,5', '1_000', '0x10', '--1', '1m1'].concat([
      '1Gx',
      'infinity',
      `${'1'.repeat(2000)}`,
    ]),
  ],
  [
    'base64',
    isBase64,
    ['', 'aGk=', 'aGVsbG8=', 'AA==', 'AAAA', 'ab+/', 'aGVs\nbG8=\n', 'A'.repeat(4_000_000)],
    ['aGk', 'a', 'aGk==', 'a=Gk', '====', 'aGk*', 'hunter2!', 'ab-_', `${'A'.repeat(4_000_000)}=`, 'AA=A'],
  ],
  [
    'date-time',
    isDateTime,
    ['2024-02-29T00:00:00Z', '2024-01-01T23:59:59.999999999+01:00', '0001-01-01T00:00:00Z', '2024-01-01t00:00:00z'],
    [
      '',
      '2024-01-01',
      '2024-02-30T00:00:00Z',
      '2023-02-29T00:00:00Z',
      '2024-01-01T24:00:00Z',
      '2024-01-01T00:00:00',
    ].concat([
      '2024-01-01 00:00:00Z',
      '2024-00-01T00:00:00Z',
      '2024-01-00T00:00:00Z',
      'yesterday',
      'x'.repeat(1_000_000),
    ]),
  ],
  ['date', isDate, ['2024-02-29', '0001-12-31', '0099-01-01'], ['2023-02-29', '2024-13-01', '2024-1-1', '1900-02-29']],
  ['percentage', isPercentage, ['0%', '25%', '150%'], ['25', '%', '-1%', '2.5%', 'half', '25 %', '']],
])('%s', (_, is, good, bad) => {
  for (const text of good) expect(is(text), text.slice(0, 40)).toBe(true)
  for (const text of bad) expect(is(text), text.slice(0, 40)).toBe(false)
})

test('ranges of integers', () => {
  const int32 = formats.int32.validate
  const int64 = formats.int64.validate
  expect([-(2 ** 31), 0, 2 ** 31 - 1].map(int32)).toEqual([true, true, true])
  expect([-(2 ** 31) - 1, 2 ** 31, 1.5].map(int32)).toEqual([false, false, false])
  // Digits past 2^53 are gone before anybody can tell.
  expect([2 ** 53 + 2, 2 ** 63, -(2 ** 63)].map(int64)).toEqual([true, true, true])
  expect([1e19, -1e19, 0.5].map(int64)).toEqual([false, false, false])
})
