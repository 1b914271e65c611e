// A small tree in a Git repository of its own, for tests that edit, commit and push.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const REAL_ROOT = fileURLToPath(new URL('../..', import.meta.url))
const START = join(REAL_ROOT, 'scripts/command/start.js')
/** Frozen: who uses the template scales and promotes in the real tree, and the tests must not mind. */
const TREE = join(REAL_ROOT, 'tests/fixtures/repository')
/** What day-2 commands read or write of the real tree. */
const LIVE = [
  ...['base', 'components', 'overlays', 'apps', 'argocd', '.github', 'validation.yaml'],
  ...['README.md', 'action.yml', '.pre-commit-hooks.yaml'],
]

/** Nothing of the machine's own Git settings takes part. */
const ENVIRONMENT = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.com',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.com',
}

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface TestRepository {
  readonly root: string
  git(...args: string[]): string
  read(path: string): string
  write(path: string, text: string): void
  /** Replaces text that must be there, and commits. */
  change(path: string, from: string, to: string, subject: string): void
  /** Runs a command of scripts/ on this repository, without a terminal. */
  run(command: string, args: readonly string[], environment?: Readonly<Record<string, string>>): Outcome
  /** The same with --yes: without a terminal nothing is written otherwise. */
  edit(command: string, args: readonly string[], environment?: Readonly<Record<string, string>>): Outcome
  /** The same on a terminal, which is its whole output; the keys are pressed when it asks. Through a shell. */
  runOnTerminal(command: string, args: readonly string[], keys: string, redirection?: string): Outcome
}

type OnEnd = (clean: () => void) => void

/** Made for one test and removed after it, or after what `onEnd` registers with. */
export function createRepository(onEnd: OnEnd = onTestFinished): TestRepository {
  const root = makeFolder(onEnd)
  cpSync(TREE, root, { recursive: true })
  return openRepository(root)
}

/** The same of the tree as it is. Only for what must hold whatever a user has changed in it. */
export function createLiveRepository(): TestRepository {
  const root = makeFolder(onTestFinished)
  for (const path of LIVE) cpSync(join(REAL_ROOT, path), join(root, path), { recursive: true })
  return openRepository(root)
}

function makeFolder(onEnd: OnEnd): string {
  const root = mkdtempSync(join(tmpdir(), 'repository-'))
  onEnd(() => rmSync(root, { recursive: true, force: true }))
  return root
}

function openRepository(root: string): TestRepository {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', env: { ...process.env, ...ENVIRONMENT } }).trim()
  const read = (path: string): string => readFileSync(join(root, path), 'utf8')
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  git('init', '--quiet', '--initial-branch=main')
  git('add', '--all')
  git('commit', '--quiet', '--message=Start')
  return {
    root,
    git,
    read,
    write,
    change(path, from, to, subject) {
      const text = read(path)
      if (!text.includes(from)) throw new Error(`${path} does not contain ${from}`)
      write(
        path,
        text.replace(from, () => to),
      )
      git('add', '--all')
      git('commit', '--quiet', `--message=${subject}`)
    },
    runOnTerminal(command, args, keys, redirection = '') {
      const words = [process.execPath, START, command, ...args, '--root', root].map(word => `'${word}'`)
      const { status, stdout, stderr } = spawnSync(
        'python3',
        ['-c', ON_TERMINAL, `${words.join(' ')} ${redirection}`, keys],
        { encoding: 'utf8', env: { ...process.env, ...ENVIRONMENT, NO_COLOR: '1' }, timeout: 60_000 },
      )
      return { code: status, stdout, stderr }
    },
    edit(command, args, environment) {
      return this.run(command, [...args, '--yes'], environment)
    },
    run(command, args, environment = {}) {
      const where = args.includes('--root') ? [] : ['--root', root]
      const { status, stdout, stderr } = spawnSync(process.execPath, [START, command, ...args, ...where], {
        encoding: 'utf8',
        env: { ...process.env, ...ENVIRONMENT, NO_COLOR: '1', ...environment },
        timeout: 60_000,
      })
      return { code: status, stdout, stderr }
    },
  }
}

/** Runs a shell command on a terminal of its own, presses keys when it has asked, and prints what it shows. */
const ON_TERMINAL = `
import os, pty, sys
command, keys = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp('sh', ['sh', '-c', command])
shown = b''
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    shown += part
    if keys and b'[y/N]' in shown:
        os.write(terminal, keys.encode())
        keys = ''
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`

/** The lines that a working tree has more and fewer than HEAD. */
export function changedLines(repository: TestRepository): readonly string[] {
  const diff = repository.git('diff', '--unified=0', 'HEAD')
  return diff.split('\n').filter(line => /^[+-](?![+-])/.test(line))
}
