// The frame of every cluster command: arguments, Ctrl-C, the text of a failure, the exit code.

import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { parseArgs, type ParseArgsConfig, styleText } from 'node:util'
import { fileURLToPath } from 'node:url'
import { holdsCredentials } from './git/credentials.ts'
import { messageOf, Problem, usageProblem } from './problem.ts'
import { createProgress, type Progress } from './progress.ts'

export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

export interface Context {
  readonly signal: AbortSignal
  readonly progress: Progress
}

export interface Command {
  readonly usage: string
  readonly options: NonNullable<ParseArgsConfig['options']>
  /** Said after Ctrl-C: what is there now, and how to go on. */
  readonly afterStop: string
  run(values: Values, context: Context): Promise<number>
}

/** The checkout that these scripts belong to. */
export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '')

/** Milliseconds within which two signals are one Ctrl-C: npm hands on what the terminal has sent to both. */
const echo = 1_000

export async function runCommand(command: Command, args: readonly string[] = process.argv.slice(2)): Promise<void> {
  // Halves the time that the client of the API server takes to load, from the second run on.
  enableCompileCache(join(repositoryRoot, 'node_modules', '.cache', 'compile'))
  const progress = createProgress()
  const stop = new AbortController()
  let stopped: string | undefined
  let stoppedAt = 0
  const onSignal = (name: NodeJS.Signals) => {
    if (stopped !== undefined) {
      // The second one means: at once, whatever is left behind. A terminal that is closed says nothing of the kind.
      if (name !== 'SIGHUP' && performance.now() - stoppedAt > echo) process.exit(130)
      return
    }
    stopped = progress.current.join(', ')
    stoppedAt = performance.now()
    progress.warn(`${name}: stopping. Once more ends at once, and leaves what is half done.`)
    stop.abort(new Problem('stopped', { exitCode: 130 }))
  }
  // `| head` goes away: the work, and what has to be cleaned up after it, does not.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal)
  let exitCode: number
  try {
    const values = parse(command, args)
    if (values.help === true) {
      process.stdout.write(command.usage)
      exitCode = 0
    } else {
      exitCode = await command.run(values, { signal: stop.signal, progress })
    }
  } catch (error) {
    progress.close()
    if (stopped === undefined) exitCode = report(error)
    else {
      process.stderr.write(`Stopped${stopped ? ` at: ${stopped}` : ''}. ${command.afterStop}\n`)
      exitCode = 130
    }
  }
  progress.close()
  // Sockets of watches and port forwards may still be closing; nobody needs them any more.
  process.exit(exitCode)
}

function parse(command: Command, args: readonly string[]): Values {
  try {
    const options = { ...command.options, help: { type: 'boolean', short: 'h' } } as const
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values
  } catch (error) {
    throw usageProblem(messageOf(error), 'See --help.')
  }
}

function report(error: unknown): number {
  if (!(error instanceof Problem)) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    return 3
  }
  process.stderr.write(formatProblem(error, process.stderr.isTTY))
  return error.exitCode
}

export function formatProblem(problem: Problem, color: boolean): string {
  const head = color ? styleText(['red', 'bold'], problem.message, { validateStream: false }) : problem.message
  const details = problem.details === '' ? '' : `${indent(problem.details, '  ')}\n`
  const advice =
    problem.advice.length === 0 ? '' : `What to do:\n${problem.advice.map(line => `  - ${line}`).join('\n')}\n`
  return `\n${head}\n${details}${advice}`
}

function indent(text: string, by: string): string {
  return text
    .split('\n')
    .map(line => by + line)
    .join('\n')
}

/** A string option, or undefined. */
export function text(values: Values, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

export function texts(values: Values, name: string): readonly string[] {
  const value = values[name]
  return Array.isArray(value) ? value.map(String) : []
}

/** The URL of a Git repository; not printed where it is refused. */
export function repositoryUrl(values: Values, name: string): string | undefined {
  const value = text(values, name)
  if (value === undefined || !holdsCredentials(value)) return value
  throw usageProblem(
    `--${name}: the URL has a password or a token in it, which everybody could read who may see the Application`,
    'Give the URL alone. Argo CD reads a private repository with a Secret of its namespace: https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#repositories',
    'That password or token is in the history of this shell now. Better revoke it.',
  )
}

/** A port number. */
export function port(values: Values, name: string): number | undefined {
  const value = text(values, name)
  if (value === undefined) return undefined
  const number = Number(value)
  if (Number.isInteger(number) && number >= 1 && number <= 65_526) return number
  throw usageProblem(`--${name} ${value}: a number from 1 to 65526`)
}

/** NAME=VALUE pairs of --build-arg; NAME alone takes the value from the environment, as with docker. An empty one is none. */
export function buildArguments(values: Values): readonly string[] {
  const given = texts(values, 'build-arg').filter(Boolean)
  const wrong = given.find(argument => !/^[A-Za-z_][A-Za-z0-9_]*(=|$)/.test(argument))
  if (wrong !== undefined) throw usageProblem(`--build-arg ${wrong}: NAME=VALUE`)
  return given
}
