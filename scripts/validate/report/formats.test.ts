// Each format is what its readers take: valid, escaped, stable, and of a length that people read.
import { createRequire } from 'node:module'
import { Ajv } from 'ajv'
import { beforeAll, expect, test } from 'vitest'
import { writeFiles } from '../../../tests/folder.ts'
import { validateTree } from '../../../tests/tree.ts'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Report } from '../findings/finding.ts'
import type { Validation } from '../run.ts'
import { groupFindings } from './group.ts'
import html from './html.ts'
import { FOR_CHECKOUT, FORMATS } from './index.ts'

const SERVICE = (name: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { ports: [{ port: 80 }], portz: "<b>&]]>@you" }\n`
const ODD =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: odd }\ndata: { a: 1, "<img src=x onerror=alert(1)>|`**": 2 }\n'

let validation: Validation
let report: Report
beforeAll(async () => {
  const root = mkdtempSync(join(tmpdir(), 'formats-'))
  const write = (path: string, text: string): void => {
    writeFiles(root, { [path]: text })
  }
  write('app/kustomization.yaml', 'resources: [a.yaml, "https://example.com/b"]\n')
  write('app/a.yaml', SERVICE('a'))
  write('top/kustomization.yaml', 'resources: [../app]\nnamespace: shop\n')
  write('odd name/<x>&.yaml', ODD)
  write('validation.yaml', 'rules: { boolean-key: off }\n')
  write('loose.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: loose }\ndata: { on: x }\n')
  for (let index = 0; index < 40; index++) write(`many/${index}.yaml`, SERVICE(`s${index}`))
  validation = await validateTree(root)
  report = validation.report
  rmSync(root, { recursive: true, force: true })
})

const print = (name: string, more: { verbose?: boolean; prefix?: string } = {}): string => {
  const format = FORMATS[name]
  if (!format) throw new Error(`no format ${name}`)
  return format(report, { textOf: validation.textOf, colour: false, prefix: '', ...more })
}

test('SARIF fits the official schema, with GitHub in mind', () => {
  const require = createRequire(import.meta.url)
  const folder = dirname(require.resolve('@microsoft/jest-sarif/package.json'))
  const schema = JSON.parse(readFileSync(join(folder, 'lib/schemas/sarif-2.1.0-rtm.5.json'), 'utf8')) as Record<
    string,
    unknown
  >
  // Draft 4 and draft 7 differ in no keyword that it uses but for the name of its id.
  const { $schema, id, ...draft7 } = schema
  expect([$schema, id]).not.toContain(undefined)
  const isLog = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(draft7)
  const log = JSON.parse(print('sarif', { prefix: 'deploy here/' })) as {
    runs: [{ results: { locations: object[]; suppressions?: object[]; partialFingerprints: object; level: string }[] }]
  }
  expect(isLog(log), JSON.stringify(isLog.errors)).toBe(true)
  const { results } = log.runs[0]
  expect(results.length).toBe(report.findings.length)
  expect(results.filter(({ suppressions }) => suppressions)).toHaveLength(1)
  expect(new Set(results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints))).size).toBe(
    results.length,
  )
  expect(JSON.stringify(results)).toContain('deploy%20here/odd%20name/%3Cx%3E%26.yaml')
  expect(isLog({ ...log, version: '9' })).toBe(false)
})

