// Runs a program and says what it took: wall time, processor time with all its children, and the most memory at once.
import { spawn } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'

export interface Usage {
  /** Seconds on the clock. */
  readonly wall: number
  /** Seconds of all cores. */
  readonly cpu: number
  /** MB that the processes of it held together, sampled every 20 ms. Undefined where /proc is not there. */
  readonly peak: number | undefined
  readonly stdout: string
}

/** Clock ticks of /proc on every Linux that Node runs on. */
const TICKS = 100

/** Resolves when the program has ended with 0; rejects with its output else. */
export async function measureProgram(command: string, args: readonly string[], folder: string): Promise<Usage> {
  const before = childTicks()
  const begun = performance.now()
  const child = spawn(command, [...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const output: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  let peak: number | undefined
  const timer = setInterval(() => {
    const now = residentOf(child.pid ?? 0)
    if (now !== undefined) peak = Math.max(peak ?? 0, now)
  }, 20)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  }).finally(() => clearInterval(timer))
  const wall = (performance.now() - begun) / 1000
  const stdout = Buffer.concat(output).toString('utf8')
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${stdout}${Buffer.concat(errors)}`)
  return { wall, cpu: (childTicks() - before) / TICKS, peak, stdout }
}

/** Processor time of all children that have ended, in clock ticks. */
function childTicks(): number {
  const fields = statOf('self')
  return fields ? Number(fields[13]) + Number(fields[14]) : Number.NaN
}

/** The fields of /proc/PID/stat after the name; undefined where there is none. */
function statOf(pid: string): readonly string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')
  } catch {
    return undefined
  }
}

/** MB of a process and all below it. */
function residentOf(root: number): number | undefined {
  const parents = new Map<number, number>()
  const pages = new Map<number, number>()
  try {
    for (const name of readdirSync('/proc')) {
      const pid = Number(name)
      const fields = Number.isInteger(pid) ? statOf(name) : undefined
      if (!fields) continue
      parents.set(pid, Number(fields[1]))
      pages.set(pid, Number(fields[21]))
    }
  } catch {
    return undefined
  }
  const isBelow = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at))
      if (at === root) return true
    return false
  }
  const total = [...pages].filter(([pid]) => isBelow(pid)).reduce((sum, [, count]) => sum + count, 0)
  return total ? (total * 4096) / 1e6 : undefined
}
