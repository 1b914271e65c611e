// What the day-2 commands have in common on the command line: their flags, their terminal and their exit codes.
import { existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { Delivery, Terminal } from './propose.ts'
import { Refusal, refuseUsage } from './refusal.ts'

type Flags = NonNullable<ParseArgsConfig['options']>

export interface Arguments {
  readonly root: string
  readonly delivery: Delivery
  readonly positionals: readonly string[]
  readonly flags: Readonly<Record<string, string | boolean | undefined>>
}

const SHARED = {
  root: { type: 'string' },
  commit: { type: 'boolean' },
  'pull-request': { type: 'boolean' },
  yes: { type: 'boolean', short: 'y' },
  'dry-run': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies Flags

/** The end of every --help. */
export const SHARED_USAGE = `
  --dry-run        show the change and write nothing
  --commit         write and commit these files, and nothing else that has changed
  --pull-request   push a commit on top of HEAD as a branch and open a pull request with gh;
                   the files, the index and the branch here stay as they are
  -y, --yes        do not ask
  --root DIR       the repository to edit (default: this one)

The Git diff and the difference of what is rendered are shown first. On a terminal the command then asks. Without a
terminal it writes the files, which Git can put back; a commit or a pull request needs --yes there.
Nothing here talks to a cluster: Argo CD syncs what is merged.

Exit code: 0 done, or nothing to do; 1 refused; 2 wrong usage, file or machine.
`

/** Runs a command to its exit code; refusals are one line on stderr, faults of the tool keep their trace (3). */
export async function runCommand(
  usage: string,
  flags: Flags,
  run: (args: Arguments, terminal: Terminal) => Promise<void>,
): Promise<void> {
  // Who closes the pipe (`| head`) has seen enough; what is under way goes on.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', error => {
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
    })
  }
  try {
    const args = parse(flags)
    if (!args) {
      process.stdout.write(usage + SHARED_USAGE)
      return
    }
    await run(args, openTerminal())
  } catch (error) {
    process.exitCode = error instanceof Refusal ? error.exitCode : 3
    process.stderr.write(`${error instanceof Refusal ? error.message : ((error as Error).stack ?? error)}\n`)
  }
}

/** The arguments of this process. Throws a Refusal of one sentence for what is not among the options. */
export function parseArguments(
  options: Flags,
  allowPositionals = false,
): { values: Record<string, string | boolean | undefined>; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals, strict: true })
    return { values: values as Record<string, string | boolean | undefined>, positionals }
  } catch (error) {
    throw refuseUsage(describeParseError(error as Error))
  }
}

function parse(flags: Flags): Arguments | undefined {
  const parsed = parseArguments({ ...SHARED, ...flags }, true)
  const { values } = parsed
  if (values.help) return undefined
  const home = fileURLToPath(new URL('../..', import.meta.url))
  // npm runs scripts in the package's folder; what a person types is meant from where they are.
  const root = typeof values.root === 'string' ? resolve(process.env.INIT_CWD ?? '.', values.root) : home
  if (!existsSync(root)) throw refuseUsage(`${root} does not exist`)
  const delivery = {
    commit: values.commit === true,
    pullRequest: values['pull-request'] === true,
    yes: values.yes === true,
    dryRun: values['dry-run'] === true,
  }
  return { root: realpathSync(root), delivery, positionals: parsed.positionals, flags: values }
}

/** Node's messages are several lines long, and take a negative number for an option. */
function describeParseError({ message }: Error): string {
  if (/^Unknown option '-\d/.test(message)) return 'no number is negative here: replicas are a whole number from 0'
  const flag = /^Option '(?:-\w, )?(--[\w-]+)[^']*' argument is ambiguous/.exec(message)?.[1]
  if (flag) return `${flag} has no value: what follows it begins with a dash`
  return message.split(/\.\s/)[0] ?? message
}

function openTerminal(): Terminal {
  return {
    // stdout may be a pipe: what is asked goes to stderr.
    isInteractive: Boolean(process.stdin.isTTY),
    hasColor: Boolean(process.stdout.isTTY) && !process.env.NO_COLOR,
    print: text => void process.stdout.write(text),
    note: text => void process.stderr.write(`${text}\n`),
    ask,
  }
}

/** Ctrl-D is no. Ctrl-C is a Refusal that ends the command as the shell expects it. */
async function ask(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      prompt.once('SIGINT', () => reject(new Refusal('\nnothing written', 130)))
      prompt.once('close', () => resolve('\n'))
      prompt.question(`${question} [y/N] `, resolve)
    })
    if (answer === '\n') process.stderr.write(answer)
    return /^y(?:es)?$/i.test(answer.trim())
  } finally {
    prompt.close()
  }
}
