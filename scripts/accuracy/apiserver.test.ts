import { describe, expect, test } from 'vitest'
import { openTestSchemas } from '../validate/schema/testing.ts'
import { type Case, compareWithServer, objectOf, readCorpus, sumOf } from './apiserver.ts'
import { type Ask, askAll, listChanges } from './oracle.ts'
import { printAgreement } from './print.ts'

const corpus = readCorpus()
const schemas = await openTestSchemas()

describe('the facts of a real API server', () => {
  const { rows, differences } = compareWithServer(corpus, schemas)
  const sum = sumOf(rows)

  test('are many, and few of them are left out', () => {
    expect(corpus.cases.length).toBeGreaterThan(36_000)
    expect(Object.keys(corpus.exceptions).length).toBeLessThan(20)
    expect(corpus.cases.filter(({ id }) => Object.hasOwn(corpus.exceptions, id))).toHaveLength(
      Object.keys(corpus.exceptions).length,
    )
  })

  test('have no false alarm', () => {
    expect(differences.filter(({ how }) => how === 'false alarm')).toEqual([])
  })

  test('all have the same verdict here', () => {
    expect(differences.filter(({ how }) => how === 'missed')).toEqual([])
  })

  test('name the same field in at least 98 of 100 refusals', () => {
    expect(sum.withCauses).toBeGreaterThan(14_000)
    expect(sum.fields / sum.withCauses).toBeGreaterThan(0.98)
  })

  test('are shown by kind', () => {
    expect(printAgreement([sum])).toMatch(/^\| all \| \d+ \| [\d.]+ % \| 0 \| [\d.]+ % \|$/m)
  })
})

describe('asking a server', () => {
  const small = {
    bases: { map: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { a: 'b' } } },
    cases: [
      { id: 'map/0', base: 'map', patch: [], code: 201 },
      { id: 'map/1', base: 'map', patch: [{ op: 'add', path: '/data/x~1y', value: 'z' }], code: 422, causes: [] },
      { id: 'map/2', base: 'map', patch: [{ op: 'remove', path: '/metadata/name' }], code: 201 },
    ] satisfies Case[],
    exceptions: {},
  }
  const refusal = {
    message: 'no',
    details: { causes: [{ field: 'data[x/y]', reason: 'FieldValueInvalid', message: 'bad' }] },
  }
  const asked: string[] = []
  const ask: Ask = async (method, path, body) => {
    asked.push(`${method} ${path}`)
    if (method === 'GET')
      return {
        code: 200,
        body: { resources: [{ name: 'configmaps', kind: 'ConfigMap', namespaced: true }] },
        warnings: [],
      }
    const { data } = body as { data: object }
    return Object.keys(data).length > 1
      ? { code: 422, body: refusal, warnings: [] }
      : { code: 201, body: {}, warnings: ['old'] }
  }

  test('sends each object as a dry run and keeps what is said', async () => {
    const cases = await askAll(ask, small, 'oracle', () => {})
    expect(asked).toContain('POST /api/v1/namespaces/oracle/configmaps?dryRun=All&fieldValidation=Strict')
    expect(cases[0]).toEqual({ id: 'map/0', base: 'map', patch: [], code: 201, warnings: ['old'] })
    expect(cases[1]?.causes).toEqual([{ field: 'data[x/y]', reason: 'FieldValueInvalid', message: 'bad' }])
    expect(listChanges(small.cases, cases)).toEqual(['map/1: was refused (422), is refused (422) for data[x/y]'])
  })

  test('patches a base without changing it', () => {
    expect(objectOf(small, small.cases[1] as Case)).toMatchObject({ data: { a: 'b', 'x/y': 'z' } })
    expect(objectOf(small, small.cases[2] as Case)).toMatchObject({ metadata: {} })
    expect(small.bases.map.data).toEqual({ a: 'b' })
  })
})
