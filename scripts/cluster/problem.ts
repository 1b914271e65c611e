// Gives every failure of a cluster command a cause and a way forward, so that no stack trace meets a person whose Docker is off.

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

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Last lines of a text: the end of a log says why. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}
