import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { modulesFolder } from '../testing.ts'
import { PACKAGES } from './packages.ts'
import { makeProduct } from './product.ts'
import { shareEqualParts } from './share.ts'

const folder = join(import.meta.dirname, '../definitions')

test('the committed schemas are those of the pinned packages: `npm run schemas` writes them', () => {
  const product = makeProduct(modulesFolder)
  expect(globSync('**/*.json', { cwd: folder }).sort()).toEqual([...product.keys()].sort())
  const stale = [...product].filter(([path, text]) => readFileSync(join(folder, path), 'utf8') !== text)
  expect(stale.map(([path]) => path)).toEqual([])
})

test.each(PACKAGES)('$name is the version whose products are named', ({ name, version }) => {
  const { version: installed } = JSON.parse(readFileSync(join(modulesFolder, name, 'package.json'), 'utf8'))
  expect(installed).toBe(version)
})

test('what stands in several places is said once, under the name of the first', () => {
  const part = { type: 'object' as const, properties: { ['x'.repeat(200)]: { type: 'string' as const } } }
  const inner = { type: 'object' as const, properties: { a: part, b: { type: 'array' as const, items: part } } }
  const shared = shareEqualParts(new Map([['f#K', inner]]), (name, path) => [name, ...path].join('.'))
  expect(Object.fromEntries(shared)).toEqual({
    'f#K': {
      type: 'object',
      properties: { a: { $ref: 'f#K.a' }, b: { type: 'array', items: { $ref: 'f#K.a' } } },
    },
    'f#K.a': part,
  })
})
