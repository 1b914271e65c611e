// A pack gives what was put in, or nothing: after a run that was killed, another one beside it, or somebody's hand.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepText } from './kept.ts'
import { nameOf, openPack } from './pack.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pack-'))
  path = join(folder, 'pack.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const [a, b] = [nameOf('a'), nameOf('b')]
const fill = (values: Readonly<Record<string, unknown>>): void => {
  const pack = openPack(path)
  for (const [name, value] of Object.entries(values)) pack.set(name, value)
  pack.save()
}

test('what one run has put in the next one finds', () => {
  fill({ [a]: { text: 'two\nlines' }, [b]: [] })
  const pack = openPack(path)
  expect([pack.get(a), pack.get(b), pack.get(nameOf('c'))]).toEqual([{ text: 'two\nlines' }, [], undefined])
  expect(readdirSync(folder)).toEqual(['pack.json'])
})

test('what a run did not ask for is not kept beside what it made', () => {
  fill({ [a]: 1, [b]: 2 })
  const pack = openPack(path)
  pack.get(a)
  pack.set(nameOf('c'), 3)
  pack.save()
  expect([a, b, nameOf('c')].map(name => openPack(path).get(name))).toEqual([1, undefined, 3])
})

test('a run that made little of much writes nothing, and one that made more writes all of it', () => {
  fill(Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [nameOf(index), index])))
  const again = (count: number): void => {
    const pack = openPack(path)
    for (let index = 0; index < 1000; index++) pack.get(nameOf(index))
    for (let index = 0; index < count; index++) pack.set(nameOf('more', index), index)
    pack.save()
  }
  again(5)
  expect(openPack(path).has(nameOf('more', 0))).toBe(false)
  again(6)
  expect(openPack(path).has(nameOf('more', 5))).toBe(true)
  expect(openPack(path).has(nameOf(999))).toBe(true)
})

test.each(['', 'no line', `${a} 1\n${b} 2`])('what another program keeps in its place has an end: %j', text => {
  keepText(path, text)
  expect(openPack(path).get(b)).toBeUndefined()
})

test('a run that made nothing writes nothing', () => {
  fill({ [a]: 1, [b]: 2 })
  const pack = openPack(path)
  pack.get(a)
  pack.save()
  expect(openPack(path).get(b)).toBe(2)
})

test.each<[string, (text: string) => string]>([
  ['a byte that is another', text => text.replace('true', 'tru3')],
  ['a value that is another', text => text.replace('true', 'null')],
  ['half a file', text => text.slice(0, -3)],
  ['an empty file', () => ''],
  ['another file', () => '{"a": 1}\n'],
])('%s is an empty pack', (_, harm) => {
  fill({ [a]: true })
  writeFileSync(path, harm(readFileSync(path, 'utf8')))
  expect(openPack(path).get(a)).toBeUndefined()
})

test('a folder that is not there, and a place that cannot be written, are not faults', () => {
  writeFileSync(path, '')
  const pack = openPack(join(path, 'below'))
  pack.set(a, 1)
  pack.save()
  expect(pack.get(a)).toBe(1)
  expect(openPack(undefined).get(a)).toBeUndefined()
})

test('it has an end', () => {
  const large = 'x'.repeat(10 * 1024 * 1024)
  fill({ [a]: large, [b]: large, [nameOf('c')]: large })
  expect(readFileSync(path).length).toBeLessThan(24 * 1024 * 1024)
  expect(openPack(path).get(b)).toBe(large)
})
