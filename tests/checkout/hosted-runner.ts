// The machine that GitHub gives a job: a fresh checkout, its variables, and what stands in for GitHub and the registry.
//
// Stand-ins, because nothing but the real service can answer them, and because a test must not reach it:
// - gh: asks GitHub. Says that it is logged in, and that the pull request is open.
// - cosign: signs with an identity that only a workflow on GitHub has.
// - docker buildx imagetools: tags in the registry, and tells the digest of a name. Every other call of docker goes to docker.
// They write down how they were called. `git push` is real: origin is a bare repository beside the checkout.
//
// Actions are not run, they are programs of others. What they would prepare is there already (python, docker), with three
// exceptions: the checkout is a real clone, node is that of the tests, and the image is really built.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createMachine, type Machine } from '../stand-ins/machine.ts'
import { PROJECT } from '../tree.ts'
import type { Action, RunProgram, Surroundings } from './workflow-runner.ts'

const GITHUB = {
  actor: 'somebody',
  event_name: 'push',
  ref: 'refs/heads/main',
  ref_name: 'main',
  repository: 'your-org/flask-api-gitops',
  run_id: '1',
  server_url: 'https://github.com',
} as const

/** What the workflow on workflow_run is told; to the others an event says nothing that they read. */
const EVENT = {
  workflow_run: {
    ...{ id: 1, event: 'pull_request', conclusion: 'success', html_url: `${GITHUB.server_url}/${GITHUB.repository}` },
    ...{ head_sha: 'a'.repeat(40), head_branch: 'change' },
    head_repository: { full_name: GITHUB.repository, owner: { login: 'your-org' } },
  },
}

export interface Origin {
  readonly url: string
  readonly commit: string
  git(...args: readonly string[]): string
  remove(): void
}

/** A bare repository with the commit that is checked out here as its main: what is not committed is not tested. */
export function createOrigin(): Origin {
  const folder = mkdtempSync(join(tmpdir(), 'origin-'))
  const git: Origin['git'] = (...args) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim()
  git('init', '--quiet', '--bare', '--initial-branch=main')
  // The clone that is tested may be a shallow one.
  git('fetch', '--quiet', '--update-shallow', pathToFileURL(PROJECT).href, 'HEAD:refs/heads/main')
  return {
    url: pathToFileURL(folder).href,
    commit: git('rev-parse', 'main'),
    git,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export interface HostedRunner extends Surroundings {
  readonly machine: Machine
}

/** Contexts are what expressions may name besides `github.*`. */
export function createHostedRunner(origin: Origin, contexts: Readonly<Record<string, string>> = {}): HostedRunner {
  const machine = createMachine()
  const scratch = join(machine.folder, 'runner')
  const workspace = join(machine.folder, 'workspace')
  for (const folder of [scratch, workspace]) mkdirSync(folder)
  const inherited = inheritEnvironment(process.env)
  standInForServices(machine, inherited.PATH ?? '')
  const event = join(scratch, 'event.json')
  writeFileSync(event, JSON.stringify(EVENT))
  const github = { ...GITHUB, sha: origin.commit, event_path: event }
  const variables = Object.entries(github).map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, value])
  const names = Object.entries({ ...github, token: 'token' }).map(([name, value]) => [`github.${name}`, value] as const)
  return {
    machine,
    scratch,
    workspace,
    environment: {
      ...inherited,
      ...(Object.fromEntries(variables) as Record<string, string>),
      PATH: `${machine.bin}${delimiter}${inherited.PATH}`,
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: workspace,
      RUNNER_OS: 'Linux',
      RUNNER_TEMP: scratch,
      // A runner knows nobody who commits.
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
    },
    contexts: new Map([
      ...names,
      // Nothing differs from the base: there is no pull request.
      ['github.event.pull_request.base.sha', origin.commit],
      ['secrets.GITHUB_TOKEN', 'token'],
      ['runner.os', 'Linux'],
      ['runner.arch', process.arch.toUpperCase()],
      ...Object.entries(contexts),
    ]),
    actions: {
      ...Object.fromEntries(PREPARATIONS.map(name => [name, async () => ({})])),
      // The Node of the tests is the one that the workflows name.
      'actions/setup-node': async () => {
        const node = join(machine.bin, 'node')
        if (!existsSync(node)) symlinkSync(process.execPath, node)
        return {}
      },
      // Of depth 1, as the action makes it where nothing else is said.
      'actions/checkout': async ({ ref, 'fetch-depth': depth = '1' }, run) => {
        const options = [...(depth === '0' ? [] : [`--depth=${depth}`]), ...(ref ? [`--branch=${ref}`] : [])]
        await run('git', ['clone', '--quiet', ...options, origin.url, '.'])
        return {}
      },
      'docker/build-push-action': (inputs, run) => buildImage(inputs, run, scratch),
    },
  }
}

