// Which fields of an object that its schema refuses later rules may still rely on.
import { expect, test } from 'vitest'
import type { Build, Resource } from '../tree/model/build.ts'
import { checkSchemas } from './check-schemas.ts'
import { openSchemas } from './schema/index.ts'

async function judge(spec: Readonly<Record<string, unknown>>) {
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec }
  const resource = { object, group: 'apps', kind: 'Deployment', name: 'web' } as unknown as Resource
  const builds = [{ id: '.', resources: [resource] }] as unknown as readonly Build[]
  const schemas = await openSchemas({ kinds: [object], customResourceDefinitions: [] })
  const { faults, isSound } = checkSchemas(builds, schemas)
  return Object.assign((path: string) => isSound(resource, path === '' ? [] : path.split('.')), {
    faults: faults.map(({ ruleId, places: [place] }) => `${ruleId} ${place.fieldPath.join('.')}`),
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
