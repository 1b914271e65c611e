// A revision of the checkout that a folder lies in: the commit that a person named, and what a change is compared with.
import { realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import { GitError, openCommit, git } from './commit.ts'
import type { Sources } from './sources.ts'

export interface Revision {
  /** The full hash. */
  readonly commit: string
  /**
   * The folder's own tree in that commit; empty where the commit does not have the folder. What is the same in the twin
   * is read once for both.
   */
  open(twin: Sources): Sources
  /** Whether a place on this machine lies in the checkout. */
  covers(path: string): boolean
  /** A file of the commit by its place on this machine; undefined where it is not there. */
  read(path: string): Uint8Array | undefined
}

/** Throws GitError where the folder is in no checkout, or there is no such commit in it. */
export function findRevision(folder: string, name: string): Revision {
  const [top = '', prefix = ''] = lines(git(folder, ['rev-parse', '--show-toplevel', '--show-prefix']))
  const commit = resolveCommit(folder, name)
  const realTop = realpathSync(top)
  const localPath = (path: string): string | undefined => {
    const local = relative(realTop, join(realFolder(dirname(path)), basename(path)))
    return local === '..' || local.startsWith(`..${sep}`) || isAbsolute(local) ? undefined : local.split(sep).join('/')
  }
  return {
    commit,
    open: twin => openCommit(folder, commit, prefix.replace(/\/$/, ''), twin),
    covers: path => localPath(path) !== undefined,
    read(path) {
      const local = localPath(path)
      if (local === undefined) return undefined
      try {
        return git(folder, ['cat-file', 'blob', `${commit}:${local}`])
      } catch (error) {
        if (error instanceof GitError) return undefined
        throw error
      }
    },
  }
}

/**
 * The commit from which the checkout and a revision went apart, since what others did there meanwhile is not part of a
 * change. The revision's own commit where that is not known, as in a shallow clone.
 */
export function findBase(folder: string, name: string): Revision {
  const revision = findRevision(folder, name)
  try {
    const [base] = lines(git(folder, ['merge-base', revision.commit, 'HEAD']))
    return base ? findRevision(folder, base) : revision
  } catch (error) {
    if (error instanceof GitError) return revision
    throw error
  }
}

function resolveCommit(folder: string, name: string): string {
  try {
    // Git would take the name for an option.
    if (name.startsWith('-')) throw new GitError(name)
    const [commit = ''] = lines(git(folder, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]))
    return commit
  } catch (error) {
    if (error instanceof GitError) throw new GitError(`the checkout has no commit ${name}`)
    throw error
  }
}

const lines = (output: Buffer): readonly string[] => output.toString('utf8').split('\n')

/** A folder without links, so that it can be held against what git says. */
function realFolder(folder: string): string {
  try {
    return realpathSync(folder)
  } catch {
    return folder
  }
}
