// One command at a time on one cluster, over processes, crashes and restarts of the machine.
import { spawnSync } from 'node:child_process'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { usageProblem } from '../../command/problem.ts'

/**
 * Takes the lock of a file for this process and returns what gives it back. A lock whose process is gone does not count,
 * and a process may take it twice. Throws a Problem that names the holder.
 */
export function takeLock(lock: string, name: string): () => void {
  // Linked when it is written, so that nobody reads half of it.
  const own = `${lock}.${process.pid}`
  const self = describeProcess(process.pid)
  writeFileSync(own, self)
  try {
    for (let attempt = 0; attempt < 2; attempt++) {
      if (worked(() => linkSync(own, lock), 'EEXIST')) {
        return () => {
          if (readText(lock) === self) rmSync(lock, { force: true })
        }
      }
      const holder = readText(lock)
      if (holder === self) return () => {}
      if (isHolding(holder)) {
        throw usageProblem(
          `another command works on ${name} (process ${Number.parseInt(holder, 10)})`,
          'Wait for it, or stop it, then run this again.',
        )
      }
      // Moved aside first: what another process has linked in this moment is put back.
      const aside = `${own}.stale`
      if (!worked(() => renameSync(lock, aside), 'ENOENT')) continue
      if (readText(aside) !== holder) worked(() => linkSync(aside, lock), 'EEXIST')
      rmSync(aside, { force: true })
    }
    throw usageProblem(`${lock} cannot be taken`, 'Another command took it at the same moment. Run this again.')
  } finally {
    rmSync(own, { force: true })
  }
}

/** Whether it worked; an error of this code is the answer no. */
function worked(work: () => void, no: string): boolean {
  try {
    work()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === no) return false
    throw error
  }
}

/** Empty for a file that is gone in this moment. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** `1234 Thu Jan  1 00:00:00 2026`: number and start; the start is left out where `ps` does not tell it. */
function describeProcess(pid: number): string {
  const options = { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } } as const
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], options)
  return `${pid} ${(stdout ?? '').trim()}`.trimEnd()
}

/** Whether the process that a lock describes still works: after a restart of the machine another one may have its number. */
function isHolding(holder: string): boolean {
  const pid = Number.parseInt(holder, 10)
  if (!isAlive(pid)) return false
  const [then, now] = [holder, describeProcess(pid)].map(text => Date.parse(`${text.replace(/^\d+ ?/, '')} UTC`))
  // The system works the start out from its clock, which may have been set right meanwhile. In doubt it is the same.
  return !(Math.abs((then ?? Number.NaN) - (now ?? Number.NaN)) > 60_000)
}

export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
