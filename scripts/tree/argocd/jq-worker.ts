// The thread in which jq runs: it answers expression by expression, and may be ended at any time.
import { parentPort, workerData } from 'node:worker_threads'
import { raw } from 'jq-wasm'
import type { JqResult } from './jq.ts'

const { expressions, objects } = workerData as { expressions: readonly string[]; objects: readonly object[] }

async function evaluate(expression: string): Promise<JqResult> {
  const compiled = await run(`empty | del(${expression})`, {})
  if (compiled !== undefined) return { kind: 'error', message: explain(compiled, expression) }
  for (const object of objects) {
    const error = await run(`[path(${expression})] | length`, object)
    if (error === undefined || !/Invalid path expression/.test(error)) return { kind: 'path' }
  }
  return objects.length > 0 ? { kind: 'no path' } : { kind: 'path' }
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

for (const expression of expressions) parentPort?.postMessage(await evaluate(expression))
