// What is accepted and refused here is what a Kubernetes 1.36 API server accepted and refused of the same objects under
// the same CustomResourceDefinition.

import { describe, expect, test } from 'vitest'
import type { KubernetesObject } from '../../tree/model/resource.ts'
import { openSchemas } from './index.ts'
import { messagesOf, openTestSchemas, widget, widgetDefinition } from './testing.ts'

type Fields = Record<string, unknown>

const inSpec = (properties: Fields, more: Fields = {}) => ({
  type: 'object',
  properties: { spec: { type: 'object', properties, ...more } },
})
const text = { type: 'string' }
const integer = { type: 'integer' }

interface Case {
  readonly schema: unknown
  readonly version?: Fields
  readonly accepted: readonly Fields[]
  readonly refused: readonly (readonly [fields: Fields, ...messages: string[]])[]
}

const cases: Record<string, Case> = {
  'declared fields': {
    schema: inSpec({ name: text, count: integer, map: { type: 'object' } }),
    accepted: [
      {},
      { spec: { name: 'x', count: 1 } },
      { spec: { map: {} } },
      { metadata: { name: 'x', creationTimestamp: null } },
    ],
    refused: [
      [{ spec: { name: 1 } }, 'spec.name must be a string, not the number 1: quote it'],
      [{ spec: { nmae: 'x' } }, 'unknown field "nmae" in spec: did you mean "name"?'],
      [{ spec: { count: 1.5 } }, 'spec.count must be an integer, not the number 1.5'],
      [{ spec: { count: '5' } }, 'spec.count must be an integer, not the string "5": remove the quotes'],
      [{ spec: { map: { key: 1 } } }, 'unknown field "key" in spec.map'],
      [{ other: 1 }, 'unknown field "other"'],
      [{ status: { a: 1 } }, 'unknown field "status"'],
      [{ metadata: { name: 'x', labels: { a: 1 } } }, 'metadata.labels.a must be a string, not the number 1: quote it'],
      [{ metadata: { name: 'x', foo: 1 } }, 'unknown field "foo" in metadata'],
    ],
  },
  'null is a field that is not there': {
    schema: inSpec(
      {
        needed: text,
        other: text,
        free: { type: 'string', nullable: true },
        list: { type: 'array', items: text },
        freeList: { type: 'array', items: { type: 'string', nullable: true } },
        objects: { type: 'array', items: { type: 'object', properties: { a: text } } },
        map: { type: 'object', additionalProperties: text },
        choice: { type: 'string', enum: ['x', 'y'], nullable: true },
      },
      { required: ['needed'] },
    ),
    accepted: [
      { spec: null },
      { spec: { needed: 'x', other: null, free: null, map: { key: null } } },
      { spec: { needed: 'x', freeList: [null], objects: [{ a: null }] } },
    ],
    refused: [
      [{ spec: { needed: null } }, 'spec.needed is required and is empty here'],
      [{ spec: { needed: 'x', unkown: null } }, 'unknown field "unkown" in spec'],
      [{ spec: { needed: 'x', list: [null] } }, 'spec.list[0] is empty: remove the item or give it a value'],
      [{ spec: { needed: 'x', objects: [null] } }, 'spec.objects[0] is empty: remove the item or give it a value'],
      [{ spec: { needed: 'x', choice: null } }, 'spec.choice must be one of x, y, not empty'],
    ],
  },
  'a nullable field is there with null': {
    schema: inSpec({ needed: { type: 'string', nullable: true } }, { required: ['needed'] }),
    accepted: [{ spec: { needed: null } }],
    refused: [[{ spec: {} }, 'spec.needed is required']],
  },
  'a default is there before anybody looks': {
    schema: inSpec(
      {
        a: { type: 'string', default: 'd' },
        b: { type: 'object', default: { c: 4 }, required: ['c'], properties: { c: { type: 'integer', default: 3 } } },
      },
      { required: ['a', 'b'] },
    ),
    accepted: [{ spec: {} }, { spec: { a: null, b: {} } }],
    refused: [[{ spec: { a: 1 } }, 'spec.a must be a string, not the number 1: quote it']],
  },
  'unknown fields that are preserved': {
    schema: inSpec({
      open: {
        type: 'object',
        'x-kubernetes-preserve-unknown-fields': true,
        properties: { a: text, inner: { type: 'object', properties: { d: integer } } },
      },
      list: {
        type: 'array',
        'x-kubernetes-preserve-unknown-fields': true,
        items: { type: 'object', properties: { a: { type: 'object', properties: { b: text } } } },
      },
      anything: { 'x-kubernetes-preserve-unknown-fields': true },
    }),
    accepted: [
      { spec: { open: { x: { y: null } } } },
      { spec: { list: [{ x: 1 }] } },
      { spec: { anything: [1, {}] } },
      { spec: { anything: null } },
    ],
    refused: [
      [{ spec: { open: { a: 1 } } }, 'spec.open.a must be a string, not the number 1: quote it'],
      [{ spec: { open: { inner: { e: 1 } } } }, 'unknown field "e" in spec.open.inner'],
      [{ spec: { list: [{ a: { x: 1 } }] } }, 'unknown field "x" in spec.list[0].a'],
    ],
  },
  'integers or text': {
    schema: inSpec({
      port: { 'x-kubernetes-int-or-string': true },
      share: {
        anyOf: [{ type: 'integer' }, { type: 'string' }],
        'x-kubernetes-int-or-string': true,
        pattern: '^\\d+%$',
      },
    }),
    accepted: [
      { spec: { port: 3_000_000_000 } },
      { spec: { port: 'http' } },
      { spec: { share: 5 } },
      { spec: { share: '5%' } },
    ],
    refused: [
      [{ spec: { port: true } }, 'spec.port must be an integer or a string, not the boolean true: quote it'],
      [{ spec: { port: 1.5 } }, 'spec.port must be an integer or a string, not the number 1.5: quote it'],
      [{ spec: { share: '5' } }, 'spec.share: "5" does not match ^\\d+%$'],
    ],
  },
  'embedded resources': {
    schema: inSpec({
      open: {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
      },
      closed: {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        properties: { spec: { type: 'object', properties: { size: text } } },
      },
    }),
    accepted: [
      { spec: { open: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { a: 1 } } } },
      { spec: { closed: { apiVersion: 'v1', kind: 'P', spec: { size: 'x' } } } },
    ],
    refused: [
      [{ spec: { open: { kind: 'Pod' } } }, 'spec.open.apiVersion is required'],
      [
        { spec: { open: { apiVersion: 'v1', kind: 'Pod', metadata: { labels: { a: 1 } } } } },
        'spec.open.metadata.labels.a must be a string, not the number 1: quote it',
      ],
      [{ spec: { closed: { apiVersion: '', kind: 'P' } } }, 'spec.closed.apiVersion must not be empty'],
      [{ spec: { closed: { apiVersion: 'v1', kind: 'P', other: 1 } } }, 'unknown field "other" in spec.closed'],
    ],
  },
  maps: {
    schema: inSpec({
      numbers: { type: 'object', additionalProperties: integer },
      any: { type: 'object', additionalProperties: true },
      objects: { type: 'object', additionalProperties: { type: 'object', properties: { size: text } } },
    }),
    accepted: [{ spec: { numbers: { a: 1 }, any: { a: 1, b: 'x' }, objects: { a: { size: 'x' } } } }],
    refused: [
      [{ spec: { numbers: { a: '1' } } }, 'spec.numbers.a must be an integer, not the string "1": remove the quotes'],
      [{ spec: { any: { a: { b: 1 } } } }, 'unknown field "b" in spec.any.a'],
      [{ spec: { objects: { a: { sise: 'x' } } } }, 'unknown field "sise" in spec.objects.a: did you mean "size"?'],
    ],
  },
  'what has a default counts among the fields': {
    schema: inSpec({
      one: {
        type: 'object',
        minProperties: 2,
        properties: { a: text, b: text, version: { type: 'string', default: 'v1' } },
      },
    }),
    accepted: [{ spec: { one: { a: 'x' } } }, { spec: { one: { a: 'x', version: 'v2' } } }],
    refused: [[{ spec: { one: {} } }, 'spec.one must have at least one field']],
  },
  limits: {
    schema: inSpec({
      word: { type: 'string', minLength: 2, maxLength: 4, pattern: '^[a-zé]+$' },
      step: { type: 'integer', minimum: 1, maximum: 10, exclusiveMaximum: true, multipleOf: 3 },
      list: { type: 'array', minItems: 1, maxItems: 2, items: text },
      map: { type: 'object', minProperties: 1, maxProperties: 2, additionalProperties: text },
      small: { type: 'integer', format: 'int32' },
      large: { type: 'integer', format: 'int64' },
      when: { type: 'string', format: 'date-time' },
      day: { type: 'string', format: 'date' },
      mixed: { enum: ['a', 1, { b: [2] }], 'x-kubernetes-preserve-unknown-fields': true },
      unheard: { type: 'string', format: 'of' },
    }),
    accepted: [
      { spec: { word: 'éééé', step: 3, list: ['a'], map: { a: 'b' }, large: 3_000_000_000 } },
      { spec: { when: '2024-01-01T00:00:00.123+01:00', day: '2024-02-29', mixed: { b: [2] }, unheard: 'x' } },
    ],
    refused: [
      [{ spec: { word: 'a' } }, 'spec.word must have at least 2 characters, has 1'],
      [{ spec: { word: 'abcde' } }, 'spec.word must have at most 4 characters, has 5'],
      [{ spec: { word: 'ab1' } }, 'spec.word: "ab1" does not match ^[a-zé]+$'],
      [{ spec: { step: 4 } }, 'spec.step must be a multiple of 3, not 4'],
      [{ spec: { step: 0 } }, 'spec.step must be at least 1, not 0'],
      [{ spec: { step: 12 } }, 'spec.step must be less than 10, not 12'],
      [{ spec: { list: [] } }, 'spec.list must have at least one item'],
      [{ spec: { list: ['a', 'b', 'c'] } }, 'spec.list must have at most 2 items, has 3'],
      [{ spec: { map: {} } }, 'spec.map must have at least one field'],
      [{ spec: { map: { a: '', b: '', c: '' } } }, 'spec.map must have at most 2 fields'],
      [{ spec: { small: 3_000_000_000 } }, 'spec.small must be between -2147483648 and 2147483647, not 3000000000'],
      [
        { spec: { when: '2024-02-30T00:00:00Z' } },
        'spec.when: "2024-02-30T00:00:00Z" is not a date and time (example: 2026-01-31T12:00:00Z)',
      ],
      [{ spec: { day: '2024-13-01' } }, 'spec.day: "2024-13-01" is not a date (example: 2026-01-31)'],
      [{ spec: { mixed: 2 } }, 'spec.mixed must be one of a, 1, {"b":[2]}, not 2'],
    ],
  },
  'one of several': {
    schema: inSpec(
      { file: text, url: text, size: integer },
      { oneOf: [{ required: ['file'] }, { required: ['url'] }] },
    ),
    accepted: [{ spec: { file: 'x' } }, { spec: { file: 'x', url: null } }],
    refused: [
      [{ spec: {} }, 'spec must have exactly one of file, url'],
      [{ spec: { file: 'x', url: 'y' } }, 'spec must have exactly one of file, url'],
      [{ spec: { file: 'x', size: 'n' } }, 'spec.size must be an integer, not the string "n"'],
    ],
  },
  'alternatives of formats that are not known here': {
    schema: inSpec({
      ip: { type: 'string', oneOf: [{ format: 'ipv4' }, { format: 'ipv6' }] },
      other: { type: 'string', not: { format: 'ipv4' } },
      port: { oneOf: [{ type: 'string', format: 'ipv4' }, { type: 'integer' }], 'x-kubernetes-int-or-string': true },
    }),
    accepted: [{ spec: { ip: '10.0.0.1', other: 'x', port: 1 } }, { spec: { ip: '::1', port: '10.0.0.1' } }],
    refused: [[{ spec: { ip: 1 } }, 'spec.ip must be a string, not the number 1: quote it']],
  },
  'any, all and none of several': {
    schema: inSpec(
      { a: text, b: integer, c: text },
      {
        anyOf: [{ properties: { b: { minimum: 5 } }, required: ['b'] }, { required: ['a'] }],
        allOf: [{ properties: { a: { pattern: '^x' } } }],
        not: { required: ['a', 'c'] },
      },
    ),
    accepted: [{ spec: { a: 'xy' } }, { spec: { b: 6 } }],
    refused: [
      [{ spec: { b: 1 } }, 'spec must match one of the 2 alternatives of its schema'],
      [{ spec: { a: 'y' } }, 'spec.a: "y" does not match ^x'],
      [{ spec: { a: 'x', c: 'y' } }, 'spec is a value that its schema rules out'],
    ],
  },
  'names that every JavaScript object has': {
    schema: inSpec(
      {
        constructor: text,
        toString: { type: 'object', properties: { valueOf: integer } },
        'a.b/c~d': text,
        anyOf: { type: 'object', properties: { not: integer } },
      },
      { required: ['constructor'] },
    ),
    accepted: [{ spec: { constructor: 'x' } }],
    refused: [
      [{ spec: {} }, 'spec.constructor is required'],
      [
        { spec: { constructor: 'x', toString: { valueOf: '1' } } },
        'spec.toString.valueOf must be an integer, not the string "1": remove the quotes',
      ],
      [{ spec: { constructor: 'x', 'a.b/c~d': 1 } }, 'spec["a.b/c~d"] must be a string, not the number 1: quote it'],
      [{ spec: { constructor: 'x', hasOwnProperty: 1 } }, 'unknown field "hasOwnProperty" in spec'],
      [{ spec: { constructor: 'x', ...JSON.parse('{"__proto__":1}') } }, 'unknown field "__proto__" in spec'],
      [{ spec: { constructor: 'x', anyOf: { not: 'y' } } }, 'spec.anyOf.not must be an integer, not the string "y"'],
    ],
  },
  "Go's patterns": {
    schema: inSpec({
      day: { type: 'string', pattern: '^(?i)(mon|tues)day$' },
      word: { type: 'string', pattern: '^\\pL+$' },
      slow: { type: 'string', pattern: '^(a+)+$' },
    }),
    accepted: [{ spec: { day: 'MonDay', word: 'é', slow: 'aaa' } }],
    refused: [
      [{ spec: { day: 'noday' } }, 'spec.day: "noday" does not match ^(?i)(mon|tues)day$'],
      [{ spec: { word: '1' } }, 'spec.word: "1" does not match ^\\pL+$'],
      [{ spec: { slow: `${'a'.repeat(40_000)}!` } }, `spec.slow: "${'a'.repeat(60)}…" does not match ^(a+)+$`],
    ],
  },
  'a status that is dropped': {
    schema: {
      type: 'object',
      properties: { status: { type: 'object', required: ['phase'], properties: { phase: text } } },
    },
    version: { subresources: { status: {} } },
    accepted: [{ status: {} }, { status: null }, { status: 1 }, { status: { phase: 1 } }],
    refused: [[{ status: { x: 1 } }, 'unknown field "x" in status']],
  },
  'no schema at all': { schema: undefined, accepted: [{ spec: { a: 1 } }], refused: [] },
}

