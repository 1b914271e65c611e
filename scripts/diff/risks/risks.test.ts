// Each rule of risk by pairs of trees: one that shows it, with all that is said of the pair, and one of which it says nothing.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { layOver } from '../../tree/source/edit.ts'
import { openFolder } from '../../tree/source/folder.ts'
import { diffSources } from '../diff.ts'
import type { Risk } from '../model.ts'
import { isAtLeast, judgeRisks, RISK_RULES } from './index.ts'

/** Files by path; a text alone is `prod/all.yaml`. */
type Files = string | Readonly<Record<string, string>>

interface Pair {
  readonly name: string
  readonly base: Files
  readonly head?: Files
  /** What the head says instead, each text once, where it is not written out. */
  readonly change?: Readonly<Record<string, string>>
  /** As `danger LINE: message`; a line of the base says so. */
  readonly risks: readonly string[]
}

const FOLDER = fileURLToPath(new URL('fixtures', import.meta.url))
const FILE = 'prod/all.yaml'
const FIXTURES = readdirSync(FOLDER).sort()

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'risks-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const readPairs = (file: string): readonly Pair[] => parse(readFileSync(join(FOLDER, file), 'utf8')) as Pair[]

const filesOf = (files: Files): Readonly<Record<string, string>> =>
  typeof files === 'string' ? { [FILE]: files } : files

function changeFiles(files: Readonly<Record<string, string>>, change: Pair['change'] = {}): Record<string, string> {
  const changed = { ...files }
  for (const [from, to] of Object.entries(change)) {
    const path = Object.keys(changed).find(one => changed[one]?.includes(from))
    if (path === undefined) throw new Error(`no file says ${from}`)
    changed[path] = changed[path]?.replace(from, () => to) ?? ''
  }
  return changed
}

async function judge({ base, head, change }: Pair): Promise<readonly Risk[]> {
  const open = (files: Readonly<Record<string, string>>) =>
    layOver(openFolder(root), new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])))
  const next = head === undefined ? changeFiles(filesOf(base), change) : filesOf(head)
  return (await diffSources(open(filesOf(base)), open(next), { root, judge: judgeRisks })).risks
}

const show = ({ level, message, location }: Risk): string => {
  const file = location === undefined || location.file === FILE ? '' : `${location.file}:`
  return `${level} ${file}${location?.line}${location?.side ? ` ${location.side}` : ''}: ${message}`
}

test('every rule has its pairs', () => {
  expect(FIXTURES).toEqual(RISK_RULES.map(({ id }) => `${id}.yaml`).sort())
})

describe.each(FIXTURES)('%s', file => {
  const pairs = readPairs(file)
  const id = file.replace('.yaml', '')

  test('has a pair that shows it and one that does not', () => {
    const kinds = new Set(pairs.map(({ name }) => name.split(' ')[0]))
    expect(kinds).toEqual(new Set(['shows', 'passes']))
  })

  test.each(pairs.map(pair => [pair.name, pair] as const))('%s', async (name, pair) => {
    const risks = await judge(pair)
    expect(risks.map(show)).toEqual(pair.risks)
    expect(risks.some(({ ruleId }) => ruleId === id)).toBe(name.startsWith('shows'))
  })
})

test.each([
  ['never', 'danger', false],
  ['danger', 'danger', true],
  ['danger', 'caution', false],
  ['caution', 'caution', true],
  ['caution', 'danger', true],
] as const)('--fail-on %s and a %s: %s', (failOn, level, fails) => {
  expect(isAtLeast([{ ruleId: 'x', level, message: '' }], failOn)).toBe(fails)
  expect(isAtLeast([], failOn)).toBe(false)
})
