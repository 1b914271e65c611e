// `npm run validate`: arguments in, report to stdout, everything else to stderr, an exit code back.
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { type Command, type Context, repositoryRoot, text, type Values } from '../command/frame.ts'
import { Problem, usageProblem } from '../command/problem.ts'
import { describeMachine } from '../tree/machine.ts'
import { FORMATS } from './report/index.ts'
import { type ValidateOptions, validate } from './run.ts'

const usage = `Usage: npm run validate -- [options] [PATH...]

Renders every kustomization below a folder with kustomize, checks the result and the loose manifests against the
schemas of Kubernetes and Argo CD, and follows every reference. Needs no cluster and no network.

  --root DIR       the folder to validate (default: this repository)
  --format NAME    ${Object.keys(FORMATS).join(', ')} (default: stylish)
  --config FILE    instead of DIR/validation.yaml
  --no-cache       render every build anew, and keep nothing
  --help           this text

PATH narrows the run to the builds that read it. Paths are relative to --root.

Exit codes: 0 all examined, no error; 1 errors found; 2 wrong usage, configuration or machine, or nothing to validate;
3 a fault of this program.
`

export const command: Command = {
  name: 'validate',
  usage,
  options: {
    root: { type: 'string' },
    format: { type: 'string' },
    config: { type: 'string' },
    'no-cache': { type: 'boolean' },
  },
  takesPositionals: true,
  async run(values, context) {
    const name = text(values, 'format') ?? 'stylish'
    const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined
    if (!format) throw usageProblem(`unknown format ${name}: choose one of ${Object.keys(FORMATS).join(', ')}`)
    const options = readOptions(values, context)
    const { root } = options
    const progress = createProgress()
    const shown = { ...options, ...(progress ? { onProgress: progress.show } : {}) }
    const { report, warnings, textOf } = await validate(shown).finally(() => progress?.clear())
    for (const warning of warnings) context.terminal.note(`validate: ${warning}`)
    const prefix = name === 'github' ? githubPrefix(root) : localPrefix(root)
    context.terminal.print(format(report, { textOf, colour: context.terminal.hasColor, prefix }))
    return report.summary.errors ? 1 : 0
  },
}

function readOptions(values: Values, { positionals, start }: Context): ValidateOptions {
  const given = text(values, 'root')
  const root = given === undefined ? repositoryRoot : resolve(start, given)
  const config = text(values, 'config')
  const { version } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as { version: string }
  return {
    root,
    paths: positionals.map(path => localPath(path, root, start)),
    machine: describeMachine(),
    parallelism: availableParallelism(),
    cache: values['no-cache'] !== true,
    tool: { name: 'gitops-validate', version },
    ...(config === undefined ? {} : { config: readConfigFile(resolve(start, config)) }),
  }
}

/** A path as typed, relative to the root: from the root, else from where the person is. */
function localPath(path: string, root: string, start: string): string {
  const target = isAbsolute(path) ? path : resolve(root, path)
  const local = relative(root, target).split(sep).join('/') || '.'
  if (!local.startsWith('..')) return local
  const typed = relative(root, resolve(start, path)).split(sep).join('/') || '.'
  if (typed.startsWith('..')) throw usageProblem(`path ${path} is not below ${root}`)
  return typed
}

function readConfigFile(path: string): { path: string; bytes: Uint8Array } {
  try {
    return { path, bytes: readFileSync(path) }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Problem(`configuration ${path} cannot be read (${code})`, { exitCode: 2 })
  }
}

/** What makes a file of the report a path as the reader knows it. */
function localPrefix(root: string): string {
  const local = relative(process.cwd(), root).split(sep).join('/')
  return local === '' ? '' : `${local.startsWith('..') ? root : local}/`
}

/** Annotations want paths from the top of the checkout. */
function githubPrefix(root: string): string {
  const workspace = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const local = relative(workspace, root).split(sep).join('/')
  return local === '' || local.startsWith('..') ? '' : `${local}/`
}

/** A line on a terminal while builds run; nothing anywhere else. */
function createProgress() {
  if (!process.stderr.isTTY) return undefined
  const begun = performance.now()
  return {
    show(done: number, total: number): void {
      if (performance.now() - begun > 300) process.stderr.write(`\r\u001b[K${done} of ${total} builds`)
    },
    clear(): void {
      process.stderr.write('\r\u001b[K')
    },
  }
}