describe.each(Object.entries(cases))('%s', (_, { schema, version, accepted, refused }) => {
  test('accepted and refused as by the API server', async () => {
    const schemas = await openTestSchemas([widgetDefinition(schema, version)])
    for (const fields of accepted) expect(messagesOf(schemas, widget(fields)), JSON.stringify(fields)).toEqual([])
    for (const [fields, ...messages] of refused) expect(messagesOf(schemas, widget(fields))).toEqual(messages)
  })
})

describe('which kinds there are', () => {
  const definition = widgetDefinition(inSpec({ a: text }))
  const spec = definition.spec as { versions: object[] }
  const served: KubernetesObject = {
    ...definition,
    spec: { ...spec, scope: 'Cluster', versions: [...spec.versions, { name: 'v1alpha1', served: false }] },
  }

  test('a version that is not served is unknown', async () => {
    const schemas = await openTestSchemas([served])
    expect(schemas.isKnown({ apiVersion: 'example.com/v1', kind: 'Widget' })).toBe(true)
    expect(schemas.scopeOf({ apiVersion: 'example.com/v1', kind: 'Widget' })).toBe('Cluster')
    expect(schemas.validate({ ...widget({}), apiVersion: 'example.com/v1alpha1' })).toBeUndefined()
    expect(schemas.explainUnknown({ apiVersion: 'example.com/v1alpha1', kind: 'Widget' })).toEqual({
      isMistake: true,
      reason: 'Widget is served as example.com/v1, not as "example.com/v1alpha1"',
    })
  })

  test('a definition in the tree wins over that of a package', async () => {
    const own = widgetDefinition(inSpec({ mine: text }))
    const application: KubernetesObject = {
      ...own,
      spec: { ...(own.spec as object), group: 'argoproj.io', names: { kind: 'Application', plural: 'applications' } },
    }
    const schemas = await openTestSchemas([application])
    const object = { ...widget({ spec: { mine: 'x' } }), apiVersion: 'argoproj.io/v1', kind: 'Application' }
    expect(schemas.validate(object)).toEqual([])
    expect(schemas.isKnown({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' })).toBe(false)
    expect(schemas.isKnown({ apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject' })).toBe(true)
  })

  test('nobody redefines Kubernetes', async () => {
    const own = widgetDefinition(inSpec({ mine: text }))
    const deployment: KubernetesObject = {
      ...own,
      spec: { ...(own.spec as object), group: 'apps', names: { kind: 'Deployment', plural: 'deployments' } },
    }
    const schemas = await openTestSchemas([deployment])
    const object = { ...widget({ spec: { mine: 'x' } }), apiVersion: 'apps/v1', kind: 'Deployment' }
    expect(messagesOf(schemas, object)).toContain('unknown field "mine" in spec')
  })

  test.each([
    ['no spec', {}],
    ['a text', { spec: 'x' }],
    [
      'versions of another kind',
      { spec: { group: 'example.com', names: { kind: 'Widget' }, versions: [1, null, {}] } },
    ],
    ['names of another kind', { spec: { group: 'example.com', names: [], versions: [{ name: 'v1' }] } }],
  ])('a malformed definition defines nothing: %s', async (_, fields) => {
    const broken = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', ...fields }
    const schemas = await openTestSchemas([broken as KubernetesObject])
    expect(schemas.isKnown({ apiVersion: 'example.com/v1', kind: 'Widget' })).toBe(false)
    expect(schemas.validate(broken as KubernetesObject)?.length).toBeGreaterThan(0)
  })
})

describe('a definition is examined itself', () => {
  const root = 'spec.versions[0].schema.openAPIV3Schema'
  const nest = (depth: number): unknown => {
    let schema: unknown = { type: 'string' }
    for (let level = 0; level < depth; level++) schema = { type: 'object', properties: { a: schema } }
    return schema
  }

  test.each<[string, unknown, string[]]>([
    ['a good one', inSpec({ a: text, l: { type: 'array', items: text } }), []],
    [
      'unknown keyword',
      inSpec({ a: { type: 'string', maxlength: 3 } }),
      [`unknown field "maxlength" in ${root}.properties.spec.properties.a: did you mean "maxLength"?`],
    ],
    ['no type', inSpec({ a: { description: 'x' } }), [`${root}.properties.spec.properties.a.type is required`]],
    [
      'a list of nothing',
      inSpec({ a: { type: 'array' } }),
      [`${root}.properties.spec.properties.a.items is required for a list`],
    ],
    [
      'a type of another language',
      inSpec({ a: { type: 'int' } }),
      [`${root}.properties.spec.properties.a.type must be one of array, boolean, integer, number, object, string`],
    ],
    [
      'a reference',
      inSpec({ a: { $ref: '#/definitions/a' } }),
      [`${root}.properties.spec.properties.a.$ref may not be used in a CustomResourceDefinition`],
    ],
    ['not a schema', inSpec({ a: 'string' }), [`${root}.properties.spec.properties.a must be a mapping, a schema`]],
    [
      'not an expression',
      inSpec({ a: { type: 'string', pattern: '(' } }),
      [`${root}.properties.spec.properties.a.pattern is not a regular expression: missing closing ): \`(\``],
    ],
    [
      'not a list',
      inSpec({ a: { type: 'string' } }, { required: 'a' }),
      [`${root}.properties.spec.required must be a list of strings`],
    ],
    [
      'types are not said under a junctor',
      inSpec({ a: text }, { anyOf: [{ properties: { a: { minLength: 1 } } }] }),
      [],
    ],
    ['nothing', undefined, [`${root} is required`]],
    ['100,000 levels', nest(100_000), [`${root} is nested more than 200 levels deep, more than can be examined`]],
  ])('%s', async (_, schema, messages) => {
    const definition = widgetDefinition(schema)
    const schemas = await openTestSchemas([definition])
    expect(messagesOf(schemas, definition)).toEqual(messages)
  })

  test('a schema that is too large is left aside, and said to be', async () => {
    const wide = inSpec(Object.fromEntries(Array.from({ length: 100_001 }, (_, index) => [`f${index}`, text])))
    for (const schema of [wide, nest(100_000)]) {
      const definition = widgetDefinition(schema)
      const schemas = await openTestSchemas([definition])
      expect(messagesOf(schemas, definition)[0]).toMatch(/, more than can be examined$/)
      expect(schemas.validate(widget({ spec: { f0: 1 } }))).toEqual([])
      expect(schemas.notExamined.map(({ reason }) => reason)).toEqual([
        'the schema of Widget is too large to be examined',
      ])
    }
  })

  test('a pattern that cannot be run here is not applied, and said to be', async () => {
    const pattern = 'a{1000}'.repeat(11)
    const definition = widgetDefinition(inSpec({ a: { type: 'string', pattern } }))
    const schemas = await openSchemas({
      kinds: [{ apiVersion: 'example.com/v1', kind: 'Widget' }],
      customResourceDefinitions: [definition],
    })
    expect(schemas.notExamined).toEqual([
      {
        object: definition,
        fieldPath: [
          'spec',
          'versions',
          0,
          'schema',
          'openAPIV3Schema',
          'properties',
          'spec',
          'properties',
          'a',
          'pattern',
        ],
        reason: `the pattern "${pattern.slice(0, 60)}…" is not applied: it is too large`,
      },
    ])
    expect(schemas.validate(widget({ spec: { a: '1' } }))).toEqual([])
  })

  test('a value that is too long for its pattern passes, and is said to', async () => {
    const definition = widgetDefinition(inSpec({ a: { type: 'string', pattern: '[ab]{1000}c' } }))
    const schemas = await openTestSchemas([definition])
    const object = widget({ spec: { a: 'ab'.repeat(200_000) } })
    expect(schemas.validate(object)).toEqual([])
    expect(schemas.notExamined.map(({ reason }) => reason)).toEqual([
      'a value is too long to be tested against [ab]{1000}c',
    ])
  })

  test('thousands of faults are counted, not listed', async () => {
    const schemas = await openTestSchemas([widgetDefinition(inSpec({ list: { type: 'array', items: integer } }))])
    const messages = messagesOf(schemas, widget({ spec: { list: Array.from({ length: 100_000 }, () => 'x') } }))
    expect(messages.length).toBe(51)
    expect(messages[50]).toBe('at least 150 more faults in this object')
  })
})
