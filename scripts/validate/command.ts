// `npm run validate`: arguments in, report to stdout, everything else to stderr, an exit code back.
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { type Command, type Context, repositoryRoot, text, texts, type Values } from '../command/frame.ts'
import { Problem, usageProblem } from '../command/problem.ts'
import { describeMachine } from '../tree/machine.ts'
import { GitError } from '../tree/source/commit.ts'
import { findBase, findRevision, type Revision } from '../tree/source/revision.ts'
import { formatBaseline } from './findings/baseline.ts'
import type { GivenFile } from './policy.ts'
import { FOR_CHECKOUT, FORMATS } from './report/index.ts'
import type { Format } from './report/report.ts'
import { renderOnly, type ValidateOptions, validate } from './run.ts'
import { parseShard, type Shard } from './shard.ts'

const usage = `Usage: npm run validate -- [options] [PATH...]

Renders every kustomization below a folder with kustomize, checks the result and the loose manifests against the
schemas of Kubernetes and Argo CD, and follows every reference. Needs no cluster and no network.

  --root DIR         the folder to validate (default: this repository)
  --format NAME      ${Object.keys(FORMATS).join(', ')}
                     (default: stylish); NAME=FILE writes it to a file, and may be said several times
  --preset NAME      recommended (default) or strict
  --baseline FILE    findings that it lists do not count; --write-baseline makes it of the findings of this run
  --since REF        only findings that REF does not have count: errors that it has do not fail the run
  --policy-from REF  takes validation.yaml, suppressions and baseline from REF, whatever the tree says
  --verbose          lists every finding and everything that was not examined
  --timings          says on stderr how long each step took
  --config FILE      is read instead of DIR/validation.yaml
  --no-cache         renders and judges everything anew, and keeps nothing
  --cache-dir DIR    keeps what was made in DIR; several runs and machines may share it
  --shard N/COUNT    with --render-only: this share of the builds
  --render-only      renders into the cache and judges nothing
  -h, --help         this text

PATH narrows the run to the builds that read it. Paths are relative to --root.

Exit code: 0 no error in what was examined; 1 errors found; 2 wrong usage, configuration or machine, or nothing to
validate; 3 a fault of the program.
`

export const command: Command = {
  name: 'validate',
  usage,
  options: {
    root: { type: 'string' },
    format: { type: 'string', multiple: true },
    preset: { type: 'string' },
    baseline: { type: 'string' },
    'write-baseline': { type: 'boolean' },
    since: { type: 'string' },
    'policy-from': { type: 'string' },
    verbose: { type: 'boolean' },
    timings: { type: 'boolean' },
    config: { type: 'string' },
    'no-cache': { type: 'boolean' },
    'cache-dir': { type: 'string' },
    shard: { type: 'string' },
    'render-only': { type: 'boolean' },
  },
  takesPositionals: true,
  async run(values, context) {
    const outputs = readOutputs(values, context.start)
    const options = readOptions(values, context)
    const { root } = options
    const progress = createProgress(context.terminal.note)
    const watched = { ...options, onProgress: progress.show, onStep: progress.step }
    const shard = readShard(values)
    if (shard) {
      const { rendered, failed, total } = await renderOnly(watched, shard).finally(progress.end)
      const share = `shard ${shard.number} of ${shard.count}`
      context.terminal.print(
        `rendered ${rendered} of ${total} builds, ${failed} cannot be rendered (${share}); nothing was judged\n`,
      )
      return 0
    }
    const baseline = openBaseline(values, context.start)
    const sides = openSides(values, root)
    const known = baseline?.file ? { baseline: baseline.file } : {}
    const { report, warnings, textOf, fixed } = await validate({ ...watched, ...known, ...sides }).finally(progress.end)
    for (const warning of warnings) context.terminal.note(`validate: ${warning}`)
    for (const { name, format, file } of outputs) {
      const prefix = FOR_CHECKOUT.has(name) ? checkoutPrefix(root) : localPrefix(root, context.start)
      const colour = context.terminal.hasColor && file === undefined
      const printed = format(report, { textOf, colour, prefix, verbose: values.verbose === true })
      if (file === undefined) context.terminal.print(printed)
      else writeReport(file, printed)
    }
    if (values.timings === true) progress.tell()
    if (baseline && !baseline.file) {
      writeReport(baseline.path, formatBaseline(report.findings))
      const count = report.summary.errors + report.summary.warnings
      context.terminal.note(
        `validate: the baseline has ${count} ${count === 1 ? 'finding' : 'findings'}, which no longer count where it is given`,
      )
      return 0
    }
    if (fixed.length) {
      const more = fixed.length > 1 ? `, and ${fixed.length - 1} more` : ''
      const [{ ruleId, file } = { ruleId: '', file: '' }] = fixed
      context.terminal.note(
        `validate: fixed since the baseline: ${ruleId} in ${file}${more}; --write-baseline drops them`,
      )
    }
    return report.summary.errors ? 1 : 0
  },
}

interface Output {
  readonly name: string
  readonly format: Format
  /** Undefined: stdout. */
  readonly file: string | undefined
}

/** Each `--format`; without one of them the report for people goes to stdout. Throws a Problem for what is none. */
function readOutputs(values: Values, start: string): readonly Output[] {
  const given = texts(values, 'format')
  const outputs = (given.length ? given : ['stylish']).map((text): Output => {
    const [name = '', ...rest] = text.split('=')
    const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined
    if (!format) throw usageProblem(`unknown format ${name}: choose one of ${Object.keys(FORMATS).join(', ')}`)
    const file = rest.join('=')
    if (text.includes('=') && file === '') throw usageProblem(`--format ${text} names no file`)
    return { name, format, file: file === '' ? undefined : resolve(start, file) }
  })
  if (outputs.filter(({ file }) => file === undefined).length > 1) {
    throw usageProblem('two formats go to stdout: write one to a file, as in --format sarif=report.sarif')
  }
  return outputs
}

