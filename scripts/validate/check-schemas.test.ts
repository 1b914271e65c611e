// Which fields of an object that its schema refuses later rules may still rely on.
import { expect, test } from 'vitest'
import type { Build, Resource } from '../tree/model/build.ts'
import type { Fault, FieldPath } from '../tree/model/place.ts'
import { checkSchemas, withoutRefused, withoutTold } from './check-schemas.ts'
import { openSchemas } from './schema/index.ts'

async function judge(spec: Readonly<Record<string, unknown>>, kind = 'apps/v1/Deployment', more: object = {}) {
  const [name = '', version = '', group = ''] = kind.split('/').reverse()
  const apiVersion = group === '' ? version : `${group}/${version}`
  const object = { apiVersion, kind: name, metadata: { name: 'web' }, spec, ...more }
  const resource = { object, group, kind: name, name: 'web', origin: { kind: 'rendered' } } as unknown as Resource
  const builds = [{ id: '.', resources: [resource] }] as unknown as readonly Build[]
  const schemas = await openSchemas({ kinds: [object], customResourceDefinitions: [] })
  const clean: Resource[] = []
  const memory = { isClean: () => false, noteClean: (one: Resource) => clean.push(one) }
  const { faults, isSound } = checkSchemas(builds, schemas, memory)
  return Object.assign((path: string) => isSound(resource, path === '' ? [] : path.split('.')), {
    faults: faults.map(({ ruleId, places: [place] }) => `${ruleId} ${place.fieldPath.join('.')}`),
    isClean: clean.length > 0,
    severities: faults.map(({ severity }) => severity),
  })
}

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'web:1' }] },
}

test('what is missing makes its holder unsound, and not its neighbours', async () => {
  const isSound = await judge({ template })
  expect(isSound('spec.template.metadata.labels')).toBe(true)
  expect(isSound('spec.selector')).toBe(false)
  expect(isSound('spec.selector.matchLabels')).toBe(false)
  expect(isSound('spec')).toBe(false)
  expect(isSound('')).toBe(false)
})

test('only an object of which nothing is said is noted as clean', async () => {
  expect((await judge({ template, selector: { matchLabels: { app: 'web' } } })).isClean).toBe(true)
  expect((await judge({ template })).isClean).toBe(false)
  // A field that only warns.
  expect((await judge({ ports: [{ port: 80 }], externalIPs: ['10.0.0.010'] }, 'v1/Service')).isClean).toBe(false)
})

test('of an object of an unknown kind nothing is noted, and its metadata alone is judged', async () => {
  const { faults, isClean } = await judge({}, 'shop.example/v1/Rack')
  expect({ faults, isClean }).toEqual({ faults: [], isClean: false })
})

const project = (spec: object) => judge({ sourceRepos: ['*'], ...spec }, 'argoproj.io/v1alpha1/AppProject')
const APPLICATION = { destination: {}, source: { repoURL: 'a', path: 'b' } }

test.each([
  ['a field that Argo CD drops', { descripton: 'a' }, ['warning']],
  ['two', { descripton: 'a', more: 1 }, ['warning', 'warning']],
  ['a value of a wrong type', { description: 1 }, ['error']],
])('%s of a project', async (_, spec, severities) => {
  expect((await project(spec)).severities).toEqual(severities)
})

test('a misspelt field that is required is an error, for it is missed', async () => {
  const { faults, severities } = await judge({ ...APPLICATION, projet: 'a' }, 'argoproj.io/v1alpha1/Application')
  expect({ faults, severities }).toEqual({ faults: ['schema-validation spec.projet'], severities: ['error'] })
})

test('what the API server refuses is not relied upon, nor a list whose name is refused', async () => {
  const ports = (name: string) => ({ ports: [{ name, port: 80 }], selector: { app: 'web' } })
  const isSound = await judge(ports('Not_A_Name'), 'v1/Service')
  expect(isSound.faults).toEqual(['api-validation spec.ports.0.name'])
  const at = (path: string): boolean => isSound(path)
  expect([at('spec.ports'), at('spec.selector'), at('spec')]).toEqual([false, true, true])
  const sound = await judge(ports('http'), 'v1/Service')
  expect(sound('spec.ports')).toBe(true)
})

