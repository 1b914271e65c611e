// What is said of objects whose kind has no schema, and how many of them there are.
import { expect, test } from 'vitest'
import { useFolder } from '../../tests/folder.ts'
import { validateTree } from '../../tests/tree.ts'
import type { Renderings } from '../tree/engine.ts'
import { type Build, type Resource, renderedResource } from '../tree/model/build.ts'
import { type Fault, fileOf } from '../tree/model/place.ts'
import { checkKinds, withoutMissed } from './check-kinds.ts'
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

const widget = (kind: string, name: string, build = 'dev', more = {}) =>
  renderedResource(build, { apiVersion: 'e.com/v1', kind, metadata: { name }, ...more }, 0)
const said = (ruleId: string, values: Fault['values'], more: Partial<Fault> = {}): Fault => ({
  ...{ ruleId, message: 'm', values, places: [{ resource: widget('Wigdet', 'one'), fieldPath: ['kind'] }] },
  ...more,
})
const at = (kind: string, name: string): Fault['places'] => [{ resource: widget(kind, name), fieldPath: ['spec'] }]
const PODS = { spec: { contaners: [{ image: 'nginx:1' }, { image: 'ghcr.io/acme/web@sha256:0' }] } }
const UNREAD = said('schema-validation', [], {
  places: [{ resource: widget('Deployment', 'web', 'dev', PODS), fieldPath: ['spec', 'contaners'] }],
})
const MISTYPED = said('unknown-kind', ['kind'])

test.each<readonly [what: string, told: Fault, found: Fault, isTold: boolean]>([
  ['a patch for the right kind', MISTYPED, said('unmatched-patch-target', ['kind Wigdet', 'name one']), false],
  ['a patch for another name', MISTYPED, said('unmatched-patch-target', ['kind Wigdet', 'name two']), true],
  ['a patch for another kind', MISTYPED, said('unmatched-patch-target', ['kind Gadget', 'name one']), true],
  ['a name of its own that is lost', MISTYPED, said('lost-name-reference', [], { places: at('Wigdet', 'one') }), false],
  ['a name of another object', MISTYPED, said('lost-name-reference', [], { places: at('Wigdet', 'two') }), true],
  ['a name of another kind', MISTYPED, said('lost-name-reference', [], { places: at('Gadget', 'one') }), true],
  ['something else of the object', MISTYPED, said('dangling-claim', [], { places: at('Wigdet', 'one') }), true],
  ['an image that nobody reads', UNREAD, said('unmatched-image', ['nginx'], { builds: ['dev'] }), false],
  ['an image with a digest', UNREAD, said('unmatched-image', ['ghcr.io/acme/web'], { builds: ['dev'] }), false],
  ['an image of another build', UNREAD, said('unmatched-image', ['nginx'], { builds: ['prod'] }), true],
  ['an image of no build', UNREAD, said('unmatched-image', ['nginx']), true],
  ['an image with a longer name', UNREAD, said('unmatched-image', ['ngin'], { builds: ['dev'] }), true],
  [
    'an image, where a rule of another field has found something',
    { ...UNREAD, ruleId: 'api-validation' },
    said('unmatched-image', ['nginx'], { builds: ['dev'] }),
    true,
  ],
])('%s is told: %s', (_, told, found, isTold) => {
  const another = said('unknown-kind', ['kind'], { places: at('Gizmo', 'x') })
  expect(withoutMissed([found], [told, another])).toEqual(isTold ? [found] : [])
})

test('what is mistyped in a build that is not rendered counts as well', () => {
  const { resource, ...place } = {
    ...fileOf('a.yaml'),
    resource: { apiVersion: 'e.com/v1', kind: 'Wigdet', name: 'one' },
  }
  const told = said('unknown-kind', ['kind'], { places: [place], resource })
  expect(withoutMissed([said('unmatched-patch-target', ['kind Wigdet', 'name one'])], [told])).toEqual([])
})

const folder = useFolder('kinds')

test.each([
  ['ClusterRole', 'web', 'warning'],
  ['ClusterRole', 'other', 'error'],
  ['Role', 'web', 'error'],
])('a %s of a removed version, beside one called %s, is one of severity %s', async (kind, name, severity) => {
  const object = (version: string, called: string): string =>
    `apiVersion: rbac.authorization.k8s.io/${version}\nkind: ${kind}\nmetadata: { name: ${called} }\nrules: []\n`
  folder.write('other/role.yaml', object('v1beta1', 'web'))
  folder.write('new/role.yaml', object('v1', name))
  const look = async () =>
    (await validateTree(folder.root)).report.findings
      .filter(({ ruleId }) => ruleId === 'unknown-kind')
      .map(one => one.severity)
  expect(await look()).toEqual([severity])
  folder.write('other/kustomization.yaml', 'resources: [role.yaml]\n')
  expect(await look()).toEqual(['error'])
})

test('a version of another program, which several kinds tell', async () => {
  const files = (...kinds: readonly string[]) =>
    kinds.map((kind, at) => ({ file: `${at}.yaml`, apiVersion: 'v1', kind }))
  const two = await check(files('Machine', 'VirtualNetwork', 'Machine', 'ServiceMonitor'))
  expect(two.faults).toHaveLength(4)
  const three = await check([...files('Machine', 'VirtualNetwork', 'VpnDoor'), ...files('ConfigMapp')])
  expect(three.faults).toHaveLength(1)
  expect(three.notExamined).toHaveLength(3)
})

test.each([
  ['kind: EncryptionConfig\nresources: []', []],
  ['kind: ConfigMapp\ndata: {}', ['error']],
  ['kind: EncryptionConfig\nmetadata: { name: web }', ['error']],
])(
  '%j of v1 is a file of another program where nothing knows the kind and it has no name',
  async (text, severities) => {
    folder.write('config.yaml', `apiVersion: v1\n${text}\n`)
    const { report } = await validateTree(folder.root)
    expect(report.findings.filter(one => one.ruleId === 'unknown-kind').map(one => one.severity)).toEqual(severities)
  },
)
