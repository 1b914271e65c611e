// Waits for promises: for several that must all come to an end, since a cluster that is being made must not be cut off by a failed build, and for one that may never end.

/** Like Promise.all, but rejects with the first failure only when every promise has settled. */
export async function settleAll<T extends readonly unknown[]>(
  promises: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  const results: readonly PromiseSettledResult<unknown>[] = await Promise.allSettled(promises)
  const failed = results.find(result => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return results.map(result => (result as PromiseFulfilledResult<unknown>).value) as unknown as T
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
