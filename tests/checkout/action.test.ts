// The composite action and the pre-commit hook, used as another repository would: from a checkout of this one.
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { PROJECT } from '../tree.ts'
import { createHostedRunner, createOrigin, type HostedRunner, type Origin } from './hosted-runner.ts'
import { type Job, JobRun } from './workflow-runner.ts'

interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>
  readonly runs: { readonly steps: Job['steps'] }
}

const { inputs, runs } = parse(readFileSync(join(PROJECT, 'action.yml'), 'utf8')) as ActionFile
const FOLDERS = ['overlays', 'base', 'apps', 'argocd', 'components']
/** What the action asks of the event. */
const EVENT_BASE = 'github.event.pull_request.base.sha || github.event.merge_group.base_sha'
const SERVICE = 'deploy/base/service.yaml'

let origin: Origin
beforeAll(() => {
  origin = createOrigin()
})
afterAll(() => origin.remove())

/** Another repository, with its manifests in `deploy`, checked out where a job runs. */
async function createForeignRunner(given: Readonly<Record<string, string>> = {}, base = ''): Promise<HostedRunner> {
  const defaults = Object.entries(inputs).map(([name, input]) => [name, input.default])
  const values = { ...(Object.fromEntries(defaults) as Record<string, string>), ...given }
  const contexts = Object.entries(values).map(([name, value]) => [`inputs.${name}`, value])
  contexts.push([EVENT_BASE, base])
  const runner = createHostedRunner(origin, Object.fromEntries(contexts) as Record<string, string>)
  onTestFinished(() => runner.machine.remove())
  for (const folder of FOLDERS) {
    cpSync(join(PROJECT, folder), join(runner.workspace, 'deploy', folder), { recursive: true })
  }
  const clone = { steps: [{ run: `git clone --quiet --depth=1 '${origin.url}' '${findAction(runner)}'; git init -q` }] }
  await new JobRun({}, clone, runner).runThrough(0)
  return runner
}

const findAction = ({ machine }: HostedRunner): string => join(machine.folder, 'action')

/** kubectl's package has the AWS CDK as a peer. */
function expectNoPeers(runner: HostedRunner): void {
  const packages = join(findAction(runner), 'node_modules')
  expect(existsSync(join(packages, 'yaml'))).toBe(true)
  for (const unused of ['aws-cdk-lib', 'vitest']) expect(existsSync(join(packages, unused)), unused).toBe(false)
}

function makeMistake({ workspace }: HostedRunner): number {
  const file = join(workspace, SERVICE)
  const lines = readFileSync(file, 'utf8').split('\n')
  const at = lines.findIndex(line => line.includes('targetPort: http'))
  expect(at).toBeGreaterThan(0)
  writeFileSync(file, lines.map((line, index) => (index === at ? line.replace('http', 'nowhere') : line)).join('\n'))
  return at + 1
}

/** Resolves to what the steps of the action print, or why they fail. */
async function runAction(runner: HostedRunner, steps: Job['steps']): Promise<string> {
  const environment = { ...runner.environment, GITHUB_ACTION_PATH: findAction(runner) }
  const run = new JobRun({}, { steps }, { ...runner, environment }).runThrough(steps.length - 1)
  return run.catch((error: Error) => error.message)
}

test('the action judges another repository, and its annotations lead there from the top of the checkout', async () => {
  const runner = await createForeignRunner({ root: 'deploy' })
  const passed = await runAction(runner, runs.steps)
  expect(passed).toMatch(/^0 errors, 0 warnings in \d+ resources of \d+ builds\n$/)
  expectNoPeers(runner)
  const line = makeMistake(runner)
  // The validator is installed already.
  const failed = await runAction(runner, runs.steps.slice(-1))
  expect(failed).toMatch(/^exit code 1\n/)
  expect(failed).toContain(`\n::error file=${SERVICE},line=${line},`)
})

test('for a pull request only what it brings fails, and it cannot excuse itself', async () => {
  const runner = await createForeignRunner({ root: 'deploy' }, 'HEAD')
  const commit = `git add deploy; git -c user.name=a -c user.email=a@b commit -qm x`
  makeMistake(runner)
  await new JobRun({}, { steps: [{ run: commit }] }, runner).runThrough(0)
  expect(await runAction(runner, runs.steps)).toMatch(/: 1 finding that it has, too, not counted, nothing fixed/)
  const patch = join(runner.workspace, 'deploy/overlays/dev/kustomization.yaml')
  writeFileSync(patch, readFileSync(patch, 'utf8').replace('namespace: flask-api-dev', 'namespace: elsewhere'))
  const rules = 'rules: { application-namespace-mismatch: off, application-project-mismatch: off }'
  writeFileSync(join(runner.workspace, 'deploy/validation.yaml'), `${rules}\n`)
  const failed = await runAction(runner, runs.steps.slice(-1))
  expect(failed).toMatch(/^exit code 1\n/)
  expect(failed).toContain('::notice title=compared::The change touches the policy (validation.yaml)')
})

