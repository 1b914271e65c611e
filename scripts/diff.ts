// npm run diff: what a change of the tree changes in the clusters.
import { runCommand } from './command/frame.ts'
import { command } from './diff/command.ts'

await runCommand(command)