test('JUnit is well-formed, and counts what fails', () => {
  const xml = print('junit')
  const count = (pattern: RegExp): number => [...xml.matchAll(pattern)].length
  expect(count(/<testcase /g)).toBe(report.summary.errors + report.summary.warnings)
  expect(count(/<failure /g)).toBe(report.summary.errors)
  expect(count(/<testcase /g)).toBe(count(/<\/testcase>/g))
  // Nothing but known elements, and no markup of a file.
  expect([...new Set([...xml.matchAll(/<\/?(\w+)/g)].map(([, name]) => name))].sort()).toEqual(
    ['failure', 'system-out', 'testcase', 'testsuite', 'testsuites'].filter(name => xml.includes(`<${name}`)),
  )
  expect(xml).not.toMatch(/&(?!amp;|lt;|gt;|quot;|#39;)/)
})

test('Markdown has no markup of a file', () => {
  const text = print('markdown')
  expect(text).not.toContain('<img')
  expect(text).not.toMatch(/@you/)
  expect(text).toContain('and 40 more places')
  for (const line of text.split('\n').filter(one => one.startsWith('| '))) {
    expect(line.replace(/\\[|]/g, '').split('|').length, line).toBeGreaterThan(3)
  }
})

test('HTML is one file that loads nothing and runs nothing of the tree', () => {
  const text = print('html')
  expect(text).not.toContain('<img')
  expect(text).not.toMatch(/(?:src|href)="(?!#)/)
  const told = [...text.matchAll(/<(?:article|li) [^>]*data-build/g)]
  expect(told).toHaveLength(report.summary.errors + report.summary.warnings)
  expect([...text.matchAll(/<article /g)]).toHaveLength(
    groupFindings(report.findings.filter(one => !one.suppression)).length,
  )
  expect(text).toContain('The same at 40 more places')
  expect(text).toContain('data-build="[&quot;top&quot;]"')
  const levels = [...text.matchAll(/<article class="(\w+)"/g)].map(([, level]) => level)
  expect(levels).toEqual([...levels].sort())
})

test('annotations say once for each reason what was not examined, and their last line how much', () => {
  const [first] = report.notExamined
  if (!first) throw new Error('all is examined')
  const many = Array.from({ length: 12 }, () => first)
  const summary = { ...report.summary, notExamined: 12 }
  const options = { textOf: () => '', colour: false, prefix: '' }
  const text = FORMATS.github?.({ ...report, summary, notExamined: many }, options) ?? ''
  expect(text.match(/^::notice .*$/gm)).toEqual([expect.stringMatching(/\(and 11 more\)$/)])
  expect(text).toMatch(/ builds; 12 not examined\n$/)
})

test('Markdown is a summary of a job however much there is to say', () => {
  const [finding] = report.findings.filter(one => !one.suppression)
  if (!finding) throw new Error('no finding')
  const many = Array.from({ length: 300 }, (_, index) => ({
    ...finding,
    ruleId: index === 299 ? 'unknown-kind' : finding.ruleId,
    // As many messages as there are letters, each of another length.
    message: `${String.fromCodePoint(0x4e00 + index)}${'&'.repeat(20_000)}`,
  }))
  const text = FORMATS.markdown?.({ ...report, findings: many }, { textOf: () => '', colour: false, prefix: '' }) ?? ''
  expect(Buffer.byteLength(text)).toBeLessThan(1024 ** 2)
  expect(text).toContain('<code>unknown-kind</code> | <code>')
})

test('HTML is filtered by environment where builds lie in folders of that name', () => {
  expect(print('html')).not.toContain('all environments')
  const [finding] = report.findings.filter(one => !one.suppression)
  if (!finding) throw new Error('no finding')
  const occurrences = ['apps/web/prod', 'apps/web/dev', 'dev/all', 'prodder'].map(build => ({ build }))
  const text = html(
    { ...report, findings: [{ ...finding, occurrences }] },
    { textOf: validation.textOf, colour: false, prefix: 'deploy/' },
  )
  expect(text).toContain(
    '<select id="environment" aria-label="environment"><option value="">all environments</option><option>dev</option><option>prod</option></select>',
  )
  expect(text).toContain('<li><code>deploy/app/kustomization.yaml:1</code> https://example.com/b</li>')
})

test('of forty equal findings one is told, and the others are listed', () => {
  const text = print('stylish')
  expect(text).toContain('The same at 40 more places:')
  expect(text.split('\n').length).toBeLessThan(60)
  expect(print('stylish', { verbose: true })).toContain('many/39.yaml:4')
  expect(text).toContain('1 of 1 root rendered, 1 of them in part')
  expect(text).toContain('\nA root is a kustomization that no other one reads.\n')
  expect(text).toContain('1  a URL: what it brings is not here: https://example.com/b  app/kustomization.yaml')
})

test('what is read elsewhere than it is made names files from the top of the checkout', () => {
  expect([...FOR_CHECKOUT].sort()).toEqual(
    Object.keys(FORMATS)
      .filter(name => !/^(?:json|stylish)$/.test(name))
      .sort(),
  )
})
