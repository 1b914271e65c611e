// `npm run test:trace`: proves the trace on trees of every make-up, this repository among them, or on folders that are given.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { generateTree } from './bench/generate-tree.ts'
import { repositoryRoot } from './command/frame.ts'
import { openFolder } from './tree/source/folder.ts'
import { findKustomize } from './tree/kustomize/build/binary.ts'
import { proveTree } from './tree/kustomize/trace/prove.ts'
import { HOSTILE_TREES } from './tree/kustomize/trace/hostile-trees.ts'
import { TREES } from './tree/kustomize/trace/trees.ts'
import { describeMachine } from './tree/machine.ts'

/** How many scalars are changed in each build of a small tree, and of a large one. */
const MANY = 30
const FEW = 3

interface Subject {
  readonly name: string
  readonly folder: string
  readonly changes: number
}

function prepare(home: string): readonly Subject[] {
  const made = Object.entries({ ...TREES, ...HOSTILE_TREES }).map(([name, files], number): Subject => {
    const folder = join(home, String(number))
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    return { name, folder, changes: MANY }
  })
  const bench = (['light', 'heavy'] as const).map((kind): Subject => {
    const folder = join(home, kind)
    mkdirSync(folder)
    generateTree(folder, 2, 'text', kind)
    return { name: `bench, ${kind}`, folder, changes: FEW }
  })
  return [...made, ...bench, { name: 'this repository', folder: repositoryRoot, changes: 1 }]
}

const given = process.argv.slice(2)
const home = mkdtempSync(join(tmpdir(), 'trace-'))
const kustomize = findKustomize(describeMachine())
let isWrong = false
try {
  const subjects = given.length ? given.map(folder => ({ name: folder, folder, changes: FEW })) : prepare(home)
  process.stdout.write(
    '| tree | builds | leaves | proved | changes | of names and keys | wrong |\n| --- | --: | --: | --: | --: | --: | --: |\n',
  )
  for (const { name, folder, changes } of subjects) {
    const proof = await proveTree(openFolder(folder), { kustomize, changes, seed: 10 })
    const { builds, leaves, unsure, unsureLeaves, structural, wrong } = proof
    const share = leaves === 0 ? 100 : (100 * (leaves - unsureLeaves)) / leaves
    const figures = [builds, leaves, `${share.toFixed(2)} %`, proof.changes, structural, wrong.length]
    process.stdout.write(`| ${[name, ...figures].join(' | ')} |\n`)
    for (const line of [...unsure, ...wrong]) process.stderr.write(`  ${name}: ${line}\n`)
    isWrong ||= wrong.length > 0 || share < 99
  }
} finally {
  rmSync(home, { recursive: true, force: true })
}
process.exitCode = isWrong ? 1 : 0
