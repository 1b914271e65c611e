// Holds the knowledge of Argo CD against what its own code said.
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { MACHINE } from '../../tests/tree.ts'
import { countArgocd, measureArgocd, printArgocd, readArgocdCases } from './argocd.ts'

const SECOND = fileURLToPath(new URL('../../tests/corpus/argocd/second.jsonl.gz', import.meta.url))

/** Where validate says something else, and why. */
const KNOWN: Readonly<Record<string, string>> = {
  'a/project-destination/053': 'no namespace anywhere: another case of the same objects is refused for it',
  'a/project-destination/068': 'no namespace anywhere: another case of the same objects is refused for it',
  'a/kustomize/070': 'an empty kustomization, which kustomize refuses and the settings of the Application fill',
  'a/appset-list/064': 'a cluster that nothing in the tree declares may be declared elsewhere',
  'a/appset-cluster/016': 'clusters that nothing in the tree declares may be declared elsewhere',
}

/** Jsonnet is not evaluated here: what only its evaluation finds is not found. */
const isJsonnet = (note: string | undefined): boolean => note?.startsWith('jsonnet:') ?? false

test('validate says of each case what Argo CD says', { timeout: 600_000 }, async () => {
  const cases = readArgocdCases()
  expect(cases.length).toBe(1590)
  const judged = await measureArgocd(cases, { machine: MACHINE, parallelism: availableParallelism() })
  const differing = judged.filter(({ agreement }) => agreement !== 'agrees')
  const unexplained = differing.filter(({ fact }) => !Object.hasOwn(KNOWN, fact.id) && !isJsonnet(fact.note))
  expect(unexplained.map(({ fact, agreement }) => `${agreement}: ${fact.id}`)).toEqual([])
  const surprising = Object.keys(KNOWN).filter(id => !differing.some(({ fact }) => fact.id === id))
  expect(surprising).toEqual([])
  const all = countArgocd(judged).at(-1)
  expect(all?.told).toBeGreaterThan(0.9 * (all?.ignored ?? 0))
})

test('validate says the same of a second set, with other names and values', { timeout: 600_000 }, async () => {
  const cases = readArgocdCases(SECOND)
  expect(cases.length).toBeGreaterThan(300)
  const judged = await measureArgocd(cases, { machine: MACHINE, parallelism: availableParallelism() })
  const differing = judged.filter(({ agreement }) => agreement !== 'agrees')
  expect(differing.map(({ fact, agreement }) => `${agreement}: ${fact.id}`)).toEqual([])
})

test('the agreement is shown by kind', () => {
  const rows = [{ kind: 'all', cases: 200, agree: 199, falseAlarms: 0, ignored: 10, told: 9 }]
  expect(printArgocd(rows)).toContain('| all | 200 | 99.5 % | 0 | 90.0 % |')
})
