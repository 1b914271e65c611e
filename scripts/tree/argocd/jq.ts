// Asks the real jq, in a thread that can be ended, whether expressions compile and whether they name fields.
import { Worker } from 'node:worker_threads'
import { noteStopped } from '../stopped.ts'

export type JqResult =
  | { readonly kind: 'path' }
  /** It does not compile: then Argo CD compares nothing of the Application. */
  | { readonly kind: 'error'; readonly message: string }
  /** It compiles, and is not a path. */
  | { readonly kind: 'no path' }
  /** It took too long. */
  | { readonly kind: 'unknown' }

const MILLISECONDS = 3_000

export interface JqTask {
  readonly expression: string
  /** One that it is for; undefined: only whether it compiles is asked. */
  readonly object: unknown
}

/** One result for each task. */
export async function evaluateJq(tasks: readonly JqTask[]): Promise<readonly JqResult[]> {
  const results: JqResult[] = tasks.map(() => ({ kind: 'unknown' }))
  const worker = new Worker(new URL('./jq-worker.ts', import.meta.url), {
    workerData: JSON.parse(JSON.stringify(tasks)) as unknown,
    resourceLimits: { maxOldGenerationSizeMb: 256 },
    stdout: true,
    stderr: true,
  })
  let next = 0
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, MILLISECONDS)
    const finish = (): void => {
      clearTimeout(timer)
      resolve()
    }
    worker.on('message', (result: JqResult) => {
      results[next++] = result
      if (next === tasks.length) finish()
    })
    worker.on('error', finish)
    worker.on('exit', finish)
  })
  await worker.terminate()
  if (results.some(({ kind }) => kind === 'unknown')) noteStopped()
  return results
}