test('of what is refused by name in a list of data, the list is not known', async () => {
  const isSound = await judge({}, 'v1/ConfigMap', { spec: undefined, data: { 'app settings': 'a' } })
  expect(isSound.faults).toEqual(['api-validation data.app settings'])
  expect([isSound('data'), isSound('metadata')]).toEqual([false, true])
})

test('of a field of a wrong type nothing is sound, and all of its neighbours are', async () => {
  const isSound = await judge({ template, selector: 'app=web' })
  expect(isSound('spec.selector.matchLabels')).toBe(false)
  expect(isSound('spec.template.spec')).toBe(true)
})

test('an unknown key stands for the field that it may be', async () => {
  const isSound = await judge({ template, selecter: { matchLabels: { app: 'web' } } })
  expect(isSound('spec.selector')).toBe(false)
  expect(isSound('spec.template')).toBe(true)
})

test('of several faults each makes its own field unsound, be it required or not', async () => {
  const matched = { selector: { matchLabels: { app: 'web' } }, template }
  const isSound = await judge({ ...matched, stratgy: { type: 'Recreate' }, replicas: 'two' })
  expect(isSound('spec.strategy')).toBe(false)
  expect(isSound('spec.replicas')).toBe(false)
  expect(isSound('spec.selector')).toBe(true)
  expect(isSound('spec.minReadySeconds')).toBe(true)
})

test('what another rule tells of a field leaves it to that rule', async () => {
  const isSound = await judge({ selector: { matchLabels: { app: 'api' } }, template })
  expect(isSound.faults).toEqual(['api-validation spec.template.metadata.labels'])
  expect(isSound('spec.template.metadata.labels')).toBe(true)
})

test('a misspelt field is that which is missing beside it, and of no other holder', async () => {
  const spec = { containers: [{ name: 'web', image: 'web:1' }], selecter: {} }
  const { faults } = await judge({ template: { ...template, spec } })
  expect(faults).toEqual(['schema-validation spec.template.spec.selecter', 'schema-validation spec.selector'])
})

test.each([
  ['template', { templat: template, template: { metadata: { labels: { env: 'dev' } } } }],
  ['metadata', { template: { metadat: template.metadata, metadata: { labels: { env: 'dev' } }, spec: template.spec } }],
  ['labels', { template: { metadata: { label: { app: 'web' }, labels: { env: 'dev' } }, spec: template.spec } }],
])(
  'what a transformer writes beside a misspelt %s lacks the rest, and that is not a second mistake',
  async (_, spec) => {
    const { faults } = await judge({ selector: { matchLabels: { app: 'web' } }, ...spec })
    expect(faults).toEqual([expect.stringMatching(/^schema-validation .*(?:templat|metadat|label)$/)])
  },
)

test('what is missing beside an unknown field that means something else is told', async () => {
  const { faults } = await judge({ selector: { matchLabels: { app: 'web' } }, extra: 1, template: { metadata: {} } })
  expect(faults).toEqual([
    'schema-validation spec.extra',
    'schema-validation spec.template.spec',
    'api-validation spec.template.metadata.labels',
  ])
})

const [web, api] = ['web', 'api'].map(name => ({ name, object: {} }) as unknown as Resource) as [Resource, Resource]
const fault = (ruleId: string, path: string, more: Partial<Fault> = {}, resource = web): Fault => ({
  ...{ ruleId, message: 'm', values: [], places: [{ resource, fieldPath: path.split('.') }] },
  ...more,
})

test.each<readonly [what: string, found: Fault, refusal: Fault, isTold: boolean]>([
  ['a look-up of the field', fault('dangling-service', 'spec.a'), fault('api-validation', 'spec.a'), false],
  ['a look-up of another field', fault('dangling-service', 'spec.b'), fault('api-validation', 'spec.a'), true],
  ['a look-up of a field below', fault('dangling-service', 'spec.a.b'), fault('api-validation', 'spec.a'), true],
  [
    'a look-up of another object',
    fault('dangling-service', 'spec.a', {}, api),
    fault('api-validation', 'spec.a'),
    true,
  ],
  ['another rule', fault('latest-tag', 'spec.a'), fault('api-validation', 'spec.a'), true],
  [
    'a look-up, beside a warning',
    fault('dangling-service', 'spec.a'),
    fault('api-validation', 'spec.a', { severity: 'warning' }),
    true,
  ],
  [
    'a look-up that says it better',
    fault('dangling-service', 'spec.a'),
    fault('api-validation', 'spec.a', { toldBy: 'dangling-service' }),
    true,
  ],
  ['a look-up, beside the schema', fault('dangling-service', 'spec.a'), fault('schema-validation', 'spec.a'), true],
])('%s is told where the API server refuses: %s', (_, found, refusal, isTold) => {
  const others = [fault('api-validation', 'spec.z'), refusal, fault('api-validation', 'spec.y')]
  expect(withoutRefused([found], others, id => id === 'dangling-service')).toEqual(isTold ? [found] : [])
})

