// Keeps the bare repository that stands for a Git host, and the remote `cluster` of the checkout that leads to it.

import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Problem } from '../../command/problem.ts'
import type { Run } from '../shell.ts'
import type { State, Store } from '../state/state.ts'

export const branch = 'main'
/** Tells the hook that the command at work asks Argo CD itself. */
export const quietHook = 'FLASK_API_UP'

const hookProgram = fileURLToPath(new URL('after-push.ts', import.meta.url))

/** A repository of its own, never the user's: Argo CD reads it, and a push to it is the merge. */
export async function ensureRepository(run: Run, store: Store): Promise<void> {
  const { repository } = store
  if (!existsSync(join(repository, 'HEAD'))) {
    await run('git', ['init', '--quiet', '--bare', `--initial-branch=${branch}`, repository])
  }
  // A clone of depth 1, as workflows make it, may be pushed as well.
  await run('git', ['--git-dir', repository, 'config', 'receive.shallowUpdate', 'true'])
  const hook = join(repository, 'hooks', 'post-receive')
  writeFileSync(hook, hookScript(process.execPath, hookProgram, store.folder))
  chmodSync(hook, 0o755)
}

export function hookScript(node: string, program: string, folder: string): string {
  const [quotedNode, quotedProgram, quotedFolder] = [node, program, folder].map(
    text => `'${text.replaceAll("'", `'\\''`)}'`,
  )
  return `#!/bin/sh
# Written by \`npm run up\`: asks Argo CD to look at once. The push is accepted whatever happens here.
if [ ! -x ${quotedNode} ] || [ ! -f ${quotedProgram} ]; then
  echo 'Argo CD was not asked to look at once; it does within three minutes. npm run up repairs this hook.'
  exit 0
fi
exec ${quotedNode} --no-warnings ${quotedProgram} ${quotedFolder}
`
}

export async function readHead(run: Run, root: string): Promise<string> {
  const head = await run.ask('git', ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { cwd: root })
  if (!head.ok) {
    throw new Problem('there is no commit here', {
      advice: ['This works on a commit: git init, git add, git commit, then run it again.'],
      exitCode: 2,
    })
  }
  return head.stdout.trim()
}

export async function gitDirOf(run: Run, root: string): Promise<string> {
  return (await run('git', ['rev-parse', '--absolute-git-dir'], { cwd: root })).trim()
}

export async function isDirty(run: Run, root: string): Promise<boolean> {
  return (await run('git', ['status', '--porcelain', '--untracked-files=normal'], { cwd: root })).trim() !== ''
}

export async function readBranch(run: Run, repository: string): Promise<string | undefined> {
  const answer = await run.ask('git', [
    '--git-dir',
    repository,
    'rev-parse',
    '--verify',
    '--quiet',
    `refs/heads/${branch}`,
  ])
  return answer.ok ? answer.stdout.trim() : undefined
}

/** The same without a promise, for a decision on an event. */
export function readBranchNow(repository: string): string | undefined {
  const args = ['--git-dir', repository, 'rev-parse', '--verify', '--quiet', `refs/heads/${branch}`]
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

/** Keeps the commit of an `up` at work: its objects are here, and no branch shows it before its image is there. */
const staged = 'refs/up/commit'

/**
 * Brings `commit` into the repository, not yet to its branch. Returns the commit that the cluster is to follow: `commit`,
 * or a newer one that was pushed to the branch before.
 */
export async function stage(run: Run, root: string, store: Store, commit: string): Promise<string> {
  const push = await pushTo(run, root, store, `+${commit}:${staged}`)
  if (!push.ok) throw notPushed(store, push.stderr)
  const there = await readBranch(run, store.repository)
  if (there === undefined || (await contains(run, store.repository, there, commit))) return commit
  if (await contains(run, store.repository, commit, there)) return there
  throw apart(store)
}

/** Brings the branch forward to `commit`, unless it has it. */
export async function publish(run: Run, root: string, store: Store, commit: string): Promise<void> {
  const there = await readBranch(run, store.repository)
  if (there !== undefined && (await contains(run, store.repository, commit, there))) return
  const push = await pushTo(run, root, store, `${commit}:refs/heads/${branch}`)
  if (push.ok) return
  throw /non-fast-forward|fetch first/.test(push.stderr) ? apart(store) : notPushed(store, push.stderr)
}

/** Hooks of the user judge pushes to their own remotes. */
function pushTo(run: Run, root: string, { repository }: Store, refspec: string) {
  const args = ['push', '--quiet', '--no-verify', repository, refspec]
  return run.ask('git', args, { cwd: root, env: { [quietHook]: '1' } })
}

function notPushed({ repository }: Store, stderr: string): Problem {
  return new Problem(`your commit could not be pushed to ${repository}`, { details: stderr.trim() })
}

function apart(store: Store): Problem {
  const repository = JSON.stringify(store.repository)
  return new Problem(`${branch} of the cluster has commits that your HEAD does not contain`, {
    advice: [
      `See them: git fetch ${repository} ${branch} && git log --oneline HEAD..FETCH_HEAD`,
      `Take them over: git merge FETCH_HEAD. Or give them up: git push --force ${repository} HEAD:${branch}.`,
    ],
  })
}

async function contains(run: Run, repository: string, ancestor: string, commit: string): Promise<boolean> {
  return (await run.ask('git', ['--git-dir', repository, 'merge-base', '--is-ancestor', ancestor, commit])).ok
}

/** Adds the remote to the checkout; one of that name that leads elsewhere is left alone. */
export async function ensureRemote(
  run: Run,
  root: string,
  store: Store,
  remote: string,
): Promise<'added' | 'there' | 'taken'> {
  const url = await readRemote(run, root, remote)
  if (url === store.repository) return 'there'
  if (url !== undefined) return 'taken'
  await run('git', ['remote', 'add', remote, store.repository], { cwd: root })
  // `git push cluster` is the merge, on whatever branch one works.
  await run('git', ['config', `remote.${remote}.push`, `HEAD:refs/heads/${branch}`], { cwd: root })
  return 'added'
}

/** One remote leads here, and the state names it before it is there: `down` leaves none behind. */
export async function renameRemote(run: Run, root: string, store: Store, state: State, remote: string): Promise<State> {
  if (state.remote === remote) return state
  if (state.remote !== undefined) await removeRemote(run, root, store, state.remote)
  return store.write({ ...state, remote })
}

export async function removeRemote(run: Run, root: string, store: Store, remote: string): Promise<boolean> {
  if ((await readRemote(run, root, remote)) !== store.repository) return false
  await run('git', ['remote', 'remove', remote], { cwd: root })
  return true
}

async function readRemote(run: Run, root: string, remote: string): Promise<string | undefined> {
  const answer = await run.ask('git', ['config', '--get', `remote.${remote}.url`], { cwd: root })
  return answer.ok ? answer.stdout.trim() : undefined
}

/** Commits of the repository, of any branch or tag, that no branch or tag of the checkout contains: lost with it. */
export async function listUnsaved(run: Run, root: string, store: Store): Promise<readonly string[]> {
  if (!existsSync(join(store.repository, 'HEAD'))) return []
  const refs = ['for-each-ref', '--format=%(objectname)', 'refs/heads', 'refs/tags']
  const there = (await run('git', ['--git-dir', store.repository, ...refs])).split('\n').filter(Boolean)
  if (there.length === 0) return []
  const head = await run.ask('git', ['rev-parse', '--verify', '--quiet', 'HEAD'], { cwd: root })
  const own = ['--branches', '--tags', ...(head.ok ? [head.stdout.trim()] : [])]
  const log = await run('git', ['log', '--format=%h %s', ...there, '--not', ...own], {
    cwd: root,
    env: { GIT_ALTERNATE_OBJECT_DIRECTORIES: join(store.repository, 'objects') },
  })
  return log.split('\n').filter(Boolean)
}
