// Shards cover the tree without a gap, and a run that finds everything in the cache says the same bytes.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { MACHINE, validateTree } from '../../tests/tree.ts'
import { generateTree } from '../bench/generate-tree.ts'
import { findKustomize } from '../tree/kustomize/build/binary.ts'
import { openFolder } from '../tree/source/folder.ts'
import { parseShard, renderShard, takeShard } from './shard.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'shard-'))
  folders.push(folder)
  return folder
}

test.each([1, 2, 3, 7, 20])('%i shards hold every root once', count => {
  const roots = Array.from({ length: 13 }, (_, index) => `app-${index}`)
  const shards = Array.from({ length: count }, (_, index) => takeShard(roots, { number: index + 1, count }))
  expect(shards.flat().sort()).toEqual([...roots].sort())
})

test.each(['0/2', '3/2', '2', '1/0', 'a/b', '1/2/3'])('%s is not a shard', text => {
  expect(() => parseShard(text)).toThrow('write NUMBER/COUNT')
})

test('sharded and whole give the same bytes, and the last run renders nothing anew', async () => {
  const tree = makeFolder()
  generateTree(tree, 3, 'text', 'heavy')
  const whole = await validateTree(tree, { cache: false })
  const cacheFolder = makeFolder()
  const settings = {
    exclude: [],
    repository: undefined,
    kustomize: () => findKustomize(MACHINE),
    parallelism: 2,
    cacheFolder: join(cacheFolder, 'renderings'),
  }
  for (const number of [1, 2]) {
    const { rendered, total } = await renderShard(openFolder(tree), settings, { number, count: 2 })
    expect(total).toBe(10)
    expect(rendered).toBe(5)
  }
  // Beside a rendering lies what its entries have an effect on, which rules ask for.
  const listRenderings = () => readdirSync(settings.cacheFolder).filter(name => /^\w+\.json$/.test(name))
  const before = listRenderings().sort()
  expect(before).toHaveLength(10)
  const sharded = await validateTree(tree, { machine: { ...MACHINE, cacheFolder } })
  expect(JSON.stringify(sharded.report)).toBe(JSON.stringify(whole.report))
  expect(listRenderings().sort()).toEqual(before)
})
