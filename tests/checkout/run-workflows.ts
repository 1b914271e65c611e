// Runs the commands of workflows from a fresh checkout, job by job: what is green here has run, not only been read.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PROJECT } from '../tree.ts'
import { createHostedRunner, createOrigin, type HostedRunner, isPreparation, type Origin } from './hosted-runner.ts'
import {
  isTaken,
  type Job,
  JobRun,
  labelStep,
  listNeeds,
  nameAction,
  orderJobs,
  parseWorkflow,
  type Step,
} from './workflow-runner.ts'

interface Started {
  readonly origin: Origin
  readonly runner: HostedRunner
  readonly run: JobRun
  /** Outputs of the jobs before it, and the variables of the workflow. */
  readonly contexts: Readonly<Record<string, string>>
}

const FOLDER = join(PROJECT, '.github', 'workflows')

/** Of a job that failed: all it printed, and what it would have uploaded. */
const LOGS = join(PROJECT, 'logs', 'workflows')

/** The calls of stand-ins that a job must make, exactly; a job that is not here makes none. */
const CALLS: Readonly<Record<string, (started: Started) => readonly string[]>> = {
  'image / publish'({ origin: { commit }, run }) {
    const { digest } = run.readOutputs()
    return [
      'docker buildx imagetools inspect python:3.13-slim --format {{ .Manifest.Digest }}',
      `cosign sign --yes ${IMAGE}@${digest}`,
      `docker buildx imagetools create --tag ${IMAGE}:${commit} ${IMAGE}@${digest}`,
    ]
  },
  'image / deploy'({ origin: { commit } }) {
    const title = `Deploy flask-api:${commit.slice(0, 10)} to dev`
    return [
      'gh auth setup-git',
      'gh --version',
      'gh auth status',
      `gh pr create --head deploy-dev --title ${title} --body-file -`,
    ]
  },
  'diff-comment / comment'() {
    return ['gh api repos/your-org/flask-api-gitops/pulls?state=open&per_page=100&head=your-org%3Achange']
  },
}

