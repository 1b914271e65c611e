// Which rules of definitions the API server refuses for what they may cost; each row is what Kubernetes 1.36 says.
import { expect, test } from 'vitest'
import { rootNode } from '../node.ts'
import { explainCost, timesWithin } from './cost.ts'

const integer = { type: 'integer' }
const list = (items: object, maxItems?: number) => ({ type: 'array', items, ...(maxItems && { maxItems }) })
const object = (properties: object) => ({ type: 'object', properties })
const NESTED = 'self.a.all(x, self.b.exists(y, x == y))'

test.each<[what: string, rule: string, schema: object, isTooMuch: boolean]>([
  ['one loop', 'self.a.all(x, x > 0)', object({ a: list(integer) }), false],
  ['a loop in a loop', NESTED, object({ a: list(integer), b: list(integer) }), true],
  ['both bounded', NESTED, object({ a: list(integer, 100), b: list(integer, 100) }), false],
  ['both bounded by much', NESTED, object({ a: list(integer, 5000), b: list(integer, 5000) }), true],
  ['one bounded', NESTED, object({ a: list(integer), b: list(integer, 10) }), true],
  ['one bounded by little', NESTED, object({ a: list(integer), b: list(integer, 5) }), true],
  ['a list of an item', 'self.a.all(x, x.l.all(y, y > 0))', object({ a: list(object({ l: list(integer) })) }), true],
  [
    'what a filter leaves',
    'self.a.filter(x, x > 1).all(x, self.a.exists(y, x == y))',
    object({ a: list(integer) }),
    true,
  ],
  ['two variables', 'self.a.all(i, v, self.a.all(j, w, v != w))', object({ a: list(integer) }), true],
  ['one after the other', 'self.a.all(x, x > 0) && self.a.all(x, x < 9)', object({ a: list(integer, 9) }), false],
  ['what is not known', 'self.map(x, x).all(y, y > 0)', object({}), false],
])('%s', (_, rule, schema, isTooMuch) => {
  expect(explainCost(rule, rootNode(schema), 1) !== undefined).toBe(isTooMuch)
})

test('a rule of an item is run for each', () => {
  const item = object({ l: list(integer, 50) })
  const rule = 'self.l.all(x, x > 0)'
  const of = (bound?: number): number => timesWithin(rootNode(list(item, bound)), 1)
  expect(explainCost(rule, rootNode(item), of())).toMatch(
    /^may cost \d+ or more by its loops, and the server allows 10000000: bound/,
  )
  expect(explainCost(rule, rootNode(item), of(100))).toBeUndefined()
  // A turn costs more than one.
  expect(explainCost(rule, rootNode(object({ l: list(integer, 5) })), of())).toBeDefined()
})
