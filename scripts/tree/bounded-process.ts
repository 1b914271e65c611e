// Runs a program that reads what strangers wrote: with a hard limit of memory and processor time, and output that ends.
import { spawn } from 'node:child_process'
import { noteStopped } from './stopped.ts'

export interface Bounds {
  readonly milliseconds: number
  /** Of all its threads together. */
  readonly cpuSeconds: number
  /** Address space. A program of Go asks for about 0.9 GB of it before it uses any. */
  readonly megabytes: number
  /** Of both outputs together. */
  readonly outputBytes: number
}

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Set where a bound was reached, in words. */
  readonly overrun?: string
}

/** The limits are set by a shell that then becomes the program; where a system has no such limit, it goes without. */
const LIMITED = 'ulimit -v "$1" 2>/dev/null; ulimit -t "$2" 2>/dev/null; ulimit -c 0 2>/dev/null; shift 2; exec "$@"'

/** Words of a program that failed for want of something, which it may have the next time. */
const OF_THE_MACHINE =
  /no space left|resource temporarily unavailable|too many open files|input\/output error|failed to create new OS thread/i

/** Rejects only when the program cannot be started. The environment holds nothing but what is given. */
export function runBounded(
  command: string,
  args: readonly string[],
  place: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
  bounds: Bounds,
): Promise<Outcome> {
  const limits = [String(bounds.megabytes * 1024), String(bounds.cpuSeconds)]
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', LIMITED, 'sh', ...limits, command, ...args], {
      ...place,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const output: Buffer[] = []
    const errors: Buffer[] = []
    let bytes = 0
    let overrun: string | undefined
    const stop = (reason: string): void => {
      overrun ??= reason
      child.kill('SIGKILL')
    }
    const timer = setTimeout(() => stop(`it took more than ${bounds.milliseconds / 1000} s`), bounds.milliseconds)
    const collect = (into: Buffer[]) => (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > bounds.outputBytes) stop(`it printed more than ${bounds.outputBytes} bytes`)
      else into.push(chunk)
    }
    child.stdout.on('data', collect(output))
    child.stderr.on('data', collect(errors))
    child.on('error', error => {
      clearTimeout(timer)
      reject(error)
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      const stdout = Buffer.concat(output).toString('utf8')
      const stderr = Buffer.concat(errors).toString('utf8')
      // The kernel ends what has used up its time; the program ends itself where it gets no more memory.
      if (signal === 'SIGXCPU' || signal === 'SIGKILL')
        overrun ??= `it used more than ${bounds.cpuSeconds} s of processor`
      if (code !== 0 && /out of memory|cannot allocate memory|stack (?:overflow|exceeds)/.test(stderr)) {
        overrun ??= `it needs more than ${bounds.megabytes} MB of memory`
      }
      if (overrun !== undefined || code === null || (code !== 0 && OF_THE_MACHINE.test(stderr))) noteStopped()
      resolve({ code, stdout, stderr, ...(overrun === undefined ? {} : { overrun }) })
    })
  })
}
