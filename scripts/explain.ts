// `npm run explain`: what a rule finds, why, and what to do, with examples that the tests hold.
import { runCommand } from './command/frame.ts'
import { command } from './validate/explain/command.ts'

await runCommand(command)
