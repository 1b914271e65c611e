// Opens both versions of a tree so that they share what is the same in both.
import { Problem } from '../command/problem.ts'
import { GitError, openCommit } from '../tree/source/commit.ts'
import { openFolder } from '../tree/source/folder.ts'
import type { Sources } from '../tree/source/sources.ts'
import { withTracked } from '../tree/source/tracked.ts'
import type { Revision, Revisions } from './revisions.ts'

/** Throws a Problem where a side cannot be read. */
export function openRevisions(root: string, { base, head, prefix }: Revisions): { base: Sources; head: Sources } {
  const next = open(root, head, prefix)
  return { base: open(root, base, prefix, next), head: next }
}

function open(root: string, { name, commit }: Revision, prefix: string, twin?: Sources): Sources {
  try {
    return commit === undefined ? withTracked(openFolder(root), root) : openCommit(root, commit, prefix, twin)
  } catch (error) {
    if (error instanceof GitError) throw new Problem(`${name} cannot be read: ${error.message}`, { exitCode: 2 })
    const { code } = error as NodeJS.ErrnoException
    if (code !== undefined) throw new Problem(`root ${root} cannot be read (${code})`, { exitCode: 2 })
    throw error
  }
}
