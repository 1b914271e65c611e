// What the tests of tests/live do to their cluster: edit files as a README says, merge, wait for Argo CD, and look.
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { inject } from 'vitest'
import { isSettled, waitForApplications } from '../../scripts/cluster/argocd/applications.ts'
import { listDoors } from '../../scripts/cluster/kube/http.ts'
import { connect, type Kube, type KubeObject, kinds, read } from '../../scripts/cluster/kube/kube.ts'
import { createRun, type Run } from '../../scripts/cluster/shell.ts'
import { openStore, type State } from '../../scripts/cluster/state/state.ts'
import { addBlock } from '../readme-blocks.ts'
import type { LiveCluster } from './setup.ts'

export const minutes = 60_000

const identity = {
  GIT_AUTHOR_NAME: 'user',
  GIT_AUTHOR_EMAIL: 'user@example.invalid',
  GIT_COMMITTER_NAME: 'user',
  GIT_COMMITTER_EMAIL: 'user@example.invalid',
}

export interface Live extends LiveCluster {
  readonly kube: Kube
  readonly state: State
  readonly node: string
  readonly runProgram: Run
  kubectl(...args: readonly string[]): string
  /** `kubectl apply --server-side` of what another command printed. */
  applyText(manifest: string): void
  /** Asks the API server about a manifest, and leaves nothing; throws what kubectl says where it is refused. */
  dryRun(manifest: string, namespace: string): void
  /** A command of the project, as `npm run` starts it. */
  npmRun(script: string, ...args: readonly string[]): Promise<{ readonly code: number | null; readonly stdout: string }>
  readFile(path: string): string
  writeFile(path: string, content: string): void
  /** Adds what a README's block of YAML says to a file: fields of mappings, entries of lists. */
  add(path: string, block: string): void
  /** Commits everything, pushes, and waits until these environments run it. */
  merge(message: string, environments?: readonly string[]): Promise<string>
  push(message: string): string
  /** Takes back every commit since `commit` with `git revert`, and waits. */
  revertTo(commit: string, environments?: readonly string[]): Promise<void>
  head(): string
  deployment(namespace: string): Promise<KubeObject>
  /** Where the Service of a namespace is reached from this machine. */
  urlOf(namespace: string): Promise<string>
  /** Loads those images of a manifest that this machine's engine has; others are pulled. */
  loadImages(references: readonly string[]): void
}

export async function openLive(): Promise<Live> {
  const given = inject('live')
  const { name, root, env } = given
  const store = openStore(root, name)
  const state = store.read()
  if (state === undefined) throw new Error(`${name} is not there`)
  const kubeconfig = join(root, '.cluster', name, 'kubeconfig')
  const kube = await connect(state.context, kubeconfig)
  const ask = (program: string, args: readonly string[], input = '') =>
    execFileSync(program, args, { cwd: root, encoding: 'utf8', env: { ...env, ...identity }, stdio: 'pipe', input })
  const kubectl = (args: readonly string[], input?: string) =>
    ask('kubectl', ['--kubeconfig', kubeconfig, '--context', state.context, ...args], input)
  const readFile: Live['readFile'] = path => readFileSync(join(root, path), 'utf8')
  const writeFile: Live['writeFile'] = (path, content) => writeFileSync(join(root, path), content)
  const head = () => ask('git', ['rev-parse', 'HEAD']).trim()
  const settle = async (commit: string, environments: readonly string[]) => {
    const wait = { timeout: 4 * minutes, signal: AbortSignal.timeout(5 * minutes), unmet: `${commit} was not synced` }
    await waitForApplications(kube, environments, wait, isSettled(commit))
  }
  const push = () => {
    ask('git', ['push', 'cluster', 'HEAD:main'])
    return head()
  }
  const pushAll: Live['push'] = message => {
    ask('git', ['add', '--all'])
    ask('git', ['commit', '--quiet', '--message', message])
    return push()
  }
  return {
    ...given,
    kube,
    state,
    node: `${name}-control-plane`,
    runProgram: createRun(new AbortController().signal, { ...process.env, ...env }),
    kubectl: (...args) => kubectl(args),
    applyText: manifest => void kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], manifest),
    dryRun: (manifest, namespace) =>
      void kubectl(['--namespace', namespace, 'create', '--dry-run=server', '-f', '-'], manifest),
    async npmRun(script, ...args) {
      const child = spawn(process.execPath, ['--no-warnings', join(root, 'scripts', script), '--name', name, ...args], {
        cwd: root,
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = new Promise<number | null>(resolve => child.on('close', resolve))
      return { stdout: await text(child.stdout), code: await ended }
    },
    readFile,
    writeFile,
    add: (path, block) => writeFile(path, addBlock(readFile(path), block)),
    push: pushAll,
    async merge(message, environments = ['flask-api-dev', 'flask-api-qa', 'flask-api-prod']) {
      const commit = pushAll(message)
      await settle(commit, environments)
      return commit
    },
    async revertTo(commit, environments = ['flask-api-dev', 'flask-api-qa', 'flask-api-prod']) {
      ask('git', ['revert', '--no-commit', `${commit}..HEAD`])
      ask('git', ['commit', '--quiet', '--allow-empty', '--message', 'Take it back'])
      await settle(push(), environments)
    },
    head,
    async deployment(namespace) {
      const object = await read(kube, kinds.deployment, 'flask-api-deployment', namespace)
      if (object === undefined) throw new Error(`${namespace} has no Deployment`)
      return object
    },
    async urlOf(namespace) {
      const [door] = await listDoors(kube, namespace, 'flask-api-service', state.hostPort)
      if (door === undefined) throw new Error(`${namespace} has no door`)
      return door.url
    },
    loadImages(references) {
      const there = new Set(ask('docker', ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}']).split('\n'))
      const local = references.filter(reference => there.has(reference))
      if (local.length > 0) ask('kind', ['load', 'docker-image', '--name', name, ...local])
    },
  }
}
