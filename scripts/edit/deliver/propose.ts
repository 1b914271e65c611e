// The last part of every command: show the change, ask, write it, and commit it or propose it when told to.
import { Problem, usageProblem } from '../../command/problem.ts'
import type { Terminal } from '../../command/terminal.ts'
import type { Edits } from '../../tree/source/edit.ts'
import { type Change, type Description, isSame } from '../change.ts'
import { listChanged, requireRenders } from '../rendered.ts'
import { readIfThere, writeFile, writeFiles } from './files.ts'
import {
  type Checkout,
  commitPaths,
  describeUnseen,
  findCheckout,
  findRemote,
  readCheckout,
  readHead,
  requireClean,
  requireCommittable,
  requireIdentity,
  listOtherwise,
  signOff,
  unstage,
} from './git.ts'
import { describeAlong, findBase, pushBranch } from './branch.ts'
import { openPullRequest, requireGh } from './pull-request.ts'
import { diffFiles, paintDiff } from './show.ts'

/** What the person asked for, besides the change itself. */
export interface Delivery {
  readonly how: 'write' | 'commit' | 'pull request' | 'branch' | 'nothing'
  readonly yes: boolean
  /** Instead of the subject that the command would write. */
  readonly message: string | undefined
  readonly signoff: boolean
  readonly format: 'text' | 'json'
}

/** What became of a change; with `--format json` this is what is printed. */
export interface Outcome {
  readonly status: 'nothing to do' | 'shown' | 'declined' | 'written' | 'committed' | 'pushed' | 'pull request'
  readonly message: string
  readonly files: readonly string[]
  /** Builds whose rendering changes. */
  readonly builds: readonly string[]
  readonly notes: readonly string[]
  readonly commit?: string
  readonly branch?: string
  readonly url?: string
  readonly diff?: string
  readonly rendered?: string
}

/** What must hold before a change is even worked out, so that nobody reads a diff that then cannot be delivered. */
export function checkDelivery(root: string, { how, yes }: Delivery, terminal: Terminal): void {
  if (how === 'nothing') return
  if (!yes && !terminal.isInteractive) {
    throw usageProblem(
      'writing needs a yes, and there is no terminal to ask',
      'add --yes, or --dry-run to see the change',
    )
  }
  if (how === 'write') {
    const checkout = findCheckout(root)
    if (checkout?.underWay) terminal.note(`a ${checkout.underWay} is under way here`)
    return
  }
  const checkout = readCheckout(root)
  if (how === 'commit') {
    requireCommittable(root, checkout)
    return
  }
  requireIdentity(root)
  if (how === 'pull request') requireGh(root)
  findRemote(root)
}

/** Shows and delivers. Resolves to what became of it. `describe` says what changes in the clusters. */
export async function propose(
  root: string,
  change: Change,
  delivery: Delivery,
  terminal: Terminal,
  describe: () => Promise<Description>,
): Promise<Outcome> {
  const { edits, before, after, notes = [] } = change
  const paths = [...edits.keys()].sort()
  const isProposed = delivery.how === 'pull request' || delivery.how === 'branch'
  const checkout = isProposed || delivery.how === 'commit' ? readCheckout(root) : findCheckout(root)
  if (checkout && (isProposed || delivery.how === 'commit')) requireClean(root, [...paths, ...(change.sources ?? [])])
  requireRenders(before, after)
  const originals = new Map(paths.map(path => [path, readIfThere(root, path)]))
  const diff = diffFiles(keepPresent(originals), keepPresent(edits))
  const description = await describe()
  const rendered = await description.print(false)
  const base = isProposed ? findBase(root, change, checkout as Checkout) : undefined
  const place = delivery.how === 'write' && checkout ? describePlace(root, paths, checkout) : []
  const said = [...notes, ...place, ...(base?.along.length ? [describeAlong(base)] : [])]
  if (delivery.format === 'text') {
    for (const note of said) terminal.note(note)
    terminal.print(`${paintDiff(diff, terminal.hasColor).trimEnd()}\n\n`)
    terminal.print(terminal.hasColor ? await description.print(true) : rendered)
  }
  const subject = delivery.message ?? change.subject
  const outcome = { message: subject, files: paths, builds: listChanged(before, after), notes: said, diff, rendered }
  if (delivery.how === 'nothing') return { ...outcome, status: 'shown' }
  if (!delivery.yes && !(await terminal.ask(ask(delivery, checkout)))) return { ...outcome, status: 'declined' }
  requireUnmoved(root, originals, checkout)
  const plain = `${subject}\n${change.body ? `\n${change.body}\n` : ''}`
  if (base && checkout) {
    const message = delivery.signoff ? signOff(root, plain) : plain
    const named = { ...change, subject }
    if (delivery.how === 'pull request') {
      const opened = openPullRequest(root, named, base, message, description.markdown, checkout)
      return { ...outcome, ...opened, notes: [...said, ...opened.notes], status: 'pull request', branch: change.branch }
    }
    const pushed = pushBranch(root, named, base, message, checkout)
    return { ...outcome, ...pushed, status: 'pushed', branch: change.branch }
  }
  writeFiles(root, edits, originals)
  if (delivery.how !== 'commit') return { ...outcome, status: 'written' }
  const commit = commitOrPutBack(root, originals, plain, delivery.signoff)
  const other = listOtherwise(root, edits)
  const hook = `a hook of Git changed ${other.join(', ')}: what is committed is not what was shown (git show ${commit})`
  return {
    ...outcome,
    status: 'committed',
    commit,
    notes: other.length ? [...said, hook] : said,
    ...(checkout?.branch && { branch: checkout.branch }),
  }
}

