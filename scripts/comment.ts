// `npm run comment`: puts the diff that another workflow made into a comment of its pull request. Runs without packages.
import { runCommand } from './command/frame.ts'
import { command } from './diff/comment/command.ts'

await runCommand(command)
