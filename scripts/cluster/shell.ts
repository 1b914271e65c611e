// Runs other people's programs (docker, kind, minikube, kubectl, git) with a deadline, an end at Ctrl-C, and errors that say what they said.

import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { $, type Shell } from 'zx'
import { lastLines, Problem, usageProblem } from '../command/problem.ts'

export interface RunOptions {
  readonly timeout?: number
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly input?: string | Buffer
}

export interface Result {
  readonly ok: boolean
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | null
}

/** Runs a program with its arguments; rejects with a Problem when it fails. */
export interface Run {
  (program: string, args: readonly string[], options?: RunOptions): Promise<string>
  /** The same, for questions to which a non-zero exit is an answer. */
  ask(program: string, args: readonly string[], options?: RunOptions): Promise<Result>
}

const defaultTimeout = 60_000

/** Git sets these for its hooks; they would lead every other git command into the hook's repository. */
const noRepository = {
  GIT_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_INDEX_FILE: undefined,
  GIT_OBJECT_DIRECTORY: undefined,
  GIT_ALTERNATE_OBJECT_DIRECTORIES: undefined,
  GIT_QUARANTINE_PATH: undefined,
  GIT_PREFIX: undefined,
}

/** `signal` ends what is running; the programs' own output is kept for the error message. */
export function createRun(signal: AbortSignal, env: NodeJS.ProcessEnv = process.env): Run {
  const ask = async (program: string, args: readonly string[], options: RunOptions = {}): Promise<Result> => {
    signal.throwIfAborted()
    const shell: Shell = $({
      quiet: true,
      nothrow: true,
      signal,
      killSignal: 'SIGTERM',
      timeout: options.timeout ?? defaultTimeout,
      env: withoutUndefined({ ...env, ...noRepository, ...options.env }),
      stdio: ['pipe', 'pipe', 'pipe'],
      input: options.input ?? '',
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    })
    const output = await shell`${program} ${args}`
    signal.throwIfAborted()
    return { ok: output.exitCode === 0, stdout: output.stdout, stderr: output.stderr, exitCode: output.exitCode }
  }
  const run = async (program: string, args: readonly string[], options: RunOptions = {}): Promise<string> => {
    const result = await ask(program, args, options)
    if (result.ok) return result.stdout
    const ended =
      result.exitCode === null
        ? `was stopped after ${(options.timeout ?? defaultTimeout) / 1000} s`
        : `failed (exit code ${result.exitCode})`
    throw new Problem(`\`${[program, ...args].join(' ')}\` ${ended}`, {
      details: lastLines(result.stderr || result.stdout, 30),
    })
  }
  return Object.assign(run, { ask })
}

/** The full path of a program on PATH, or undefined. */
export function findProgram(name: string, path: string | undefined = process.env.PATH): string | undefined {
  for (const folder of (path ?? '').split(delimiter)) {
    if (folder === '') continue
    const file = join(folder, name)
    try {
      accessSync(file, constants.X_OK)
      if (statSync(file).isFile()) return file
    } catch {
      // not here: the next folder
    }
  }
  return undefined
}

const installAdvice: Readonly<Record<string, string>> = {
  docker: 'Install Docker (https://docs.docker.com/get-docker) and start it.',
  kind: 'Install kind (https://kind.sigs.k8s.io/docs/user/quick-start/#installation).',
  minikube: 'Install minikube (https://minikube.sigs.k8s.io/docs/start).',
  kubectl: 'Install kubectl (https://kubernetes.io/docs/tasks/tools).',
  git: 'Install git (https://git-scm.com/downloads).',
}

/** Says all that is missing at once, not one a run. */
export function requirePrograms(names: readonly string[], path: string | undefined = process.env.PATH): void {
  const missing = names.filter(name => findProgram(name, path) === undefined)
  if (missing.length === 0) return
  throw usageProblem(
    `not found on PATH: ${missing.join(', ')}`,
    ...missing.map(name => installAdvice[name] ?? `Install ${name}.`),
  )
}

/** Docker's client may be there while its engine is not. */
export async function requireDocker(run: Run): Promise<void> {
  requirePrograms(['docker'])
  const answer = await run.ask('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 20_000 })
  if (answer.ok && answer.stdout.trim() !== '') return
  throw new Problem('Docker does not answer', {
    details: lastLines(answer.stderr, 5),
    advice: [
      'Start Docker (Docker Desktop, or `sudo systemctl start docker`), then run this again.',
      'On Linux your user must be in the group `docker`: `sudo usermod -aG docker $USER`, then log in again.',
    ],
    exitCode: 2,
  })
}

function withoutUndefined(env: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined))
}
