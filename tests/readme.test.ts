// The README shows what is: its rules, its exit codes and the line the main job prints.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import stylish from '../scripts/validate/report/stylish.ts'
import { RULES } from '../scripts/validate/rules/index.ts'
import { FROZEN_TREE, PROJECT, validateTree } from './tree.ts'

const read = (path: string): string => readFileSync(join(PROJECT, path), 'utf8')
/** What a person reads, the first ten minutes first. */
const PAGES = [
  'README.md',
  'scripts/validate/README.md',
  'scripts/cluster/README.md',
  'argocd/README.md',
  'app/README.md',
]
const README = read('README.md')
const SCRIPTS = (JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as { scripts: Record<string, string> })
  .scripts

/** Every environment that a user adds changes the counts; the README keeps those of the template. */
const hideCounts = (text: string): string =>
  text.replace(/\d+ (resource|build|file)s?/g, 'N $1s').replace(/\d+ suppressed, /g, '')

test('the main job prints what the README shows', async () => {
  const { report } = await validateTree(FROZEN_TREE)
  const printed = stylish(report, { textOf: () => undefined, colour: false, prefix: '' }).trimEnd()
  for (const page of ['README.md', 'scripts/validate/README.md']) {
    expect(hideCounts(read(page)), page).toContain(`$ npm ci && npm run validate\n${hideCounts(printed)}\n`)
  }
})

test('the README counts as suppressed what this tree suppresses', async () => {
  const { suppressed } = (await validateTree(PROJECT)).report.summary
  const shown = [...README.matchAll(/ files; (?:(\d+) suppressed, )?kustomize v/g)].map(([, count = '0']) =>
    Number(count),
  )
  expect(shown).toEqual([suppressed, suppressed])
})

test('every rule is in the table, and no other', () => {
  const shown = [...read('scripts/validate/README.md').matchAll(/^\| `([a-z-]+)` \| /gm)]
    .map(([, id]) => id)
    .filter(id => id !== undefined)
  expect(shown.sort()).toEqual(RULES.map(({ id }) => id).sort())
})

test.each(PAGES)('every command and file that %s names exists', page => {
  const text = read(page)
  for (const [, name = ''] of text.matchAll(/npm run ([\w:-]+)/g)) expect(SCRIPTS, name).toHaveProperty(name)
  for (const [, path = ''] of text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g))
    expect(existsSync(join(PROJECT, dirname(page), path)), path).toBe(true)
})

test('the README is for the first ten minutes', () => {
  expect(README.split('\n').length).toBeLessThanOrEqual(130)
})

test('the checks that are to protect main are the jobs that every pull request has', () => {
  const [, list = ''] = /the checks (`[^.]+`)\./.exec(read('argocd/README.md')) ?? []
  const jobs = ['validate', 'smoke-test'].flatMap(name => {
    const workflow = parse(readFileSync(join(PROJECT, `.github/workflows/${name}.yaml`), 'utf8')) as {
      readonly jobs: Readonly<Record<string, { readonly name: string }>>
    }
    return Object.values(workflow.jobs).map(job => job.name)
  })
  expect([...list.matchAll(/`([^`]+)`/g)].map(([, name]) => name).sort()).toEqual(jobs.sort())
})
