// The thread in which jq runs: it answers expression by expression, and may be ended at any time.
import { parentPort, workerData } from 'node:worker_threads'
import { raw } from 'jq-wasm'
import type { JqResult, JqTask } from './jq.ts'

/**
 * What Argo CD's jq (gojq) has beyond the one that is here. A definition of what this one has as well says the same.
 */
const PRELUDE = `def trim: .; def ltrim: .; def rtrim: .; def trimstr($x): .; def abs: .;
def skip($n; f): f; def add(f): reduce f as $x (null; . + $x); def pick(f): f;`

/** What gojq gives to its command line only, so that Argo CD does not have it: not within texts, nor as a field or key. */
const ABSENT =
  /(?<![\w.$"@])(?:inputs?|debug|stderr|input_line_number|input_filename|get_search_list)(?![\w"]|\s*:)|\$__loc__/
const TEXT_OR_COMMENT = /"(?:[^"\\]|\\[\s\S])*"|#.*/g

async function evaluate({ expression, object }: JqTask): Promise<JqResult> {
  const absent = ABSENT.exec(expression.replace(TEXT_OR_COMMENT, '""'))?.[0]
  if (absent) return { kind: 'error', message: `Argo CD has no ${absent} in its jq` }
  const compiled = await run(`${PRELUDE} empty | del(${expression})`, {})
  if (compiled !== undefined) return { kind: 'error', message: explain(compiled, expression) }
  if (object === undefined) return { kind: 'path' }
  const error = await run(`${PRELUDE} [path(${expression})] | length`, object as object)
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
