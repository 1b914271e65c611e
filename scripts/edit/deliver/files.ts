// Writes the files of a change so that an interrupted write leaves the old one, and never out of the root.
import { chmodSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { Problem } from '../../command/problem.ts'

export function readIfThere(root: string, path: string): Uint8Array | null {
  try {
    return readFileSync(join(root, path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new Problem(`${path} cannot be read: ${(error as Error).message}`, { exitCode: 2 })
  }
}

/** Writes beside the file and renames. */
export function writeFile(root: string, path: string, content: Uint8Array | null): void {
  const wanted = join(root, path)
  if (content === null) {
    rmSync(wanted, { force: true })
    return
  }
  mkdirSync(dirname(wanted), { recursive: true })
  const target = realpathIfThere(wanted)
  const inside = relative(realpathSync(root), target)
  if (inside === '..' || inside.startsWith(`..${sep}`)) throw new Problem(`${path} leads out of ${root}`)
  const temporary = `${target}.${process.pid}.tmp`
  try {
    writeFileSync(temporary, content)
    if (target !== wanted || readIfThere(root, path) !== null) chmodSync(temporary, statSync(target).mode)
    renameSync(temporary, target)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw new Problem(`${path} cannot be written: ${(error as Error).message}`, { exitCode: 2 })
  }
}

function realpathIfThere(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return join(realpathSync(dirname(path)), path.slice(dirname(path).length + 1))
  }
}
