// What is validated is what Argo CD would get: the private copy renders as the tree itself does.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { generateTree } from '../../../bench/generate-tree.ts'
import { MACHINE, PROJECT } from '../../../../tests/tree.ts'
import { parseText } from '../../source/yaml/parse.ts'
import { openFolder } from '../../source/folder.ts'
import { readTree } from '../../read-tree.ts'
import { findKustomize } from './binary.ts'
import { renderRoots } from './builds.ts'

const kustomize = findKustomize(MACHINE)
const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'render-'))
  folders.push(folder)
  return folder
}

const TREES: readonly (readonly [string, (folder: string) => void])[] = [
  [
    'this repository',
    folder => {
      for (const part of ['base', 'components', 'overlays', 'argocd', 'apps']) {
        cpSync(join(PROJECT, part), join(folder, part), { recursive: true })
      }
    },
  ],
  ['generated apps', folder => void generateTree(folder, 3, 'text')],
  [
    'every field of a kustomization',
    folder => {
      const fixture = 'scripts/validate/rules/stages/kustomize-build/fixtures/valid/every-field'
      cpSync(join(PROJECT, fixture), folder, { recursive: true })
    },
  ],
]

test.each(TREES)('%s renders as kustomize renders it in place', async (_, fill) => {
  const folder = makeFolder()
  fill(folder)
  const sources = openFolder(folder)
  const { graph, roots } = readTree(sources, []).value
  expect(roots.length).toBeGreaterThan(0)
  const options = { sources, graph, kustomize, parallelism: 2, cacheFolder: undefined }
  const results = await renderRoots(roots, options)
  for (const root of roots) {
    const result = results.get(root)
    if (!result || !('resources' in result)) throw new Error(`${root} was not rendered: ${JSON.stringify(result)}`)
    const plain = execFileSync(kustomize.command, [...kustomize.arguments, join(folder, root)], { encoding: 'utf8' })
    expect(result.resources).toEqual(parseText(plain, 'rendered').documents)
  }
})

test('a kept rendering is the same, and a changed file makes a new one', async () => {
  const folder = makeFolder()
  const cacheFolder = join(makeFolder(), 'renderings')
  generateTree(folder, 1, 'text')
  const renderOnce = async (text: string) => {
    generateTree(folder, 1, text)
    const sources = openFolder(folder)
    const { graph, roots } = readTree(sources, []).value
    return renderRoots(roots, { sources, graph, kustomize, parallelism: 2, cacheFolder })
  }
  const first = await renderOnce('one')
  const kept = await renderOnce('one')
  const changed = await renderOnce('two')
  expect(kept).toEqual(first)
  expect(JSON.stringify([...changed.values()])).toContain('"TEXT":"two"')
})
