// Parameters as Argo CD names, prints, flattens and combines them.
import { expect, test } from 'vitest'
import {
  describePath,
  fillFrom,
  flatten,
  listTexts,
  mapTexts,
  mergeOver,
  printGo,
  replacePlain,
  sanitizeName,
} from './parameters.ts'

test.each([
  ['Web_Shop', 'web-shop'],
  ['-web.', 'web'],
  ['ä', ''],
  ['a'.repeat(300), 'a'.repeat(253)],
])('%s is named %s', (name, expected) => {
  expect(sanitizeName(name)).toBe(expected)
})

test.each([
  ['text', 'text'],
  [0, '0'],
  [1.5, '1.5'],
  [999_999, '999999'],
  [1_000_000, '1e+06'],
  [12_345_678, '1.2345678e+07'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [true, 'true'],
  [null, '<nil>'],
  [['a', 1], '[a 1]'],
  [{ b: 1, a: ['c'] }, 'map[a:[c] b:1]'],
])('Go prints %j as %s', (value, expected) => {
  expect(printGo(value)).toBe(expected)
})

test('what is nested is flat with dots, and what is empty stays', () => {
  expect({ ...flatten({ a: { b: ['c', { d: 1 }] }, e: {}, f: null }) }).toEqual({
    ...{ 'a.b.0': 'c', 'a.b.1.d': '1', e: 'map[]', f: '<nil>' },
  })
})

test.each([
  [{ a: 1 }, { b: 2 }, { a: 1, b: 2 }],
  [{ a: { b: 1, c: 2 } }, { a: { b: 3 } }, { a: { b: 3, c: 2 } }],
  [{ a: [1] }, { a: [2] }, { a: [2] }],
  [{ a: { b: 1 } }, { a: 'text' }, { a: 'text' }],
])('%j with %j over it is %j', (base, over, expected) => {
  expect(mergeOver(base, over)).toEqual(expected)
})

test.each([
  [{ a: 1 }, { a: 2, b: 3 }, { a: 1, b: 3 }],
  [{ a: { b: '' } }, { a: { b: 'c' } }, { a: { b: 'c' } }],
  [{ a: false }, { a: true }, { a: true }],
  [{ a: 0 }, { a: 5 }, { a: 5 }],
  [{ a: [] }, { a: ['b'] }, { a: ['b'] }],
  [{ a: ['c'] }, { a: ['b'] }, { a: ['c'] }],
  [{ a: null }, { a: {} }, { a: {} }],
  [undefined, 'b', 'b'],
])('%j, filled from %j, is %j', (own, base, expected) => {
  expect(fillFrom(own, base)).toEqual(expected)
})

test('a path is nested for Go templates and flat for the plain ones', () => {
  expect(describePath('apps/Web', undefined, '', true)).toEqual({
    path: { path: 'apps/Web', basename: 'Web', basenameNormalized: 'web', segments: ['apps', 'Web'] },
  })
  expect(describePath('apps', 'My.yaml', 'git', true)).toMatchObject({
    git: { path: { filename: 'My.yaml', filenameNormalized: 'my.yaml' } },
  })
  expect(describePath('apps/Web', 'My.yaml', 'git', false)).toEqual({
    ...{ 'git.path': 'apps/Web', 'git.path.basename': 'Web', 'git.path.basenameNormalized': 'web' },
    ...{ 'git.path.filename': 'My.yaml', 'git.path.filenameNormalized': 'my.yaml' },
    ...{ 'git.path[0]': 'apps', 'git.path[1]': 'Web' },
  })
  expect(describePath('a//b', undefined, '', false)).toEqual({
    ...{ path: 'a//b', 'path.basename': 'b', 'path.basenameNormalized': 'b', 'path[0]': 'a', 'path[2]': 'b' },
  })
})

test.each([
  ['{{name}}-{{ path.basename }}', 'web-shop'],
  ['{{unknown}}', '{{unknown}}'],
  ['{{count}}', '{{count}}'],
  ['{{}}', '{{}}'],
  ['{{ toString }}', '{{ toString }}'],
  ['plain', 'plain'],
])('%s becomes %s', (text, expected) => {
  expect(replacePlain(text, { name: 'web', 'path.basename': 'shop', count: 1 })).toBe(expected)
})

test('texts of a value are its keys, too', () => {
  const value = { a: ['b', { c: 'd' }], e: 1, f: null }
  expect([...listTexts(value)]).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  expect(mapTexts(value, text => text.toUpperCase())).toEqual({ A: ['B', { C: 'D' }], E: 1, F: null })
})
