// Which clusters a tree declares, where several builds render the Secrets.
import { expect, test } from 'vitest'
import { distinctClusters } from './clusters.ts'

const cluster = (name: string, server: string, labels = {}) => ({ name, server, project: '', labels, annotations: {} })

test.each([
  ['none is none that is known', [], undefined],
  ['one is one', [cluster('a', 'https://a')], 1],
  ['the same twice is one', [cluster('a', 'https://a'), cluster('a', 'https://a')], 1],
  ['two are two', [cluster('a', 'https://a'), cluster('b', 'https://b')], 2],
  ['one name of two addresses is of two Argo CDs', [cluster('a', 'https://a'), cluster('a', 'https://b')], undefined],
  ['so are other labels', [cluster('a', 'https://a'), cluster('a', 'https://a', { tier: 'prod' })], undefined],
])('%s', (_, declared, count) => {
  expect(distinctClusters(declared)?.length).toBe(count)
})
