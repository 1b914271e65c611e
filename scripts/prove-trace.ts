// `npm run test:trace`: proves the trace on trees of every make-up, this repository among them, or on folders that are given.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { generateTree } from './bench/generate-tree.ts'
import { type Command, repositoryRoot, runCommand } from './command/frame.ts'
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

const usage = `Usage: npm run test:trace [-- FOLDER...]

Proves the trace of values on trees of every make-up and on this repository, or on the folders that are named: changes
scalars where the trace says that they are written, and holds what kustomize renders then against what it foretells.

  -h, --help   this text

Exit code: 0 proved; 1 a claim was wrong, or too few values are traced; 2 wrong usage; 3 a fault of the program.
`

const command: Command = {
  name: 'test:trace',
  usage,
  options: {},
  takesPositionals: true,
  async run(_, { positionals, start, terminal }) {
    const home = mkdtempSync(join(tmpdir(), 'trace-'))
    const kustomize = findKustomize(describeMachine())
    let isWrong = false
    try {
      const given = positionals.map(name => ({ name, folder: resolve(start, name), changes: FEW }))
      terminal.print('| tree | builds | leaves | proved | changes | of names and keys | wrong |\n')
      terminal.print('| --- | --: | --: | --: | --: | --: | --: |\n')
      for (const { name, folder, changes } of given.length ? given : prepare(home)) {
        const proof = await proveTree(openFolder(folder), { kustomize, changes, seed: 10 })
        const { builds, leaves, unsure, unsureLeaves, structural, wrong } = proof
        const share = leaves === 0 ? 100 : (100 * (leaves - unsureLeaves)) / leaves
        const figures = [builds, leaves, `${share.toFixed(2)} %`, proof.changes, structural, wrong.length]
        terminal.print(`| ${[name, ...figures].join(' | ')} |\n`)
        for (const line of [...unsure, ...wrong]) terminal.note(`  ${name}: ${line}`)
        isWrong ||= wrong.length > 0 || share < 99
      }
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
    return isWrong ? 1 : 0
  },
}

await runCommand(command)