/** What else must be so at the end of a job. */
const RESULTS: Readonly<Record<string, Readonly<Record<string, (started: Started) => Promise<void> | void>>>> = {
  'validate / validate': {
    'the page of the run shows what validate says'({ run }) {
      expect(run.summary).toMatch(
        /^ {4}✔ no problems in \d+ resources from \d+ builds, \d+ files; (?:\d+ suppressed, )?kustomize v[\d.]+, Kubernetes [\d.]+$/m,
      )
    },
  },
  'diff / diff': {
    'the page of the run shows what the comment says'({ run, runner }) {
      expect(run.summary).toMatch(/^## \S/)
      expect(readFileSync(join(runner.workspace, 'diff', 'comment.md'), 'utf8')).toBe(run.summary)
    },
  },
  'image / deploy': {
    'the branch lets dev run the image, and nothing else'({ origin, contexts }) {
      const branch = 'deploy-dev'
      expect(origin.git('rev-parse', `${branch}^`)).toBe(origin.commit)
      expect(origin.git('diff', '--name-only', 'main', branch)).toBe('overlays/dev/kustomization.yaml')
      const diff = origin.git('diff', '--unified=0', 'main', branch)
      expect(diff).toContain(`${contexts['needs.publish.outputs.digest']}`)
      expect(origin.git('log', '-1', '--format=%an <%ae>, %cn', branch)).toBe(
        'github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>, github-actions[bot]',
      )
    },
    async 'the branch is valid'({ run }) {
      await run.runProgram('git', ['fetch', '--quiet', 'origin', 'deploy-dev'])
      await run.runProgram('git', ['checkout', '--quiet', 'FETCH_HEAD'])
      expect(await run.runProgram('npm', ['run', '--silent', 'validate'])).toContain('✔ no problems')
    },
  },
}

const IMAGE = readImage()

const isCommand = (step: Step): boolean => isTakenOrUnknown(step) && !isPreparation(nameAction(step))

const workflows = readdirSync(FOLDER).map(file => parseWorkflow(readFileSync(join(FOLDER, file), 'utf8')))

/** Defines the tests of the workflows that need a container engine, or of those that do not: together, of all. */
export function testWorkflows(engine: 'with an engine' | 'without an engine'): void {
  const chosen = workflows.filter(({ jobs }) => Object.values(jobs).some(needsEngine) === (engine === 'with an engine'))
  let origin: Origin
  beforeAll(() => {
    origin = createOrigin()
    for (const { name } of chosen) rmSync(join(LOGS, name), { recursive: true, force: true })
  })
  afterAll(() => origin.remove())

  test('every expectation is of a job that is there', () => {
    const names = workflows.flatMap(({ name, jobs }) => Object.keys(jobs).map(id => `${name} / ${id}`))
    expect(names).toEqual(expect.arrayContaining([...Object.keys(CALLS), ...Object.keys(RESULTS)]))
  })

  for (const workflow of chosen) {
    const before = new Map<string, Started>()
    for (const [id, job] of orderJobs(workflow)) {
      const name = `${workflow.name} / ${id}`
      describe(name, () => {
        /** Needs the outputs of other jobs, and therefore starts with the first command. */
        function start(): Started {
          const known = before.get(id)
          if (known) return known
          expect(isTaken(job.if)).toBe(true)
          if (needsEngine(job)) requireEngine()
          const needed = listNeeds(job).map(other => [other, before.get(other)?.run] as const)
          for (const [other, run] of needed) if (run?.hasFailed) throw new Error(`not run: the job ${other} failed`)
          const outputs = needed.flatMap(([other, run]) =>
            Object.entries(run?.readOutputs() ?? {}).map(([key, value]) => [`needs.${other}.outputs.${key}`, value]),
          )
          const contexts = Object.fromEntries(outputs) as Record<string, string>
          const runner = createHostedRunner(origin, contexts)
          const started = { origin, runner, contexts, run: new JobRun(workflow, job, runner) }
          before.set(id, started)
          return started
        }

        afterAll(() => {
          const started = before.get(id)
          if (started?.run.hasFailed) keepLogs(started.runner, join(LOGS, workflow.name, id))
          started?.runner.machine.remove()
        })

        job.steps.forEach((step, index) => {
          if (!isCommand(step)) return
          test(labelStep(step), async () => {
            await start().run.runThrough(index)
          })
        })

        test('nothing else is asked of GitHub and the registry', async () => {
          const started = start()
          await started.run.runThrough(job.steps.length - 1)
          expect(started.runner.machine.calls()).toEqual(CALLS[name]?.(started) ?? [])
        })

        for (const [result, check] of Object.entries(RESULTS[name] ?? {})) {
          test(result, async () => {
            const started = start()
            await started.run.runThrough(job.steps.length - 1)
            await check(started)
          })
        }
      })
    }
  }
}

/** A condition that is not known is a failure of its own test, not of this file. */
function isTakenOrUnknown(step: Step): boolean {
  try {
    return isTaken(step.if)
  } catch {
    return true
  }
}

function readImage(): string {
  const { env } = parseWorkflow(readFileSync(join(FOLDER, 'image.yaml'), 'utf8'))
  return `${env?.IMAGE}`
}

function keepLogs({ scratch, workspace }: HostedRunner, folder: string): void {
  for (const [from, to] of [
    [scratch, folder],
    [join(workspace, 'logs'), join(folder, 'logs')],
  ] as const) {
    if (existsSync(from)) cpSync(from, to, { recursive: true })
  }
}

function needsEngine({ steps }: Job): boolean {
  return steps.some(
    step => /\bnpm run (smoke-test|e2e)\b/.test(step.run ?? '') || nameAction(step) === 'docker/build-push-action',
  )
}

/** Nothing examined is an error: these tests are for a machine that has what GitHub's runner has. */
function requireEngine(): void {
  const docker = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], { encoding: 'utf8' })
  const kind = spawnSync('kind', ['version'], { encoding: 'utf8' })
  if (docker.status !== 0) throw new Error(`a container engine is needed: ${docker.stderr ?? docker.error?.message}`)
  if (kind.status !== 0) throw new Error(`kind is needed: ${kind.error?.message ?? kind.stderr}`)
}
