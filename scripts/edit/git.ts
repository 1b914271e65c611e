// Asks Git about the tree and makes commits, always by argument lists and never through a shell.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Refusal } from './refusal.ts'
import type { Edits } from './tree.ts'

/** Why a program could not be run. One that ended by itself may have left its input unread: that is no fault. */
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
  if (fault) throw new Refusal(fault.code === 'ENOENT' ? 'git is not installed' : `git ${args[0]}: ${fault.message}`, 2)
  const stderr = result.stderr.toString('utf8').trim()
  const code = result.status ?? 1
  if (code !== 0 && !options.accept?.includes(code)) throw new Refusal(`git ${args[0]} failed: ${stderr}`)
  return { code, stdout: result.stdout, stderr }
}

const line = (folder: string, args: readonly string[], accept?: readonly number[]): string =>
  git(folder, args, accept ? { accept } : {})
    .stdout.toString('utf8')
    .trim()

/** Throws when the folder is not the top of a Git checkout, for what needs history. */
export function requireCheckout(root: string): void {
  const top = line(root, ['rev-parse', '--show-toplevel'], [128])
  if (!top) throw new Refusal(`${root} is no Git checkout`, 2)
  if (line(root, ['rev-parse', '--show-prefix'])) throw new Refusal(`${root} is not the top of its checkout, ${top}`, 2)
  if (!line(root, ['rev-parse', '--verify', '--quiet', 'HEAD'], [1])) throw new Refusal('there is no commit yet', 2)
}

/** Throws when one of the files differs from HEAD: a change of somebody else would go along unseen. */
export function requireClean(root: string, paths: readonly string[]): void {
  const status = git(root, ['status', '--porcelain=v1', '-z', '--untracked-files=all', '--', ...paths])
  const dirty = status.stdout.toString('utf8').split('\0').filter(Boolean)
  if (dirty.length) {
    const names = dirty.map(entry => entry.slice(3)).join(', ')
    throw new Refusal(`${names}: not committed. Commit, or put it back with \`git restore\`, then run this again`)
  }
}

/** Throws when a commit cannot be made now, before anything is written. */
export function requireCommittable(root: string): void {
  for (const [file, what] of [
    ['MERGE_HEAD', 'merge'],
    ['rebase-merge', 'rebase'],
    ['rebase-apply', 'rebase'],
    ['CHERRY_PICK_HEAD', 'cherry-pick'],
    ['REVERT_HEAD', 'revert'],
  ] as const) {
    if (existsSync(resolve(root, line(root, ['rev-parse', '--git-path', file])))) {
      throw new Refusal(`a ${what} is under way: finish it first`)
    }
  }
  if (!line(root, ['var', 'GIT_COMMITTER_IDENT'], [128])) {
    throw new Refusal('git does not know who commits: set user.name and user.email with `git config`', 2)
  }
}

/** Commits exactly these paths, as they are in the working tree, and returns the short hash. */
export const readHead = (root: string): string => line(root, ['rev-parse', 'HEAD'])

export function commitPaths(root: string, paths: readonly string[], message: string): string {
  git(root, ['add', '--all', '--', ...paths])
  git(root, ['commit', '--quiet', '--only', '--file=-', '--', ...paths], { input: message })
  return line(root, ['rev-parse', '--short', 'HEAD'])
}

/** Makes the index say of these paths what HEAD says. */
export const unstage = (root: string, paths: readonly string[]): void =>
  void git(root, ['reset', '--quiet', 'HEAD', '--', ...paths])

/** Makes a commit on top of another that no branch has and no working tree shows; returns its hash. */
export function commitAside(root: string, base: string, edits: Edits, message: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'index-'))
  const environment = { GIT_INDEX_FILE: join(folder, 'index') }
  try {
    git(root, ['read-tree', base], { environment })
    for (const [path, content] of edits) {
      if (content === null) {
        git(root, ['update-index', '--force-remove', '--', path], { environment })
        continue
      }
      // By its path, so that line ends are converted as `git add` would.
      const args = ['hash-object', '-w', '--stdin', `--path=${path}`]
      const hash = git(root, args, { input: content }).stdout.toString('utf8').trim()
      const mode = /^\d{6}/.exec(line(root, ['ls-tree', base, '--', path]))?.[0] ?? '100644'
      git(root, ['update-index', '--add', '--cacheinfo', `${mode},${hash},${path}`], { environment })
    }
    const tree = git(root, ['write-tree'], { environment }).stdout.toString('utf8').trim()
    const sign = line(root, ['config', '--type=bool', '--default=false', 'commit.gpgSign']) === 'true' ? ['-S'] : []
    return git(root, ['commit-tree', ...sign, '-p', base, '-F', '-', tree], { input: message })
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
    throw new Refusal(`no remote named origin to push to (${remotes.join(', ') || 'there is none'})`, 2)
  }
  return remote
}

/** Files with one of these names, wherever they are, that Git has or would take. */
export function listNamed(root: string, names: readonly string[]): readonly string[] {
  const patterns = names.map(name => `:(glob)**/${name}`)
  const which = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate']
  return git(root, [...which, '--', ...patterns])
    .stdout.toString('utf8')
    .split('\0')
    .filter(Boolean)
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

/** Makes a commit the tip of a branch of the remote. Throws when the tip is not the expected one any more. */
export function pushTip(root: string, remote: string, branch: string, expected: string | undefined, tip: string): void {
  const ref = `refs/heads/${branch}`
  git(root, ['push', '--quiet', `--force-with-lease=${ref}:${expected ?? ''}`, remote, `${tip}:${ref}`])
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
