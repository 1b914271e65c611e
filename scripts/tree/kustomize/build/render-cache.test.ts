// The cache gives what was rendered from the same bytes, or nothing: whatever ran beside it, was killed or ran out of disk.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MACHINE } from '../../../../tests/tree.ts'
import { readTree } from '../../read-tree.ts'
import { openFolder } from '../../source/folder.ts'
import { findKustomize } from './binary.ts'
import { openRenderCache } from './render-cache.ts'

const kustomize = findKustomize(MACHINE)
let root: string
let folder: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cache-tree-'))
  folder = mkdtempSync(join(tmpdir(), 'cache-'))
  for (const name of ['a', 'b']) {
    mkdirSync(join(root, name))
    writeFileSync(join(root, name, 'kustomization.yaml'), 'resources: [cm.yaml]\n')
    writeFileSync(join(root, name, 'cm.yaml'), `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`)
  }
})
afterEach(() => {
  for (const one of [root, folder]) rmSync(one, { recursive: true, force: true })
})

const open = (at = folder) => {
  const sources = openFolder(root)
  return openRenderCache(at, { sources, graph: readTree(sources, []).value.graph, kustomize })
}
const resources = (name: string) => [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }]

test('a changed file renders only what reads it', () => {
  const cache = open()
  cache.write('a', resources('a'))
  cache.write('b', resources('b'))
  writeFileSync(join(root, 'a', 'cm.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: other }\n')
  const later = open()
  expect(later.read('a')).toBeUndefined()
  expect(later.read('b')).toEqual(resources('b'))
})

test.each([
  ['half a file', '[{"apiVersion": "v1", "ki'],
  ['an empty file', ''],
  ['no list', '{}'],
])('%s is nothing', (_, text) => {
  const cache = open()
  cache.write('a', resources('a'))
  const [name = ''] = readdirSync(folder)
  writeFileSync(join(folder, name), text)
  expect(open().read('a')).toBeUndefined()
})

test('what a killed run has left is removed in time, what another run writes is not', () => {
  const cache = open()
  cache.write('a', resources('a'))
  for (const name of ['0123.json.4711.old', '0123.json.4712.new']) writeFileSync(join(folder, name), '[{')
  const hourAgo = Date.now() / 1000 - 3600
  utimesSync(join(folder, '0123.json.4711.old'), hourAgo, hourAgo)
  cache.trim()
  expect(readdirSync(folder).filter(name => !name.endsWith('.json'))).toEqual(['0123.json.4712.new'])
  expect(open().read('a')).toEqual(resources('a'))
})

test('it is bounded by bytes, and never loses what this run has asked for', () => {
  const cache = open()
  cache.write('a', resources('a'))
  const large = join(folder, `${'f'.repeat(64)}.json`)
  // Sparse: it takes no room on the disk.
  execFileSync('truncate', ['-s', '600M', large])
  const hourAgo = Date.now() / 1000 - 3600
  for (const name of readdirSync(folder)) utimesSync(join(folder, name), hourAgo, hourAgo)
  cache.trim()
  expect(readdirSync(folder)).toHaveLength(1)
  expect(open().read('a')).toEqual(resources('a'))
})

test('it is looked after by one rendering in sixteen', () => {
  const large = join(folder, `${'f'.repeat(64)}.json`)
  const isTrimmedAfter = (name: string): boolean => {
    execFileSync('truncate', ['-s', '600M', large])
    open().tidy([name])
    return !existsSync(large)
  }
  const names = Array.from({ length: 200 }, (_, index) => `app-${index}`)
  for (const name of names) {
    mkdirSync(join(root, name))
    writeFileSync(join(root, name, 'kustomization.yaml'), `resources: [../a/cm.yaml]\n`)
  }
  const count = names.filter(isTrimmedAfter).length
  expect(count).toBeGreaterThan(2)
  expect(count).toBeLessThan(40)
})

test('a folder that cannot be written is neither a cache nor a fault', () => {
  writeFileSync(join(folder, 'file'), '')
  const cache = open(join(folder, 'file', 'below'))
  cache.write('a', resources('a'))
  expect(cache.read('a')).toBeUndefined()
  cache.trim()
})

test('a run that is killed while it writes leaves a whole cache', async () => {
  const program = `
    import { writeFileSync } from 'node:fs'
    import { openRenderCache } from ${JSON.stringify(join(import.meta.dirname, 'render-cache.ts'))}
    import { readTree } from ${JSON.stringify(join(import.meta.dirname, '../../read-tree.ts'))}
    import { openFolder } from ${JSON.stringify(join(import.meta.dirname, '../../source/folder.ts'))}
    const sources = openFolder(${JSON.stringify(root)})
    const kustomize = ${JSON.stringify(kustomize)}
    const cache = openRenderCache(${JSON.stringify(folder)}, { sources, graph: readTree(sources, []).value.graph, kustomize })
    const big = [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { a: 'x'.repeat(2_000_000) } }]
    for (;;) { cache.write('a', big); await new Promise(resolve => setImmediate(resolve)) }
  `
  const file = join(folder, 'run.ts')
  writeFileSync(file, program)
  const child = spawn(process.execPath, [file], { stdio: 'ignore' })
  const ended = new Promise(resolve => child.on('close', (_, signal) => resolve(signal)))
  while (!readdirSync(folder).some(name => name.endsWith('.json')))
    await new Promise(resolve => setTimeout(resolve, 20))
  child.kill('SIGKILL')
  expect(await ended).toBe('SIGKILL')
  expect(JSON.stringify(open().read('a'))).toHaveLength(2_000_080)
})
