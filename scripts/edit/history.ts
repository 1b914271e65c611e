// Finds the last change of an environment: the newest commit of which something is in effect (no later commit took it
// back) in the files that the environment reads, and shows in what it renders.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findEffects } from './effect.ts'
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
  /** Files that the environment reads, that the commit changed, and where that is in effect. */
  readonly paths: readonly string[]
  /** Newer commits that took something back or were taken back. */
  readonly passedOver: readonly Commit[]
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
 * The last changes of an environment, newest first: commits of which something is in effect in the files it reads, and
 * shows in what it renders. Of a commit that was taken back in part, only the rest counts. Throws when there is none
 * (more): what took back is no change, so that a second rollback goes further back instead of to and fro.
 */
export async function* listReleases(
  root: string,
  folder: string,
  folders: readonly string[],
): AsyncGenerator<Release, never> {
  const commits = listCommits(root, folders)
  const effects = findEffects(root, { commits, folders })
  const passedOver: Commit[] = []
  for (const commit of commits) {
    const { hash, parent } = commit
    const { kept, takenBack } = effects.get(hash) ?? {}
    if (!kept?.size) {
      passedOver.push(commit)
      continue
    }
    if (parent === undefined) {
      if (isShallow(root)) {
        throw new Refusal('the history here is cut off (a shallow clone): run `git fetch --unshallow` first', 2)
      }
      break
    }
    const changed = listChangedPaths(root, parent, hash).filter(path => !takenBack?.has(path))
    const files = listFiles(root, hash)
    const filesBefore = new Map(files)
    const original = listFiles(root, parent)
    for (const path of changed) {
      const blob = original.get(path)
      if (blob) filesBefore.set(path, blob)
      else filesBefore.delete(path)
    }
    const before = await renderCommitted(root, filesBefore, folder)
    const after = await renderCommitted(root, files, folder)
    const [old, now] = [before, after].map(tree => tree.environments.get(folder))
    if (old?.text === now?.text && old?.error === now?.error) continue
    if (old?.error && !takenBack?.size) break
    const read = new Set([...before.readPaths, ...after.readPaths])
    yield { commit: { ...commit, parent }, paths: changed.filter(path => read.has(path)), passedOver: [...passedOver] }
  }
  throw new Refusal(`nothing to take back: no commit here changed what ${folder} renders after it was first there`)
}

const isShallow = (root: string): boolean =>
  git(root, ['rev-parse', '--is-shallow-repository']).stdout.toString('utf8').trim() === 'true'

/** Renders a folder with the given files, named by path and blob, and no others. */
async function renderCommitted(
  root: string,
  files: ReadonlyMap<string, string>,
  folder: string,
): Promise<RenderedTree> {
  const empty = mkdtempSync(join(tmpdir(), 'commit-'))
  try {
    return await renderTree(empty, new CommittedFiles(root, files), [folder])
  } finally {
    rmSync(empty, { recursive: true, force: true })
  }
}

/** The content of a file in a commit; null when it is not there. */
export function readCommitted(root: string, commit: string, path: string): Uint8Array | null {
  const { code, stdout } = git(root, ['cat-file', 'blob', `${commit}:${path}`], { accept: [128] })
  return code === 0 ? stdout : null
}

function listChangedPaths(root: string, from: string, to: string): readonly string[] {
  const args = ['diff-tree', '-r', '-z', '--no-renames', '--name-only', from, to]
  return git(root, args).stdout.toString('utf8').split('\0').filter(Boolean)
}

/** The regular files of a commit: hashes of their contents, by path. */
function listFiles(root: string, commit: string): ReadonlyMap<string, string> {
  const listing = git(root, ['ls-tree', '-r', '-z', commit]).stdout.toString('utf8')
  const entries = [...listing.matchAll(/100\d{3} blob ([0-9a-f]+)\t([^\0]*)\0/g)]
  return new Map(entries.map(([, hash = '', path = '']) => [path, hash]))
}

/** Files that only Git has; their content is asked for when it is read. */
class CommittedFiles extends Map<string, Uint8Array | null> implements Edits {
  readonly #root: string

  constructor(root: string, files: ReadonlyMap<string, string>) {
    super()
    this.#root = root
    for (const [path, hash] of files) this.set(path, Buffer.from(hash))
  }

  override get(path: string): Uint8Array | null | undefined {
    const hash = super.get(path)
    return hash && git(this.#root, ['cat-file', 'blob', hash.toString()]).stdout
  }
}
