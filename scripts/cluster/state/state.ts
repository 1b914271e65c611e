// Remembers what `up` made, step by step, so that `up` can go on after any interruption and `down` removes that and nothing else.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Problem, usageProblem } from '../../command/problem.ts'
import { takeLock } from './lock.ts'

export type ProviderName = 'minikube' | 'kind' | 'existing'

export interface State {
  readonly version: 1
  readonly name: string
  readonly provider: ProviderName
  readonly context: string
  /** Made by a test for itself; any other cluster is the user's. */
  readonly purpose?: 'e2e'
  /** What the provider knows the cluster by: another cluster of the same name is somebody else's. */
  readonly identity?: string
  /** When `creating` began, in milliseconds: what is half made was made soon after. */
  readonly since?: number
  /** `creating` is written before the provider is called: a cluster found in that phase is only half made. */
  readonly cluster: 'none' | 'creating' | 'created' | 'found'
  /** `found`: an Argo CD that was there before us stays when we go. */
  readonly argocd: 'none' | 'installing' | 'installed' | 'found'
  /** sha256 of the applied Argo CD manifest. */
  readonly argocdManifest?: string
  /** First of the host ports that lead to the cluster's NodePorts. */
  readonly hostPort?: number
  readonly gitPort?: number
  /** The address of this machine that the Git server listens on. */
  readonly gitListen?: string
  readonly gitUrl?: string
  readonly remote?: string
  readonly options?: RememberedOptions
  readonly images?: LocalImages
  /** Applications that were applied. */
  readonly applied?: readonly string[]
  /** For a cluster of somebody else: the objects that were not there before. */
  readonly made?: readonly MadeObject[]
}

/** Options of `up` that hold for its next runs, until others are given; `provider` and `context` are kept for themselves. */
export interface RememberedOptions {
  readonly repoUrl?: string
  readonly revision?: string
  readonly remote?: string
  readonly argocdManifest?: string
  readonly buildArgs?: readonly string[]
}

export interface MadeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  /** Goes with everything it owns. */
  readonly cascade?: boolean
  readonly [field: string]: unknown
}

/** What was built here, by the reference in Git that it stands for: `flask-api:v1` is `flask-api:git-0123...`. */
export interface LocalImages {
  /** The name that kustomize replaces: what the base calls the image. */
  readonly name: string
  /** The newest one stands last. */
  readonly builds: Readonly<Record<string, string>>
}

export interface Store {
  readonly folder: string
  readonly kubeconfig: string
  readonly repository: string
  read(): State | undefined
  write(state: State): State
  /** One command at a time on one cluster; a lock whose process is gone does not count. A process may lock twice. */
  lock(): () => void
  remove(): void
}

const namePattern = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/

export function checkName(name: string): string {
  if (!namePattern.test(name)) {
    throw usageProblem(`--name ${JSON.stringify(name)}: lower case letters, digits and dashes, 40 at most`)
  }
  return name
}

/** The folder of all clusters of a checkout. It ignores itself, so no .gitignore needs to know it. */
export function stateRoot(root: string): string {
  return join(root, '.cluster')
}

export function ensureStateRoot(root: string): string {
  const folder = stateRoot(root)
  mkdirSync(folder, { recursive: true })
  const ignore = join(folder, '.gitignore')
  if (!existsSync(ignore)) writeFileSync(ignore, '*\n')
  return folder
}

export function listClusters(root: string): readonly string[] {
  const folder = stateRoot(root)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter(name => existsSync(join(folder, name, 'state.json')))
    .sort()
}

export function openStore(root: string, name: string): Store {
  const folder = join(stateRoot(root), checkName(name))
  const file = join(folder, 'state.json')
  return {
    folder,
    kubeconfig: join(folder, 'kubeconfig'),
    repository: join(folder, 'repository.git'),
    read() {
      if (!existsSync(file)) return undefined
      try {
        const state = JSON.parse(readFileSync(file, 'utf8')) as State
        if (state.version === 1 && state.name === name) return state
      } catch {
        // said below
      }
      throw new Problem(`${file} cannot be read`, {
        advice: [`Delete the folder ${folder}, and the cluster by its own tool.`],
      })
    },
    write(state) {
      ensureStateRoot(root)
      mkdirSync(folder, { recursive: true })
      // A build argument may be a secret.
      writeFileSync(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
      renameSync(`${file}.new`, file)
      return state
    },
    lock() {
      ensureStateRoot(root)
      mkdirSync(folder, { recursive: true })
      return takeLock(join(folder, 'lock'), name)
    },
    remove() {
      // First: a folder without it holds nothing that a `down` which was stopped here would miss.
      rmSync(file, { force: true })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A cluster made here has a kubeconfig of its own; the user's is neither read nor written. */
export function kubeconfigOf(state: State, store: Store): string | undefined {
  return state.cluster === 'found' ? undefined : store.kubeconfig
}