test('the inputs of the action: SARIF and a summary are written, a baseline and a preset are taken', async () => {
  const given = { root: 'deploy', format: 'stylish', sarif: 'report.sarif', baseline: 'known.json' }
  const runner = await createForeignRunner(given)
  const environment = { ...runner.environment, GITHUB_ACTION_PATH: findAction(runner) }
  const start = (steps: Job['steps'], more: Readonly<Record<string, string>> = {}): JobRun => {
    const contexts = new Map([...runner.contexts, ...Object.entries(more)])
    return new JobRun({}, { steps }, { ...runner, environment, contexts })
  }
  const run = async (job: JobRun, last = 0): Promise<string> =>
    job.runThrough(last).catch((error: Error) => error.message)
  await run(start(runs.steps.slice(0, -1)), runs.steps.length - 2)
  makeMistake(runner)
  const keep = `npm run --silent --prefix '${findAction(runner)}' validate -- --root deploy --baseline known.json --write-baseline`
  await run(start([{ run: keep }]))
  const known = start(runs.steps.slice(-1))
  expect(await run(known)).toMatch(/^✔ no problems .*; 1 suppressed/)
  writeFileSync(
    join(runner.workspace, 'known.json'),
    readFileSync(join(runner.workspace, 'known.json'), 'utf8').replace(/"findings": \[[^\]]*\]/, '"findings": []'),
  )
  const failing = start(runs.steps.slice(-1), { 'inputs.preset': 'strict' })
  const failed = await run(failing)
  expect(failed).toMatch(/^exit code 1\n/)
  expect(failed).toContain('dangling-target-port')
  const sarif = JSON.parse(readFileSync(join(runner.workspace, 'report.sarif'), 'utf8'))
  const places = sarif.runs[0].results.map(
    (one: { ruleId: string; locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }) =>
      `${one.ruleId} ${one.locations[0]?.physicalLocation.artifactLocation.uri}`,
  )
  expect(places).toContain(`dangling-target-port ${SERVICE}`)
  expect(failing.summary).toContain('dangling-target-port')
  expect(failing.summary).toContain(SERVICE)
  const quiet = start(runs.steps.slice(-1), { 'inputs.summary': 'false', 'inputs.preset': 'nothing' })
  expect(await run(quiet)).toMatch(/^exit code 2\n[\s\S]*unknown preset nothing: choose recommended or strict/)
  expect(quiet.summary).toBe('')
})

test('the action diff tells another repository what a pull request changes, and fails for a danger', async () => {
  const file = join(PROJECT, '.github/actions/diff/action.yml')
  const action = parse(readFileSync(file, 'utf8')) as ActionFile
  const given = { root: 'deploy', base: 'HEAD~1', 'fail-on': 'danger', 'node-version': '24' }
  const runner = await createForeignRunner(given)
  const overlay = join(runner.workspace, 'deploy/overlays/prod/kustomization.yaml')
  const commit = `git add deploy; git -c user.name=a -c user.email=a@b commit -qm x`
  await new JobRun({}, { steps: [{ run: commit }] }, runner).runThrough(0)
  const text = readFileSync(overlay, 'utf8')
  writeFileSync(overlay, text.replace(/^namespace: .*$/m, 'namespace: another'))
  await new JobRun({}, { steps: [{ run: commit }] }, runner).runThrough(0)
  const environment = { ...runner.environment, GITHUB_ACTION_PATH: join(findAction(runner), '.github/actions/diff') }
  const contexts = new Map([...runner.contexts, ['runner.temp', runner.scratch]])
  const job = new JobRun({}, action.runs, { ...runner, environment, contexts })
  const failed = await job.runThrough(action.runs.steps.length - 1).catch((error: Error) => error.message)
  expect(failed).toMatch(/^exit code 1\n/)
  const comment = readFileSync(join(runner.scratch, 'diff/comment.md'), 'utf8')
  expect(comment).toContain('🛑 danger')
  expect(job.summary).toBe(comment)
})

test('the hook judges another repository', async () => {
  const runner = await createForeignRunner()
  const job = new JobRun({}, { steps: [] }, runner)
  const hook = join(findAction(runner), '.github', 'pre-commit-validate.sh')
  expect(await job.runProgram(hook, ['--root', 'deploy'])).toContain('✔ no problems')
  expectNoPeers(runner)
  makeMistake(runner)
  const failed = await job.runProgram(hook, ['--root', 'deploy']).catch((error: Error) => error.message)
  expect(failed).toMatch(/^exit code 1\n/)
  expect(failed).toContain(SERVICE)
})
