// What the commands that edit have in common: their options, how they deliver, what they print and return.
import { realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Command, type Context, repositoryRoot, runCommand, text, type Values } from '../command/frame.ts'
import { extendProblem, Problem, usageProblem } from '../command/problem.ts'
import type { Terminal } from '../command/terminal.ts'
import { openFolder } from '../tree/source/folder.ts'
import type { Sources } from '../tree/source/sources.ts'
import type { Change, Describe } from './change.ts'
import { checkDelivery, type Delivery, describeOutcome, type Outcome, propose } from './deliver/propose.ts'
import { findSwallowed } from './npm-options.ts'

const SHARED = {
  root: { type: 'string' },
  commit: { type: 'boolean' },
  'pull-request': { type: 'boolean' },
  'push-branch': { type: 'boolean' },
  yes: { type: 'boolean', short: 'y' },
  'dry-run': { type: 'boolean' },
  message: { type: 'string', short: 'm' },
  signoff: { type: 'boolean' },
  format: { type: 'string' },
  'detailed-exit-code': { type: 'boolean' },
} as const satisfies Command['options']

const SHARED_USAGE = `
  --dry-run         shows the change and writes nothing
  --commit          writes and commits these files, and nothing else that has changed
  --pull-request    pushes a commit on top of HEAD as a branch and opens a pull request with gh;
                    the files, the index and the branch here stay as they are
  --push-branch     does the same without gh, and prints the address that opens it (GitHub, GitLab, Gitea, Bitbucket, Azure)
  -m, --message M   replaces the first line of the commit message;  --signoff  adds Signed-off-by
  -y, --yes         does not ask. Without a terminal nothing is written without it
  --root DIR        the tree to edit (default: this repository); a folder of a checkout, too
  --format json     prints what was done as one JSON object on stdout
  --detailed-exit-code   exits with 4 where there is nothing to do
  -h, --help        this text

The Git diff, and what it changes in the clusters, are shown first; then the command asks.
Nothing here talks to a cluster: Argo CD syncs what is merged.

Exit code: 0 done, or nothing to do; 1 refused or declined; 2 wrong usage, file or machine; 3 a fault of the program.
`

const NOTHING_TO_DO = 4

export interface EditContext {
  readonly root: string
  readonly sources: Sources
  readonly values: Values
  readonly positionals: readonly string[]
  readonly terminal: Terminal
  readonly format: Delivery['format']
  readonly signal: AbortSignal
}

export interface EditCommand {
  readonly name: 'init' | 'scale' | 'promote' | 'rollback'
  readonly usage: string
  readonly options: Command['options']
  /** Whether the options ask for something that writes nothing. */
  asksOnly?(values: Values): boolean
  /** The change; a sentence where there is none to make; `done` where all was printed that was asked for. */
  work(context: EditContext): Promise<Change | string | 'done'>
}

/** `describe` says what the change does, before anybody is asked. */
export const runEdit = (command: EditCommand, describe: Describe): Promise<void> =>
  runCommand({
    usage: command.usage + SHARED_USAGE,
    options: { ...SHARED, ...command.options },
    takesPositionals: true,
    run: (values, context) => run(command, describe, values, context),
  })

async function run(
  command: EditCommand,
  describe: Describe,
  values: Values,
  { positionals, start, terminal, signal }: Context,
): Promise<number> {
  const options = { ...SHARED, ...command.options }
  const isGiven = (name: string): boolean => values[name] !== undefined
  const { dryRun, notes } = findSwallowed(command.name, options, isGiven, process.env, positionals)
  for (const note of notes) terminal.note(note)
  const delivery = readDelivery(values, dryRun)
  const root = findRoot(text(values, 'root'), start)
  if (!command.asksOnly?.(values)) checkDelivery(root, delivery, terminal)
  const sources = openFolder(root)
  const { format } = delivery
  const change = await command.work({ root, sources, values, positionals, terminal, format, signal })
  if (change === 'done') return 0
  const outcome: Outcome =
    typeof change === 'string'
      ? { status: 'nothing to do', message: change, files: [], builds: [], notes: [] }
      : await propose(root, change, delivery, terminal, () =>
          describe(root, sources, change.edits, [...change.after.keys()]),
        )
  if (format === 'json')
    terminal.print(`${JSON.stringify({ version: 1, command: command.name, ...outcome }, null, 2)}\n`)
  else {
    for (const note of outcome.notes.slice(typeof change === 'string' ? 0 : countSaid(change, outcome)))
      terminal.note(note)
    terminal.note(describeOutcome(outcome))
  }
  if (outcome.status === 'declined') return 1
  return outcome.status === 'nothing to do' && values['detailed-exit-code'] === true ? NOTHING_TO_DO : 0
}

/** Notes that were said before the question. */
const countSaid = (change: Change, { notes }: Outcome): number => {
  const later = notes.findIndex(note => /^(?:this pull request|a hook of Git) /.test(note))
  return later < 0 ? notes.length : Math.max(later, change.notes?.length ?? 0)
}

function readDelivery(values: Values, dryRun: boolean): Delivery {
  const ways = (['commit', 'pull-request', 'push-branch'] as const).filter(name => values[name] === true)
  const isDry = dryRun || values['dry-run'] === true
  if (ways.length > 1) throw usageProblem(`${ways.map(name => `--${name}`).join(' and ')} exclude each other`)
  if (isDry && ways.length) throw usageProblem(`--dry-run writes nothing: leave out --${ways[0]}`)
  const format = text(values, 'format') ?? 'text'
  if (format !== 'text' && format !== 'json')
    throw usageProblem(`--format is text or json, not ${JSON.stringify(format)}`)
  const message = text(values, 'message')
  if (message !== undefined && !message.trim()) throw usageProblem('--message is empty')
  const hows = { commit: 'commit', 'pull-request': 'pull request', 'push-branch': 'branch' } as const
  const how = isDry ? 'nothing' : ways[0] ? hows[ways[0]] : 'write'
  return { how, yes: values.yes === true, message, signoff: values.signoff === true, format }
}

function findRoot(wanted: string | undefined, start: string): string {
  const root = wanted === undefined ? repositoryRoot : resolve(start, wanted)
  const found = statSync(root, { throwIfNoEntry: false })
  if (!found?.isDirectory()) {
    const fault = found ? 'is not a folder' : 'does not exist'
    throw usageProblem(`${root} ${fault}`, '--root is the folder of the tree that is edited')
  }
  return realpathSync(root)
}

/** Reads the words of a command line; a Problem with them says how they are written. */
export function readWords<T>(usage: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const isBare = error instanceof Problem && error.exitCode === 2 && error.advice.length === 0
    throw isBare ? extendProblem(error, { advice: [usage] }) : error
  }
}

/** Throws where more words are given than the command takes. */
export function requireNoMore(rest: readonly string[]): void {
  if (rest.length) throw usageProblem(`too many arguments: ${rest.join(' ')}`)
}
