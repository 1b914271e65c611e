// What is refused here is what a Kubernetes 1.36 API server refuses of the same objects under the same definition.
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { useFolder } from '../../../tests/folder.ts'
import { validateTree } from '../../../tests/tree.ts'

type Fields = Record<string, unknown>
const text = { type: 'string', maxLength: 20 }
const integer = { type: 'integer' }

function define(spec: Fields, version: Fields = {}): Fields {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'racks.shop.example.com' },
    spec: {
      group: 'shop.example.com',
      scope: 'Namespaced',
      names: { plural: 'racks', kind: 'Rack' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', ...spec } } } },
          ...version,
        },
      ],
    },
  }
}

const folder = useFolder('custom')

async function judge(definitions: readonly Fields[], object: Fields): Promise<readonly string[]> {
  const rack = { apiVersion: 'shop.example.com/v1', kind: 'Rack', metadata: { name: 'one' }, ...object }
  for (const [index, one] of definitions.entries()) folder.write(`crd-${index}.yaml`, stringify(one))
  folder.write('rack.yaml', stringify(rack))
  const { findings, notExamined } = (await validateTree(folder.root)).report
  return [
    ...findings
      .filter(({ location }) => location.file === 'rack.yaml')
      .map(({ location, fieldPath, message }) => `${location.line} ${fieldPath?.join('.')}: ${message}`),
    ...notExamined.map(({ reason, detail }) => `? ${reason}: ${detail}`),
  ]
}

const by = '(a rule of CustomResourceDefinition racks.shop.example.com)'
const bounds = {
  properties: { min: integer, max: { ...integer, default: 3 }, note: text },
  'x-kubernetes-validations': [{ rule: 'self.min <= self.max', message: 'min must not be above max' }],
}

test('a rule that does not hold is a refusal, with the defaults of the definition', async () => {
  expect(await judge([define(bounds)], { spec: { min: 5 } })).toEqual([`6 spec: min must not be above max ${by}`])
  expect(await judge([define(bounds)], { spec: { min: 2 } })).toEqual([])
})

test('a rule that asks for a field that is not there is a refusal', async () => {
  expect(await judge([define(bounds)], { spec: { note: 'x' } })).toEqual([
    `5 spec: asks for min, which is not there: self.min <= self.max ${by}`,
  ])
})

test('the field and the message are those that the definition names', async () => {
  const rules = [
    {
      rule: 'self.max < 10',
      fieldPath: '.max',
      messageExpression: '"at most 9, not " + string(self.max)',
      message: 'no',
    },
  ]
  const definition = define({ ...bounds, 'x-kubernetes-validations': rules })
  expect(await judge([definition], { spec: { min: 1, max: 12 } })).toEqual([`7 spec.max: at most 9, not 12 ${by}`])
})

test('rules of items, of maps, of names that are not identifiers, and of the name', async () => {
  const definition = define(
    {
      properties: {
        'x-y': { type: 'object', properties: { namespace: text } },
        list: { type: 'array', items: { ...text, 'x-kubernetes-validations': [{ rule: 'self.startsWith("a")' }] } },
        map: {
          type: 'object',
          additionalProperties: { ...integer, 'x-kubernetes-validations': [{ rule: 'self > 0' }] },
        },
      },
      'x-kubernetes-validations': [
        { rule: '!has(self.x__dash__y) || self.x__dash__y.__namespace__ != "none"', message: 'not none' },
        { rule: '!has(self.x__dash__y.namespace) || self.x__dash__y.namespace != "none"', message: 'nor by its word' },
      ],
    },
    {},
  )
  const spec = { 'x-y': { namespace: 'none' }, list: ['a', 'b'], map: { one: 1, two: 0 } }
  expect(await judge([definition], { spec })).toEqual([
    `7 spec: nor by its word ${by}`,
    `7 spec: not none ${by}`,
    `10 spec.list.1: the object does not meet self.startsWith("a") ${by}`,
    `13 spec.map.two: the object does not meet self > 0 ${by}`,
  ])
})

test('what compares with an earlier object does not hold back a new one', async () => {
  const rules = [
    { rule: 'self.max >= oldSelf.max' },
    { rule: 'oldSelf.hasValue() || self.max == 3', optionalOldSelf: true, message: 'begins with 3' },
  ]
  const definition = define({ ...bounds, 'x-kubernetes-validations': rules })
  expect(await judge([definition], { spec: { max: 3 } })).toEqual([])
  expect(await judge([definition], { spec: { max: 4 } })).toEqual([`6 spec: begins with 3 ${by}`])
})

test('an item of a set and a key of a map are there once', async () => {
  const definition = define({
    properties: {
      set: { type: 'array', 'x-kubernetes-list-type': 'set', items: text },
      map: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['port', 'protocol'],
        items: {
          type: 'object',
          required: ['port'],
          properties: { port: integer, protocol: { ...text, default: 'TCP' } },
        },
      },
    },
  })
  const map = [{ port: 1 }, { port: 1, protocol: 'UDP' }, { port: 1, protocol: 'TCP' }]
  expect(await judge([definition], { spec: { set: ['a', 'b', 'a'], map } })).toEqual([
    '9 spec.set.2: spec.set[2] has "a", which spec.set[0] has already: each may be there once',
    '14 spec.map.2: spec.map[2] has port "1" and protocol "TCP", which spec.map[0] has already: each may be there once',
  ])
})

test('what cannot be evaluated is listed for each kind, of whichever groups they are', async () => {
  const own = define({ ...bounds, 'x-kubernetes-validations': [{ rule: 'self.note.unheardOf() > 1' }] })
  const [group, name] = ['other.example.com', 'racks.other.example.com']
  const other = { ...own, metadata: { name }, spec: { ...(own.spec as Fields), group } }
  folder.write(
    'other.yaml',
    stringify({ apiVersion: `${group}/v1`, kind: 'Rack', metadata: { name: 'two' }, spec: { note: 'a' } }),
  )
  expect(await judge([own, other], { spec: { note: 'a' } })).toHaveLength(2)
})

test('what cannot be evaluated is not examined, and is told once', async () => {
  const definition = define({ ...bounds, 'x-kubernetes-validations': [{ rule: 'self.note.unheardOf() > 1' }] })
  const [told, ...more] = await judge([definition], { spec: { note: 'x' } })
  expect(told).toMatch(
    /^\? a rule of a CustomResourceDefinition that cannot be evaluated here: Rack: an expression calls unheardOf, which CEL does not have/,
  )
  expect(more).toEqual([])
})

test('two definitions of a kind must both refuse it', async () => {
  const loose = define({ ...bounds, 'x-kubernetes-validations': [] })
  expect(await judge([define(bounds), loose], { spec: { min: 5 } })).not.toContain(
    `6 spec: min must not be above max ${by}`,
  )
})

test('metadata is held to what every object is held to', async () => {
  const metadata = { name: 'One', labels: { a: 'bad value!' }, annotations: { 'a/b/c': 'x' } }
  expect((await judge([define(bounds)], { metadata, spec: { min: 1 } })).map(line => line.split(' ')[1])).toEqual([
    'metadata.name:',
    'metadata.labels:',
    'metadata.annotations:',
  ])
})
