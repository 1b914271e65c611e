// Each format is what its readers take: valid, escaped, and of a length that they accept.
import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import type { Resource } from '../../tree/model/build.ts'
import { compareDeployed } from '../compare/compare.ts'
import type { Deployed } from '../compare/pair.ts'
import type { Diff } from '../diff.ts'
import { FORMATS } from './index.ts'

const EVIL = '<img src=x onerror=alert(1)> @team #1 |`**[x](http://evil)</details>\u001b[31m'

function deployed(name: string, value: unknown, environment: string): Deployed {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: { [EVIL]: value, same: 'x', more: 'y' },
  }
  const resource: Resource = {
    object,
    build: `overlays/${environment}`,
    origin: { kind: 'rendered', index: 0 },
    group: '',
    kind: 'ConfigMap',
    name,
    namespace: 'shop',
    isNamespaced: true,
    isClusterScoped: false,
  }
  return { resource, build: resource.build, application: EVIL, cluster: undefined, environment }
}

function makeDiff(count: number): Diff {
  const names = Array.from({ length: count }, (_, index) => `map-${index}`)
  const before = names.map(name => deployed(name, `before ${name}`, 'prod'))
  const after = names.map(name => deployed(name, `${EVIL} ${name}`, 'prod'))
  const objects = compareDeployed(
    [...before, deployed('gone', EVIL, 'qa')],
    [...after, deployed('new', { a: EVIL }, 'dev')],
    {
      on: (side, resource) => ({ file: `${resource.build}/a.yaml`, line: 3, ...(side === 'base' ? { side } : {}) }),
      removed: resource => ({ file: `${resource.build}/a.yaml`, line: 3, side: 'base' }),
      value: () => undefined,
    },
  )
  return {
    objects,
    changes: objects.map(({ change }) => change),
    risks: [
      { ruleId: 'some-rule', level: 'danger', message: EVIL, environment: 'prod', location: { file: EVIL, line: 1 } },
    ],
    notRendered: [{ build: EVIL, side: 'base', reason: EVIL }],
    reach: [{ folder: EVIL, environments: ['prod', EVIL], others: [], hasEffect: true }],
    builds: 3,
    hasApplications: true,
  }
}

const print = async (name: string, diff: Diff): Promise<string> => {
  const format = await FORMATS[name]?.()
  if (!format) throw new Error(`no format ${name}`)
  return format(diff, { names: { base: 'main', head: EVIL }, colour: false, whole: true })
}

test('JSON fits its schema, and a field too many does not', async () => {
  const schema = JSON.parse(readFileSync(new URL('diff.schema.json', import.meta.url), 'utf8')) as object
  const isReport = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema)
  const report = JSON.parse(await print('json', makeDiff(2))) as object
  expect(isReport(report), JSON.stringify(isReport.errors)).toBe(true)
  expect(isReport({ ...report, extra: 1 })).toBe(false)
})

test('Markdown holds nothing of a tree that it would act on', async () => {
  const text = await print('markdown', makeDiff(2))
  expect(text).not.toMatch(/<img|@team|[^\\]\]\(|http:\/\//)
  expect(text).not.toContain('\u001b')
  expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length)
  expect(text.split('\n')[0]).toMatch(/^## 🛑 /)
})

test('Markdown fits into a comment, and counts what it leaves out', async () => {
  const count = 800
  const text = await print('markdown', makeDiff(count))
  expect(text.length).toBeLessThanOrEqual(65_000)
  const left = Number(/no room for it: (\d+) objects/.exec(text)?.[1])
  const shown = text.match(/^\*\*ConfigMap\*\*/gm)?.length ?? 0
  expect(shown).toBeGreaterThan(50)
  expect(shown + left).toBe(count + 2)
})

test('a page holds texts of the tree as texts', async () => {
  const text = await print('html', makeDiff(2))
  expect(text).not.toContain('<img')
  expect(text).toContain('&lt;img src=x')
})

test('a terminal is not moved by a name of a tree', async () => {
  expect(await print('stylish', makeDiff(2))).not.toContain('\u001b')
})
