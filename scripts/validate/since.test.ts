// A change held against a commit: what is new counts, what both have does not, and no change excuses itself.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { writeFiles } from '../../tests/folder.ts'
import { validateTree } from '../../tests/tree.ts'
import { findBase, findRevision } from '../tree/source/revision.ts'
import { FORMATS } from './report/index.ts'
import type { ValidateOptions } from './run.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'since-'))
  git('init', '--quiet', '--initial-branch=main')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const IDENTITY = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' }

const git = (...args: string[]): string =>
  execFileSync('git', args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...IDENTITY, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  }).trim()

function write(files: Readonly<Record<string, string>>): void {
  writeFiles(root, files)
}

function commit(files: Readonly<Record<string, string>> = {}): void {
  write(files)
  git('add', '--all')
  git('commit', '--quiet', '--allow-empty', '--message=x')
}

/** What counts, what both sides have, what is fixed. */
async function look(options: Partial<ValidateOptions> = {}, folder = root) {
  const { report, textOf } = await validateTree(folder, { today: '2026-06-01', ...options })
  const show = (isShown: (by: string | undefined) => boolean): string[] =>
    report.findings
      .filter(({ suppression }) => isShown(suppression?.by))
      .map(({ ruleId, location }) => `${ruleId} ${location.file}:${location.line}`)
  return {
    report,
    textOf,
    counts: show(by => by === undefined),
    known: show(by => by === 'since'),
    fixed: report.since?.fixed.map(({ file, line }) => `${file}:${line}`),
  }
}

const since = (folder = root) => ({ since: findBase(folder, 'main') })
const policyFrom = () => ({ policyFrom: findRevision(root, 'main') })

const faulty = (name: string, field = 'portz'): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { ports: [{ port: 80 }], ${field}: 1 }\n`
const sound = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`

test('only what is new counts, moved lines do not matter, and what is fixed is told', async () => {
  commit({ 'old.yaml': faulty('old'), 'mended.yaml': faulty('mended'), 'more.yaml': faulty('more') })
  write({
    'old.yaml': `# A line more.\n${faulty('old')}`,
    'mended.yaml': sound('mended'),
    'more.yaml': faulty('more', 'portz: 1, portx'),
    'new.yaml': faulty('new'),
  })
  const { counts, known, fixed, report } = await look(since())
  expect(counts).toEqual(['schema-validation more.yaml:4', 'schema-validation new.yaml:4'])
  expect(known).toEqual(['schema-validation more.yaml:4', 'schema-validation old.yaml:5'])
  expect(fixed).toEqual(['mended.yaml:4'])
  expect(report.summary).toMatchObject({ errors: 2, suppressed: 2 })
  expect(report.since).toMatchObject({ commit: git('rev-parse', 'main'), known: 2 })
})

test('nothing of the checkout is touched, and the commit is read as it is', async () => {
  commit({ 'a.yaml': faulty('a') })
  write({ 'a.yaml': sound('a') })
  git('add', '--all')
  const before = git('status', '--porcelain')
  expect((await look(since())).fixed).toEqual(['a.yaml:4'])
  expect(git('status', '--porcelain')).toBe(before)
  expect(readFileSync(join(root, 'a.yaml'), 'utf8')).toBe(sound('a'))
})

test('what others did since the branch began is not part of the change', async () => {
  commit({ 'a.yaml': faulty('a') })
  git('checkout', '--quiet', '-b', 'change')
  commit({ 'b.yaml': faulty('b') })
  git('checkout', '--quiet', 'main')
  commit({ 'a.yaml': sound('a'), 'c.yaml': faulty('c') })
  git('checkout', '--quiet', 'change')
  expect(await look(since())).toMatchObject({ counts: ['schema-validation b.yaml:4'], fixed: [] })
})

