// Says which two versions of the tree are meant: commits by any name that Git knows, or the files as they are.
import { Problem, usageProblem } from '../command/problem.ts'
import { git, GitError } from '../tree/source/commit.ts'

/** A version of the tree; without a commit it is the files as they are. */
export interface Revision {
  /** As people call it. */
  readonly name: string
  readonly commit: string | undefined
}

export interface Revisions {
  readonly base: Revision
  readonly head: Revision
  /** The root relative to the top of the repository; empty at the top. */
  readonly prefix: string
}

const FILES: Revision = { name: 'the files as they are', commit: undefined }

/** `words` is `[BASE] [HEAD]`; `A..B` and `A...B` mean what they mean to git diff. Throws a Problem for what is not there. */
export function findRevisions(root: string, words: readonly string[]): Revisions {
  if (words.length > 2) throw usageProblem(`too many arguments: ${words.slice(2).join(' ')}`, 'See --help')
  const prefix = ask(root, ['rev-parse', '--show-prefix'])
  if (prefix === undefined) {
    throw new Problem(`${root} is not in a Git repository: there is nothing to compare it with`, { exitCode: 2 })
  }
  const place = { prefix: prefix.replace(/\/$/, '') }
  const [first, second] = words
  if (first === undefined) return { ...place, base: findDefault(root), head: FILES }
  const [, left = '', dots, right = ''] = /^(.*?)(\.{2,3})(.*)$/.exec(first) ?? []
  if (dots === undefined) {
    return { ...place, base: resolve(root, first), head: second === undefined ? FILES : resolve(root, second) }
  }
  if (second !== undefined) throw usageProblem(`${first} names both sides: leave out ${second}`)
  const [base, head] = [resolve(root, left || 'HEAD'), resolve(root, right || 'HEAD')]
  return { ...place, base: dots === '..' ? base : findFork(root, base, head), head }
}

function resolve(root: string, name: string): Revision {
  const commit = ask(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`])
  if (commit) return { name, commit }
  throw usageProblem(
    `there is no commit ${name} here`,
    ...(isShallow(root) ? [SHALLOW] : ['git fetch brings what the remote has']),
  )
}

const SHALLOW = 'this clone is shallow: git fetch --unshallow, or in a workflow fetch-depth: 0'

const isShallow = (root: string): boolean => ask(root, ['rev-parse', '--is-shallow-repository']) === 'true'

function findFork(root: string, base: Revision, head: Revision): Revision {
  const commit = ask(root, ['merge-base', base.commit ?? '', head.commit ?? ''])
  if (commit) return { name: `where ${head.name} left ${base.name}`, commit }
  throw new Problem(`${base.name} and ${head.name} have no commit in common here`, {
    exitCode: 2,
    advice: isShallow(root) ? [SHALLOW] : [],
  })
}

/** Where HEAD left the remote's default branch; without a remote the branch that is usual; else HEAD itself. */
function findDefault(root: string): Revision {
  if (!ask(root, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])) {
    throw new Problem('there is no commit here yet: nothing to compare the files with', { exitCode: 2 })
  }
  const remotes = (ask(root, ['remote']) ?? '').split('\n').filter(Boolean)
  const remote = remotes.includes('origin') ? 'origin' : remotes[0]
  const known = remote && ask(root, ['symbolic-ref', '--quiet', '--short', `refs/remotes/${remote}/HEAD`])
  const usual = ['main', 'master'].flatMap(name => (remote ? [`${remote}/${name}`] : [name]))
  const branch = [known, ...usual].find(
    name => name && ask(root, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]),
  )
  const start = branch ?? (remote && findOnlyBranch(root, remote))
  if (start) return findFork(root, resolve(root, start), { ...resolve(root, 'HEAD'), name: 'HEAD' })
  return resolve(root, 'HEAD')
}

/** The branch of a remote that is called as none usually is; without any of them nobody has fetched yet. */
function findOnlyBranch(root: string, remote: string): string | undefined {
  const listed = ask(root, ['for-each-ref', '--format=%(refname:short)', `refs/remotes/${remote}/`]) ?? ''
  const [only, ...others] = listed.split('\n').filter(name => name !== '' && name !== remote && !name.endsWith('/HEAD'))
  if (others.length === 0) return only
  throw new Problem(`which branch of ${remote} is its default one is not known here`, {
    exitCode: 2,
    advice: [`git remote set-head ${remote} --auto`, 'or say with what to compare: npm run diff -- BASE'],
  })
}

/** What git prints, or undefined where it says no. Throws a Problem where it cannot work here at all. */
function ask(root: string, args: readonly string[]): string | undefined {
  try {
    return git(root, args).toString('utf8').trim()
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    if (/ENOENT/.test(error.message)) throw new Problem('git is not installed', { exitCode: 2 })
    if (/dubious ownership/.test(error.message)) {
      throw new Problem(`${root} belongs to another user, and git does not trust it (dubious ownership)`, {
        exitCode: 2,
        advice: [`git config --global --add safe.directory ${root}`],
      })
    }
    return undefined
  }
}
