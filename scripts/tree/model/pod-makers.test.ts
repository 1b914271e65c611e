// The table of kinds without pods speaks of kinds that there are.
import { expect, test } from 'vitest'
import index from '../../validate/schema/definitions/index.json' with { type: 'json' }
import { PODLESS } from './pod-makers.ts'

const groups = new Map<string, Set<string>>()
for (const [apiVersion, kinds] of Object.entries(index.kinds)) {
  const group = apiVersion.split('/')[0] ?? ''
  for (const kind of Object.keys(kinds)) groups.set(group, (groups.get(group) ?? new Set()).add(kind))
}

test.each(Object.entries(PODLESS))('%s', (group, kinds) => {
  const known = groups.get(group)
  expect(known).toBeDefined()
  if (kinds !== '*') expect([...(known ?? [])]).toEqual(expect.arrayContaining([...kinds]))
})
