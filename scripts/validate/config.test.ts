import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { PROJECT } from '../../tests/tree.ts'
import { SourceFile } from '../tree/source/source-file.ts'
import { DEFAULT_CONFIG, findFault, readConfig } from './config.ts'
import { makeConfigSchema } from './config-schema.ts'
import schema from './validation.schema.json' with { type: 'json' }

const read = (text: string) => readConfig(new SourceFile('validation.yaml', Buffer.from(text)))

test('the schema knows the rules of the catalogue: `npm run explain -- --write` writes it', () => {
  expect(schema).toEqual(makeConfigSchema())
})

test('validation.yaml names its schema, so that editors complete it', () => {
  const [, path] =
    readFileSync(join(PROJECT, 'validation.yaml'), 'utf8').match(/^# yaml-language-server: \$schema=(.+)$/m) ?? []
  expect(JSON.parse(readFileSync(join(PROJECT, path as string), 'utf8'))).toEqual(schema)
})

test.each(['', '{}', 'exclude:', 'repository: { urls: }', 'rules: {}'])('"%s" means the defaults', text => {
  expect(read(text)).toEqual(DEFAULT_CONFIG)
})

test('what is written is what is read', () => {
  const text = `repository: { urls: [u] }
exclude: [/a/]
unknownKinds: { allow: [{ apiVersion: a/v1, kind: K }] }
rules: { dangling-service: off, duplicate-resource: warning }
schemas: [crds/a.yaml, { file: b.json, apiVersion: b/v1, kind: B }]
`
  expect(read(text)).toEqual({
    repository: { urls: ['u'] },
    exclude: ['/a/'],
    kustomize: { enableHelm: false },
    unknownKinds: { allow: [{ apiVersion: 'a/v1', kind: 'K' }] },
    rules: { 'dangling-service': 'off', 'duplicate-resource': 'warning' },
    policies: [],
    preset: 'recommended',
    severity: [],
    suppressions: [],
    schemas: [{ file: 'crds/a.yaml' }, { file: 'b.json', kind: { apiVersion: 'b/v1', kind: 'B' } }],
  })
})

test.each([
  ['a', '1:1: the file must be a mapping'],
  ['unknownKind: {}', '1:1: unknown key "unknownKind": did you mean "unknownKinds"?'],
  [
    'x: 1',
    '1:1: unknown key "x"; known are repository, exclude, unknownKinds, rules, schemas, kustomize, environments',
  ],
  ['rules: { dangling-servce: off }', '1:10: unknown key "dangling-servce": did you mean "dangling-service"?'],
  ['rules: { dangling-service: fatal }', '1:10: rules.dangling-service must be error, warning or off'],
  ['exclude: text', '1:1: exclude must be a list'],
  ['exclude: [a, 1]', '1:14: exclude.1 must be a string'],
  ['exclude: [""]', '1:11: exclude.0 must not be empty'],
  ['unknownKinds: { allow: [{ kind: A }] }', '1:25: unknownKinds.allow.0.apiVersion is required'],
  ['schemas: [{ file: a }]', '1:11: schemas.0 must be a file, or a mapping of file, apiVersion and kind'],
  ['environments: { order: [{ name: a }] }', '1:25: environments.order.0.builds is required'],
  [
    'environments: { order: [{ name: a, builds: [] }] }',
    '1:36: environments.order.0.builds must have at least one item',
  ],
  [
    'environments: { order: [{ name: a, builds: [b], replicas: { minimum: -1 } }] }',
    '1:61: environments.order.0.replicas.minimum must be at least 0',
  ],
  [
    'environments: { order: [{ name: a, builds: [b] }, { name: a, builds: [c] }] }',
    '1:53: environment a is listed twice',
  ],
  ['a: [', '2:1: '],
  ['{}\n---\n{}', '1:1: one document is expected'],
])('%s: %s', (text, message) => {
  expect(() => read(`${text}\n`)).toThrow(`validation.yaml:${message}`)
})

const policy = (fields: string): string => `policies:\n  - id: a\n    kinds: [Pod]\n${fields}`

test.each([
  [policy('    expression: object.spec ==\n'), '4:31: the expression of policy a is not an expression: '],
  [policy('    expression: object.spec.a + * 1 == 2\n'), '4:33: the expression of policy a is not an expression: '],
  [policy("    expression: 'spec.a == 1'\n"), '4:18: the expression of policy a speaks of spec, which is not declared'],
  [
    policy('    expression: |-\n      true &&\n      (obj.a == 1)\n'),
    '6:8: the expression of policy a speaks of obj, ',
  ],
  [
    policy('    expression: >-\n      true &&\n      foo(1)\n'),
    '6:7: the expression of policy a calls foo, which CEL does not have',
  ],
  [policy('    expression: true &&\n      obj == 1\n'), '5:7: the expression of policy a speaks of obj, '],
  [policy('    expression: 1 + 1\n'), '4:17: the expression of policy a must be of type bool, and is of type int'],
  [policy('    expression: \'1 == "a"\'\n'), '4:18: the expression of policy a is not known here: no such overload'],
  [
    policy("    expression: 'true'\n    messageExpression: object == 1\n"),
    '5:24: the messageExpression of policy a must be of type string, and is of type bool',
  ],
  [policy("    expression: 'true'\n").replace('id: a', 'id: A b'), '2:5: id must be lower-case words with dashes'],
  [
    `${policy("    expression: 'true'\n")}  - { id: a, kinds: [Pod], expression: 'true' }\n`,
    '5:7: policy a is listed twice',
  ],
])('of a policy: %s', (text, message) => {
  expect(() => read(text)).toThrow(`validation.yaml:${message}`)
})

test('ajv takes the schema for a good one, and judges alike', () => {
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema)
  const values = [
    {},
    [],
    null,
    { x: 1 },
    { rules: { 'dangling-service': 'off' } },
    { rules: { 'dangling-service': false } },
    { rules: { 'dangling-service': 'x' } },
    { exclude: ['a'] },
    { exclude: [1] },
    { exclude: [''] },
    { schemas: ['a', { file: 'a', apiVersion: 'b', kind: 'c' }] },
    { schemas: [{ file: 'a' }] },
    { unknownKinds: { allow: [{ kind: 'A' }] } },
  ]
  for (const value of values) expect(findFault(value) === undefined, JSON.stringify(value)).toBe(validate(value))
})
