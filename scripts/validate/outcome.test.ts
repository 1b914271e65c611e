// What is kept says the same as a run that keeps nothing: after any edit, with any options, whatever became of the cache.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { writeFiles } from '../../tests/folder.ts'
import { generateTree } from '../bench/generate-tree.ts'
import { FROZEN_TREE, validateTree } from '../../tests/tree.ts'
import json from './report/json.ts'
import stylish from './report/stylish.ts'
import type { ValidateOptions } from './run.ts'

let folder: string
let root: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outcome-'))
  root = join(folder, 'tree')
  mkdirSync(root)
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true, force: true })
})

/** From now on runs take what was written before for settled: what has the same times and size is not read again. */
const settle = (): void => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000 })
/** A tick of the file system's clock. */
const tick = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 20))

const write = (path: string, text: string): void => {
  writeFiles(root, { [path]: text })
}

const steps: string[] = []
const look = async (options: Partial<ValidateOptions> = {}): Promise<string> => {
  steps.length = 0
  const base = { today: '2026-06-01', onStep: (step: string) => steps.push(step), ...options }
  try {
    const { report, textOf, warnings } = await validateTree(root, { cacheFolder: join(folder, 'cache'), ...base })
    const context = { textOf, colour: false, prefix: '', verbose: true }
    return [json(report, context), stylish(report, context), ...warnings].join('\n')
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`
  }
}
const wasJudged = (): boolean => steps.some(step => step.includes('rules'))

const SERVICE = 'apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { ports: [{ port: 80 }], portz: 1 }\n'

describe('a tree that did not change is not judged again', () => {
  test('with what was found in it, and without its rules being run', async () => {
    write('a.yaml', SERVICE)
    const first = await look()
    expect(wasJudged()).toBe(true)
    expect(await look()).toBe(first)
    expect(wasJudged()).toBe(false)
    expect(first).toContain('unknown field')
  })

  test.each<[string, () => Partial<ValidateOptions> | undefined]>([
    ['a byte of a file', () => void write('a.yaml', SERVICE.replace('80', '81'))],
    ['a comment', () => void write('a.yaml', `# more\n${SERVICE}`)],
    ['a new file', () => void write('b/c.yaml', SERVICE)],
    ['a file that is gone', () => rmSync(join(root, 'b.yaml')) as undefined],
    ['a file of another name', () => renameSync(join(root, 'b.yaml'), join(root, 'c.yaml')) as undefined],
    ['a .gitignore', () => void write('.gitignore', 'a.yaml\n')],
    ['the settings', () => void write('validation.yaml', 'rules: { schema-validation: warning }\n')],
    ['another preset', () => ({ preset: 'strict' })],
    ['paths', () => ({ paths: ['a.yaml'] })],
    ['no cache', () => ({ cache: false })],
    ['another kustomize', () => ({ machine: otherMachine() })],
  ])('but is after %s', async (_, change) => {
    write('a.yaml', SERVICE)
    write('b.yaml', SERVICE.replace('name: a', 'name: b'))
    await look()
    const options = change() ?? {}
    const kept = await look(options)
    expect(wasJudged()).toBe(true)
    expect(kept).toBe(await look({ ...options, cache: false }))
  })

  test('and is on another day where a suppression has an end', async () => {
    write('a.yaml', SERVICE)
    write('validation.yaml', 'suppressions: [{ rule: schema-validation, reason: later, expires: 2026-06-01 }]\n')
    expect(await look()).toContain('"errors": 0')
    expect(await look({ today: '2026-06-02' })).toContain('"errors": 1')
  })

  test('what was stopped by a limit is not kept', async () => {
    write('kustomization.yaml', 'resources: [a.yaml]\n')
    write('a.yaml', SERVICE)
    const { noteStopped } = await import('../tree/stopped.ts')
    await look({ onProgress: noteStopped })
    await look()
    expect(wasJudged()).toBe(true)
  })
})

/** The same kustomize under another name: what it renders may be anything. */
function otherMachine(): ValidateOptions['machine'] {
  const command = join(folder, 'kustomize')
  writeFileSync(command, '#!/bin/sh\necho v5.8.1\n', { mode: 0o755 })
  return {
    platform: 'linux-x64',
    environment: { PATH: process.env.PATH, KUSTOMIZE: command },
    modulesFolder: folder,
    cacheFolder: folder,
  }
}