test('a file that was moved brings its findings along, a copy does not', async () => {
  commit({ 'other/a.yaml': faulty('a'), 'b.yaml': faulty('b') })
  mkdirSync(join(root, 'new'))
  renameSync(join(root, 'other/a.yaml'), join(root, 'new/a.yaml'))
  write({ 'copy.yaml': faulty('b') })
  const { counts, known, fixed } = await look(since())
  expect(counts).toEqual(['schema-validation copy.yaml:4'])
  expect(known).toEqual(['schema-validation b.yaml:4', 'schema-validation new/a.yaml:4'])
  expect(fixed).toEqual([])
})

test('a folder of the checkout, and paths in it', async () => {
  commit({ 'deploy/a.yaml': faulty('a'), 'deploy/b.yaml': faulty('b'), 'c.yaml': faulty('c') })
  write({ 'deploy/a.yaml': faulty('a', 'portx'), 'deploy/d.yaml': faulty('d') })
  const folder = join(root, 'deploy')
  const whole = await look(since(folder), folder)
  expect(whole).toMatchObject({
    counts: ['schema-validation a.yaml:4', 'schema-validation d.yaml:4'],
    fixed: ['a.yaml:4'],
  })
  const part = await look({ ...since(folder), paths: ['d.yaml', 'b.yaml'] }, folder)
  expect(part).toMatchObject({
    counts: ['schema-validation d.yaml:4'],
    known: ['schema-validation b.yaml:4'],
    fixed: [],
  })
  expect(await look({ ...since(folder), paths: ['d.yaml'] }, folder)).toMatchObject({ known: [], fixed: [] })
})

test('a commit without anything to validate has no findings', async () => {
  commit({ 'README.md': 'text\n' })
  write({ 'a.yaml': faulty('a') })
  expect((await look(since())).counts).toEqual(['schema-validation a.yaml:4'])
})

test('a .gitignore hides nothing that Git tracks', async () => {
  commit({ 'a.yaml': faulty('a') })
  commit({ '.gitignore': 'a.yaml\nlocal.yaml\n' })
  write({ 'a.yaml': faulty('a', 'portx'), 'local.yaml': faulty('local') })
  expect(await look(since())).toMatchObject({ counts: ['schema-validation a.yaml:4'], fixed: ['a.yaml:4'] })
})

