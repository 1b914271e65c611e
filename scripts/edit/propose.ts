// The last part of every command: show the change, ask, write it, and commit it or open a pull request when told to.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import {
  commitAside,
  commitPaths,
  countAhead,
  countUnpushed,
  faultOf,
  fetchTip,
  findRemote,
  hasSameFiles,
  pushTip,
  readHead,
  requireCheckout,
  requireClean,
  requireCommittable,
  unstage,
} from './git.ts'
import { Refusal, refuseUsage } from './refusal.ts'
import { diffFiles, diffRendered, listChanged, paintDiff } from './show.ts'
import { type Edits, isSame, type RenderedTree } from './tree.ts'

export interface Change {
  readonly root: string
  readonly edits: Edits
  /** Renderings without and with the edits; left out when nothing is rendered. */
  readonly before?: RenderedTree
  readonly after?: RenderedTree
  /** An imperative sentence: the commit's subject and the pull request's title. */
  readonly subject: string
  /** Further paragraphs of the commit message. */
  readonly body?: string
  readonly branch: string
  /** What the person should know before the question, a sentence each. */
  readonly notes?: readonly string[]
}

/** What the person asked for, besides the change itself. */
export interface Delivery {
  readonly commit: boolean
  readonly pullRequest: boolean
  readonly yes: boolean
  readonly dryRun: boolean
}

/** The person in front, or the pipe. */
export interface Terminal {
  readonly isInteractive: boolean
  readonly hasColor: boolean
  print(text: string): void
  note(text: string): void
  ask(question: string): Promise<boolean>
}

/** What must hold before a change is even worked out, so that nobody reads a diff that then cannot be delivered. */
export function checkDelivery(root: string, delivery: Delivery, terminal: Terminal): void {
  if (delivery.commit && delivery.pullRequest) throw refuseUsage('--commit and --pull-request exclude each other')
  if (delivery.dryRun && (delivery.commit || delivery.pullRequest)) {
    throw refuseUsage('--dry-run writes nothing: leave out --commit and --pull-request')
  }
  if (!delivery.commit && !delivery.pullRequest) return
  if (!delivery.yes && !terminal.isInteractive) {
    throw refuseUsage('a commit needs a yes, and there is no terminal to ask: add --yes')
  }
  requireCheckout(root)
  requireCommittable(root)
  if (delivery.pullRequest) {
    requireGh(root)
    findRemote(root)
  }
}

/** Shows and delivers. Returns true when something was written. */
export async function propose(change: Change, delivery: Delivery, terminal: Terminal): Promise<boolean> {
  const { root, edits, before, after } = change
  const paths = [...edits.keys()]
  if (delivery.commit || delivery.pullRequest) requireClean(root, paths)
  for (const note of change.notes ?? []) terminal.note(note)
  const originals = new Map(paths.map(path => [path, readIfThere(root, path)]))
  const diff = diffFiles(keepPresent(originals), keepPresent(edits))
  terminal.print(`${paintDiff(diff, terminal.hasColor).trimEnd()}\n`)
  let rendered = ''
  if (before && after) {
    requireRenders(before, after)
    rendered = diffRendered(before, after)
    const changed = listChanged(before, after).map(folder => folder.replace('overlays/', ''))
    terminal.print(changed.length ? `\nRendered, ${changed.join(', ')}:\n` : '\nRendered: nothing changes.\n')
    if (rendered) terminal.print(`${paintDiff(rendered, terminal.hasColor).trimEnd()}\n`)
  }
  if (delivery.dryRun) {
    terminal.note('--dry-run: nothing written')
    return false
  }
  const unpushed = delivery.pullRequest ? countUnpushed(root) : 0
  if (unpushed) terminal.note(`${unpushed} commit(s) of HEAD are not on a remote yet and come along`)
  if (!delivery.yes && terminal.isInteractive && !(await terminal.ask(question(delivery)))) {
    terminal.note('nothing written')
    return false
  }
  for (const [path, original] of originals) {
    const current = readIfThere(root, path)
    if (!isSame(current, original)) throw new Refusal(`${path} was changed meanwhile: run this again`)
  }
  const message = `${change.subject}\n${change.body ? `\n${change.body}\n` : ''}`
  if (delivery.pullRequest) {
    openPullRequest(change, message, rendered, terminal)
    return true
  }
  for (const [path, content] of edits) writeFile(root, path, content)
  if (delivery.commit) {
    terminal.note(`committed ${commitOrPutBack(root, originals, message)}: ${change.subject}`)
  } else terminal.note(`written: ${paths.join(', ')} (not committed)`)
  return true
}

