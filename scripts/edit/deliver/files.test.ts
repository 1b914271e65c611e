// What becomes of a tree where one of several files cannot be written.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writeFiles } from './files.ts'

test('where one file cannot be written, the others are as they were', () => {
  const root = mkdtempSync(join(tmpdir(), 'files-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  writeFileSync(join(root, 'a'), 'old')
  writeFileSync(join(root, 'folder'), 'a file')
  const edits = new Map(['a', 'new', 'folder/b'].map(path => [path, Buffer.from('new')] as const))
  const originals = new Map([
    ['a', Buffer.from('old')],
    ['new', null],
    ['folder/b', null],
  ] as const)
  expect(() => writeFiles(root, edits, originals)).toThrow('folder/b cannot be written')
  expect(readdirSync(root).sort()).toEqual(['a', 'folder'])
  expect(readFileSync(join(root, 'a'), 'utf8')).toBe('old')
})
