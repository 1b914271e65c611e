// The composite action and the pre-commit hook, used as another repository would: from a checkout of this one.
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { PROJECT } from '../tree.ts'
import { createOrigin, type Origin } from './origin.ts'
import { Runner, type Step } from './workflow-runner.ts'

interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>
  readonly runs: { readonly steps: readonly Step[] }
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
async function createForeignRunner(given: Readonly<Record<string, string>> = {}, base = ''): Promise<Runner> {
  const defaults = Object.entries(inputs).map(([name, input]) => [name, input.default])
  const values = { ...(Object.fromEntries(defaults) as Record<string, string>), ...given }
  const contexts = Object.entries(values).map(([name, value]) => [`inputs.${name}`, value])
  contexts.push([EVENT_BASE, base])
  const runner = new Runner(origin, Object.fromEntries(contexts) as Record<string, string>)
  onTestFinished(() => runner.machine.remove())
  for (const folder of FOLDERS) {
    cpSync(join(PROJECT, folder), join(runner.workspace, 'deploy', folder), { recursive: true })
  }
  await runner.run([{ run: `git clone --quiet --depth=1 '${origin.url}' '${findAction(runner)}'; git init -q` }])
  return runner
}

const findAction = ({ machine }: Runner): string => join(machine.folder, 'action')

/** kubectl's package has the AWS CDK as a peer. */
function expectNoPeers(runner: Runner): void {
  const packages = join(findAction(runner), 'node_modules')
  expect(existsSync(join(packages, 'yaml'))).toBe(true)
  for (const unused of ['aws-cdk-lib', 'vitest']) expect(existsSync(join(packages, unused)), unused).toBe(false)
}

function makeMistake({ workspace }: Runner): number {
  const file = join(workspace, SERVICE)
  const lines = readFileSync(file, 'utf8').split('\n')
  const at = lines.findIndex(line => line.includes('targetPort: http'))
  expect(at).toBeGreaterThan(0)
  writeFileSync(file, lines.map((line, index) => (index === at ? line.replace('http', 'nowhere') : line)).join('\n'))
  return at + 1
}

/** Resolves to what the last step of an action prints, or why one fails. */
const runAction = (runner: Runner, steps: readonly Step[], folder = findAction(runner)): Promise<string> =>
  runner.run(steps, { GITHUB_ACTION_PATH: folder }).catch((error: Error) => error.message)

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
  await runner.run([{ run: commit }])
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
  const [validate] = runs.steps.slice(-1)
  const validateWith = (env: Step['env']): Promise<string> =>
    runAction(runner, [{ ...validate, env: { ...validate?.env, ...env } }])
  await runAction(runner, runs.steps.slice(0, -1))
  makeMistake(runner)
  const keep = `npm run --silent --prefix '${findAction(runner)}' validate -- --root deploy --baseline known.json --write-baseline`
  await runAction(runner, [{ run: keep }])
  expect(await validateWith({})).toMatch(/^✔ no problems .*; 1 suppressed/)
  writeFileSync(
    join(runner.workspace, 'known.json'),
    readFileSync(join(runner.workspace, 'known.json'), 'utf8').replace(/"findings": \[[^\]]*\]/, '"findings": []'),
  )
  const failed = await validateWith({ PRESET: 'strict' })
  expect(failed).toMatch(/^exit code 1\n/)
  expect(failed).toContain('dangling-target-port')
  const sarif = JSON.parse(readFileSync(join(runner.workspace, 'report.sarif'), 'utf8'))
  const places = sarif.runs[0].results.map(
    (one: { ruleId: string; locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }) =>
      `${one.ruleId} ${one.locations[0]?.physicalLocation.artifactLocation.uri}`,
  )
  expect(places).toContain(`dangling-target-port ${SERVICE}`)
  expect(runner.summary).toContain('dangling-target-port')
  expect(runner.summary).toContain(SERVICE)
  expect(await validateWith({ SUMMARY: 'false', PRESET: 'nothing' })).toMatch(
    /^exit code 2\n[\s\S]*unknown preset nothing: choose recommended or strict/,
  )
  expect(runner.summary).toBe('')
})

test('the action diff tells another repository what a pull request changes, and fails for a danger', async () => {
  const file = join(PROJECT, '.github/actions/diff/action.yml')
  const action = parse(readFileSync(file, 'utf8')) as ActionFile
  const given = { root: 'deploy', base: 'HEAD~1', 'fail-on': 'danger', 'node-version': '24' }
  const runner = await createForeignRunner(given)
  const overlay = join(runner.workspace, 'deploy/overlays/prod/kustomization.yaml')
  const commit = `git add deploy; git -c user.name=a -c user.email=a@b commit -qm x`
  await runner.run([{ run: commit }])
  const text = readFileSync(overlay, 'utf8')
  writeFileSync(overlay, text.replace(/^namespace: .*$/m, 'namespace: another'))
  await runner.run([{ run: commit }])
  const failed = await runAction(runner, action.runs.steps, join(findAction(runner), '.github/actions/diff'))
  expect(failed).toMatch(/^exit code 1\n/)
  const comment = readFileSync(join(runner.scratch, 'diff/comment.md'), 'utf8')
  expect(comment).toContain('🛑 danger')
  expect(runner.summary).toBe(comment)
})

test('the hook judges another repository', async () => {
  const runner = await createForeignRunner()
  const hook = join(findAction(runner), '.github', 'pre-commit-validate.sh')
  expect(await runner.exec(hook, ['--root', 'deploy'])).toContain('✔ no problems')
  expectNoPeers(runner)
  makeMistake(runner)
  const failed = await runner.exec(hook, ['--root', 'deploy']).catch((error: Error) => error.message)
  expect(failed).toMatch(/^exit code 1\n/)
  expect(failed).toContain(SERVICE)
})
