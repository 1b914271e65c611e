// A user's checkout of this working tree, on a machine that a test makes up, and the commands as a user runs them.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { FROZEN_TREE, PROJECT } from '../tree.ts'
import { createMachine, findKubectl, type Machine } from './machine.ts'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly process: ChildProcess
  /** Resolves when stderr has this text. */
  says(wanted: string): Promise<void>
  readonly ended: Promise<Ended>
}

const identity = {
  GIT_AUTHOR_NAME: 'user',
  GIT_AUTHOR_EMAIL: 'user@example.invalid',
  GIT_COMMITTER_NAME: 'user',
  GIT_COMMITTER_EMAIL: 'user@example.invalid',
}

export type Environment = Readonly<Record<string, string>>

export interface Checkout extends Machine {
  readonly root: string
  git(...args: readonly string[]): string
  /** What a program says on stdout; throws when it fails. */
  ask(program: string, ...args: readonly string[]): string
  write(path: string, content: string): void
  /** `git push REMOTE`, and what the other side says. */
  push(remote: string): { readonly status: number | null; readonly stderr: string }
  /** Puts the frozen manifests in the place of those that a user scales and promotes. */
  freeze(): void
  /** Commits everything; returns the commit. */
  commit(message: string): string
  /** `group`: in a process group of its own, as a shell starts it. */
  start(script: string, args: readonly string[], env?: Environment, options?: { readonly group: boolean }): Running
  run(script: string, args: readonly string[], env?: Environment): Promise<Ended>
}

const MANIFESTS = ['apps', 'argocd', 'base', 'components', 'overlays']

/** What leads to the container engine and to copies of what is usually downloaded. */
const engineVariables = /^(DOCKER_|KIND_|NODE_IMAGE$|PYTHON_IMAGE$|ARGOCD_MANIFEST$|PIP_|HTTPS?_PROXY$|NO_PROXY$)/

/** The same with this machine's real docker and kind. */
export function createEngineCheckout(): Checkout {
  const given = Object.entries(process.env).filter(([name]) => engineVariables.test(name))
  const DOCKER_CONFIG = join(homedir(), '.docker')
  const checkout = createCheckout({ DOCKER_CONFIG, ...(Object.fromEntries(given) as Environment) })
  for (const program of ['docker', 'kind']) checkout.link(program)
  return checkout
}

export function createCheckout(more: Environment = {}): Checkout {
  const plain = createMachine()
  const machine = { ...plain, env: { ...plain.env, ...more } }
  const root = join(machine.folder, 'flask-api-gitops')
  cpSync(prepareTree(machine.env), root, { recursive: true, verbatimSymlinks: true })
  symlinkSync(join(PROJECT, 'node_modules'), join(root, 'node_modules'))
  symlinkSync(findKubectl(), join(machine.bin, 'kubectl'))
  const git: Checkout['git'] = (...args) =>
    execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...machine.env, ...identity },
    })
  const start: Checkout['start'] = (script, args, env = {}, { group } = { group: false }) => {
    const starter = join(root, 'scripts/command/start.js')
    const child = spawn(process.execPath, ['--no-warnings', starter, basename(script, '.ts'), ...args], {
      cwd: root,
      env: { ...machine.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: group,
    })
    return follow(child)
  }
  return {
    ...machine,
    root,
    git,
    ask: (program, ...args) =>
      execFileSync(program, args, { encoding: 'utf8', env: machine.env, stdio: ['ignore', 'pipe', 'pipe'] }),
    push: remote => spawnSync('git', ['push', remote], { cwd: root, encoding: 'utf8', env: machine.env }),
    write(path, content) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), content)
    },
    freeze() {
      for (const folder of MANIFESTS) {
        rmSync(join(root, folder), { recursive: true })
        cpSync(join(FROZEN_TREE, folder), join(root, folder), { recursive: true })
      }
    },
    commit(message) {
      git('add', '--all')
      git('commit', '--quiet', '--allow-empty', '--message', message)
      return git('rev-parse', 'HEAD').trim()
    },
    start,
    run: (script, args, env) => start(script, args, env).ended,
  }
}

function follow(
  child: ChildProcess & { readonly stdout: NodeJS.ReadableStream; readonly stderr: NodeJS.ReadableStream },
): Running {
  let seen = ''
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const look of waiting) look()
  }
  child.stderr.on('data', chunk => {
    seen += chunk
    wake()
  })
  const closed = new Promise<number | null>(resolve => child.on('close', resolve))
  const ended = Promise.all([closed, text(child.stdout)]).then(([code, stdout]) => ({ code, stdout, stderr: seen }))
  void ended.then(wake)
  return {
    process: child,
    ended,
    async says(wanted) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const look = () => {
        if (seen.includes(wanted)) resolve()
        else if (child.exitCode !== null) reject(new Error(`ended without ${JSON.stringify(wanted)}:\n${seen}`))
      }
      waiting.add(look)
      look()
      await promise
      waiting.delete(look)
    },
  }
}

let tree: string | undefined

/** What no command reads: half of all files. */
const UNREAD = /^(?:scripts|tests)\/.*(?:\/fixtures\/|\.test\.ts$)|^tests\/(?:corpus|fixtures)\//

/** The files of the working tree as they are now, committed: also what is not committed yet is tested. Made once a run. */
function prepareTree(env: Environment): string {
  if (tree !== undefined) return tree
  const folder = mkdtempSync(join(tmpdir(), 'tree-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: PROJECT,
    encoding: 'utf8',
  })
  for (const path of listed.split('\0').filter(one => one && !UNREAD.test(one))) {
    const from = join(PROJECT, path)
    if (existsSync(from)) cpSync(from, join(folder, path), { recursive: true, verbatimSymlinks: true })
  }
  const git = (...args: readonly string[]) =>
    execFileSync('git', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, ...identity } })
  git('init', '--quiet', '--initial-branch=main')
  writeFileSync(join(folder, '.git', 'info', 'exclude'), 'node_modules\n')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'The tree')
  // One file to copy instead of one for each object.
  git('repack', '-adq')
  git('prune-packed')
  tree = folder
  return folder
}
