// npm run diff: what a change of the tree changes in the clusters.
import { availableParallelism } from 'node:os'
import { runCommand } from './command/frame.ts'
import type { Tab } from './command/page.ts'
import { Problem } from './command/problem.ts'
import { createCommand } from './diff/command.ts'

/** The findings of validate as a tab: the page of the report has both. */
async function judge(root: string): Promise<Tab | undefined> {
  const { validate } = await import('./validate/run.ts')
  const { makeTab } = await import('./validate/report/html.ts')
  const { describeMachine } = await import('./tree/machine.ts')
  const tool = { name: 'diff', version: '' }
  const machine = describeMachine()
  try {
    const { report, textOf } = await validate({ root, paths: [], machine, parallelism: availableParallelism(), tool })
    return makeTab(report, { textOf, colour: false, prefix: '' })
  } catch (error) {
    // A configuration that validate cannot read is for validate to tell.
    if (error instanceof Problem) return undefined
    throw error
  }
}

await runCommand(createCommand(judge))
