// What the index takes for the same file is the same file: after any change it is read again, and what changes later stops a run.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openFileIndex } from './file-index.ts'
import { openFolder } from './source/folder.ts'
import { type FileIndex, SourceFile } from './source/source-file.ts'
import type { Sources } from './source/sources.ts'

let folder: string
let root: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-index-'))
  root = join(folder, 'tree')
  file = join(root, 'a.yaml')
  mkdirSync(root)
  writeFileSync(file, 'kind: One\n')
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true, force: true })
})

/** Who looks at the tree some seconds later finds it settled; a tick of the file system's clock has passed. */
async function settle(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 20))
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000 })
}

const open = (): FileIndex => openFileIndex(join(folder, 'index.json'))

/** Reads the tree as one run does; returns what it knows of the file without looking into it. */
function run(look?: (sources: Sources, file: SourceFile) => void): { hash: string; isKnown: boolean } {
  const index = open()
  let notes = 0
  const note: FileIndex['note'] = (...args) => {
    notes++
    index.note(...args)
  }
  const sources = openFolder(root, { index: { ...index, note } })
  sources.list([])
  const read = sources.read('a.yaml')
  if (!(read instanceof SourceFile)) return { hash: read.reason, isKnown: false }
  look?.(sources, read)
  index.save()
  return { hash: read.hash, isKnown: notes === 0 }
}

test('a file that did not change is known, with the words that it holds', async () => {
  await settle()
  const first = run((_, read) => expect([read.holds('One'), read.holds('Two')]).toEqual([true, false]))
  expect(first.isKnown).toBe(false)
  expect(readFileSync(join(folder, 'index.json'), 'utf8')).toContain('{"One":true,"Two":false}')
  expect(run((_, read) => expect([read.holds('One'), read.holds('Two')]).toEqual([true, false]))).toEqual({
    hash: first.hash,
    isKnown: true,
  })
  run((_, read) => expect(read.text).toBe('kind: One\n'))
})

test.each<[string, () => void]>([
  ['other bytes of as many', () => writeFileSync(file, 'kind: Two\n')],
  [
    'other bytes of as many at the same time',
    () => {
      const { atimeMs, mtimeMs } = statSync(file)
      writeFileSync(file, 'kind: Two\n')
      utimesSync(file, atimeMs / 1000, mtimeMs / 1000)
    },
  ],
  [
    'another file in its place, of as many bytes and the same time',
    () => {
      const { atimeMs, mtimeMs } = statSync(file)
      writeFileSync(`${file}.new`, 'kind: Two\n')
      utimesSync(`${file}.new`, atimeMs / 1000, mtimeMs / 1000)
      renameSync(`${file}.new`, file)
    },
  ],
  ['a link in its place', () => link()],
  ['other permissions', () => chmodSync(file, 0o600)],
])('%s: it is read again', async (_, change) => {
  await settle()
  run()
  expect(run().isKnown).toBe(true)
  change()
  const fresh = openFolder(root)
  fresh.list([])
  const read = fresh.read('a.yaml')
  const { hash, isKnown } = run()
  expect(isKnown).toBe(false)
  expect(hash).toBe(read instanceof SourceFile ? read.hash : read.reason)
})

function link(): void {
  renameSync(file, join(folder, 'elsewhere'))
  symlinkSync(join(folder, 'elsewhere'), file)
}

test('what has just been written is not known: it may change again within one tick of the clock', () => {
  run()
  expect(run().isKnown).toBe(false)
})

test('what changes between the look at it and its being read stops the run', async () => {
  await settle()
  run()
  run((_, read) => {
    writeFileSync(file, 'kind: Two\n')
    expect(() => read.text).toThrow('a.yaml has changed since this run began')
  })
})

test('an index that is not whole knows nothing', async () => {
  await settle()
  run()
  const at = join(folder, 'index.json')
  writeFileSync(at, readFileSync(at, 'utf8').replace('"One"', '"Two"').slice(0, -4))
  expect(run().isKnown).toBe(false)
})

test('of a large tree the bytes of what was parsed are read again, and are the same or end the run', () => {
  const text = `kind: ${'x'.repeat(1024 * 1024)}\n`
  for (let number = 0; number < 40; number++) writeFileSync(join(root, `${number}.yaml`), text)
  const refuse = (path: string): Error => new Error(`refused ${path}`)
  const sources = openFolder(root, { refuse })
  const files = [...Array(40).keys()].map(number => sources.read(`${number}.yaml`) as SourceFile)
  for (const one of files) one.parse('kubectl')
  expect(files[0]?.text).toBe(text)
  writeFileSync(join(root, '1.yaml'), text.replace('x', 'y'))
  writeFileSync(join(root, '39.yaml'), text.replace('x', 'y'))
  expect(() => files[1]?.text).toThrow('refused 1.yaml')
  // What was looked at last is held.
  expect(files[39]?.text).toBe(text)
})