/** Numbers that look random, and are the same in each run. */
function createDice(seed: number): (sides: number) => number {
  let state = seed
  return sides => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

const listFiles = (of: string): string[] =>
  readdirSync(of, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()

const SETTINGS = [
  'rules: { schema-validation: warning, latest-tag: error }\n',
  'suppressions: [{ rule: schema-validation, reason: later, expires: 2026-06-02 }]\n',
  'exclude: [base]\n',
  'preset: strict\n',
  '',
]

/** Some edit of the tree, in words. */
function edit(roll: (sides: number) => number): string {
  const files = listFiles(root)
  const pick = (): string => files[roll(files.length)] ?? ''
  const file = pick()
  const text = readFileSync(file, 'utf8')
  const lines = text.split('\n')
  const line = roll(lines.length)
  const EDITS: readonly (readonly [string, () => void])[] = [
    ['touch', () => writeFileSync(file, text)],
    ['delete', () => rmSync(file)],
    ['rename', () => renameSync(file, file.replace(/(\.\w+)$/, '-other$1'))],
    ['copy', () => cpSync(file, join(dirname(pick()), `copy-${roll(9)}.yaml`))],
    ['put the text of another file into', () => writeFileSync(file, readFileSync(pick()))],
    ['take a line of', () => writeFileSync(file, lines.toSpliced(line, 1).join('\n'))],
    ['write a line twice of', () => writeFileSync(file, lines.toSpliced(line, 0, lines[line] ?? '').join('\n'))],
    ['change a number of', () => writeFileSync(file, text.replace(/(: \D*)(\d+)$/m, `$1${roll(100)}`))],
    ['change a name in', () => writeFileSync(file, text.replace(/name: (\S+)/, `name: web-${roll(3)}`))],
    ['change a namespace in', () => writeFileSync(file, text.replace(/namespace: (\S+)/, `namespace: ns-${roll(3)}`))],
    [
      'misspell a key of',
      () => writeFileSync(file, lines.with(line, (lines[line] ?? '').replace(':', 'x:')).join('\n')),
    ],
    ['break', () => writeFileSync(file, `${text}\n  - {`)],
    ['configure', () => writeFileSync(join(root, 'validation.yaml'), SETTINGS[roll(SETTINGS.length)] ?? '')],
  ]
  const [what, act] = EDITS[roll(EDITS.length)] ?? ['', () => {}]
  act()
  return `${what} ${file.slice(root.length + 1)}`
}

/** Something that happens to a file of the cache. */
function harm(roll: (sides: number) => number): string {
  const kept = readdirSync(join(folder, 'cache'))
  const name = kept[roll(kept.length)]
  if (name === undefined) return ''
  const path = join(folder, 'cache', name)
  const bytes = readFileSync(path)
  const HARMS = [
    () => rmSync(path),
    () => writeFileSync(path, bytes.subarray(0, roll(bytes.length))),
    () => writeFileSync(path, bytes.with(roll(bytes.length), roll(256))),
    () => writeFileSync(path, ''),
  ]
  HARMS[roll(HARMS.length)]?.()
  return `, harm ${name}`
}

const TREES: readonly [string, () => void][] = [
  ['this repository', () => cpSync(FROZEN_TREE, root, { recursive: true })],
  ['light', () => void generateTree(root, 3, 'outcome', 'light')],
  ['heavy', () => void generateTree(root, 2, 'outcome', 'heavy')],
]

test.each(TREES)(
  'after any edit of %s a run with the cache says what one without says',
  async (_, make) => {
    make()
    settle()
    await look()
    const pristine = join(folder, 'pristine')
    cpSync(root, pristine, { recursive: true })
    for (const seed of [1, 2]) {
      const roll = createDice(seed * 7919)
      const done: string[] = []
      for (let round = 0; round < 5; round++) {
        const options: Partial<ValidateOptions> = roll(4) === 0 ? { preset: 'strict' } : {}
        const today = `2026-06-0${1 + roll(3)}`
        await tick()
        done.push(edit(roll) + (roll(2) === 0 ? harm(roll) : ''))
        const kept = await look({ ...options, today })
        const fresh = await look({ ...options, today, cache: false })
        expect(kept, done.join('\n')).toBe(fresh)
        if (roll(2) === 0) expect(await look({ ...options, today }), done.join('\n')).toBe(fresh)
      }
      rmSync(root, { recursive: true })
      cpSync(pristine, root, { recursive: true })
    }
  },
  600_000,
)

vi.setConfig({ testTimeout: 60_000 })
