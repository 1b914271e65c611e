// In a workflow that may write and runs no code of the pull request: finds the pull request, takes the text, keeps one comment.
import { readFileSync } from 'node:fs'
import type { Command } from '../../command/frame.ts'
import { messageOf, Problem } from '../../command/problem.ts'
import { askGitHub } from './github.ts'
import { commentOn } from './comment.ts'
import { readRun } from './run.ts'

const usage = `Usage: npm run comment

Puts the diff of a pull request into a comment of it, or brings the comment up to date. For a workflow on workflow_run
after the one that makes the artifact "diff" with the file comment.md: that one runs the code of the pull request and may
write nothing, this one runs none of it, and takes the text as data. Needs gh, and in the environment what GitHub sets
there (GITHUB_EVENT_PATH, GITHUB_REPOSITORY) and GH_TOKEN with actions: read and pull-requests: write.

  -h, --help       this text

Exit code: 0 written, or nothing to write; 1 GitHub refused; 2 wrong environment; 3 a fault of the program.
`

export const command: Command = {
  name: 'comment',
  usage,
  options: {},
  async run(_values, { terminal }) {
    const { GITHUB_EVENT_PATH: event, GITHUB_REPOSITORY: repository } = process.env
    if (!event || !repository) throw new Problem('this is for a workflow: GitHub sets no event here', { exitCode: 2 })
    terminal.print(`${commentOn(readRun(readEvent(event), repository), askGitHub)}\n`)
    return 0
  },
}

function readEvent(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Problem(`the event ${path} cannot be read: ${messageOf(error)}`, { exitCode: 2 })
  }
}
