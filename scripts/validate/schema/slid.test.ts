// A block that slid out of its place is one mistake.
import { expect, test } from 'vitest'
import type { SchemaFault } from './faults.ts'
import { isOnTheWay, joinSlid, listMoved } from './slid.ts'

const fault = (path: string, more: Partial<SchemaFault> = {}): SchemaFault => ({
  ...{ fieldPath: path.split('.'), keyword: 'additionalProperties', message: path, at: 'key' as const },
  ...more,
})
const slid = (path: string, ...belongsTo: readonly string[]): SchemaFault => fault(path, { belongsTo })
const missed = (path: string, missing: string): SchemaFault => fault(path, { keyword: 'required', missing })
const say = (...faults: readonly SchemaFault[]): readonly string[] => joinSlid(faults).map(({ message }) => message)

test('where keys would be is their place with their name', () => {
  expect(listMoved([slid('spec.ports', 'spec', 'template'), fault('spec.other')])).toEqual([
    ['spec', 'template', 'ports'],
  ])
})

test.each([
  [['spec'], true],
  [['spec', 'template'], true],
  [['spec', 'template', 'ports'], true],
  [['spec', 'other'], false],
  [['spec', 'template', 'ports', 'name'], false],
  [[], false],
])('%j is on the way: %s', (path, expected) => {
  expect(isOnTheWay(path, [['metadata'], ['spec', 'template', 'ports']])).toBe(expected)
})

test('keys of one block are told as one, those of another apart, and nothing else is touched', () => {
  expect(say(fault('spec.foo'), missed('spec', 'selector'))).toEqual(['spec.foo', 'spec'])
  expect(say(slid('spec.ports', 'a'))).toEqual(['spec.ports'])
  expect(say(slid('spec.ports', 'a'), slid('spec.env', 'a'), fault('spec.foo'))).toEqual([
    'unknown fields "ports" and "env" in spec: they belong to a',
    'spec.foo',
  ])
  expect(say(slid('spec.ports', 'a'), slid('spec.env', 'b'))).toEqual(['spec.ports', 'spec.env'])
  expect(say(slid('one'), slid('two'))).toEqual(['unknown fields "one" and "two": they belong to the top level'])
  const many = ['a', 'b', 'c', 'd', 'e', 'f'].map(name => slid(`spec.${name}`, 'x'))
  expect(say(...many)).toEqual(['unknown fields "a", "b", "c", "d" and 2 more in spec: they belong to x'])
})

test('that it is missing where it belongs goes without saying', () => {
  const block = slid('template', 'spec')
  expect(say(block, { ...missed('', 'spec'), fieldPath: [] })).toEqual(['template'])
  expect(say(block, missed('spec', 'template'))).toEqual(['template'])
  expect(say(block, missed('spec', 'selector'))).toEqual(['template', 'spec'])
  expect(say(block, fault('spec', { keyword: 'type', isEmpty: true }))).toEqual(['template'])
  expect(say(block, fault('spec', { keyword: 'type' }))).toEqual(['template', 'spec'])
})