describe('--policy-from: a change does not excuse itself', () => {
  const OFF = 'rules: { schema-validation: off }\n'

  test('by validation.yaml', async () => {
    commit({ 'a.yaml': sound('a') })
    write({ 'a.yaml': faulty('a'), 'validation.yaml': OFF })
    const { counts, report } = await look(policyFrom())
    expect(counts).toEqual(['schema-validation a.yaml:4'])
    expect(report.policy).toEqual({ commit: git('rev-parse', 'main'), changed: ['validation.yaml'], refused: 0 })
    expect(await look(since())).toMatchObject({ counts: [], report: { policy: { changed: ['validation.yaml'] } } })
  })

  test('by a folder that is excluded, or a configuration that is gone', async () => {
    commit({ 'a/a.yaml': sound('a'), 'b/b.yaml': faulty('b'), 'validation.yaml': 'exclude: [/b/]\n' })
    write({ 'a/a.yaml': faulty('a'), 'validation.yaml': 'exclude: [/a/]\n' })
    expect((await look(policyFrom())).counts).toEqual(['schema-validation a/a.yaml:4'])
    rmSync(join(root, 'validation.yaml'))
    expect(await look(policyFrom())).toMatchObject({ counts: ['schema-validation a/a.yaml:4'] })
  })

  test('by a comment or an annotation, and what was excused before still is', async () => {
    const excuse = (name: string): string =>
      faulty(name).replace('\nspec:', '\n# validate-ignore: schema-validation because\nspec:')
    commit({ 'old.yaml': excuse('old') })
    write({
      'old.yaml': `# A line more.\n${excuse('old')}`,
      'new.yaml': excuse('new'),
      'annotated.yaml': `apiVersion: v1\nkind: Service\nmetadata: { name: a, namespace: shop, annotations: { ignore-check.kube-linter.io/dangling-service: later } }\nspec: { selector: { app: a }, ports: [{ port: 80 }] }\n`,
    })
    expect((await look()).counts).toEqual([])
    const { counts, report } = await look(policyFrom())
    expect(counts).toEqual(['dangling-service annotated.yaml:4', 'schema-validation new.yaml:5'])
    expect(report).toMatchObject({ summary: { errors: 2, suppressed: 1 }, policy: { changed: [], refused: 2 } })
  })

  test('by a baseline', async () => {
    const nothing = `${JSON.stringify({ version: 1, findings: [] })}\n`
    commit({ 'a.yaml': sound('a'), 'known.json': nothing })
    write({ 'a.yaml': faulty('a') })
    const { report } = await look()
    const entries = report.findings.map(({ fingerprint }) => ({ fingerprint }))
    write({ 'known.json': JSON.stringify({ version: 1, findings: entries }) })
    const path = join(root, 'known.json')
    const baseline = { name: 'known.json', path, bytes: readFileSync(path) }
    expect((await look({ baseline })).counts).toEqual([])
    const held = await look({ baseline, ...policyFrom() })
    expect(held.counts).toEqual(['schema-validation a.yaml:4'])
    expect(held.report.policy?.changed).toEqual(['known.json'])
  })

  test('a comment in the configuration is not a change, and one that is broken is told at once', async () => {
    commit({ 'a.yaml': faulty('a'), 'validation.yaml': OFF })
    write({ 'validation.yaml': `# off for now\n${OFF}` })
    expect((await look(policyFrom())).report.policy?.changed).toEqual([])
    write({ 'validation.yaml': 'rulez: {}\n' })
    await expect(look(policyFrom())).rejects.toThrow('validation.yaml:1:1: unknown key "rulez"')
  })

  test('one policy for both sides: what a stricter one finds in both is not new', async () => {
    commit({ 'a.yaml': faulty('a'), 'validation.yaml': OFF })
    write({ 'b.yaml': faulty('b'), 'validation.yaml': '{}\n' })
    expect(await look(since())).toMatchObject({
      counts: ['schema-validation b.yaml:4'],
      known: ['schema-validation a.yaml:4'],
    })
    expect(await look({ ...since(), ...policyFrom() })).toMatchObject({ counts: [], known: [] })
  })
})

test('every format says what was compared, and the JSON fits its schema', async () => {
  commit({ 'a.yaml': faulty('a'), 'b.yaml': faulty('b') })
  write({
    'a.yaml': sound('a'),
    'c.yaml': faulty('team').replace('\nspec:', '\n# validate-ignore: schema-validation because\nspec:'),
    'validation.yaml': 'preset: strict\n',
  })
  const { report, textOf } = await look({ ...since(), ...policyFrom() })
  const print = (name: string): string =>
    FORMATS[name]?.(report, { textOf, colour: false, prefix: '', verbose: false }) ?? ''
  const short = git('rev-parse', 'main').slice(0, 10)
  for (const name of ['stylish', 'markdown', 'github', 'html']) {
    const text = print(name).replaceAll('\\', '')
    expect(text, name).toContain(`Held against ${short}: 1 finding that it has, too, not counted, 1 fixed.`)
    expect(text, name).toContain('Fixed: a.yaml:4 unknown field')
    expect(text, name).toContain(
      `The change touches the policy (validation.yaml): what holds is the policy of ${short}.`,
    )
    expect(text, name).toContain(`The change excuses what ${short} does not`)
  }
  const results = JSON.parse(print('sarif')).runs[0].results as { baselineState: string; suppressions?: unknown }[]
  expect(results.map(({ baselineState, suppressions }) => [baselineState, suppressions]).sort()).toEqual([
    ['new', undefined],
    ['unchanged', undefined],
  ])
  const file = fileURLToPath(new URL('report/report.schema.json', import.meta.url))
  const isReport = new Ajv({ strict: true, allowUnionTypes: true }).compile(JSON.parse(readFileSync(file, 'utf8')))
  expect(isReport(JSON.parse(print('json'))), JSON.stringify(isReport.errors)).toBe(true)
})
