// A trace is the same as long as every answer is: what a run asked for decides, and nothing else of the tree.
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeFiles } from '../../../tests/folder.ts'
import { openFolder } from './folder.ts'
import type { Sources } from './sources.ts'
import { isSameAs, Watched } from './watched.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'watched-'))
  for (const path of ['a/kustomization.yaml', 'a/cm.yaml', 'notes.txt', 'gone/x.yaml']) write(path, path)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, text: string): void {
  writeFiles(root, { [path]: text })
}

/** What a run does: it walks, looks whether things are there, and reads some. */
function run(sources: Sources): void {
  for (const path of sources.list([])) if (path.endsWith('.yaml')) sources.read(path)
  for (const path of ['a/kustomization.yaml', 'a/cm.yaml', 'a/other.yaml', 'up', '../x']) sources.resolve(path)
}

test.each<[string, () => void, boolean]>([
  ['nothing', () => {}, true],
  ['the same bytes once more', () => write('a/cm.yaml', 'a/cm.yaml'), true],
  ['a file that was not read', () => write('notes.txt', 'more'), true],
  ['other bytes of as many', () => write('a/cm.yaml', 'A/cm.yaml'), false],
  ['a file that is gone', () => rmSync(join(root, 'gone/x.yaml')), false],
  ['a new file', () => write('b.yaml', ''), false],
  ['a file of another name', () => renameSync(join(root, 'a/cm.yaml'), join(root, 'a/mc.yaml')), false],
  ['what was missing', () => mkdirSync(join(root, 'up')), false],
  ['a link in the place of a kustomization', () => link('a/kustomization.yaml', '../kept'), false],
  ['a link in the place of a file', () => link('a/cm.yaml', '../kept'), false],
  ['a .gitignore', () => write('.gitignore', 'gone\n'), false],
])('after %s', (_, change, isSame) => {
  const watched = new Watched(openFolder(root))
  run(watched)
  const { trace } = watched
  change()
  expect(isSameAs(trace, openFolder(root))).toBe(isSame)
})

function link(path: string, to: string): void {
  renameSync(join(root, path), join(root, 'kept'))
  symlinkSync(to, join(root, path))
}

test('what somebody else of the same tree has read counts too', () => {
  const watched = new Watched(openFolder(root))
  watched.fork().read('notes.txt')
  expect(watched.readPaths).toEqual([])
  const { trace } = watched
  write('notes.txt', 'more')
  expect(isSameAs(trace, openFolder(root))).toBe(false)
})

test('a tree that changes while it is read is the same as no other', () => {
  const watched = new Watched(openFolder(root))
  watched.list([])
  const first = watched.trace
  expect(isSameAs(first, openFolder(root))).toBe(true)
  expect(watched.list(['a'])).not.toEqual(watched.list([]))
})

test('a fork sees the same bytes, and has read nothing', () => {
  const sources = openFolder(root)
  const fork = sources.fork()
  run(fork)
  write('a/cm.yaml', 'changed')
  expect(sources.readPaths).toEqual([])
  expect(sources.read('a/cm.yaml')).toBe(fork.read('a/cm.yaml'))
  expect(sources.readPaths).toEqual(['a/cm.yaml'])
})
