// The thread in which jq runs: it answers expression by expression, and may be ended at any time.
import { parentPort, workerData } from 'node:worker_threads'
import { raw } from 'jq-wasm'
import type { JqResult, JqTask } from './jq.ts'

async function evaluate({ expression, object }: JqTask): Promise<JqResult> {
  const compiled = await run(`empty | del(${expression})`, {})
  if (compiled !== undefined) return { kind: 'error', message: explain(compiled, expression) }
  if (object === undefined) return { kind: 'path' }
  const error = await run(`[path(${expression})] | length`, object as object)
  return { kind: error !== undefined && /Invalid path expression/.test(error) ? 'no path' : 'path' }
}

/** The error, if there is one. */
async function run(filter: string, input: object): Promise<string | undefined> {
  try {
    await raw(input, filter, ['-c'])
    return undefined
  } catch (error) {
    return (error as Error).message || 'the expression cannot be read'
  }
}

function explain(error: string, expression: string): string {
  const missing = /jq: error: (\S+) is not defined/.exec(error)?.[1]
  if (missing) return `${missing} is not defined; a field begins with a dot`
  if (expression.trim() === '') return 'the expression is empty'
  return 'the expression cannot be read'
}

for (const task of workerData as readonly JqTask[]) parentPort?.postMessage(await evaluate(task))
