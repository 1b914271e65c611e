// Says which of two commits came first, where the repository knows both.
import { git, GitError } from './commit.ts'

/** Whether `commit` comes before `of` in its history. False where either is not here, and where neither comes before the other. */
export function isAncestor(folder: string, commit: string, of: string): boolean {
  const resolve = (name: string): string | undefined =>
    /^[0-9a-f]{7,40}$/.test(name) ? ask(folder, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]) : undefined
  const [one, other] = [resolve(commit), resolve(of)]
  if (one === undefined || other === undefined || one === other) return false
  return ask(folder, ['merge-base', one, other]) === one
}

function ask(folder: string, args: readonly string[]): string | undefined {
  try {
    return git(folder, args).toString('utf8').trim()
  } catch (error) {
    if (error instanceof GitError) return undefined
    throw error
  }
}
