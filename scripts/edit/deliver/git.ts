// Asks Git about the tree and makes commits, always by argument lists and never through a shell.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Problem } from '../../command/problem.ts'
import type { Edits } from '../../tree/source/edit.ts'

/** Why a program could not be run. One that ended by itself may have left its input unread: that is not a fault. */
export function faultOf({
  error,
  status,
}: Pick<SpawnSyncReturns<unknown>, 'error' | 'status'>): NodeJS.ErrnoException | undefined {
  const fault = error as NodeJS.ErrnoException | undefined
  return fault?.code === 'EPIPE' && status !== null ? undefined : fault
}

interface GitOptions {
  readonly input?: string | Uint8Array
  readonly environment?: Readonly<Record<string, string>>
  /** Exit codes that are an answer, not a fault. */
  readonly accept?: readonly number[]
}

export interface GitAnswer {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

/** Runs git in a folder. Throws a Refusal with what git said when it fails. */
export function git(folder: string, args: readonly string[], options: GitOptions = {}): GitAnswer {
  const result = spawnSync('git', ['-c', 'core.quotePath=off', ...args], {
    cwd: folder,
    ...(options.input === undefined ? {} : { input: options.input }),
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0', ...options.environment },
    maxBuffer: 256 * 1024 * 1024,
    timeout: 120_000,
  })
  const fault = faultOf(result)
  if (fault) {
    const reason = fault.code === 'ENOENT' ? 'git is not installed' : `git ${args[0]}: ${fault.message}`
    throw new Problem(reason, { exitCode: 2 })
  }
  const stderr = result.stderr.toString('utf8').trim()
  const code = result.status ?? 1
  // A clone that is mounted into a container belongs to somebody else there.
  if (code !== 0 && /dubious ownership/.test(stderr)) {
    throw new Problem(`${folder} belongs to another user, and git does not trust it (dubious ownership)`, {
      exitCode: 2,
      advice: [`git config --global --add safe.directory ${/safe\.directory (\S+)/.exec(stderr)?.[1] ?? folder}`],
    })
  }
  if (code !== 0 && !options.accept?.includes(code)) {
    throw new Problem(`git ${args[0]} failed`, { details: stderr })
  }
  return { code, stdout: result.stdout, stderr }
}

export const line = (folder: string, args: readonly string[], accept?: readonly number[]): string =>
  git(folder, args, accept ? { accept } : {})
    .stdout.toString('utf8')
    .trim()

/** Where a folder stands in a checkout, and where a commit would go. */
export interface Checkout {
  readonly top: string
  /** The folder from there, as `deploy/`; empty for the top. */
  readonly prefix: string
  readonly head: string
  /** Undefined on a detached HEAD. */
  readonly branch: string | undefined
  /** What has been begun and not ended. */
  readonly underWay: string | undefined
}

const UNDER_WAY = [
  ['MERGE_HEAD', 'merge'],
  ['rebase-merge', 'rebase'],
  ['rebase-apply', 'rebase'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
  ['BISECT_LOG', 'bisect'],
] as const

/** Throws a Problem where there is no checkout, or no commit in it yet. */
export function readCheckout(root: string): Checkout {
  const found = look(root)
  if (found === 'no commit') throw new Problem('there is no commit yet', { exitCode: 2 })
  if (found !== 'no checkout') return found
  const advice = ['git clone the repository, or name a folder of a clone with --root']
  throw new Problem(`${root} is not in a Git checkout`, { exitCode: 2, advice })
}

/** The checkout, or undefined where the folder is in none: then nothing can be said of branches. */
export function findCheckout(root: string): Checkout | undefined {
  const found = look(root)
  return typeof found === 'string' ? undefined : found
}

function look(root: string): Checkout | 'no checkout' | 'no commit' {
  const { code, stdout } = git(root, ['rev-parse', '--show-toplevel', '--show-prefix'], { accept: [128] })
  const [top = '', prefix = ''] = stdout.toString('utf8').split('\n')
  if (code !== 0 || !top) return 'no checkout'
  const head = line(root, ['rev-parse', '--verify', '--quiet', 'HEAD'], [1])
  if (!head) return 'no commit'
  const branch = line(root, ['symbolic-ref', '--quiet', '--short', 'HEAD'], [1]) || undefined
  const underWay = UNDER_WAY.find(([file]) => existsSync(resolve(root, line(root, ['rev-parse', '--git-path', file]))))
  return { top, prefix, head, branch, underWay: underWay?.[1] }
}

/** Throws when one of the files differs from HEAD: a change of somebody else would go along unseen. */
export function requireClean(root: string, paths: readonly string[]): void {
  const args = ['status', '--porcelain=v1', '-z', '--untracked-files=all', '--', ...paths]
  const dirty = git(root, args).stdout.toString('utf8').split('\0').filter(Boolean)
  if (dirty.length) {
    const names = dirty.map(entry => entry.slice(3)).join(', ')
    throw new Problem(`${names}: not committed, and would go along unseen`, {
      advice: ['commit it first, or put it aside with `git stash` and bring it back with `git stash pop`'],
    })
  }
  const unseen = describeUnseen(root, paths)
  if (unseen) throw new Problem(unseen.sentence, { advice: [unseen.command] })
}

/** Says which of the files Git has been told not to look at. */
export function describeUnseen(
  root: string,
  paths: readonly string[],
): { readonly sentence: string; readonly command: string } | undefined {
  const hidden = line(root, ['ls-files', '-v', '--', ...paths])
    .split('\n')
    .filter(entry => /^[a-zS] /.test(entry))
  if (hidden.length === 0) return undefined
  const names = hidden.map(entry => entry.slice(2))
  return {
    sentence: `git does not look at ${names.join(', ')} (assume-unchanged or skip-worktree): a change would not be seen`,
    command: `git update-index --no-assume-unchanged --no-skip-worktree ${names.join(' ')}`,
  }
}

const howToEnd = (underWay: string): string =>
  underWay === 'bisect'
    ? 'git bisect reset ends it'
    : `git ${underWay} --continue finishes it, git ${underWay} --abort takes it back`

/** Throws when a commit cannot be made now, before anything is written. */
export function requireCommittable(root: string, { branch, underWay }: Checkout): void {
  if (underWay) throw new Problem(`a ${underWay} is under way`, { advice: [howToEnd(underWay)] })
  if (!branch) {
    throw new Problem('HEAD is detached: a commit here belongs to no branch, and is lost when you leave', {
      advice: ['`git switch BRANCH`, or `git switch -c NEW` for a new one'],
    })
  }
  requireIdentity(root)
}

export function requireIdentity(root: string): void {
  if (line(root, ['var', 'GIT_COMMITTER_IDENT'], [128])) return
  throw new Problem('git does not know who commits', {
    exitCode: 2,
    advice: ['set user.name and user.email with `git config`'],
  })
}

export const readHead = (root: string): string => line(root, ['rev-parse', 'HEAD'])

/** Commits exactly these paths, as they are in the working tree, and returns the short hash. */
export function commitPaths(root: string, paths: readonly string[], message: string, signoff: boolean): string {
  git(root, ['add', '--all', '--', ...paths])
  const how = ['--quiet', '--only', '--file=-', ...(signoff ? ['--signoff'] : [])]
  git(root, ['commit', ...how, '--', ...paths], { input: message })
  return line(root, ['rev-parse', '--short', 'HEAD'])
}

/** Paths of which HEAD has something else than these edits. */
export const listOtherwise = (root: string, edits: Edits): readonly string[] =>
  [...edits].flatMap(([path, content]) => {
    const committed = line(root, ['rev-parse', '--verify', '--quiet', `HEAD:./${path}`], [1, 128])
    // By its path, so that line ends are converted as `git add` would.
    const args = ['hash-object', '--stdin', `--path=${path}`]
    const wanted = content === null ? '' : git(root, args, { input: content }).stdout.toString('utf8').trim()
    return committed === wanted ? [] : [path]
  })

/** The message with the line that `git commit --signoff` adds. */
export function signOff(root: string, message: string): string {
  const who = line(root, ['var', 'GIT_COMMITTER_IDENT']).replace(/ \d+ [+-]\d+$/, '')
  const args = ['interpret-trailers', '--if-exists=addIfDifferent', '--trailer', `Signed-off-by: ${who}`]
  return git(root, args, { input: message }).stdout.toString('utf8')
}

/** Makes the index say of these paths what HEAD says. */
export const unstage = (root: string, paths: readonly string[]): void =>
  void git(root, ['reset', '--quiet', 'HEAD', '--', ...paths])

/** Makes a commit on top of another that no branch has and no working tree shows; returns its hash. */
export function commitAside({ top, prefix }: Checkout, base: string, edits: Edits, message: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'index-'))
  const environment = { GIT_INDEX_FILE: join(folder, 'index') }
  try {
    git(top, ['read-tree', base], { environment })
    for (const [inside, content] of edits) {
      const path = `${prefix}${inside}`
      if (content === null) {
        git(top, ['update-index', '--force-remove', '--', path], { environment })
        continue
      }
      // By its path, so that line ends are converted as `git add` would.
      const args = ['hash-object', '-w', '--stdin', `--path=${path}`]
      const hash = git(top, args, { input: content }).stdout.toString('utf8').trim()
      const mode = /^\d{6}/.exec(line(top, ['ls-tree', base, '--', path]))?.[0] ?? '100644'
      git(top, ['update-index', '--add', '--cacheinfo', `${mode},${hash},${path}`], { environment })
    }
    const tree = git(top, ['write-tree'], { environment }).stdout.toString('utf8').trim()
    const sign = line(top, ['config', '--type=bool', '--default=false', 'commit.gpgSign']) === 'true' ? ['-S'] : []
    return git(top, ['commit-tree', ...sign, '-p', base, '-F', '-', tree], { input: message })
      .stdout.toString('utf8')
      .trim()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The remote that pull requests go to: `origin`, or the only one there is. */
export function findRemote(root: string): string {
  const remotes = line(root, ['remote']).split('\n').filter(Boolean)
  const remote = remotes.includes('origin') ? 'origin' : remotes[0]
  if (!remote || (remote !== 'origin' && remotes.length > 1)) {
    throw new Problem(`no remote named origin to push to (${remotes.join(', ') || 'there is none'})`, { exitCode: 2 })
  }
  return remote
}

/** The branch that a remote's pull requests go into: its default one; undefined when it has none yet. */
export const findDefaultBranch = (root: string, remote: string): string | undefined =>
  /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(line(root, ['ls-remote', '--symref', remote, 'HEAD']))?.[1]

/** Commits of HEAD that a commit does not have, newest first: short hash and subject. */
export const listAhead = (root: string, base: string): readonly string[] =>
  line(root, ['log', '--format=%h %s', `${base}..HEAD`])
    .split('\n')
    .filter(Boolean)

/** The commit of a branch of a remote, fetched without moving any ref here; undefined when there is no such branch. */
export function fetchTip(root: string, remote: string, branch: string): string | undefined {
  const ref = `refs/heads/${branch}`
  const tip = /^[0-9a-f]+/.exec(line(root, ['ls-remote', '--heads', remote, ref]))?.[0]
  if (tip) git(root, ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', remote, ref])
  return tip
}

/** Makes a commit the tip of a branch of the remote; returns what the remote said. Throws when its tip is not the expected one any more. */
export function pushTip(
  root: string,
  remote: string,
  branch: string,
  expected: string | undefined,
  tip: string,
): string {
  const ref = `refs/heads/${branch}`
  return git(root, ['push', '--quiet', `--force-with-lease=${ref}:${expected ?? ''}`, remote, `${tip}:${ref}`]).stderr
}

/** Commits that none of `known` has, without merges: GitHub's button "Update branch" makes those. */
export const countAhead = (root: string, known: readonly string[], commit: string): number =>
  Number(line(root, ['rev-list', '--count', '--no-merges', commit, '--not', ...known]))

export const hasSameFiles = (root: string, a: string, b: string, paths: readonly string[]): boolean =>
  git(root, ['diff-tree', '-r', '--quiet', a, b, '--', ...paths], { accept: [1] }).code === 0

/** A unified diff in Git's own form; empty when nothing differs. `a` and `b` are folders inside `folder`. */
export function diffFolders(folder: string): string {
  const quiet = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_DIR: join(folder, 'none') }
  const args = ['diff', '--no-index', '--no-prefix', '--no-color', '--no-ext-diff', '--no-textconv', 'a', 'b']
  const diff = git(folder, args, { accept: [1], environment: quiet }).stdout.toString('utf8')
  // Of a file that only one side has, git names that side twice.
  return diff.replace(/^diff --git [ab]\/(.*) [ab]\/\1$/gm, (_, path) => `diff --git a/${path} b/${path}`)
}
