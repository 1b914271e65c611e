// Opens a pull request with one commit through GitHub's command line, or brings the one that is open up to date.
import { spawnSync } from 'node:child_process'
import { Problem } from '../../command/problem.ts'
import type { Change } from '../change.ts'
import { type Base, describeAlong, pushCommit } from './branch.ts'
import { type Checkout, faultOf } from './git.ts'

export function requireGh(root: string): void {
  const advice = ['--push-branch pushes the commit, and says where to open it; --commit makes it here']
  if (gh(root, ['--version']).code !== 0) {
    throw new Problem("--pull-request needs GitHub's command line, gh (https://cli.github.com)", {
      exitCode: 2,
      advice,
    })
  }
  const { code, stderr } = gh(root, ['auth', 'status'])
  if (code !== 0) {
    throw new Problem('gh is not logged in', {
      exitCode: 2,
      details: stderr.trim(),
      advice: ['gh auth login', ...advice],
    })
  }
}

interface Opened {
  readonly url: string
  readonly notes: readonly string[]
}

/** Throws a Problem that says what is pushed by then. */
export function openPullRequest(
  root: string,
  change: Change,
  base: Base,
  message: string,
  changes: string,
  checkout: Checkout,
): Opened {
  const { branch, subject, body, notes = [] } = change
  const text = describe(base, changes, body, notes) || subject
  const pushed = pushCommit(root, change, base, message, checkout)
  const url = pushed.wasThere ? findPullRequest(root, branch) : ''
  if (url && !pushed.isNew) return { url, notes: [`this pull request is open already: ${url}`] }
  if (url) {
    const said = `this pull request was open with another change, and has this one now: ${url}`
    const edited = gh(root, ['pr', 'edit', url, '--title', subject, '--body-file', '-'], text)
    const isOld = edited.code !== 0
    return { url, notes: isOld ? [said, `its title and text are still the old ones: ${edited.stderr.trim()}`] : [said] }
  }
  const created = gh(root, ['pr', 'create', '--head', branch, '--title', subject, '--body-file', '-'], text)
  if (created.code !== 0) {
    throw new Problem(`the branch ${branch} is pushed, the pull request was not opened: ${created.stderr.trim()}`, {
      advice: [`run this again to open it, or remove the branch with \`git push ${base.remote} --delete ${branch}\``],
    })
  }
  return { url: created.stdout.trim(), notes: [] }
}

/** What a reviewer reads: the risks first, then where it comes from, what goes along, and what changes. */
function describe(base: Base, changes: string, body: string | undefined, notes: readonly string[]): string {
  const risks = notes.length
    ? `Look at this first:\n\n${notes.map(note => `- ${escapeMarkdown(note)}`).join('\n')}`
    : ''
  // Four spaces: what the subjects say is text, not Markdown.
  const along = base.along.length ? describeAlong(base).replace(/\n/, '\n\n').replace(/^ {2}/gm, '    ') : ''
  return [risks, body && indentLists(body), along, changes].filter(Boolean).join('\n\n')
}

const escapeMarkdown = (text: string): string => text.replace(/[\\`*_[\]<>@#|]/g, '\\$&')

/** Lines that the body indents are subjects of commits: text, not Markdown. */
const indentLists = (body: string): string => body.replace(/^ {2}(?=\S)/gm, '    ')

/** The address of the open pull request of a branch; empty when there is none. */
function findPullRequest(root: string, branch: string): string {
  const known = gh(root, ['pr', 'list', '--head', branch, '--state', 'open', '--json', 'url', '--jq', '.[].url'])
  if (known.code !== 0) {
    throw new Problem(`gh does not say whether ${branch} has a pull request: ${known.stderr.trim()}`)
  }
  return known.stdout.trim()
}

function gh(root: string, args: readonly string[], input?: string): { code: number; stdout: string; stderr: string } {
  const options = { cwd: root, encoding: 'utf8', timeout: 120_000 } as const
  const result = spawnSync('gh', args, input === undefined ? options : { ...options, input })
  const fault = faultOf(result)
  if (fault) return { code: 127, stdout: '', stderr: fault.message }
  return { code: result.status ?? 1, stdout: result.stdout, stderr: result.stderr }
}
