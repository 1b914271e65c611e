// Runs each `run:` step of workflows in order in a fresh clone: what is green here has run, not only been read.
//
// Stand-ins answer for what only the real service can answer (gh, cosign, the registry), and write down how they were
// called; `git push` is real, to a bare repository. Actions are programs of others and are not run: the checkout is a
// clone, node is that of the tests, and what the others prepare is there already. An expression that is not known here
// is an error, where GitHub would take it for an empty string.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { createMachine } from '../stand-ins/machine.ts'
import { PROJECT } from '../tree.ts'
import { createOrigin, inheritEnvironment, type Origin } from './origin.ts'

type Texts = Readonly<Record<string, string>>
export type Step = Readonly<Partial<Record<'id' | 'name' | 'if' | 'run' | 'shell' | 'uses', string>>> &
  Readonly<{ with?: Texts; env?: Texts }>
type Job = Readonly<{ env?: Texts; outputs?: Texts; steps: readonly Step[] }>
type Workflow = Readonly<{ name: string; env?: Texts; jobs: Readonly<Record<string, Job>> }>

const OWN = { repository: 'your-org/flask-api-gitops', server_url: 'https://github.com' }
const HOME = `${OWN.server_url}/${OWN.repository}`
const GITHUB = { ...OWN, actor: 'somebody', event_name: 'push', ref: 'refs/heads/main', ref_name: 'main', run_id: '1' }
/** What the workflow on workflow_run is told; to the others an event says nothing that they read. */
const EVENT = {
  ...{ id: 1, event: 'pull_request', conclusion: 'success', html_url: HOME, head_sha: 'a'.repeat(40) },
  ...{ head_branch: 'change', head_repository: { full_name: OWN.repository, owner: { login: 'your-org' } } },
}
const ANSWERS = [
  { call: '^gh --version$', stdout: 'gh version 2.83.0\n' },
  { call: '^gh pr create ', stdout: `${HOME}/pull/1\n` },
  // No pull request is open: what is done for one is tested with the code that does it.
  { call: '^gh api repos/[^ ]+/pulls\\?', stdout: '[]\n' },
  { call: '^(gh auth (status|setup-git)$|cosign sign |docker buildx imagetools create )' },
  { call: '^docker buildx imagetools inspect ', stdout: `sha256:${'0'.repeat(64)}\n` },
]

const rename = (values: Texts, nameOf: (name: string) => string): Texts =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [nameOf(name), value]))

/** The machine of a job. What its steps write for those after them stays, from one run of steps to the next. */
export class Runner {
  readonly machine = createMachine()
  readonly workspace = join(this.machine.folder, 'workspace')
  readonly scratch = join(this.machine.folder, 'runner')
  readonly #contexts: Record<string, string>
  readonly #environment: Record<string, string>

