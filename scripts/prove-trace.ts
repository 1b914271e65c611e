// `npm run test:trace`: proves the trace on this repository, or on the folders that are given.
import { openFolder } from './tree/source/folder.ts'
import { findKustomize } from './tree/kustomize/build/binary.ts'
import { proveTree } from './tree/kustomize/trace/prove.ts'
import { describeMachine } from './tree/machine.ts'

const roots = process.argv.slice(2)
let isWrong = false
for (const root of roots.length ? roots : ['.']) {
  const options = { kustomize: findKustomize(describeMachine()), changes: 5, seed: 10 }
  const { builds, leaves, unsure, changes, wrong } = await proveTree(openFolder(root), options)
  const share = leaves === 0 ? 100 : (100 * (leaves - unsure.length)) / leaves
  process.stdout.write(
    `${root}: ${builds} builds, ${leaves} leaves, ${share.toFixed(2)} % proved; ${changes} changes, ${wrong.length} wrong\n`,
  )
  for (const line of [...unsure, ...wrong]) process.stdout.write(`  ${line}\n`)
  isWrong ||= wrong.length > 0 || share < 99
}
process.exitCode = isWrong ? 1 : 0
