// The command line of validate: arguments in, report to stdout, everything else to stderr, an exit code back.
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ConfigError } from './config.ts'
import { NoKustomizeError } from '../tree/kustomize/build/binary.ts'
import { FORMATS } from './report/index.ts'
import { printable } from './report/report.ts'
import { type ValidateOptions, validate } from './run.ts'
import { UsageError } from './usage-error.ts'

const HELP = `Usage: npm run validate -- [options] [PATH...]

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

const EXIT = { clean: 0, findings: 1, usage: 2, internal: 3 } as const
const HOME = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Resolves to the exit code. Never throws. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await run(args)
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string }
    if (String(code).startsWith('ERR_PARSE_ARGS')) {
      // Node's second sentence is about positional arguments, which are paths here.
      process.stderr.write(`validate: ${message.split('. ', 1)[0]}. See npm run validate -- --help\n`)
      return EXIT.usage
    }
    if (error instanceof UsageError || error instanceof ConfigError || error instanceof NoKustomizeError) {
      // It may quote a file or a path: a line of its own could command the runner of a workflow.
      process.stderr.write(`validate: ${printable(message)}\n`)
      return EXIT.usage
    }
    process.stderr.write(`validate: a fault of this program, please report it\n${(error as Error).stack ?? error}\n`)
    return EXIT.internal
  }
}

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      root: { type: 'string' },
      format: { type: 'string', default: 'stylish' },
      config: { type: 'string' },
      'no-cache': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  const format = Object.hasOwn(FORMATS, values.format) ? FORMATS[values.format] : undefined
  if (!format) throw new UsageError(`unknown format ${values.format}: choose one of ${Object.keys(FORMATS).join(', ')}`)
  // npm runs scripts in the package's folder; what a person types is meant from where they are.
  const start = process.env.INIT_CWD ?? process.cwd()
  const root = values.root === undefined ? HOME : resolve(start, values.root)
  const progress = createProgress()
  const { version } = JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8')) as { version: string }
  const options: ValidateOptions = {
    root,
    paths: positionals.map(path => localPath(path, root, start)),
    machine: {
      platform: `${process.platform}-${process.arch}`,
      environment: process.env,
      modulesFolder: join(HOME, 'node_modules'),
      cacheFolder: join(HOME, 'node_modules', '.cache', 'validate'),
    },
    parallelism: availableParallelism(),
    cache: !values['no-cache'],
    tool: { name: 'gitops-validate', version },
    ...(values.config === undefined ? {} : { config: readConfigFile(resolve(start, values.config)) }),
    ...(progress ? { onProgress: progress.show } : {}),
  }
  const { report, warnings, textOf } = await validate(options).finally(() => progress?.clear())
  for (const warning of warnings) process.stderr.write(`validate: ${warning}\n`)
  const local = relative(process.cwd(), root).split(sep).join('/')
  const prefix = local === '' ? '' : `${local.startsWith('..') ? root : local}/`
  process.stdout.write(
    format(report, { textOf, colour: hasColour(), prefix: values.format === 'github' ? githubPrefix(root) : prefix }),
  )
  return report.summary.errors ? EXIT.findings : EXIT.clean
}

/** A path as typed, relative to the root: from the root, else from where the person is. */
function localPath(path: string, root: string, start: string): string {
  const target = isAbsolute(path) ? path : resolve(root, path)
  const local = relative(root, target).split(sep).join('/') || '.'
  if (!local.startsWith('..')) return local
  const typed = relative(root, resolve(start, path)).split(sep).join('/') || '.'
  if (typed.startsWith('..')) throw new UsageError(`path ${path} is not below ${root}`)
  return typed
}

function readConfigFile(path: string): { path: string; bytes: Uint8Array } {
  try {
    return { path, bytes: readFileSync(path) }
  } catch (error) {
    throw new UsageError(`configuration ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

/** Annotations want paths from the top of the checkout. */
function githubPrefix(root: string): string {
  const workspace = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const local = relative(workspace, root).split(sep).join('/')
  return local === '' || local.startsWith('..') ? '' : `${local}/`
}

function hasColour(): boolean {
  if (process.env.NO_COLOR) return false
  if (process.env.FORCE_COLOR) return process.env.FORCE_COLOR !== '0'
  return process.stdout.isTTY === true
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