  /** `contexts` are what expressions may name besides, each as it is written there. */
  constructor({ url, commit }: Pick<Origin, 'url' | 'commit'>, contexts: Texts = {}) {
    for (const folder of [this.workspace, this.scratch]) mkdirSync(folder)
    this.machine.standIn(['gh', 'cosign', 'docker'], ANSWERS)
    symlinkSync(process.execPath, join(this.machine.bin, 'node'))
    const event_path = this.#write('event.json', JSON.stringify({ workflow_run: EVENT }))
    const github = { ...GITHUB, sha: commit, event_path }
    this.#contexts = {
      // Nothing differs from the base: there is no pull request.
      ...rename({ ...github, token: 'token', 'event.pull_request.base.sha': commit }, name => `github.${name}`),
      ...{ 'runner.temp': this.scratch, 'origin.url': url, ...contexts },
    }
    const inherited = inheritEnvironment(process.env)
    this.#environment = {
      ...{ ...inherited, PATH: `${this.machine.bin}${delimiter}${inherited.PATH}`, CI: 'true', GITHUB_ACTIONS: 'true' },
      ...{ RUNNER_OS: 'Linux', RUNNER_TEMP: this.scratch, GITHUB_WORKSPACE: this.workspace },
      ...rename(github, name => `GITHUB_${name.toUpperCase()}`),
      // A runner knows nobody who commits.
      ...{ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    }
  }

  /** What the last run of steps has written to the page of the run. */
  get summary(): string {
    return readFileSync(join(this.scratch, 'summary'), 'utf8')
  }

  /** Texts with the values of their expressions. */
  fill(texts: Texts = {}): Texts {
    const write = (_: string, expression: string): string => {
      const value = this.#contexts[expression]
      if (value === undefined) throw new Error(`the expression is not known here: ${expression}`)
      return value
    }
    const entries = Object.entries(texts)
    return Object.fromEntries(
      entries.map(([name, text]) => [name, `${text}`.replace(/\$\{\{\s*(.*?)\s*\}\}/gs, write)]),
    )
  }

  /** Runs the steps in order, until one fails; resolves to what the last command of them printed. */
  async run(steps: readonly Step[], ...variables: readonly (Texts | undefined)[]): Promise<string> {
    this.#setVariables({ GITHUB_STEP_SUMMARY: this.#write('summary') })
    for (const values of variables) this.#setVariables(this.fill(values))
    let output = ''
    for (const step of steps) {
      const label = step.name ?? step.run ?? step.uses
      output = await this.#runStep(step, output).catch((error: Error) => {
        throw new Error(`${error.message}\nin the step: ${label}`)
      })
    }
    return output
  }

  /** Resolves to what a program prints; rejects with the end of it where it fails. */
  async exec(program: string, args: readonly string[], env: Texts = this.#environment): Promise<string> {
    const log = openSync(this.#write('log'), 'w')
    const child = spawn(program, args, { cwd: this.workspace, env, stdio: ['ignore', log, log] })
    closeSync(log)
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    const output = readFileSync(join(this.scratch, 'log'), 'utf8')
    if (code === 0) return output
    throw new Error(`exit code ${code ?? signal}\n${output.trimEnd().split('\n').slice(-40).join('\n')}`)
  }

  async #runStep({ id, uses, run, shell, env, with: inputs }: Step, before: string): Promise<string> {
    if (uses?.startsWith('actions/checkout@')) {
      const { ref, 'fetch-depth': depth = '1' } = this.fill(inputs)
      const options = [...(depth === '0' ? [] : [`--depth=${depth}`]), ...(ref ? [`--branch=${ref}`] : [])]
      await this.exec('git', ['clone', '--quiet', ...options, this.#contexts['origin.url'] ?? '', '.'])
    }
    if (run === undefined) return before
    const files = { GITHUB_ENV: this.#write('env'), GITHUB_OUTPUT: this.#write('output') }
    const options = shell === undefined ? ['-e'] : ['--noprofile', '--norc', '-eo', 'pipefail']
    const { script = '' } = this.fill({ script: run })
    const environment = { ...this.#environment, ...files, ...this.fill(env) }
    const output = await this.exec(shell ?? 'bash', [...options, '-c', script], environment)
    this.#setVariables(readAssignments(files.GITHUB_ENV))
    Object.assign(
      this.#contexts,
      rename(readAssignments(files.GITHUB_OUTPUT), name => `steps.${id}.outputs.${name}`),
    )
    return output
  }

  #setVariables(variables: Texts): void {
    Object.assign(this.#environment, variables)
    Object.assign(
      this.#contexts,
      rename(variables, name => `env.${name}`),
    )
  }

  /** Returns where the file is. */
  #write(name: string, content = ''): string {
    writeFileSync(join(this.scratch, name), content)
    return join(this.scratch, name)
  }
}

/** The lines of a file that GITHUB_ENV or GITHUB_OUTPUT names. */
function readAssignments(file: string): Texts {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  const wrong = lines.find(line => !/^\w+=/.test(line))
  if (wrong !== undefined) throw new Error(`is not NAME=value: ${wrong}`)
  return Object.fromEntries(lines.map(line => [line.replace(/=.*/, ''), line.replace(/^\w+=/, '')]))
}

/** What a job must ask of the stand-ins, and what else must be so at its end. */
export type Expected = Readonly<{
  /** What expressions may name besides. */
  contexts?: Texts
  /** A shorter command for one of the job's. */
  instead?: Texts
  calls?(origin: Origin): readonly string[]
  result?(runner: Runner, origin: Origin): Promise<void> | void
}>

const FOLDER = join(PROJECT, '.github', 'workflows')

/** Defines a test a job: of those that need a container engine, for which docker is not a stand-in, or of the others. */
export function testJobs(needsEngine: boolean, expected: Readonly<Record<string, Expected>>): void {
  const origin = createOrigin()
  afterAll(() => origin.remove())
  const workflows = readdirSync(FOLDER).map(file => parse(readFileSync(join(FOLDER, file), 'utf8')) as Workflow)
  const jobs = workflows.flatMap(({ name, env, jobs }) =>
    Object.entries(jobs).map(([id, job]) => ({ name: `${name} / ${id}`, env, job })),
  )
  const isMeant = ({ job }: { readonly job: Job }): boolean =>
    job.steps.some(({ run = '' }) => /\bnpm run (smoke-test|e2e)\b/.test(run)) === needsEngine
  test('every expectation is of a job that is there', () => {
    expect(jobs.filter(isMeant).map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(expected)))
  })
  test.each(jobs.filter(isMeant))('$name', async ({ name, env, job }) => {
    const { contexts, instead = {}, calls, result } = expected[name] ?? {}
    const runner = new Runner(origin, contexts)
    onTestFinished(() => runner.machine.remove())
    if (needsEngine) rmSync(join(runner.machine.bin, 'docker'))
    const shorten = (step: Step): Step => ({ ...step, ...(step.run && { run: instead[step.run] ?? step.run }) })
    await runner.run(job.steps.map(shorten), env, job.env)
    runner.fill(job.outputs)
    expect(runner.machine.calls()).toEqual(calls?.(origin) ?? [])
    await result?.(runner, origin)
  })
}
