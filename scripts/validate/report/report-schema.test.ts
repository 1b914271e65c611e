// The JSON report keeps its contract, and is the same for the same tree.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { validateTree } from '../../../tests/tree.ts'
import json from './json.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const FIXTURES = join(HERE, '..', 'rules')
const schema = JSON.parse(readFileSync(join(HERE, 'report.schema.json'), 'utf8')) as object
const isReport = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema)
const context = { textOf: () => undefined, colour: false, prefix: '' }

test.each([
  'stages/kustomize-build/fixtures/invalid/missing-files',
  'stages/unknown-kind/fixtures/invalid',
  'selectors/mismatching-selector/fixtures',
  'argocd/application-namespace-mismatch/fixtures/invalid/overlay-for-another-namespace',
])('the report of %s fits its schema', async tree => {
  const { report } = await validateTree(join(FIXTURES, tree))
  const text = json(report, context)
  expect(report.findings.length).toBeGreaterThan(0)
  expect(isReport(JSON.parse(text)), JSON.stringify(isReport.errors)).toBe(true)
})

test('a report with a field too many does not fit', () => {
  expect(isReport({ version: 1, tool: {}, summary: {}, findings: [], notExamined: [], extra: 1 })).toBe(false)
})

test('the same tree gives the same bytes, rendered anew or kept', async () => {
  const tree = join(FIXTURES, 'argocd/application-namespace-mismatch/fixtures/invalid/overlay-for-another-namespace')
  const texts = await Promise.all(
    [false, true, true].map(async cache => json((await validateTree(tree, { cache })).report, context)),
  )
  expect(new Set(texts).size).toBe(1)
})