const OF_RULE = { severity: 'error' } as const
test.each<readonly [what: string, refusal: Fault, found: Fault, isTold: boolean]>([
  ['at the field that a rule speaks of', fault('api-validation', 'spec.a'), fault('r', 'spec.a', OF_RULE), false],
  ['just below it', fault('api-validation', 'spec.a.b'), fault('r', 'spec.a', OF_RULE), false],
  ['far below it', fault('api-validation', 'spec.a.b.c'), fault('r', 'spec.a', OF_RULE), true],
  ['above it', fault('api-validation', 'spec'), fault('r', 'spec.a', OF_RULE), true],
  ['below a field that says little', fault('api-validation', 'spec.a'), fault('r', 'spec', OF_RULE), true],
  ['of another object', fault('api-validation', 'spec.a'), fault('r', 'spec.a', OF_RULE, api), true],
  ['by the schema', fault('schema-validation', 'spec.a'), fault('r', 'spec.a', OF_RULE), true],
  [
    'that is an error, beside a warning',
    fault('api-validation', 'spec.a'),
    fault('r', 'spec.a', { severity: 'warning' }),
    true,
  ],
  [
    'that warns, beside a warning',
    fault('api-validation', 'spec.a', { severity: 'warning' }),
    fault('r', 'spec.a', { severity: 'warning' }),
    false,
  ],
  [
    'that warns, beside a warning above',
    fault('api-validation', 'spec.a.b', { severity: 'warning' }),
    fault('r', 'spec.a', { severity: 'warning' }),
    true,
  ],
  [
    'of which it is said who tells it',
    fault('api-validation', 'spec.z', { toldBy: 'r' }),
    fault('r', 'spec.a', OF_RULE),
    false,
  ],
])('a refusal %s is told: %s', (_, refusal, found, isTold) => {
  const kept = withoutTold([refusal], [fault('r', 'spec.x.y', OF_RULE), found])
  expect(kept.faults).toEqual(isTold ? [refusal] : [])
  expect(kept.found).toHaveLength(2)
})

test('the finding that stays is named as the server names the field', () => {
  const refusal = fault('api-validation', 'spec.a', { fieldPath: ['spec', 'labels'] })
  const { found } = withoutTold([refusal], [fault('r', 'spec.a', OF_RULE), fault('r', 'spec.q', OF_RULE)])
  expect(found.map(({ fieldPath }): FieldPath | undefined => fieldPath)).toEqual([['spec', 'labels'], undefined])
})

test('a definition that stands in several builds is judged once, and told of each', async () => {
  const object = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'a.b.c' },
    spec: {},
  }
  const of = (build: string): Resource =>
    ({
      object: structuredClone(object),
      build,
      group: 'apiextensions.k8s.io',
      kind: object.kind,
      name: 'a.b.c',
    }) as unknown as Resource
  const schemas = await openSchemas({ kinds: [object], customResourceDefinitions: [] })
  let asked = 0
  const counting = {
    ...schemas,
    notExamined: [],
    validate: (one: typeof object) => {
      asked++
      return schemas.validate(one)
    },
  }
  const builds = ['dev', 'prod'].map(id => ({ id, kind: 'kustomize', resources: [of(id)] })) as readonly Build[]
  const { faults } = checkSchemas(builds, counting as never)
  expect(asked).toBe(1)
  const builtBy = faults.map(({ places: [place] }) => ('resource' in place ? place.resource.build : ''))
  expect(builtBy.filter(build => build === 'dev').length).toBe(builtBy.filter(build => build === 'prod').length)
  expect(builtBy).toContain('prod')
})
