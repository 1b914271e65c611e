// GitHub's runner as far as the workflows here use it, so that their commands run before a push and not only after one.
// What it does not know (an expression, a condition, an action) is an error: to GitHub most of that is an empty string.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

type Values = Readonly<Record<string, string | number | boolean>>

export interface Step {
  readonly id?: string
  readonly name?: string
  readonly if?: string
  readonly run?: string
  readonly shell?: string
  readonly uses?: string
  readonly with?: Values
  readonly env?: Values
}

export interface Job {
  readonly needs?: string | readonly string[]
  readonly if?: string
  readonly 'timeout-minutes'?: number
  readonly env?: Values
  readonly outputs?: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
}

export interface Workflow {
  readonly name: string
  readonly env?: Values
  readonly jobs: Readonly<Record<string, Job>>
}

/** Runs a program where the job runs; resolves to what it printed, throws the end of that when it fails. */
export type RunProgram = (program: string, args: readonly string[]) => Promise<string>

/** What is done for a `uses:`; resolves to the outputs of the step. */
export type Action = (inputs: Readonly<Record<string, string>>, run: RunProgram) => Promise<Values>

export interface Surroundings {
  /** An empty folder for the files that the runner and the steps talk through. */
  readonly scratch: string
  readonly workspace: string
  readonly environment: Readonly<Record<string, string>>
  /** What expressions may name, by the whole name: `github.sha`. */
  readonly contexts: ReadonlyMap<string, string>
  /** By what stands before the @ in `uses:`. */
  readonly actions: Readonly<Record<string, Action>>
}

export const parseWorkflow = (text: string): Workflow => parse(text) as Workflow

/** Jobs with every job after those it needs. */
export function orderJobs({ jobs }: Workflow): readonly (readonly [string, Job])[] {
  const ordered = new Map<string, Job>()
  const visit = (id: string, path: readonly string[]): void => {
    const job = jobs[id]
    if (!job) throw new Error(`${path.at(-1)} needs a job that is not there: ${id}`)
    if (path.includes(id)) throw new Error(`jobs need each other: ${[...path, id].join(', ')}`)
    for (const needed of listNeeds(job)) visit(needed, [...path, id])
    ordered.set(id, job)
  }
  for (const id of Object.keys(jobs)) visit(id, [])
  return [...ordered]
}

export const listNeeds = ({ needs = [] }: Job): readonly string[] => (typeof needs === 'string' ? [needs] : needs)

export const labelStep = ({ name, run, uses }: Step): string => name ?? run?.trim().split('\n')[0] ?? `${uses}`

export const nameAction = ({ uses = '' }: Step): string => uses.replace(/@.*$/, '')

/** Whether a job or a step with this condition runs where all before it went well, in the owner's repository, on main. */
export function isTaken(condition: string | undefined, contexts: ReadonlyMap<string, string> = new Map()): boolean {
  if (condition === undefined) return true
  if (condition === 'failure()') return false
  const holds = (comparison: string): boolean => {
    const [, name = '', operator, value] = /^([\w.-]+) ([!=]=) '([^']*)'$/.exec(comparison) ?? []
    if (/^github\.(event_name|ref|repository|event\.workflow_run\.event)$/.test(name)) return true
    const actual = contexts.get(name)
    if (actual === undefined) throw new Error(`the condition is not known here: ${condition}`)
    return (actual === value) === (operator === '==')
  }
  // All of them first: what is not known must show, wherever it stands.
  const alternatives = condition.split(' || ').map(all => all.split(' && ').map(holds))
  return alternatives.some(all => all.every(Boolean))
}

export function resolveExpressions(text: string, contexts: ReadonlyMap<string, string>): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_, inner: string) => {
    const value = contexts.get(inner.trim())
    if (value === undefined) throw new Error(`the expression is not known here: ${inner.trim()}`)
    return value
  })
}

/** The content of a file that GITHUB_ENV or GITHUB_OUTPUT names: `NAME=value`, or `NAME<<END`, lines, `END`. */
export function readAssignments(text: string): ReadonlyMap<string, string> {
  const assignments = new Map<string, string>()
  const lines = text.split('\n')
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    if (line === '') continue
    const [, name = '', operator, rest = ''] = /^([^=<]+)(=|<<)(.*)$/.exec(line) ?? []
    const end = operator === '<<' ? lines.indexOf(rest) : 0
    if (operator === undefined || end < 0) throw new Error(`neither NAME=value nor NAME<<END with an end: ${line}`)
    assignments.set(
      name,
      operator === '='
        ? rest
        : lines
            .splice(0, end + 1)
            .slice(0, -1)
            .join('\n'),
    )
  }
  return assignments
}

/** One run of a job: from its first step on, until one fails. */
export class JobRun {
  readonly #job: Job
  readonly #surroundings: Surroundings
  readonly #contexts: Map<string, string>
  readonly #environment: Record<string, string>
  readonly #deadline: number
  #next = 0
  #failed: string | undefined