/** A commit that Git or one of its hooks refuses leaves the files and the index as they were before. */
function commitOrPutBack(root: string, originals: Edits, message: string): string {
  const paths = [...originals.keys()]
  const head = readHead(root)
  try {
    return commitPaths(root, paths, message)
  } catch (error) {
    // A hook that runs after the commit, and too long, undoes nothing.
    if (readHead(root) !== head) throw error
    for (const [path, content] of originals) writeFile(root, path, content)
    unstage(root, paths)
    if (!(error instanceof Refusal)) throw error
    throw new Refusal(`${error.message}\nNothing is committed, and ${paths.join(', ')} is as before`)
  }
}

const question = ({ commit, pullRequest }: Delivery): string =>
  pullRequest ? 'Open a pull request with this?' : commit ? 'Write and commit this?' : 'Write this?'

function requireRenders(before: RenderedTree, after: RenderedTree): void {
  for (const [folder, { error }] of after.environments) {
    // What was broken already is not made worse by this change, and may be what it mends.
    if (error && !before.environments.get(folder)?.error) {
      throw new Refusal(`with this change ${folder} would not render: ${error}`)
    }
  }
}

function requireGh(root: string): void {
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
function openPullRequest(change: Change, message: string, rendered: string, terminal: Terminal): void {
  const { root, edits, branch, subject, body } = change
  const remote = findRemote(root)
  const remove = `\`git push ${remote} --delete ${branch}\``
  const text = [body, rendered && `What changes in the cluster:\n\n${fence(rendered)}`].filter(Boolean).join('\n\n')
  const commit = commitAside(root, edits, message)
  const tip = fetchTip(root, remote, branch)
  const url = tip && findPullRequest(root, branch)
  if (tip) {
    if (url && hasSameFiles(root, tip, commit, [...edits.keys()])) {
      terminal.note(`this pull request is open already: ${url}`)
      return
    }
    if (countAhead(root, tip) > 1) {
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

function readIfThere(root: string, path: string): Uint8Array | null {
  try {
    return readFileSync(join(root, path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new Refusal(`${path} cannot be read: ${(error as Error).message}`, 2)
  }
}

function keepPresent(files: ReadonlyMap<string, Uint8Array | null>): Map<string, Uint8Array> {
  return new Map([...files].flatMap(([path, content]) => (content === null ? [] : [[path, content] as const])))
}

/** Writes beside the file and renames, so that an interrupted write leaves the old file. */
function writeFile(root: string, path: string, content: Uint8Array | null): void {
  const wanted = join(root, path)
  if (content === null) {
    rmSync(wanted, { force: true })
    return
  }
  mkdirSync(dirname(wanted), { recursive: true })
  const target = realpathIfThere(wanted)
  const inside = relative(realpathSync(root), target)
  if (inside === '..' || inside.startsWith(`..${sep}`)) throw new Refusal(`${path} leads out of ${root}`)
  const temporary = `${target}.${process.pid}.tmp`
  try {
    writeFileSync(temporary, content)
    if (target !== wanted || readIfThere(root, path) !== null) chmodSync(temporary, statSync(target).mode)
    renameSync(temporary, target)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw new Refusal(`${path} cannot be written: ${(error as Error).message}`, 2)
  }
}

function realpathIfThere(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return join(realpathSync(dirname(path)), path.slice(dirname(path).length + 1))
  }
}
