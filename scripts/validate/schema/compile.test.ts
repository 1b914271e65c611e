import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { createCompiler } from './compile.ts'
import { openDefinitions } from './definitions.ts'
import { formats } from './formats.ts'
import { definitionOf, type JsonSchema } from './json-schema.ts'
import { compilePattern } from './re2.ts'
import { listServed } from './served.ts'
import { documents, type Draft, mutate, seededRandom } from './testing.ts'

const { lookup, check } = openDefinitions({ lookupCustom: () => undefined, onTooLong: () => {} })

/** ajv knows references within one schema: all that a definition reaches goes into one. */
function bundle(id: string): object {
  const $defs: Record<string, unknown> = {}
  const keyOf = (name: string) => name.replaceAll(/[^\w]/g, '_')
  const add = (name: string): void => {
    const key = keyOf(name)
    if (Object.hasOwn($defs, key)) return
    $defs[key] = {}
    $defs[key] = JSON.parse(JSON.stringify(lookup(name)), (word, value) => {
      if (word !== '$ref' || typeof value !== 'string') return value
      add(definitionOf(value))
      return `#/$defs/${keyOf(definitionOf(value))}`
    })
  }
  add(id)
  return { $defs, $ref: `#/$defs/${keyOf(id)}` }
}

function createAjv(): Ajv {
  const regExp = Object.assign((source: string) => ({ ...compilePattern(source), toString: () => source }), {
    code: 'unused',
  })
  return new Ajv({ allErrors: true, strict: false, logger: false, ownProperties: true, formats, code: { regExp } })
}

/** Where, and which keyword: faults within alternatives aside, which say nothing alone. */
function faultsOfAjv(validate: ReturnType<Ajv['compile']>, value: unknown): string[] {
  validate(value)
  const faults = (validate.errors ?? []).filter(({ schemaPath }) => !/\/(anyOf|oneOf|not)\/./.test(schemaPath))
  const named = faults.map(({ instancePath, keyword, params }) => {
    const name = params.missingProperty ?? params.additionalProperty
    return `${instancePath} ${keyword} ${name ?? ''}`
  })
  const wrongType = named.filter(fault => / type $/.test(fault)).map(fault => fault.slice(0, -' type '.length))
  // A value of another type has one fault here.
  return [
    ...new Set(named.filter(fault => / type $/.test(fault) || !wrongType.includes(fault.split(' ')[0] ?? ''))),
  ].sort()
}

function faultsOfOurs(found: ReturnType<typeof check>): string[] {
  return found
    .map(({ path, keyword, params }) => {
      const pointer = path.map(part => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
      return `${pointer} ${keyword} ${params.missingProperty ?? params.additionalProperty ?? ''}`
    })
    .sort()
}

test.each([
  ...documents.map(([, document]) => document),
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'v' },
    spec: {
      hosts: ['a'],
      http: [{ match: [{ uri: { prefix: '/a' } }], route: [{ destination: { host: 'a', port: { number: 80 } } }] }],
    },
  },
  {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name: 'c' },
    spec: { secretName: 's', issuerRef: { name: 'i' }, duration: '24h', dnsNames: ['a'], privateKey: { size: 2048 } },
  },
] as Draft[])('$apiVersion $kind: on broken documents ajv finds the same', document => {
  const id = listServed().find(one => one.apiVersion === document.apiVersion && one.kind === document.kind)?.definition
  const validate = createAjv().compile(bundle(id as string))
  const random = seededRandom(7)
  expect(check(id as string, document)).toEqual([])
  let faulty = 0
  for (let round = 0; round < 1000; round++) {
    const mutant = mutate(document, random)
    const found = check(id as string, mutant)
    if (found.length > 0) faulty++
    expect(faultsOfOurs(found), JSON.stringify(mutant)).toEqual(faultsOfAjv(validate, mutant))
  }
  expect(faulty).toBeGreaterThan(300)
})

test('every keyword means to ajv what it means here', () => {
  const schemas: JsonSchema[] = [
    { type: 'integer' },
    { type: ['integer', 'string'], format: 'int-or-string' },
    { type: 'number', minimum: 2, maximum: 4 },
    { exclusiveMinimum: 2, exclusiveMaximum: 4 },
    { multipleOf: 0.5 },
    { type: 'string', minLength: 2, maxLength: 3 },
    { pattern: '^a' },
    { format: 'quantity' },
    { format: 'int32' },
    { enum: [1, 'a', null, { a: [1] }] },
    { type: 'array', minItems: 1, maxItems: 2, items: { type: 'string' } },
    { type: 'object', minProperties: 1, maxProperties: 2 },
    { required: ['a', 'constructor'], properties: { a: { type: 'string' } }, additionalProperties: false },
    { properties: { constructor: { type: 'string' as const } }, additionalProperties: { type: 'integer' } },
    { anyOf: [{ type: 'string' }, { required: ['a'] }] },
    { oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    { allOf: [{ required: ['a'] }, { type: 'object' }] },
    { not: { required: ['a'] } },
    { type: ['string', 'null'] },
  ]
  const values = [
    ...[0, 1, 2, 2.5, 3, 4, 5, -1, 3_000_000_000, 0.3],
    ...['', 'a', 'aa', '😀😀😀', 'bbbb', '1Gi', null, true],
    ...[[], ['a'], ['a', 1, 'c'], {}, { a: 1 }, { a: 'x', b: 2 }, { a: 'x', b: 1, c: 2 }, { a: [1] }],
    JSON.parse('{"constructor": 1, "__proto__": "x"}'),
  ]
  for (const schema of schemas) {
    const validate = createAjv().compile(schema)
    const compiler = createCompiler(() => schema, compilePattern)
    for (const value of values) {
      const place = `${JSON.stringify(schema)} on ${JSON.stringify(value)}`
      expect(faultsOfOurs(compiler.check('x', value)), place).toEqual(faultsOfAjv(validate, value))
    }
  }
})
