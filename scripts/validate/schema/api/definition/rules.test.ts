// Rules of definitions: what the API server refuses of them when it compiles them, and what it takes.
import { expect, test } from 'vitest'
import { type Node, rootNode } from '../node.ts'
import { checkDefault } from './defaults.ts'
import { checkRules } from './rules.ts'

const text = { type: 'string', maxLength: 30 }
const integer = { type: 'integer' }
const PROPERTIES = {
  text,
  integer,
  double: { type: 'number' },
  bool: { type: 'boolean' },
  either: { 'x-kubernetes-int-or-string': true },
  list: { type: 'array', items: text, maxItems: 5 },
  objects: {
    type: 'array',
    maxItems: 5,
    items: { type: 'object', properties: { name: text, port: integer, return: { type: 'boolean' } } },
  },
  map: { type: 'object', maxProperties: 5, additionalProperties: text },
  object: { type: 'object', properties: { name: text, namespace: text } },
  metadata: { type: 'object' },
  free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
}

function look(rule: string, isRoot = false): readonly string[] {
  const schema: Node = rootNode({ type: 'object', properties: PROPERTIES, 'x-kubernetes-validations': [{ rule }] })
  return [...checkRules(schema, isRoot, 1)].map(({ message }) => message)
}

test.each([
  ["self.text.startWith('a')", 'calls startWith, which CEL does not have; did you mean startsWith?'],
  ["self.integer.startsWith('a')", 'calls startsWith of a value of type int, which does not have it'],
  ['self.text.startsWith(1)', 'calls startsWith with int, which it does not take'],
  ['self.text.reverse() == self.text', 'calls reverse of a value of type string, which does not have it'],
  ['size(self.integer) > 1', 'calls size with int, which it does not take'],
  ["self.object.contains('a')", 'calls contains of an object, which does not have it'],
  ["cel.bind(x, self.text, x == 'a')", 'calls bind, which CEL of Kubernetes does not have'],
  ["self.text.matches('[')", 'has a pattern that is not a regular expression of Go: missing closing ]: `[`'],
  ['math.greatest(1, 2) == 2', 'speaks of math, which is not declared'],
  ['self.integer == 1.0', 'has an operator between values that have none: int == double'],
  ["self.integer in ['a']", 'has an operator between values that have none: int in list<string>'],
  ['!self.text', 'has ! before a value of type string'],
  ['self.bool && self.text', 'takes a value of type string for a condition'],
  ["self.text[0] == 'a'", 'asks for a field or an item of a value of type string'],
  ["self.objects.all(one, one.nme == 'a')", 'speaks of a field nme that the schema does not have'],
  ['has(self.object.nme)', 'speaks of a field nme that the schema does not have'],
  ['self.free.anything == 1', 'speaks of a field anything that the schema does not have'],
])('%s is refused', (rule, message) => {
  expect(look(rule)).toEqual([expect.stringContaining(message)])
})

test.each([
  'self.integer > 1.0',
  "self.either == '50%' || self.either == 1",
  "self.list + ['a'] == self.list || self.list == []",
  "self.map.all(k, v, k in self.map && v != '') && self.map.key == 'a'",
  "self.objects.filter(one, one.port > 1).all(one, one.name.startsWith('a'))",
  'self.objects.map(one, one.port).sum() < 3',
  "has(self.map.key) && has(self.object.name) && self.?object.?name.orValue('') == ''",
  'isIP(self.text) && cidr(self.text).containsIP(self.text) && !format.uuid().validate(self.text).hasValue()',
  "quantity(self.either).isGreaterThan(quantity('1Gi'))",
  "!has(self.object.namespace) || self.object.__namespace__ == ''",
  "!has(self.object.namespace) || self.object.namespace == ''",
  'self.objects.all(one, !has(one.return) || one.return || one.__return__)',
])('%s is taken', rule => {
  expect(look(rule)).toEqual([])
})

test('the object itself has fields that its schema need not name', () => {
  const root = rootNode({ type: 'object', 'x-kubernetes-validations': [{ rule: "self.metadata.name != ''" }] })
  expect([...checkRules(root, true, 1)]).toEqual([])
})

test.each<[what: string, schema: object, standard: unknown, place: string]>([
  ['a field of another type', { properties: { c: integer } }, { c: 'x' }, 'default.c'],
  ['a field that must be there', { properties: { d: integer }, required: ['d'] }, {}, 'default.d'],
  ['a field within a field', { properties: { c: { type: 'object', required: ['e'] } } }, { c: {} }, 'default.c.e'],
  ['an entry', { additionalProperties: integer }, { k: 'x' }, 'default.k'],
  ['a field that is not known', { properties: { c: integer } }, { z: 1 }, 'default'],
])('%s of a default is refused at its own place', (_, schema, standard, place) => {
  const faults = [...checkDefault(rootNode({ type: 'object', ...schema, default: standard }), false)]
  expect(faults.map(({ fieldPath }) => fieldPath.join('.'))).toEqual([place])
})

test('the two names in the metadata of an object are fields, whatever its schema says', () => {
  expect(look('self.metadata.name != self.metadata.generateName', true)).toEqual([])
  expect(look('has(self.metadata.labels)', true)).toEqual([expect.stringContaining('a field labels that')])
  expect(look("self.metadata.name == 'a'")).toEqual([expect.stringContaining('a field name that')])
})