  constructor(workflow: Pick<Workflow, 'env'>, job: Job, surroundings: Surroundings) {
    this.#job = job
    this.#surroundings = surroundings
    this.#contexts = new Map(surroundings.contexts)
    this.#environment = { ...surroundings.environment, GITHUB_STEP_SUMMARY: join(surroundings.scratch, 'summary') }
    // GitHub's own limit is 360.
    this.#deadline = Date.now() + (job['timeout-minutes'] ?? 360) * 60_000
    mkdirSync(surroundings.scratch, { recursive: true })
    writeFileSync(join(surroundings.scratch, 'summary'), '')
    for (const values of [workflow.env, job.env]) this.#setVariables(Object.entries(this.#resolve(values)))
  }

  get hasFailed(): boolean {
    return this.#failed !== undefined
  }

  /** What the steps so far have written to the page of the run. */
  get summary(): string {
    return readFileSync(join(this.#surroundings.scratch, 'summary'), 'utf8')
  }

  /** Runs the steps up to this one that did not run yet; resolves to what the last of them printed. */
  async runThrough(index: number): Promise<string> {
    if (this.#failed !== undefined) throw new Error(`not run: "${this.#failed}" failed`)
    let output = ''
    for (const step of this.#job.steps.slice(this.#next, index + 1)) {
      this.#next += 1
      try {
        if (isTaken(step.if, this.#contexts)) output = await this.#runStep(step)
      } catch (error) {
        this.#failed = labelStep(step)
        throw error
      }
    }
    return output
  }

  /** A program in the place of a step, with the variables that a step would have. */
  readonly runProgram: RunProgram = (program, args) => this.#runProgram(program, args, this.#environment)

  /** What other jobs get as `needs.ID.outputs.NAME`. */
  readOutputs(): Readonly<Record<string, string>> {
    return this.#resolve(this.#job.outputs)
  }

  async #runStep(step: Step): Promise<string> {
    const files = { GITHUB_ENV: this.#createFile('env'), GITHUB_OUTPUT: this.#createFile('output') }
    const environment = { ...this.#environment, ...files, ...this.#resolve(step.env) }
    const run: RunProgram = (program, args) => this.#runProgram(program, args, environment)
    let output = ''
    if (step.run === undefined) {
      const action = this.#surroundings.actions[nameAction(step)]
      if (!action) throw new Error(`the action is not known here: ${step.uses}`)
      this.#setOutputs(step, Object.entries(await action(this.#resolve(step.with), run)))
    } else {
      const script = this.#createFile('run.sh')
      writeFileSync(script, resolveExpressions(step.run, this.#contexts))
      output = await run('bash', [...shellOptions(step.shell), script])
    }
    this.#setVariables(readAssignments(readFileSync(files.GITHUB_ENV, 'utf8')))
    this.#setOutputs(step, readAssignments(readFileSync(files.GITHUB_OUTPUT, 'utf8')))
    return output
  }

  async #runProgram(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
    const log = this.#createFile('log')
    const fd = openSync(log, 'w')
    const { workspace } = this.#surroundings
    const child = spawn(program, args, { cwd: workspace, env, stdio: ['ignore', fd, fd], detached: true })
    closeSync(fd)
    const ended = await waitFor(child, this.#deadline)
    const output = readFileSync(log, 'utf8')
    if (ended === 'exit code 0') return output
    throw new Error(`${ended}\n${output.trimEnd().split('\n').slice(-40).join('\n')}`)
  }

  #createFile(name: string): string {
    for (let number = 1; ; number += 1) {
      const file = join(this.#surroundings.scratch, `${number}-${name}`)
      if (existsSync(file)) continue
      writeFileSync(file, '')
      return file
    }
  }

  #resolve(values: Values = {}): Record<string, string> {
    const entries = Object.entries(values)
    return Object.fromEntries(entries.map(([name, value]) => [name, resolveExpressions(`${value}`, this.#contexts)]))
  }

  #setVariables(variables: Iterable<readonly [string, string]>): void {
    for (const [name, value] of variables) {
      this.#environment[name] = value
      this.#contexts.set(`env.${name}`, value)
    }
  }

  #setOutputs({ id }: Step, outputs: Iterable<readonly [string, string | number | boolean]>): void {
    for (const [name, value] of outputs) this.#contexts.set(`steps.${id}.outputs.${name}`, `${value}`)
  }
}

/** https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax, `jobs.<job_id>.steps[*].shell` */
function shellOptions(shell: string | undefined): readonly string[] {
  if (shell === undefined) return ['-e']
  if (shell === 'bash') return ['--noprofile', '--norc', '-eo', 'pipefail']
  throw new Error(`the shell is not known here: ${shell}`)
}

/** Every command leads a process group, so that a job that takes too long ends with all it has started. */
const running = new Set<ChildProcess>()

function waitFor(child: ChildProcess, deadline: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    endGroup(child)
  }, deadline - Date.now())
  running.add(child)
  child.once('error', reject)
  child.once('exit', (code, signal) => {
    resolve(isLate ? 'the time of the job is over' : signal ? `ended by ${signal}` : `exit code ${code}`)
  })
  return promise.finally(() => {
    clearTimeout(timer)
    running.delete(child)
  })
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // it has ended meanwhile
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const child of running) endGroup(child)
    process.kill(process.pid, signal)
  })
}
