// Writes the files of a change so that an interrupted write leaves the old one, and never out of the root.
import { chmodSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { extendProblem, Problem } from '../../command/problem.ts'
import type { Edits } from '../../tree/source/edit.ts'

export function readIfThere(root: string, path: string): Uint8Array | null {
  try {
    return readFileSync(join(root, path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new Problem(`${path} cannot be read: ${(error as Error).message}`, { exitCode: 2 })
  }
}

/** Writes all files, or leaves all as they were. */
export function writeFiles(root: string, edits: Edits, originals: Edits): void {
  const done: string[] = []
  try {
    for (const [path, content] of edits) {
      writeFile(root, path, content)
      done.push(path)
    }
  } catch (error) {
    for (const path of done) writeFile(root, path, originals.get(path) ?? null)
    throw error instanceof Problem
      ? extendProblem(error, { advice: ['nothing is changed; run this again when it can be written'] })
      : error
  }
}

/** Writes beside the file and renames. */
export function writeFile(root: string, path: string, content: Uint8Array | null): void {
  const wanted = join(root, path)
  if (content === null) {
    rmSync(wanted, { force: true })
    return
  }
  try {
    mkdirSync(dirname(wanted), { recursive: true })
  } catch (error) {
    throw new Problem(`${path} cannot be written: ${(error as Error).message}`, { exitCode: 2 })
  }
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
