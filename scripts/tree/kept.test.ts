// A kept value is there as it was written, or it is not there: whatever happened to its file.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keep, keepText, readKept, readKeptText } from './kept.ts'

let folder: string
let one: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kept-'))
  one = join(folder, 'deep/one')
  keepText(one, 'a text\nof lines\n')
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a text and a value come back as they were, and nothing is left beside them', () => {
  keep(join(folder, 'deep/two'), { list: [1, null, 'x'] })
  expect(readKeptText(one)).toBe('a text\nof lines\n')
  expect(readKept(join(folder, 'deep/two'))).toEqual({ list: [1, null, 'x'] })
  expect(readdirSync(join(folder, 'deep')).sort()).toEqual(['one', 'two'])
})

test.each<readonly [what: string, harm: (bytes: Buffer) => Uint8Array]>([
  ['cut', bytes => bytes.subarray(0, -3)],
  ['cut in its first line', bytes => bytes.subarray(0, 10)],
  ['empty', () => Buffer.alloc(0)],
  ['of zeros', bytes => Buffer.alloc(bytes.length)],
  ['longer', bytes => Buffer.concat([bytes, Buffer.from('\n')])],
  ['of another bit', bytes => bytes.map((byte, at) => (at === bytes.length - 2 ? byte ^ 1 : byte))],
  ['rubbish', () => Buffer.from([0xff, 0xfe, 0x0a, 0x80])],
])('a file that is %s is not there', (_, harm) => {
  writeFileSync(one, harm(readFileSync(one)))
  expect(readKeptText(one)).toBeUndefined()
})

test('what was written for another name is not there', () => {
  const other = join(folder, 'deep/other')
  renameSync(one, other)
  expect(readKeptText(one)).toBeUndefined()
  expect(readKeptText(other)).toBeUndefined()
  // The folder may move: several machines share it.
  keepText(one, 'a text')
  renameSync(join(folder, 'deep'), join(folder, 'moved'))
  expect(readKeptText(join(folder, 'moved/one'))).toBe('a text')
})

test('a folder in the place of a file is not there, and cannot be written', () => {
  mkdirSync(join(folder, 'place'))
  expect(readKeptText(join(folder, 'place'))).toBeUndefined()
  keepText(join(folder, 'place'), 'a text')
  expect(readKeptText(join(folder, 'place'))).toBeUndefined()
  expect(readdirSync(folder).sort()).toEqual(['deep', 'place'])
})

test('what JSON would give back otherwise is not kept', () => {
  keep(join(folder, 'number'), { size: Number.POSITIVE_INFINITY })
  expect(readKept(join(folder, 'number'))).toBeUndefined()
})
