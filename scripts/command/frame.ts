// The frame of every command: arguments, Ctrl-C, a closed pipe, the text of a failure, the exit code.

import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { parseArgs, type ParseArgsConfig, styleText } from 'node:util'
import { fileURLToPath } from 'node:url'
import { messageOf, Problem, usageProblem } from './problem.ts'
import { createProgress, type Progress } from './progress.ts'
import { printable } from './text.ts'
import { openTerminal, type Terminal } from './terminal.ts'

export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

/** What a command gets of the world. */
export interface Context {
  readonly signal: AbortSignal
  readonly progress: Progress
  readonly positionals: readonly string[]
  /** Where the person is: npm runs scripts in the package's folder. */
  readonly start: string
  readonly terminal: Terminal
}

export interface Command {
  readonly usage: string
  readonly options: NonNullable<ParseArgsConfig['options']>
  /** Whether words without a dash mean something. */
  readonly takesPositionals?: boolean
  /** Before the text of a failure, which is then one line; without it the text stands in a paragraph of its own. */
  readonly name?: string
  /** Said after Ctrl-C: what is there now, and how to go on. */
  readonly afterStop?: string
  /** Resolves to the exit code. A Problem that is thrown carries its own; anything else is a fault of the program (3). */
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
    stopped = whereStopped(progress)
    stoppedAt = performance.now()
    progress.warn(`${name}: stopping. Once more ends at once, and leaves what is half done.`)
    stop.abort(new Problem('stopped', { exitCode: 130 }))
  }
  // `| head` goes away: the work, and what has to be cleaned up after it, does not.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal)
  let exitCode: number
  try {
    const { values, positionals } = parse(command, args)
    if (values.help === true) {
      process.stdout.write(command.usage)
      exitCode = 0
    } else {
      const start = process.env.INIT_CWD ?? process.cwd()
      const terminal = openTerminal()
      exitCode = await command.run(values, { signal: stop.signal, progress, positionals, start, terminal })
    }
  } catch (error) {
    progress.close()
    if (stopped === undefined) exitCode = report(error, command)
    else {
      process.stderr.write(`Stopped${stopped ? ` at: ${stopped}` : ''}. ${command.afterStop ?? ''}\n`)
      exitCode = 130
    }
  }
  progress.close()
  // A pipe may still hold what was printed.
  await new Promise<unknown>(resolve => process.stdout.write('', resolve))
  // Node ends by itself where nothing is left to do. `process.exit` may wait for ever for a thread that compiles, where that
  // waits for the garbage collector (nodejs/node#54918).
  process.exitCode = exitCode
  // Sockets of watches and port forwards may still be closing; nobody needs them any more.
  setTimeout(() => process.exit(exitCode), 200).unref()
}

/** A terminal sends Ctrl-C to the programs of a step as well, and what they did may have failed before it is heard here. */
export function whereStopped({ current, times }: Pick<Progress, 'current' | 'times'>): string {
  const last = times.at(-1)
  return current.join(', ') || (last?.failed ? last.title : '')
}

function parse(command: Command, args: readonly string[]): { values: Values; positionals: readonly string[] } {
  try {
    const options = { ...command.options, help: { type: 'boolean', short: 'h' } } as const
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: command.takesPositionals === true })
  } catch (error) {
    const help = command.name === undefined ? 'See --help' : `See npm run ${command.name} -- --help`
    throw usageProblem(describeParseError(messageOf(error)), help)
  }
}

/** Node's messages are several sentences long, and take a negative number for an option. */
function describeParseError(message: string): string {
  if (/^Unknown option '-\d/.test(message)) return 'no number is negative here: replicas are a whole number from 0'
  const flag = /^Option '(?:-\w, )?(--[\w-]+)[^']*' argument is ambiguous/.exec(message)?.[1]
  if (flag) return `${flag} has no value: what follows it begins with a dash`
  return message.split(/\.\s/)[0] ?? message
}

function report(error: unknown, { name }: Command): number {
  if (!(error instanceof Problem)) {
    const lead = name === undefined ? '' : `${name}: a fault of this program, please report it\n`
    process.stderr.write(`${lead}${error instanceof Error ? error.stack : String(error)}\n`)
    return 3
  }
  // The text may quote a file or a path: a line of its own could command the runner of a workflow.
  const line = printable([error.message, ...error.advice].join('. '))
  process.stderr.write(
    name === undefined ? formatProblem(error, process.stderr.isTTY && !process.env.NO_COLOR) : `${name}: ${line}\n`,
  )
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