/** Actions that are left out. */
const PREPARATIONS = [
  'actions/setup-node',
  'actions/setup-python',
  'actions/upload-artifact',
  'docker/setup-qemu-action',
  'docker/setup-buildx-action',
  'docker/login-action',
  'anchore/scan-action',
  'sigstore/cosign-installer',
]

/** Whether a step with this action does something here that can fail. */
export const isPreparation = (action: string): boolean => action === 'actions/checkout' || PREPARATIONS.includes(action)

/** What vitest and npm add for this process, what belongs to the repository around it, and what makes colours. */
const OWN =
  /^(VITEST.*|NODE|NODE_ENV|NODE_OPTIONS|INIT_CWD|TEST|MODE|DEV|PROD|SSR|BASE_URL|(FORCE|NO)_(COLOR|TTY)|(GITHUB|RUNNER)_.*|GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR|(AUTHOR|COMMITTER|CONFIG)_.*)|npm_(lifecycle|package)_.*|npm_(command|execpath|node_execpath|config_local_prefix|config_loglevel))$/

/** The environment of a program that does not belong to the tests around it. */
export function inheritEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(environment).filter(([name, value]) => value !== undefined && !OWN.test(name))
  // npm puts the programs of node_modules first; a runner has its own Node.
  const path = (environment.PATH ?? '').split(delimiter).filter(folder => !/node_modules|node-gyp-bin/.test(folder))
  return { ...(Object.fromEntries(kept) as Record<string, string>), PATH: path.join(delimiter) }
}

function standInForServices(machine: Machine, path: string): void {
  machine.standIn(
    ['gh', 'cosign', 'docker'],
    [
      { call: '^gh --version$', stdout: 'gh version 2.83.0\n' },
      { call: '^gh auth (status|setup-git)$' },
      { call: '^gh pr create ', stdout: `${GITHUB.server_url}/${GITHUB.repository}/pull/1\n` },
      // No pull request is open: what is done for one is tested with the code that does it.
      { call: '^gh api repos/[^ ]+/pulls\\?', stdout: '[]\n' },
      { call: '^cosign sign ' },
      { call: '^docker buildx imagetools create ' },
      { call: '^docker buildx imagetools inspect ', stdout: `sha256:${'0'.repeat(64)}\n` },
    ],
  )
  const docker = join(machine.bin, 'docker')
  const registry = join(machine.folder, 'docker-buildx-imagetools')
  renameSync(docker, registry)
  const isRegistry = `[ "\${1-} \${2-}" = 'buildx imagetools' ]`
  writeFileSync(docker, `#!/bin/sh\n${isRegistry} && exec '${registry}' "$@"\nPATH='${path}' exec docker "$@"\n`)
  chmodSync(docker, 0o755)
}

/** Taken as said, but for what only a registry could show: no push, no second platform, no bill of materials, no provenance. */
const BUILD_INPUTS = ['build-args', 'context', 'outputs', 'platforms', 'provenance', 'sbom']

/**
 * What differs from the action: the image is built by the engine's own builder and never leaves it. Its digest is that of
 * its configuration, since there is a manifest only in a registry. Its base is taken by the tag alone: the digest is a
 * stand-in's.
 */
async function buildImage(
  inputs: Readonly<Record<string, string>>,
  run: RunProgram,
  scratch: string,
): ReturnType<Action> {
  const unknown = Object.keys(inputs).filter(name => !BUILD_INPUTS.includes(name))
  if (unknown.length) throw new Error(`inputs of the build that are not known here: ${unknown.join(', ')}`)
  const { context = '', 'build-args': lines = '' } = inputs
  // As in scripts/cluster/image.ts: for a machine with a mirror of the package index.
  const mirror = process.env.PIP_INDEX_URL === undefined ? [] : ['PIP_INDEX_URL']
  const given = lines.split('\n').filter(Boolean)
  const byTag = given.map(line => (line.startsWith('PYTHON_IMAGE=') ? (line.split('@')[0] ?? line) : line))
  const buildArgs = [...byTag, ...mirror].flatMap(line => ['--build-arg', line])
  const file = join(scratch, 'image-id')
  await run('docker', ['build', '--iidfile', file, ...buildArgs, context])
  const digest = readFileSync(file, 'utf8').trim()
  await run('docker', ['image', 'rm', digest])
  return { digest }
}
