// Finds, in Git's history, the change that made an environment what it is: the last one that its rendering shows.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { git } from './git.ts'
import { Refusal } from './refusal.ts'
import { type Edits, type RenderedTree, renderTree } from './tree.ts'

export interface Commit {
  readonly hash: string
  /** Undefined for the first commit of all. A merge counts as what it brought to its first parent. */
  readonly parent: string | undefined
  readonly subject: string
  readonly date: string
  /** Hashes that its message says it reverts. */
  readonly reverts: readonly string[]
}

export interface Release {
  readonly commit: Commit & { readonly parent: string }
  /** Files that the environment reads, and that the commit changed. */
  readonly paths: readonly string[]
}

/** Commits that were looked at for one that changes the rendering. */
const MOST_COMMITS = 200

/** The commits of the first-parent line that touch the folders, newest first. */
export function listCommits(root: string, folders: readonly string[]): readonly Commit[] {
  const format = '--format=%x1e%H%x00%P%x00%s%x00%cs%x00%b'
  const args = ['log', '--first-parent', `--max-count=${MOST_COMMITS}`, format, 'HEAD', '--', ...folders]
  const text = git(root, args).stdout.toString('utf8')
  return text
    .split('\x1e')
    .slice(1)
    .map(entry => {
      const [hash = '', parents = '', subject = '', date = '', body = ''] = entry.split('\0')
      const reverts = [...body.matchAll(/This reverts commit ([0-9a-f]{7,64})/g)].map(([, reverted]) => reverted ?? '')
      return { hash, parent: parents.split(' ')[0] || undefined, subject, date, reverts }
    })
}

/**
 * The newest commit whose change of the rendering is still there. What was taken back is passed over together with what
 * took it back, so that a second rollback goes further back instead of to and fro. Taken back is what a later commit
 * names in its message, what it undoes line by line, and what lies between two commits with the same files: a merge or
 * a squash keeps no message.
 */
export async function findRelease(root: string, folder: string, folders: readonly string[]): Promise<Release> {
  const commits = listCommits(root, folders)
  const states = commits.map(({ hash }) => git(root, ['ls-tree', '-r', hash, '--', ...folders]).stdout.toString('utf8'))
  const patches = identifyPatches(root, folders, [])
  const undoing = identifyPatches(root, folders, ['-R'])
  const takenBack = new Set<string>()
  for (let index = 0; index < commits.length; index++) {
    if (takenBack.has(commits[index]?.hash ?? '')) continue
    index = states.lastIndexOf(states[index] ?? '')
    const commit = commits[index] as Commit
    const { hash, parent } = commit
    if (parent === undefined) break
    if (git(root, ['cat-file', '-e', parent], { accept: [1, 128] }).code !== 0) {
      throw new Refusal('the history here is cut off (a shallow clone): run `git fetch --unshallow` first', 2)
    }
    const before = await renderCommit(root, parent, [folder])
    const after = await renderCommit(root, hash, [folder])
    const [old, now] = [before, after].map(tree => tree.environments.get(folder))
    if (old?.text === now?.text && old?.error === now?.error) continue
    const earlier = commits.slice(index + 1).filter(candidate => !takenBack.has(candidate.hash))
    const named = earlier.filter(candidate => commit.reverts.some(reverted => candidate.hash.startsWith(reverted)))
    const patch = patches.get(hash)
    const undone = patch && earlier.find(candidate => undoing.get(candidate.hash) === patch)
    const undoes = named.length || !undone ? named : [undone]
    if (undoes.length || commit.reverts.length) {
      for (const candidate of undoes) takenBack.add(candidate.hash)
      continue
    }
    if (old?.error) break
    const read = new Set([...before.readPaths, ...after.readPaths])
    return { commit: { ...commit, parent }, paths: listChangedPaths(root, parent, hash).filter(path => read.has(path)) }
  }
  throw new Refusal(`nothing to take back: no commit here changed what ${folder} renders after it was first there`)
}

/** What each commit did to the folders, by commit: equal for the same lines, wherever in the file they stand. */
function identifyPatches(root: string, folders: readonly string[], reverse: readonly string[]): Map<string, string> {
  // Without prefixes, which -R would swap.
  const shape = [
    '--patch',
    '--unified=0',
    '--no-prefix',
    '--no-renames',
    '--no-ext-diff',
    '--no-textconv',
    '--no-color',
  ]
  const limits = ['--first-parent', '-m', `--max-count=${MOST_COMMITS}`, '--format=commit %H']
  const { stdout } = git(root, ['log', ...limits, ...shape, ...reverse, 'HEAD', '--', ...folders])
  const lines = git(root, ['patch-id', '--stable'], { input: stdout }).stdout.toString('utf8').split('\n')
  return new Map(lines.filter(Boolean).map(line => line.split(' ').reverse() as [string, string]))
}

/** Renders folders as a commit has them. */
export async function renderCommit(root: string, commit: string, folders: readonly string[]): Promise<RenderedTree> {
  const empty = mkdtempSync(join(tmpdir(), 'commit-'))
  try {
    return await renderTree(empty, new CommittedFiles(root, commit), folders)
  } finally {
    rmSync(empty, { recursive: true, force: true })
  }
}

/** The content of a file in a commit; null when it is not there. */
export function readCommitted(root: string, commit: string, path: string): Uint8Array | null {
  const { code, stdout } = git(root, ['cat-file', 'blob', `${commit}:${path}`], { accept: [128] })
  return code === 0 ? stdout : null
}

export function listChangedPaths(root: string, from: string, to: string): readonly string[] {
  const args = ['diff-tree', '-r', '-z', '--no-renames', '--name-only', from, to]
  return git(root, args).stdout.toString('utf8').split('\0').filter(Boolean)
}

/** The regular files of a commit; their content is asked for when it is read. */
class CommittedFiles extends Map<string, Uint8Array | null> implements Edits {
  readonly #root: string

  constructor(root: string, commit: string) {
    super()
    this.#root = root
    const listing = git(root, ['ls-tree', '-r', '-z', commit]).stdout.toString('utf8')
    for (const entry of listing.split('\0')) {
      const [, hash, path] = /^100\d{3} blob ([0-9a-f]+)\t(.*)$/s.exec(entry) ?? []
      if (hash && path) this.set(path, Buffer.from(hash))
    }
  }

  override get(path: string): Uint8Array | null | undefined {
    const hash = super.get(path)
    return hash && git(this.#root, ['cat-file', 'blob', hash.toString()]).stdout
  }
}
