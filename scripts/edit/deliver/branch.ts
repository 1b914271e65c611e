// Puts the commit of a change on a branch of the remote, and says before what else would go along.
import { printable } from '../../command/text.ts'
import { Problem } from '../../command/problem.ts'
import type { Change } from '../change.ts'
import { chooseAddress } from './address.ts'
import {
  type Checkout,
  commitAside,
  countAhead,
  fetchTip,
  findDefaultBranch,
  findRemote,
  hasSameFiles,
  line,
  listAhead,
  pushTip,
} from './git.ts'

/** Commits that are named one by one. */
const MOST_NAMED = 20

/** What the commit of a branch is made on top of. */
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
export function findBase(root: string, { edits, sources = [], before, after }: Change, checkout: Checkout): Base {
  const remote = findRemote(root)
  const branch = findDefaultBranch(root, remote)
  const tip = branch && fetchTip(root, remote, branch)
  if (!tip) throw new Problem(`${remote} has no default branch that a pull request could go into: push one first`)
  const along = listAhead(root, tip)
  const reads = [...before.values(), ...after.values()].flatMap(one => [...one.reads])
  const files = [...new Set([...edits.keys(), ...sources, ...reads])]
  return along.length && hasSameFiles(root, checkout.head, tip, files)
    ? { remote, branch, tip, parent: tip, along: [] }
    : { remote, branch, tip, parent: checkout.head, along }
}

/** A line for each commit that goes along, below a first one. */
export function describeAlong({ remote, branch, along }: Base): string {
  const named = along.slice(0, MOST_NAMED).map(commit => `\n  ${printable(commit)}`)
  const more = along.length > MOST_NAMED ? `\n  and ${along.length - MOST_NAMED} more` : ''
  return `commits of HEAD that ${remote}/${branch} does not have yet, and that go along: ${along.length}${named.join('')}${more}`
}

export interface Pushed {
  readonly commit: string
  /** What the remote said: the big hosts say there where a pull request is opened. */
  readonly said: string
  /** False where the branch has this already. */
  readonly isNew: boolean
  /** Whether the branch was there before. */
  readonly wasThere: boolean
}

/**
 * The commit goes straight to the remote: the branch, the index and the files of the person stay as they are. A branch of
 * this name is one that this command made before, for another value or without getting to the pull request: it is
 * brought up to date, unless somebody added to it.
 */
export function pushCommit(root: string, change: Change, base: Base, message: string, checkout: Checkout): Pushed {
  const { remote, parent, tip: target } = base
  const { edits, branch } = change
  const commit = commitAside(checkout, parent, edits, message)
  const tip = fetchTip(root, remote, branch)
  if (
    tip &&
    hasSameFiles(root, tip, commit, [...edits.keys()]) &&
    countAhead(root, [checkout.head, target], tip) === 1
  ) {
    return { commit: tip, said: '', isNew: false, wasThere: true }
  }
  if (tip && countAhead(root, [checkout.head, target], tip) > 1) {
    throw new Problem(`${remote} has a branch ${branch} with commits of somebody else`, {
      advice: [`merge them, or remove it with \`git push ${remote} --delete ${branch}\`, then run this again`],
    })
  }
  return { commit, said: pushTip(root, remote, branch, tip, commit), isNew: true, wasThere: tip !== undefined }
}

/** A branch without a pull request, and the address where its host opens one. */
export function pushBranch(
  root: string,
  change: Change,
  base: Base,
  message: string,
  checkout: Checkout,
): { readonly commit: string; readonly url?: string } {
  const { commit, said } = pushCommit(root, change, base, message, checkout)
  const url = chooseAddress(said, line(root, ['remote', 'get-url', base.remote]), base.branch, change.branch)
  return { commit: commit.slice(0, 10), ...(url && { url }) }
}
