// Opens a pull request with one commit, through GitHub's command line, and says before what else would go along.
import { spawnSync } from 'node:child_process'
import { printable } from '../command/text.ts'
import {
  commitAside,
  countAhead,
  faultOf,
  fetchTip,
  findDefaultBranch,
  findRemote,
  hasSameFiles,
  listAhead,
  pushTip,
} from './git.ts'
import type { Change, Terminal } from './propose.ts'
import { Refusal } from './refusal.ts'

/** Commits that are named one by one. */
const MOST_NAMED = 20

/** What the commit of a pull request is made on top of. */
export interface Base {
  readonly remote: string
  /** The branch that the pull request goes into. */
  readonly branch: string
  readonly tip: string
  readonly parent: string
  /** Commits that the branch does not have and that go along, newest first. */
  readonly along: readonly string[]
}

/**
 * HEAD, as long as it brings nothing of its own. If it does, the tip of the branch that the pull request goes into, so
 * that its commit comes alone; but only where every file that it is about is the same there: what was shown
 * is what is proposed.
 */
export function findBase({ root, edits, sources = [], before, after }: Change): Base {
  const remote = findRemote(root)
  const branch = findDefaultBranch(root, remote)
  const tip = branch && fetchTip(root, remote, branch)
  if (!tip) throw new Refusal(`${remote} has no default branch that a pull request could go into: push one first`)
  const along = listAhead(root, tip)
  const files = [...edits.keys(), ...sources, ...(before?.readPaths ?? []), ...(after?.readPaths ?? [])]
  return along.length && hasSameFiles(root, 'HEAD', tip, files)
    ? { remote, branch, tip, parent: tip, along: [] }
    : { remote, branch, tip, parent: 'HEAD', along }
}

/** A line for each commit that goes along, below a first one. */
export function describeAlong({ remote, branch, along }: Base): string {
  const named = along.slice(0, MOST_NAMED).map(commit => `\n  ${printable(commit)}`)
  const more = along.length > MOST_NAMED ? `\n  and ${along.length - MOST_NAMED} more` : ''
  return `commits of HEAD that ${remote}/${branch} does not have yet, and that go along: ${along.length}${named.join('')}${more}`
}

export function requireGh(root: string): void {
  const hint = 'Without it: --commit makes the commit, and you push a branch and open the pull request by hand'
  if (gh(root, ['--version']).code !== 0) {
    throw new Refusal(`--pull-request needs GitHub's command line, gh (https://cli.github.com). ${hint}`, 2)
  }
  const { code, stderr } = gh(root, ['auth', 'status'])
  if (code !== 0) throw new Refusal(`gh is not logged in: run \`gh auth login\`. ${hint}\n${stderr}`.trimEnd(), 2)
}

/**
 * The commit goes straight to the remote: the branch, the index and the files of the person stay as they are. A branch of
 * this name is one that this command made before, for another value or without getting to the pull request: it is
 * brought up to date, unless somebody added to it.
 */
export function openPullRequest(
  { root, edits, branch, subject, body }: Change,
  base: Base,
  message: string,
  rendered: string,
  terminal: Terminal,
): void {
  const { remote, parent, along } = base
  const remove = `\`git push ${remote} --delete ${branch}\``
  const changes = rendered && `What changes in the cluster:\n\n${fence(rendered)}`
  // Four spaces: what the subjects say is text, not Markdown.
  const others = along.length && describeAlong(base).replace(/\n/, '\n\n').replace(/^ {2}/gm, '    ')
  const text = [body, others, changes].filter(Boolean).join('\n\n')
  const commit = commitAside(root, parent, edits, message)
  const tip = fetchTip(root, remote, branch)
  const url = tip && findPullRequest(root, branch)
  if (tip) {
    if (url && hasSameFiles(root, tip, commit, [...edits.keys()])) {
      terminal.note(`this pull request is open already: ${url}`)
      return
    }
    if (countAhead(root, ['HEAD', base.tip], tip) > 1) {
      throw new Refusal(
        `${remote} has a branch ${branch} with commits of somebody else${url ? `, in ${url}` : ''}: ` +
          `merge them, or remove it with ${remove}, then run this again`,
      )
    }
  }
  pushTip(root, remote, branch, tip, commit)
  if (url) {
    terminal.note(`this pull request was open with another change, and has this one now: ${url}`)
    const edited = gh(root, ['pr', 'edit', url, '--title', subject, '--body-file', '-'], text || subject)
    if (edited.code !== 0) terminal.note(`its title and text are still the old ones: ${edited.stderr.trim()}`)
    return
  }
  const created = gh(root, ['pr', 'create', '--head', branch, '--title', subject, '--body-file', '-'], text || subject)
  if (created.code !== 0) {
    throw new Refusal(
      `the branch ${branch} is pushed, the pull request was not opened: ${created.stderr.trim()}\n` +
        `Run this again to open it, or remove the branch with ${remove}`,
    )
  }
  terminal.note(`pull request: ${created.stdout.trim()}`)
}

/** The address of the open pull request of a branch; empty when there is none. */
function findPullRequest(root: string, branch: string): string {
  const known = gh(root, ['pr', 'list', '--head', branch, '--state', 'open', '--json', 'url', '--jq', '.[].url'])
  if (known.code !== 0)
    throw new Refusal(`gh does not say whether ${branch} has a pull request: ${known.stderr.trim()}`)
  return known.stdout.trim()
}

/** GitHub takes 65,536 characters. A fence longer than any run of backticks inside cannot be closed from inside. */
export function fence(diff: string, limit = 60_000): string {
  const isCut = diff.length > limit
  const shown = isCut ? diff.slice(0, diff.lastIndexOf('\n', limit)) : diff.trimEnd()
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length))
  const marks = '`'.repeat(longest + 1)
  return `${marks}diff\n${shown}\n${marks}${isCut ? '\n\n(cut: the rest is in the checks)' : ''}`
}

function gh(root: string, args: readonly string[], input?: string): { code: number; stdout: string; stderr: string } {
  const options = { cwd: root, encoding: 'utf8', timeout: 120_000 } as const
  const result = spawnSync('gh', args, input === undefined ? options : { ...options, input })
  const fault = faultOf(result)
  if (fault) return { code: 127, stdout: '', stderr: fault.message }
  return { code: result.status ?? 1, stdout: result.stdout, stderr: result.stderr }
}