function writeReport(file: string, printed: string): void {
  try {
    writeFileSync(file, printed)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Problem(`report ${file} cannot be written (${code})`, { exitCode: 2 })
  }
}

/** The baseline of the run; its file is undefined where it is written anew. */
function openBaseline(values: Values, start: string): { path: string; file: GivenFile | undefined } | undefined {
  const given = text(values, 'baseline')
  const isWritten = values['write-baseline'] === true
  if (given === undefined) {
    if (isWritten) throw usageProblem('--write-baseline needs --baseline FILE')
    return undefined
  }
  const path = resolve(start, given)
  return { path, file: isWritten ? undefined : readGiven('baseline', given, path) }
}

/** The commits that the run is held against. Throws a Problem where they are not there, or say nothing to the rest. */
function openSides(values: Values, root: string): Pick<ValidateOptions, 'since' | 'policyFrom'> {
  const [since, policyFrom] = [text(values, 'since'), text(values, 'policy-from')]
  if (since !== undefined && values['write-baseline'] === true) {
    throw usageProblem('--since and --write-baseline exclude each other: a baseline has all findings')
  }
  const find = (option: string, name: string, open: typeof findBase): Revision => {
    try {
      return open(root, name)
    } catch (error) {
      if (!(error instanceof GitError)) throw error
      const [said = ''] = error.message.replace(/^fatal: /, '').split('\n')
      const isShallow = said.includes('has no commit')
      throw usageProblem(`${option}: ${said}`, ...(isShallow ? ['A shallow clone has one: fetch the other first'] : []))
    }
  }
  return {
    ...(since === undefined ? {} : { since: find('--since', since, findBase) }),
    ...(policyFrom === undefined ? {} : { policyFrom: find('--policy-from', policyFrom, findRevision) }),
  }
}

function readOptions(values: Values, { positionals, start }: Context): ValidateOptions {
  const given = text(values, 'root')
  const root = given === undefined ? repositoryRoot : resolve(start, given)
  const config = text(values, 'config')
  const preset = text(values, 'preset')
  if (preset !== undefined && preset !== 'recommended' && preset !== 'strict') {
    throw usageProblem(`unknown preset ${preset}: choose recommended or strict`)
  }
  const cacheFolder = text(values, 'cache-dir')
  const { version } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as { version: string }
  return {
    root,
    paths: positionals.map(path => localPath(path, root, start)),
    machine: describeMachine(),
    parallelism: availableParallelism(),
    cache: values['no-cache'] !== true,
    tool: { name: 'gitops-validate', version },
    ...(preset === undefined ? {} : { preset }),
    ...(config === undefined ? {} : { config: readGiven('configuration', config, resolve(start, config)) }),
    ...(cacheFolder === undefined ? {} : { cacheFolder: resolve(start, cacheFolder) }),
  }
}

/** The share that a run renders; undefined where it judges. Throws a Problem for options that contradict each other. */
function readShard(values: Values): Shard | undefined {
  const shard = text(values, 'shard')
  if (values['render-only'] !== true) {
    if (shard !== undefined) throw usageProblem('--shard belongs to --render-only: a share of a tree cannot be judged')
    return undefined
  }
  if (values['no-cache'] === true) throw usageProblem('--render-only and --no-cache exclude each other')
  return parseShard(shard ?? '1/1')
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

function readGiven(what: string, name: string, path: string): GivenFile {
  try {
    return { name, path, bytes: readFileSync(path) }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Problem(`${what} ${path} cannot be read (${code})`, { exitCode: 2 })
  }
}

/** What makes a file of the report a path as the reader knows it: from where the person stands, where that is shorter. */
function localPrefix(root: string, start: string): string {
  const local = relative(start, root).split(sep).join('/')
  if (local === '') return ''
  return `${local.length <= root.length ? local : root}/`
}

/** Programs that read the report want paths from the top of the checkout. */
function checkoutPrefix(root: string): string {
  const workspace = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const local = relative(workspace, root).split(sep).join('/')
  return local === '' || local.startsWith('..') ? '' : `${local}/`
}

/** A line on a terminal while something runs, nothing anywhere else; and the time of each step. */
function createProgress(note: (text: string) => void) {
  const isTerminal = process.stderr.isTTY === true
  const begun = performance.now()
  const steps: { title: string; start: number }[] = []
  const draw = (text: string): void => {
    // What is quick needs no word.
    if (isTerminal && performance.now() - begun > 300) process.stderr.write(`\r\u001b[K${text}`)
  }
  let ended = begun
  return {
    step(title: string): void {
      steps.push({ title, start: performance.now() })
      draw(`${title} ...`)
    },
    show(done: number, total: number): void {
      draw(`${steps.at(-1)?.title ?? ''}: ${done} of ${total} builds`)
    },
    end(): void {
      ended = performance.now()
      if (isTerminal) process.stderr.write('\r\u001b[K')
    },
    tell(): void {
      for (const [index, { title, start }] of steps.entries()) {
        const end = steps[index + 1]?.start ?? ended
        note(`${((end - start) / 1000).toFixed(2).padStart(8)} s  ${title}`)
      }
      note(`${((ended - begun) / 1000).toFixed(2).padStart(8)} s  in all`)
    },
  }
}
