// Each component, switched on as its README says: the tree has no problem more, or the one that the README announces.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addBlock, readBlocks } from './readme-blocks.ts'
import { PROJECT, validateTree } from './tree.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'components-'))
  for (const path of ['apps', 'argocd', 'base', 'components', 'overlays', 'validation.yaml'])
    cpSync(join(PROJECT, path), join(root, path), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const prod = 'overlays/prod/kustomization.yaml'
// Which environments more a team has, and what may differ there, is the team's: of such a tree errors alone count.
const isAsShipped = readdirSync(join(PROJECT, 'overlays')).sort().join() === 'dev,prod,qa'
const everywhere = readdirSync(join(PROJECT, 'overlays')).map(name => `overlays/${name}/kustomization.yaml`)

/** A component, the files that its README's blocks are for, in order, and the rules that find something afterwards. */
const switches: readonly (readonly [string, readonly (readonly string[])[], readonly string[]])[] = [
  ['gateway', [[prod]], []],
  ['gateway', [[prod], [prod], ['validation.yaml']], []],
  ['gpu', [[prod], ['validation.yaml']], []],
  ['hpa', [[prod], ['apps/prod.yaml']], []],
  ['image-policy', [['argocd/kustomization.yaml']], ['admission-policy']],
  ['ingress', [[prod]], []],
  ['ingress', [[prod], [prod], ['validation.yaml']], []],
  ['model-store', [everywhere], []],
  ['monitoring', [[prod]], []],
  ['notifications', [['argocd/kustomization.yaml']], []],
]

/** The rules that find something, each once, and what could not be judged. */
async function look() {
  const { report } = await validateTree(root)
  const counted = report.findings.filter(
    ({ severity, suppression }) => suppression === undefined && (isAsShipped || severity === 'error'),
  )
  const notExamined = report.notExamined.map(({ reason, detail }) => `${reason}: ${detail}`)
  return { found: [...new Set(counted.map(({ ruleId }) => ruleId))], notExamined }
}

test.each(switches)('%s by its README, %j', async (component, files, rules) => {
  const blocks = readBlocks(readFileSync(join(root, 'components', component, 'README.md'), 'utf8'))
  const before = await look()
  for (const [index, paths] of files.entries()) {
    for (const path of paths)
      writeFileSync(join(root, path), addBlock(readFileSync(join(root, path), 'utf8'), blocks[index] ?? ''))
  }
  const after = await look()
  expect(after.found.filter(rule => !before.found.includes(rule))).toEqual(isAsShipped ? rules : [])
  // This copy has no history, so that of an environment more it is not known what ran there.
  expect(after.notExamined).toEqual(before.notExamined)
})
