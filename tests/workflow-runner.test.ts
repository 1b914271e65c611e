// What runs the workflows in tests/checkout must be able to fail, or its green says nothing.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import {
  isTaken,
  JobRun,
  orderJobs,
  parseWorkflow,
  readAssignments,
  type Surroundings,
} from './checkout/workflow-runner.ts'

/** As workflows write it. */
const expression = (name: string): string => `\${{ ${name} }}`

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'runner-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function startJob(text: string, id: string, more: Partial<Surroundings> = {}): JobRun {
  const folder = createFolder()
  const workspace = join(folder, 'workspace')
  mkdirSync(workspace)
  const workflow = parseWorkflow(text)
  const job = workflow.jobs[id]
  if (!job) throw new Error(`no job ${id}`)
  return new JobRun(workflow, job, {
    scratch: join(folder, 'runner'),
    workspace,
    environment: { PATH: `${process.env.PATH}` },
    contexts: new Map([['github.sha', 'abc']]),
    actions: { 'some/action': async inputs => ({ digest: `of ${inputs.what}` }) },
    ...more,
  })
}

const inJob = (steps: string, rest = ''): string =>
  `name: w\nenv: { A: workflow }\njobs: { a: { ${rest} steps: [${steps}] } }`

test('a command that fails is red, shows the end of its output, and nothing runs after it', async () => {
  const job = startJob(inJob("{ run: 'seq 1 100; echo no >&2; exit 3' }, { run: touch after }, { run: ls }"), 'a')
  const error = await job.runThrough(0).catch((error: Error) => error.message)
  expect(error).toMatch(/^exit code 3\n62\n63\n[\d\n]+\n100\nno$/)
  expect(job.hasFailed).toBe(true)
  await expect(job.runThrough(1)).rejects.toThrow('not run: "seq 1 100; echo no >&2; exit 3" failed')
  await expect(job.runThrough(2)).rejects.toThrow('not run')
})

test('a command line that fails in the middle ends the step', async () => {
  await expect(startJob(inJob('{ run: "false\\necho on" }'), 'a').runThrough(0)).rejects.toThrow('exit code 1')
})

test('as on GitHub, a pipe fails with its first command only where the shell is named', async () => {
  await startJob(inJob("{ run: 'false | cat' }"), 'a').runThrough(0)
  const named = startJob(inJob("{ run: 'false | cat', shell: bash }"), 'a')
  await expect(named.runThrough(0)).rejects.toThrow('exit code 1')
})

test('variables come from the workflow, the job, the steps before and the step itself', async () => {
  const steps = [
    `{ run: 'echo "$A $B"' }`,
    `{ run: 'echo A=file >> "$GITHUB_ENV"; echo done >> "$GITHUB_STEP_SUMMARY"' }`,
    `{ run: 'echo "$A ${expression('env.A')} ${expression('github.sha')}"' }`,
    `{ run: 'echo "$A"', env: { A: step } }`,
  ]
  const job = startJob(inJob(steps.join(), "env: { B: '1' },"), 'a')
  expect(await job.runThrough(0)).toBe('workflow 1\n')
  expect(await job.runThrough(2)).toBe('file file abc\n')
  expect(await job.runThrough(3)).toBe('step\n')
  expect(job.summary).toBe('done\n')
})

test('outputs of actions and commands go on to steps and jobs', async () => {
  const text = inJob(
    `{ id: x, uses: some/action@v1, with: { what: '${expression('github.sha')}' } },
     { id: y, run: 'echo n=2 >> $GITHUB_OUTPUT' }`,
    `outputs: { all: '${expression('steps.x.outputs.digest')}, ${expression('steps.y.outputs.n')}' },`,
  )
  const job = startJob(text, 'a')
  await job.runThrough(1)
  expect(job.readOutputs()).toEqual({ all: 'of abc, 2' })
})

test.each([
  ['an expression', `{ run: 'echo ${expression('github.shaa')}' }`, 'github.shaa'],
  ['an output', `{ run: x, env: { B: '${expression('steps.x.outputs.y')}' } }`, 'steps.x.outputs.y'],
  ['an action', '{ uses: other/action@v1 }', 'other/action@v1'],
  ['a condition', '{ run: x, if: github.actor }', 'github.actor'],
  ['a shell', '{ run: x, shell: pwsh }', 'pwsh'],
  ['a file of the runner', `{ run: 'echo x >> "$GITHUB_PATH"' }`, 'No such file'],
])('%s that is not known is a failure', async (_, step, shown) => {
  const job = startJob(inJob(step), 'a')
  await expect(job.runThrough(0)).rejects.toThrow(shown)
  expect(job.hasFailed).toBe(true)
})

test('a job that takes longer than it may is ended, with what it started', async () => {
  const late = join(createFolder(), 'late')
  const environment = { PATH: `${process.env.PATH}`, LATE: late }
  const step = `{ run: '(sleep 1; touch "$LATE") & sleep 300' }`
  const job = startJob(inJob(step, 'timeout-minutes: 0.005,'), 'a', { environment })
  await expect(job.runThrough(0)).rejects.toThrow('the time of the job is over')
  await setTimeout(1500)
  expect(existsSync(late)).toBe(false)
})

test('conditions', () => {
  expect(isTaken(undefined)).toBe(true)
  expect(isTaken('failure()')).toBe(false)
  expect(isTaken("github.event_name != 'schedule' || github.repository == 'a/b'")).toBe(true)
  const contexts = new Map([
    ['runner.os', 'Linux'],
    ['steps.a.outputs.b', ''],
  ])
  expect(isTaken("runner.os == 'Linux' && steps.a.outputs.b == ''", contexts)).toBe(true)
  expect(isTaken("runner.os != 'Linux' || steps.a.outputs.b != ''", contexts)).toBe(false)
  expect(() => isTaken('always()')).toThrow('always()')
  expect(() => isTaken("runner.os == 'Linux' || runner.arch == 'X64'", contexts)).toThrow('runner.arch')
})

test('jobs come after those they need', () => {
  const order = (jobs: string) => orderJobs(parseWorkflow(`name: w\njobs: { ${jobs} }`)).map(([id]) => id)
  expect(order('a: { needs: [b, c] }, b: { needs: c }, c: {}')).toEqual(['c', 'b', 'a'])
  expect(() => order('a: { needs: b }, b: { needs: a }')).toThrow('jobs need each other: a, b, a')
  expect(() => order('a: { needs: b }')).toThrow('a needs a job that is not there: b')
})

test('files of assignments', () => {
  expect([...readAssignments('A=1=2\nB<<END\nx\ny\nEND\nC=\n')]).toEqual([
    ['A', '1=2'],
    ['B', 'x\ny'],
    ['C', ''],
  ])
  expect(() => readAssignments('B<<END\nx\n')).toThrow('B<<END')
  expect(() => readAssignments('word')).toThrow('word')
})
