// A build without one of its entries: what the entry is no part of is taken from the whole, and comes out the same.
import { expect, test } from 'vitest'
import { useFolder } from '../../../../tests/folder.ts'
import { openFolder } from '../../source/folder.ts'
import { readTree } from '../../read-tree.ts'
import { type Evaluation, Evaluator } from './evaluate.ts'
import { toValue } from './value.ts'

const folder = useFolder('without')
const configMap = (name: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: { a: a }\n`
const patch = (name: string, value: string): string =>
  `{ patch: "{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${name} }, data: { a: ${value} } }" }`
const show = ({ objects }: Evaluation): string => JSON.stringify(objects.map(({ root }) => toValue(root)))

test.each([
  ['of the root', '.', 'x,z'],
  ['of a base', 'base', 'y,z'],
  ['of nothing', 'elsewhere', 'y,z'],
])('an entry %s', (_, at, expected) => {
  folder.write('other/kustomization.yaml', `resources: [cm.yaml]\nnamePrefix: o-\npatches: [${patch('cm2', 'z')}]\n`)
  folder.write('other/cm.yaml', configMap('cm2'))
  folder.write('base/kustomization.yaml', `resources: [cm.yaml]\npatches: [${patch('cm', 'x')}]\n`)
  folder.write('base/cm.yaml', configMap('cm'))
  folder.write('kustomization.yaml', `resources: [base, other]\npatches: [${patch('cm', 'y')}]\n`)
  const sources = openFolder(folder.root)
  const { graph } = readTree(sources, []).value
  const without = { folder: at, fieldPath: ['patches', 0] }
  const whole = new Evaluator(sources, graph)
  const before = show(whole.evaluate('.'))
  const shared = show(new Evaluator(sources, graph, { without, whole }).evaluate('.'))
  expect(shared).toBe(show(new Evaluator(sources, graph, { without }).evaluate('.')))
  expect(show(whole.evaluate('.'))).toBe(before)
  const values = JSON.parse(shared).map(({ data }: { data: { a: string } }) => data.a)
  expect(String(values)).toBe(expected)
})
