// Gives every failure that is not a fault of the program a cause, a way forward and an exit code.

export type ExitCode = 1 | 2 | 130

/** What went wrong (message), what the cluster says about it (details), what to do (advice). */
export class Problem extends Error {
  readonly advice: readonly string[]
  readonly details: string
  /** 1: it was tried and failed. 2: the command or its environment is wrong, nothing was changed. */
  readonly exitCode: ExitCode

  constructor(
    message: string,
    options: { advice?: readonly string[]; details?: string; exitCode?: ExitCode; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'Problem'
    this.advice = options.advice ?? []
    this.details = options.details ?? ''
    this.exitCode = options.exitCode ?? 1
  }
}

/** The same problem with more to read and more to do. */
export function extendProblem(problem: Problem, more: { details?: string; advice?: readonly string[] }): Problem {
  return new Problem(problem.message, {
    details: [problem.details, more.details ?? ''].filter(Boolean).join('\n'),
    advice: [...problem.advice, ...(more.advice ?? [])],
    exitCode: problem.exitCode,
    cause: problem.cause,
  })
}

/** A usage error: exit code 2. */
export function usageProblem(message: string, ...advice: readonly string[]): Problem {
  return new Problem(message, { advice, exitCode: 2 })
}

/** Why it failed, in a few words also where the error of a library has none or far too many. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, body } = error as { readonly code?: unknown; readonly body?: unknown }
  // The client of the API server puts the whole answer into its message, headers included.
  if (typeof code === 'number' && body !== undefined) return `HTTP status ${code}${reasonOf(body)}`
  // A connection that failed says so in the cause; two tries, IPv6 and IPv4, have only a code in common.
  if (error.message.endsWith('fetch failed') && error.cause instanceof Error) {
    return error.cause.message || String((error.cause as NodeJS.ErrnoException).code)
  }
  return error.message
}

/** The message of a Status object; nothing where something else answered. */
function reasonOf(body: unknown): string {
  try {
    const { message } = JSON.parse(String(body)) as { readonly message?: unknown }
    return typeof message === 'string' && message !== '' ? `: ${message}` : ''
  } catch {
    return ''
  }
}

/** Last lines of a text: the end of a log says why. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}