/** What would refuse a commit is said where the person commits: nothing of it is seen in the files. */
function describePlace(root: string, paths: readonly string[], { branch }: Checkout): readonly string[] {
  const unseen = describeUnseen(root, paths)
  const detached = 'HEAD is detached: switch to a branch before this is committed'
  return [...(branch ? [] : [detached]), ...(unseen ? [`${unseen.sentence} (${unseen.command})`] : [])]
}

/** Throws when the files, or the branch, are not what they were when the change was shown. */
function requireUnmoved(root: string, originals: Edits, checkout: Checkout | undefined): void {
  for (const [path, original] of originals) {
    if (!isSame(readIfThere(root, path), original)) throw new Problem(`${path} was changed meanwhile: run this again`)
  }
  const now = checkout && readCheckout(root)
  if (now?.branch !== checkout?.branch || now?.head !== checkout?.head || now?.underWay !== checkout?.underWay) {
    const place = now?.branch ?? 'a detached HEAD'
    throw new Problem(
      `the checkout was at ${checkout?.branch ?? 'a detached HEAD'}, and is at ${place} by now, or at another commit: run this again`,
    )
  }
}

/** A commit that Git or one of its hooks refuses leaves the files and the index as they were before. */
function commitOrPutBack(root: string, originals: Edits, message: string, signoff: boolean): string {
  const paths = [...originals.keys()]
  const head = readHead(root)
  try {
    return commitPaths(root, paths, message, signoff)
  } catch (error) {
    // A hook that runs after the commit, and too long, undoes nothing.
    if (readHead(root) !== head) throw error
    for (const [path, content] of originals) writeFile(root, path, content)
    tryToUnstage(root, paths)
    if (!(error instanceof Problem)) throw error
    throw new Problem(`${error.message}. Nothing is committed, and ${paths.join(', ')} is as before`, {
      details: error.details,
    })
  }
}

/** What keeps Git from this (another git that runs) kept it from the commit, too, and is what is told. */
function tryToUnstage(root: string, paths: readonly string[]): void {
  try {
    unstage(root, paths)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
  }
}

function ask({ how }: Delivery, checkout: Checkout | undefined): string {
  if (how === 'pull request') return 'Open a pull request with this?'
  if (how === 'branch') return 'Push a branch with this?'
  if (how === 'commit') return `Write this and commit it on ${checkout?.branch}?`
  const place = checkout && (checkout.branch ? `on ${checkout.branch}` : 'on a detached HEAD')
  return `Write this${place ? ` (${place})` : ''}?`
}

const keepPresent = (files: Edits): Map<string, Uint8Array> =>
  new Map([...files].flatMap(([path, content]) => (content === null ? [] : [[path, content] as const])))

/** The last line of a command. */
export function describeOutcome({ status, message, files, commit, branch, url }: Outcome): string {
  switch (status) {
    case 'nothing to do':
      return message
    case 'shown':
      return '--dry-run: nothing written'
    case 'declined':
      return 'nothing written'
    case 'written':
      return `written: ${files.join(', ')} (not committed)`
    case 'committed':
      return `committed ${commit} on ${branch}`
    case 'pushed':
      return url ? `pushed ${branch}, open it at ${url}` : `pushed ${branch}`
    case 'pull request':
      return `pull request: ${url}`
  }
}
