// What is said of objects whose kind has no schema, and how many of them there are.
import { expect, test } from 'vitest'
import type { Renderings } from '../tree/engine.ts'
import { type Build, type Resource, renderedResource } from '../tree/model/build.ts'
import { checkKinds } from './check-kinds.ts'
import { type Config, DEFAULT_CONFIG } from './config.ts'
import type { Locate } from './findings/gather.ts'
import { openTestSchemas } from './schema/testing.ts'

const NOTHING_LOST = { failed: new Map(), refused: new Set() } as unknown as Renderings

interface Given {
  readonly file: string
  readonly kind?: string
  readonly apiVersion?: string
  readonly name?: string
  readonly namespace?: string
}

async function check(given: readonly Given[], config: Partial<Config> = {}) {
  const files = new Map<Resource, string>()
  const builds = given.map(({ file, kind = 'Widget', apiVersion = 'e.com/v1', name = 'one', namespace }, at): Build => {
    const object = { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}) } }
    const resource = renderedResource(`build-${at}`, object, 0)
    files.set(resource, file)
    return { id: `build-${at}`, kind: 'kustomize', resources: [resource] }
  })
  const asked: string[] = []
  const locate: Locate = resource => {
    const file = files.get(resource) ?? ''
    asked.push(file)
    return { range: { file, line: 2, column: 1, endLine: 2, endColumn: 9 }, chain: [], rank: 0, proved: true }
  }
  const schemas = await openTestSchemas()
  const { faults, notExamined } = checkKinds(builds, NOTHING_LOST, schemas, { ...DEFAULT_CONFIG, ...config }, locate)
  return {
    faults: faults.map(({ ruleId, values }) => `${ruleId} ${values}`),
    notExamined: notExamined.map(({ detail }) => detail),
    reasons: notExamined.map(({ reason }) => reason),
    asked,
  }
}

test.each<readonly [what: string, given: readonly Given[], expected: readonly string[]]>([
  ['two files with one name are two objects', [{ file: 'a' }, { file: 'b' }], ['2 objects of e.com/v1 Widget']],
  ['one base in two builds is one', [{ file: 'base' }, { file: 'base' }], ['1 object of e.com/v1 Widget']],
  [
    'one base in two namespaces is two',
    [
      { file: 'base', namespace: 'a' },
      { file: 'base', namespace: 'b' },
    ],
    ['2 objects of e.com/v1 Widget'],
  ],
  [
    'of three namesakes in two files there are two',
    [{ file: 'a' }, { file: 'b' }, { file: 'a' }],
    ['2 objects of e.com/v1 Widget'],
  ],
  [
    'another kind and another version are told apart',
    [{ file: 'a' }, { file: 'b', kind: 'Gadget' }, { file: 'c', apiVersion: 'e.com/v2' }],
    ['1 object of e.com/v1 Widget', '1 object of e.com/v1 Gadget', '1 object of e.com/v2 Widget'],
  ],
])('%s', async (_, given, expected) => {
  expect((await check(given)).notExamined).toEqual(expected)
})

test('nobody looks for the lines of objects that share no name', async () => {
  const { notExamined, asked } = await check([
    { file: 'a', name: 'a' },
    { file: 'b', name: 'b' },
  ])
  expect(notExamined).toEqual(['2 objects of e.com/v1 Widget'])
  expect(asked).toEqual([])
})

test.each<readonly [what: string, given: Given, faults: readonly string[], reason: readonly unknown[]]>([
  ['a misspelt kind', { file: 'a', apiVersion: 'apps/v1', kind: 'Deploymnt' }, ['unknown-kind kind'], []],
  ['a kind in another group', { file: 'a', apiVersion: 'app/v1', kind: 'Deployment' }, ['unknown-kind apiVersion'], []],
  ['no apiVersion', { file: 'a', apiVersion: '', kind: 'Service' }, ['schema-validation apiVersion'], []],
  ['no kind', { file: 'a', apiVersion: 'v1', kind: '' }, ['schema-validation kind'], []],
  ['no kind, of another program', { file: 'a', kind: '' }, [], [expect.stringContaining('it has none')]],
  ['a List without a list', { file: 'a', apiVersion: 'v1', kind: 'List' }, ['schema-validation items'], []],
])('%s', async (_, given, faults, reasons) => {
  expect(await check([given])).toMatchObject({ faults, reasons })
})

test('a kind that the configuration allows is not a mistake, and is counted still', async () => {
  const allow = [{ apiVersion: 'apps/v1', kind: 'Deploymnt' }]
  const found = await check([{ file: 'a', apiVersion: 'apps/v1', kind: 'Deploymnt' }], { unknownKinds: { allow } })
  expect(found.faults).toEqual([])
  expect(found.reasons).toEqual(['a kind without a schema (validation.yaml allows it)'])
})
