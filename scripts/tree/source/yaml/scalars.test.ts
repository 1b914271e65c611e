// What plain scalars mean to the Go readers: a YAML 1.2 reader would disagree with nearly each of these.
import { load } from 'js-yaml'
import { expect, test } from 'vitest'
import { goYaml1Schema, goYaml3Schema, readPlainScalar, readYesNo } from './scalars.ts'

test.each<readonly [source: string, value: null | boolean | number | string]>([
  ['', null],
  ['~', null],
  ['Null', null],
  ['nULL', 'nULL'],
  ['True', true],
  ['tRUE', 'tRUE'],
  ['yes', 'yes'],
  ['0644', 420],
  ['0o17', 15],
  ['089', 89],
  ['0x1F', 31],
  ['0x17f3786dffc6D47767f4f4954F9fD8bb6AADf095', '0x17f3786dffc6D47767f4f4954F9fD8bb6AADf095'],
  ['99999999999999999999', 1e20],
  ['-0b11', -3],
  ['1_000', 1000],
  ['+7', 7],
  ['1.', 1],
  ['.5', 0.5],
  ['1e3', 1000],
  ['12e4567', '12e4567'],
  ['-.INF', Number.NEGATIVE_INFINITY],
  ['.nan', Number.NaN],
  ['1.2.3', '1.2.3'],
  ['2024-01-02', '2024-01-02'],
  ['190:20:30', '190:20:30'],
  ['0x', '0x'],
  ['-', '-'],
])('%j is read as %j', (source, value) => {
  expect(readPlainScalar(source)).toBe(value)
  // The parser and the reader of single scalars agree.
  if (source !== '-') expect(load(`a: ${source}`, { schema: goYaml3Schema })).toEqual({ a: value })
})

test.each([
  ['yes', true],
  ['Off', false],
  ['n', false],
  ['oN', 'oN'],
  ['"yes"', 'yes'],
])('kubectl reads %s as %j', (source, value) => {
  expect(load(`a: ${source}`, { schema: goYaml1Schema })).toEqual({ a: value })
})

test.each([
  ['y', 'true'],
  ['On', 'true'],
  ['TRUE', 'true'],
  ['No', 'false'],
  ['off', 'false'],
  ['oN', undefined],
  ['', undefined],
])('as a key, kubectl takes %j for %j', (text, meaning) => {
  expect(readYesNo(text)).toBe(meaning)
})
