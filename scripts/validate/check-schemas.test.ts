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
  const { isSound } = checkSchemas(builds, schemas)
  return (path: string) => isSound(resource, path === '' ? [] : path.split('.'))
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
