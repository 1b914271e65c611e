// Waits for promises: for several that must all come to an end, since a cluster that is being made must not be cut off by a failed build, and for one that may never end.

import { extendProblem, Problem } from '../command/problem.ts'

/**
 * Like Promise.all, but rejects only when every promise has settled: with the first failure, which tells of the others.
 */
export async function settleAll<T extends readonly unknown[]>(
  promises: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  const results: readonly PromiseSettledResult<unknown>[] = await Promise.allSettled(promises)
  const failed = results.find(result => result.status === 'rejected')
  if (failed === undefined) {
    return results.map(result => (result as PromiseFulfilledResult<unknown>).value) as unknown as T
  }
  const first: unknown = failed.reason
  if (!(first instanceof Problem)) throw first
  throw results.reduce((problem, result) => {
    const reason: unknown = result.status === 'rejected' ? result.reason : undefined
    if (!(reason instanceof Problem) || reason === first) return problem
    const details = `Failed as well: ${[reason.message, reason.details].filter(Boolean).join('\n')}`
    return extendProblem(problem, { details, advice: reason.advice })
  }, first)
}

/** A promise with a deadline, for calls that have none of their own. */
export async function within<T>(promise: Promise<T>, milliseconds: number, signal?: AbortSignal): Promise<T> {
  // What comes after the deadline interests nobody.
  promise.catch(() => {})
  signal?.throwIfAborted()
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new Error(`no answer within ${Math.round(milliseconds / 1000)} s`)),
    milliseconds,
  )
  const stop = () => late.reject(signal?.reason)
  signal?.addEventListener('abort', stop)
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}
